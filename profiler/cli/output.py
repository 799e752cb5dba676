"""A command's output: its answer, warnings and progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from profiler.files import check_target, write_atomic
from profiler.records import Document, Format
from profiler.render.renderers import render

_FOR_FILES: tuple[Format, ...] = ("markdown", "csv", "json")


def check_output(output: Path | None) -> None:
    """Say before the work whether a file asked for can be written; OutputError where it can't."""
    if output is not None:
        check_target(output)


def emit(document: Document, output_format: str, output: Path | None = None) -> None:
    """Show the answer of a command on standard output, or write it to a file.

    Args:
        document: the answer.
        output_format: what ``--format`` asks for: "markdown", "csv", "json", or else text, which a
            terminal shows as wide as it is.
        output: what ``-o`` names, if anything.
    """
    form: Format = next((each for each in _FOR_FILES if each == output_format), "terminal")
    if output is not None:
        write_atomic(output, render(document, form))
        click.echo(f"wrote {output}", err=True)
    elif form == "terminal":
        from profiler.render.messages import load_messages
        from profiler.render.terminal import show  # what is not drawn needs no rich

        show(document, load_messages("en"), sys.stdout)
    else:
        click.echo(render(document, form), nl=False)


def warn(text: str) -> None:
    """Say it on standard error, beside the answer."""
    click.echo(f"Warning: {text}", err=True)


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[str], None]]:
    """Yield a function to call with each step's name as it begins.

    Drawn on standard error, so that standard output stays clean, and only on a terminal.
    """
    if not sys.stderr.isatty():
        yield lambda name: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    with Progress(
        TextColumn("{task.fields[what]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=total, what=what)
        begun = 0

        def step(name: str) -> None:
            nonlocal begun
            bar.update(task, completed=begun, description=name)
            begun += 1

        yield step
