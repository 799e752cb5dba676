"""What ``inprof docs write`` and ``inprof docs check`` share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from profiler.cli.docs_files import page_paths
from profiler.cli.measured import measured_with_layers
from profiler.cli.options import cache_option, measurements_options, series_path_option
from profiler.cli.progress import progress_bar
from profiler.cli.warning import warn
from profiler.docs.lint.config import Config
from profiler.docs.page_file import PageFile, read_page_file
from profiler.docs.regions import Regions, find_regions
from profiler.docs.renewal import Renewal, clashes, renew
from profiler.docs.sources import Sources
from profiler.errors import UsageError
from profiler.records import Record
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
    return series_path_option(measurements_options(cache_option(command)))


def sources_of(
    series_paths: Sequence[Path], measurements: Sequence[Path] | None, cache: TraceCache | None
) -> Sources:
    """What regions are filled from."""
    return Sources(
        series_paths, lambda series: measured_with_layers(series, series_paths, measurements), cache
    )


def renewals(paths: Sequence[Path], sources: Sources) -> Renewals:
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
    """What is broken, a line each, on standard error."""
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
