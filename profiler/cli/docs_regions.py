"""``inprof docs write``, ``inprof docs check`` and ``inprof docs kinds``: generated regions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from profiler.cli.docs_files import page_paths
from profiler.cli.measured import measured_with_layers
from profiler.cli.options import (
    cache_option,
    format_option,
    measurements_options,
    rules_option,
    series_path_option,
)
from profiler.cli.output import progress_bar, warn
from profiler.docs.kinds import every_kind
from profiler.docs.lint.config import Config
from profiler.docs.regions import PageFile, Regions, find_regions, read_page_file
from profiler.docs.renewal import Renewal, State, clashes, renew, write_renewal
from profiler.docs.request import RegionSources
from profiler.errors import OutputError, UsageError
from profiler.records import Record
from profiler.render.messages import load_messages
from profiler.tracing.cache import TraceCache

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Renewals(Record, frozen=True):
    """Every page that was read, those of them with no fault, and a line for each fault."""

    pages: tuple[Renewal, ...]
    sound: tuple[Renewal, ...]
    broken: tuple[str, ...]

    @property
    def regions(self) -> int:
        """How many regions could be worked out."""
        return sum(len(renewal.regions) for renewal in self.pages)


def paths_argument(command: _Command) -> _Command:
    """The pages; what is wrong with one of them is told beside the others' troubles."""
    kind = click.Path(path_type=Path, readable=False)
    return click.argument("paths", nargs=-1, required=True, type=kind, metavar="FILE...")(command)


def region_sources_options(command: _Command) -> _Command:
    """The options that say where figures come from."""
    return series_path_option(measurements_options(rules_option(cache_option(command))))


def sources_of(
    series_paths: Sequence[Path], measurements: Sequence[Path] | None, cache: TraceCache | None
) -> RegionSources:
    """The series, measurements and cache that regions are filled from."""
    return RegionSources(
        series_paths, lambda series: measured_with_layers(series, series_paths, measurements), cache
    )


def renewals(paths: Sequence[Path], sources: RegionSources) -> Renewals:
    """Work out every page; a broken one is told of and the others go on."""
    broken: list[str] = []
    pages: list[tuple[PageFile, Regions]] = []
    for path in _files(paths):
        try:
            page = read_page_file(path)
        except UsageError as error:
            broken.append(str(error))
            continue
        pages.append((page, find_regions(page.text)))
    total = sum(len(regions.regions) for _, regions in pages)
    with progress_bar("regions", total) as step:
        found = [renew(page, regions, sources, step) for page, regions in pages]
    for renewal in found:
        broken += [f"{renewal.page.path}:{fault.line}: {fault.problem}" for fault in renewal.faults]
    clashing = clashes(found)
    broken += [
        f"{renewal.page.path}: {address} is drawn differently by another page: give one of them "
        "name= or dir="
        for renewal, address in clashing
    ]
    lost = {id(renewal) for renewal, _ in clashing}
    sound = [each for each in found if not each.faults and id(each) not in lost]
    if not total and not broken:
        warn(f"no region begins in {', '.join(map(str, paths))}: inprof docs kinds lists what may")
    return Renewals(tuple(found), tuple(sound), tuple(broken))


def say_faults(found: Renewals) -> None:
    """Print the faults, a line each, on standard error."""
    for line in found.broken:
        click.echo(line, err=True)


def counted(number: int, noun: str) -> str:
    """``1 region``, ``2 regions``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files named and, of folders, those that may have regions; each once."""
    named = {path.resolve() for path in paths}
    for path in page_paths(paths, Config()):
        if path.resolve() in named or _may_have_regions(path):
            yield path


def _may_have_regions(path: Path) -> bool:
    """Whether a page of a folder is read; one that can't be is, so that it is told."""
    try:
        return b"inprof:" in path.read_bytes().lower()
    except FileNotFoundError:  # a link that leads nowhere
        return False
    except OSError:
        return True


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
