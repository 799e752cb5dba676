"""What a command warns of and goes on."""

from __future__ import annotations

import click


def warn(text: str) -> None:
    """Say it on standard error, beside what the command hands out."""
    click.echo(f"Warning: {text}", err=True)
