"""``inprof models``."""

from __future__ import annotations

import json

import click

import archs
from profiler.cli.options import format_option
from profiler.cli.output import warn
from profiler.errors import UsageError
from profiler.models.address import installed_zoos, matching


@click.command()
@click.argument("pattern", default="")
@format_option("text", "json")
def models(pattern: str, output_format: str) -> None:
    """List the models that --model takes by name.

    PATTERN is a name or a part of one with * and ? in it, looked for among the built-in models and
    those of every zoo that is installed (timm, torchvision); timm:* stays within one zoo. Without
    it the built-in models are listed.

    \b
    Examples:
      inprof models
      inprof models 'xception*'
      inprof models 'timm:vit_*_patch16_224' --format json
    """
    found = list(matching(pattern, warn) if pattern else archs.list_models())
    if not found:
        raise UsageError(f"no model goes by {pattern!r}; * stands for any letters, as in '*vit*'")
    if output_format == "json":
        click.echo(json.dumps(found, indent=2))
        return
    for address in found:
        click.echo(address)
    more = [f"'{zoo}:*'" for zoo in installed_zoos()]
    if more and not pattern:
        click.echo(f"more models: inprof models {' or '.join(more)}", err=True)
