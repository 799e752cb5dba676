"""Series: found by name, and read from series.toml and what lies beside it.

That is counts.csv, latency.csv and devices.toml; what is measured for a series lies in its folder
``measurements``, which the room ``timing`` reads.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec

from profiler.catalog.data_files import (
    SAFE_NAME_CURE,
    FileTable,
    KeyFault,
    SafeName,
    Text,
    choice,
    converted,
    fault,
    is_safe_name,
    key_place,
    no_duplicates,
    read_toml,
    shown,
    whole,
)
from profiler.catalog.devices import load_devices, read_devices
from profiler.catalog.languages import LANGUAGES, ByLanguage, Words, words_by_language
from profiler.catalog.published import read_counts, read_latencies
from profiler.errors import UnknownNameError, one_line
from profiler.records import Change, Device, Family, Series, SeriesModel

SERIES_FILE = "series.toml"
#: Where a series folder keeps files of measured latencies.
MEASUREMENTS = "measurements"
_BUILT_IN = Path(__file__).parent / "series"
_REVISION = re.compile(r"[0-9a-f]{7,40}")
_LONGEST_URL = 2000


# --- series.toml, as it stands; series/inception/series.toml explains its keys -----------------


class _Family(FileTable, frozen=True):
    slug: SafeName
    name: Text


class _Model(FileTable, frozen=True):
    name: SafeName
    address: Text
    family: Text
    crop_size: Annotated[int, whole(100_000)]
    label: Text | None = None
    published_variant: Text = "deploy"
    paper: Text = ""
    paper_title: Text = ""
    year: Annotated[int, whole(9999)] | None = None

    def __post_init__(self) -> None:
        if self.published_variant not in ("deploy", "train"):
            problem = f"unknown graph {shown(self.published_variant)}"
            raise KeyFault("published_variant", problem, 'write "deploy" or "train"')
        if self.paper and not self.paper.startswith(("https://", "http://")):
            # It becomes a link: any other scheme could run something when it is clicked.
            problem = f"{shown(self.paper)} is no web address"
            raise KeyFault("paper", problem, "start it with https://")


class _Page(FileTable, frozen=True):
    title: Text | Words
    url: Text = ""

    def __post_init__(self) -> None:
        if self.url and not _is_web_address(self.url):
            cure = "write https:// and the page's address, or remove it"
            raise KeyFault("url", f"{shown(self.url)} is no https address", cure)


class _Change(FileTable, frozen=True):
    date: Text
    texts: ByLanguage[Text] = ByLanguage()
    revision: Text = ""

    def __post_init__(self) -> None:
        _check_day("date", self.date)
        if not self.texts.of_each():
            raise KeyFault("texts", "there is no text", 'write texts.en = "…"')
        if self.revision and not _REVISION.fullmatch(self.revision):
            cure = "write 7 to 40 of its digits, or remove the key"
            raise KeyFault("revision", f"{shown(self.revision)} is no git revision", cure)


class _File(FileTable, frozen=True):
    file_stem: SafeName | None = None
    titles: ByLanguage[Text] = ByLanguage()
    summaries: ByLanguage[Text] = ByLanguage()
    notes: ByLanguage[tuple[str, ...]] = ByLanguage()
    pages: Mapping[str, Any] = {}
    families: tuple[_Family, ...] = ()
    models: tuple[_Model, ...] = ()
    changes: tuple[_Change, ...] = ()
    updated: Text = ""

    def __post_init__(self) -> None:
        if not self.titles.of_each():
            raise KeyFault("titles", "there is no title", 'write [titles] and en = "…"')
        if not self.models:
            raise KeyFault("models", "there is no model", "write a [[models]] section")
        if self.updated:
            _check_day("updated", self.updated)
        if self.updated and self.updated < self.newest:
            problem = f"{self.updated} is before the newest of the changes, {self.newest}"
            raise KeyFault("updated", problem, "write that day or a later one")

    @property
    def newest(self) -> str:
        """The day of the newest change, empty without one."""
        return max((change.date for change in self.changes), default="")


def _check_day(key: str, text: str) -> None:
    with suppress(ValueError):
        if datetime.date.fromisoformat(text).isoformat() == text:
            return
    raise KeyFault(key, f"{shown(text)} is no day", 'write it as "2026-12-31"')


def _is_web_address(url: str) -> bool:
    """Whether it can be a link as it stands: any other scheme could run something."""
    plain = url.isprintable() and not set(url) & set(" \"'<>`\\") and len(url) <= _LONGEST_URL
    try:
        parts = urlsplit(url)
        return plain and url.startswith("https://") and bool(parts.hostname)
    except ValueError:  # an unclosed bracket around a host
        return False


# --- reading one ------------------------------------------------------------------------------


def read_series(folder: Path) -> Series:
    """Read the series in ``folder``, which is named after it. Only series.toml has to be there.

    Raises:
        CatalogError: a file is broken; the message names it, the line or key, and the cure.
    """
    path = folder / SERIES_FILE
    name = folder_name(folder)
    if not is_safe_name(name):
        cure = f"rename the folder: {SAFE_NAME_CURE}"
        raise fault(path, "", f"{shown(name)} can't name a series", cure)
    file = read_toml(path, _File)
    pages = _pages(path, file)
    no_duplicates(path, "families", "slug", (family.slug for family in file.families))
    models = _models(path, file)
    own_devices = _own_devices(folder)
    by_name = {model.name: model for model in models}
    slugs = [*load_devices(), *(device.slug for device in own_devices)]
    counts, latency = folder / "counts.csv", folder / "latency.csv"
    counted, counted_again = read_counts(counts, by_name, pages) if _there(counts) else ((), ())
    timed, timed_again = (
        read_latencies(latency, by_name, pages, slugs) if _there(latency) else ((), ())
    )
    titles = {key: words_by_language(page.title) for key, page in pages.items()}
    changes = [Change(each.date, each.texts.of_each(), each.revision) for each in file.changes]
    return Series(
        name=name,
        file_stem=file.file_stem or name,
        titles=file.titles.of_each(),
        summaries=file.summaries.of_each() or dict.fromkeys(LANGUAGES, ""),
        families=tuple(Family(family.slug, family.name) for family in file.families),
        models=models,
        counts=counted,
        latencies=timed,
        repeated_counts=counted_again,
        repeated_latencies=timed_again,
        notes=file.notes.of_each() or dict.fromkeys(LANGUAGES, ()),
        pages={key: title[LANGUAGES[0]] for key, title in titles.items()},
        page_titles=titles,
        page_urls={key: page.url for key, page in pages.items() if page.url},
        devices=own_devices,
        updated=file.updated or file.newest,
        changes=tuple(sorted(changes, key=lambda change: change.date, reverse=True)),
    )


def _pages(path: Path, file: _File) -> dict[str, _Page]:
    """By short name; each is ``name = "title"``, or a table of ``title`` and ``url``."""
    pages = {}
    for key, value in file.pages.items():
        place = key_place("pages", key)
        if not is_safe_name(key):
            raise fault(path, place, "can't be a page's short name", SAFE_NAME_CURE)
        page = converted(value, Text | _Page, path, place)
        pages[key] = _Page(page) if isinstance(page, str) else page
    return pages


def _models(path: Path, file: _File) -> tuple[SeriesModel, ...]:
    families = [family.slug for family in file.families]
    models = []
    for index, model in enumerate(file.models, 1):
        if model.family not in families:
            cure = choice(model.family, families, "add a [[families]] section")
            problem = f"unknown family {shown(model.family)}"
            raise fault(path, f"models[{index}].family", problem, cure)
        address = _address(model.address, path.parent)
        own = {"label": model.label or model.name, "address": address}
        models.append(SeriesModel(**msgspec.structs.asdict(model) | own))
    no_duplicates(path, "models", "name", (model.name for model in models))
    return tuple(models)


def _address(address: str, folder: Path) -> str:
    """``file.py:function`` of a file in the series folder, made absolute; else as it stands."""
    file, colon, function = address.rpartition(":")
    if colon and file.endswith(".py") and (folder / file).is_file():
        return f"{(folder / file).resolve()}:{function}"
    return address


def _own_devices(folder: Path) -> tuple[Device, ...]:
    path = folder / "devices.toml"
    if not _there(path):
        return ()
    devices = read_devices(path)
    built_in = load_devices()
    for device in devices:
        if device.slug in built_in:
            problem = f"{shown(device.slug)} is a built-in device"
            raise fault(path, "slug", problem, "choose another slug or remove the entry")
    return devices


def folder_name(folder: Path) -> str:
    """The folder's own name, also of "." and of a link, which keeps its name."""
    return Path(os.path.abspath(folder)).name


def _there(path: Path) -> bool:
    # A dangling link is there: reading it then says what is wrong, where leaving it out would not.
    return path.exists() or path.is_symlink()


# --- finding them ------------------------------------------------------------------------------


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
