"""``inprof docs write``."""

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
from profiler.docs.renewal import State, write_renewal
from profiler.errors import OutputError
from profiler.tracing.cache import TraceCache

_REFUSED: dict[State, str] = {
    "edited": "somebody edited this region: take the edit out of it, or let --force replace it",
    "foreign": (
        "inprof did not draw the file that its picture would replace: name another with name= or "
        "dir=, or let --force replace it"
    ),
}


@click.command()
@paths_argument
@region_sources_options
@click.option("--force", is_flag=True, help="Replace also what was made by hand.")
def write(
    paths: tuple[Path, ...],
    series_paths: tuple[Path, ...],
    measurements: tuple[Path, ...] | None,
    cache: TraceCache | None,
    force: bool,
) -> None:
    """Fill the generated regions of markdown files.

    A region stands between two lines, <!-- inprof:begin table=accuracy series=inception --> and
    <!-- inprof:end -->; inprof docs kinds lists what it can show. Everything else in the file stays
    byte for byte, and plots are written into images/ beside it. A folder stands for the markdown
    files in it. A file with a region that was edited by hand is left alone (exit 1), and so is one
    with a broken marker or that can't be written (exit 2). Models that a region names are run as
    those of inprof count are.

    \b
    Examples:
      inprof docs write README.md
      inprof docs write docs/models/*.md --series-path series
      inprof docs write README.md --force
    """
    found = renewals(paths, sources_of(series_paths, measurements, cache))
    refused = failed = False
    for renewal in found.sound:
        path = renewal.page.path
        if renewal.refused and not force:
            refused = True
            for region in renewal.refused:
                said = _REFUSED[region.state]
                click.echo(f"{path}:{region.line}: {region.what}: {said}", err=True)
            continue
        try:
            write_renewal(renewal)
        except OutputError as error:
            failed = True
            click.echo(f"{path}: {error}", err=True)
            continue
        if renewal.regions:
            regions = counted(len(renewal.regions), "region")
            done = len(renewal.stale)
            said = f"{done} of {regions} written" if done else f"{regions} current"
            click.echo(f"{path}: {said}")
    say_faults(found)
    if found.broken or failed or refused:
        raise SystemExit(2 if found.broken or failed else 1)
