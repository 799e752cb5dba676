"""Handing out what a command has made: drawn on a terminal, as text in a pipe or a file."""

from __future__ import annotations

import sys
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
