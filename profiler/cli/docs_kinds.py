"""``inprof docs kinds``."""

from __future__ import annotations

import json

import click

from profiler.cli.options import format_option
from profiler.docs.kinds import every_kind
from profiler.render.messages import load_messages


@click.command()
@format_option("text", "json")
def kinds(output_format: str) -> None:
    """List what a region can show, and the attributes each kind takes.

    \b
    Examples:
      inprof docs kinds
      inprof docs kinds --format json
    """
    messages = load_messages("en")
    if output_format == "json":
        listed = [
            {"region": kind.marker, "shows": kind.about(messages), "attributes": kind.attributes}
            for kind in every_kind()
        ]
        click.echo(json.dumps(listed, indent=2))
        return
    for kind in every_kind():
        click.echo(f"{click.style(kind.marker, bold=True)}  {kind.about(messages)}")
        click.echo(f"    {' '.join(f'{attribute}=' for attribute in kind.attributes)}")
