"""``inprof docs check``."""

from __future__ import annotations

from pathlib import Path

import click

from profiler.cli.docs_regions import (
    counted,
    paths_argument,
    region_sources_options,
    renewals,
    say_faults,
    sources_of,
)
from profiler.docs.renewal import State
from profiler.tracing.cache import TraceCache

_SAID: dict[State, str] = {
    "empty": "nothing was written here yet",
    "stale": "out of date",
    "edited": "edited by hand",
    "unsigned": "without its checksum",
    "picture": "its picture is missing or out of date",
    "foreign": "its picture is a file that inprof did not draw",
}


@click.command()
@paths_argument
@region_sources_options
@click.option("--diff", is_flag=True, help="Show what inprof docs write would change.")
def check(
    paths: tuple[Path, ...],
    series_paths: tuple[Path, ...],
    measurements: tuple[Path, ...] | None,
    cache: TraceCache | None,
    diff: bool,
) -> None:
    """Say whether the generated regions of markdown files are up to date.

    Counts are worked out from the architectures and plots told by what they were drawn from, so a
    network that changed makes a page stale. Exit 0: everything is current; 1: something is stale or
    was edited; 2: a marker is broken, or asks for what there is not. Nothing is written.

    \b
    Examples:
      inprof docs check README.md
      inprof docs check docs --diff
      inprof docs check docs/models/*.md --series-path series
    """
    found = renewals(paths, sources_of(series_paths, measurements, cache))
    for renewal in found.pages:
        for region in renewal.stale:
            said = _SAID[region.state]
            click.echo(f"{renewal.page.path}:{region.line}: {region.what}: {said}")
        if diff:
            click.echo(renewal.diff(), nl=False)
    say_faults(found)
    stale = sum(len(renewal.stale) for renewal in found.pages)
    if stale:
        verb = "is" if stale == 1 else "are"
        click.echo(
            f"{stale} of {counted(found.regions, 'region')} {verb} not current: "
            "run inprof docs write",
            err=True,
        )
    if found.broken or stale:
        raise SystemExit(2 if found.broken else 1)
    verb = "is" if found.regions == 1 else "are"
    files = counted(sum(bool(each.regions) for each in found.pages), "file")
    click.echo(f"{counted(found.regions, 'region')} in {files} {verb} current")
