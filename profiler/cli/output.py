"""Handing out what a command has made: drawn on a terminal, as text in a pipe or a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from profiler.files import check_target, write_atomic
from profiler.render.terminal import console

#: The formats for people: drawn as wide as the terminal is, unless they go to a file.
_DRAWN = ("table", "text")


def check_output(output: Path | None) -> None:
    """Say before the work whether a file asked for can be written; OutputError where it can't."""
    if output is not None:
        check_target(output)


def hand_out(
    output: Path | None,
    output_format: str,
    drawing: Callable[[int], object],
    text: Callable[[], str],
) -> None:
    """Show the result of a command on standard output, or write it to ``output``.

    Args:
        output: what ``-o`` names, if anything.
        output_format: what ``--format`` asks for.
        drawing: gives what rich is to draw, for the width of the terminal.
        text: gives the result in ``output_format``, ending in a line feed.
    """
    if output is not None:
        write_atomic(output, text())
        click.echo(f"wrote {output}", err=True)
    elif output_format in _DRAWN:
        stdout = console(sys.stdout)
        stdout.print(drawing(stdout.width))
    else:
        click.echo(text(), nl=False)
