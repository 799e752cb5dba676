"""Finds series by name: where ``--series-path`` says, in ./series, then the built-in ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from profiler.catalog.faults import fault, is_safe_name
from profiler.catalog.series_folder import (
    MEASUREMENTS,
    SERIES_FILE,
    folder_name,
    read_series,
)
from profiler.errors import UnknownNameError, one_line
from profiler.records import Series

_BUILT_IN = Path(__file__).parent / "series"


def list_series(search_paths: Sequence[str | Path] = ()) -> tuple[str, ...]:
    """Names of the series that ``load_series`` finds, sorted."""
    return tuple(sorted(_folders(search_paths)))


def built_in_series() -> tuple[str, ...]:
    """Names of the series that come with the project, sorted."""
    return tuple(folder.name for folder in _series_in(_BUILT_IN))


def load_series(name: str, search_paths: Sequence[str | Path] = ()) -> Series:
    """Load the series ``name``; the first place that has it wins.

    Args:
        name: the name of the series, which is that of its folder.
        search_paths: folders of series folders, or series folders themselves.

    Raises:
        UnknownNameError: no place has it.
        CatalogError: a file of it is broken, or a search path is no folder.
    """
    return read_series(_folder(name, search_paths))


def series_measurements(name: str, search_paths: Sequence[str | Path] = ()) -> Path:
    """The folder for files of measured latencies that the series brings; it need not be there.

    Raises:
        UnknownNameError: there is no such series.
        CatalogError: a search path is no folder.
    """
    return _folder(name, search_paths) / MEASUREMENTS


def _folder(name: str, search_paths: Sequence[str | Path]) -> Path:
    folders = _folders(search_paths)
    folder = folders.get(name) or _without_series_file(name, search_paths)
    if folder is None:
        place = f"./series/{name}/" if is_safe_name(name) else "./series/<name>/"
        cure = f"or put your own into {place}, or name its folder with --series-path"
        raise UnknownNameError("series", name, folders, cure)
    return folder


def _without_series_file(name: str, search_paths: Sequence[str | Path]) -> Path | None:
    """A folder of that name that was begun and has no series.toml yet: reading it says so."""
    if not is_safe_name(name):
        return None
    folders = [Path(place, name) for place in (*search_paths, "series")]
    return next((folder for folder in folders if folder.is_dir()), None)


def _folders(search_paths: Sequence[str | Path]) -> dict[str, Path]:
    """Series folders by name, the first of a name only."""
    folders: dict[str, Path] = {}
    for folder in _candidates(search_paths):
        folders.setdefault(folder_name(folder), folder)
    return folders


def _candidates(search_paths: Sequence[str | Path]) -> Iterator[Path]:
    for place in map(Path, search_paths):
        if not place.is_dir():
            raise fault(place, "", "there is no such folder", "check --series-path")
        if (place / SERIES_FILE).is_file():
            yield place
        yield from _series_in(place)
    yield from _series_in(Path("series"))
    yield from _series_in(_BUILT_IN)


def _series_in(place: Path) -> list[Path]:
    try:
        found = [child for child in place.iterdir() if (child / SERIES_FILE).is_file()]
    except (FileNotFoundError, NotADirectoryError):
        return []  # no ./series: most people have none
    except OSError as error:
        reason = error.strerror or one_line(error)
        raise fault(place, "", f"can't be listed: {reason}", "check its rights") from None
    return sorted(found)
