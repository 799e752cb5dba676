"""``inprof models``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase

import click

from profiler.cli.options import format_option
from profiler.cli.warning import warn
from profiler.errors import BuildError, UsageError, one_line
from profiler.gather import built_in_models
from profiler.installed import version
from profiler.model_address import ZOOS


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
    found = list(_matching(pattern))
    if pattern and not found:
        raise UsageError(f"no model goes by {pattern!r}; * stands for any letters, as in '*vit*'")
    if output_format == "json":
        click.echo(json.dumps(found, indent=2))
        return
    for address in found:
        click.echo(address)
    if not pattern:
        installed = [f"'{zoo}:*'" for zoo in ZOOS if version(zoo)]
        if installed:
            click.echo(f"more models: inprof models {' or '.join(installed)}", err=True)


def _matching(pattern: str) -> Iterator[str]:
    zoo, colon, name = pattern.rpartition(":")
    if not colon:
        yield from (each for each in built_in_models() if fnmatchcase(each, pattern or "*"))
    if not pattern:
        return
    for each in ZOOS:
        if colon and not fnmatchcase(each, zoo):
            continue
        if version(each) or zoo == each:
            yield from (
                address
                for address in _addresses(each, named=zoo == each)
                if fnmatchcase(address.partition(":")[2], name)
            )


def _addresses(zoo: str, named: bool) -> list[str]:
    """Every model of a zoo; one that can't be imported is an error where it was asked for."""
    from profiler.tracing.zoos import zoo_names

    try:
        return zoo_names(zoo)
    except BuildError as error:
        if named:
            raise
        warn(one_line(error))
        return []
