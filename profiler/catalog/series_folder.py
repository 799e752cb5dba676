"""Reads one series: series.toml, and beside it counts.csv, latency.csv and devices.toml.

What is measured for it lies in its folder ``measurements``, which the room ``timing`` reads.
"""

from __future__ import annotations

import os
from pathlib import Path

from profiler.catalog.changes import read_changes, read_updated
from profiler.catalog.devices import load_devices, read_devices
from profiler.catalog.faults import (
    SAFE_NAME_CURE,
    choice,
    fault,
    is_safe_name,
    shown,
)
from profiler.catalog.languages import LANGUAGES, languages
from profiler.catalog.pages import read_pages
from profiler.catalog.published import read_counts, read_latencies
from profiler.catalog.toml_table import TomlTable, no_duplicates
from profiler.records import (
    Device,
    Family,
    Series,
    SeriesModel,
)

SERIES_FILE = "series.toml"
#: Where a series folder keeps files of measured latencies.
MEASUREMENTS = "measurements"


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
    top = TomlTable.read(path)
    file_stem = _safe(top, "file_stem") if top.has("file_stem") else name
    titles = languages(top.table("titles"))
    if not titles:
        raise top.fault("titles", "there is no title", 'write [titles] and en = "…"')
    summaries = languages(top.table("summaries"))
    notes = _notes(top.table("notes"))
    pages = read_pages(top.table("pages"))
    families = _families(top.tables("families"))
    models = _models(top, folder, families)
    changes = read_changes(top)
    updated = read_updated(top, changes)
    top.finish()
    own_devices = _own_devices(folder)
    by_name = {model.name: model for model in models}
    slugs = [*load_devices(), *(device.slug for device in own_devices)]
    counts, latency = folder / "counts.csv", folder / "latency.csv"
    return Series(
        name=name,
        file_stem=file_stem,
        titles=titles,
        summaries=summaries or dict.fromkeys(LANGUAGES, ""),
        families=families,
        models=models,
        counts=read_counts(counts, by_name, pages) if _there(counts) else (),
        latencies=read_latencies(latency, by_name, pages, slugs) if _there(latency) else (),
        notes=notes,
        pages={key: page.titles[LANGUAGES[0]] for key, page in pages.items()},
        page_titles={key: page.titles for key, page in pages.items()},
        page_urls={key: page.url for key, page in pages.items() if page.url},
        devices=own_devices,
        updated=updated,
        changes=changes,
    )


def folder_name(folder: Path) -> str:
    """The folder's own name, also of "." and of a link, which keeps its name."""
    return Path(os.path.abspath(folder)).name


def _there(path: Path) -> bool:
    # A dangling link is there: reading it then says what is wrong, where leaving it out would not.
    return path.exists() or path.is_symlink()


def _safe(table: TomlTable, key: str) -> str:
    value = table.text(key)
    if not is_safe_name(value):
        raise table.fault(key, f"{shown(value)} can't be part of a file name", SAFE_NAME_CURE)
    return value


def _notes(table: TomlTable) -> dict[str, tuple[str, ...]]:
    given = {language: table.texts(language) for language in LANGUAGES if table.has(language)}
    table.finish()
    fallback = next(iter(given.values()), ())
    return {language: given.get(language, fallback) for language in LANGUAGES}


def _families(tables: tuple[TomlTable, ...]) -> tuple[Family, ...]:
    families = []
    for table in tables:
        families.append(Family(slug=_safe(table, "slug"), name=table.text("name")))
        table.finish()
    no_duplicates(tables, "slug")
    return tuple(families)


def _models(top: TomlTable, folder: Path, families: tuple[Family, ...]) -> tuple[SeriesModel, ...]:
    tables = top.tables("models")
    if not tables:
        raise top.fault("models", "there is no model", "write a [[models]] section")
    slugs = [family.slug for family in families]
    models = tuple(_model(table, folder, slugs) for table in tables)
    no_duplicates(tables, "name")
    return models


def _model(table: TomlTable, folder: Path, families: list[str]) -> SeriesModel:
    name = _safe(table, "name")
    family = table.text("family")
    if family not in families:
        cure = choice(family, families, "add a [[families]] section")
        raise table.fault("family", f"unknown family {shown(family)}", cure)
    variant = table.text("published_variant", "deploy")
    if variant not in ("deploy", "train"):
        raise table.fault(
            "published_variant", f"unknown graph {shown(variant)}", 'write "deploy" or "train"'
        )
    paper = table.text("paper", "")
    if paper and not paper.startswith(("https://", "http://")):
        # It becomes a link: any other scheme could run something when it is clicked.
        raise table.fault("paper", f"{shown(paper)} is no web address", "start it with https://")
    model = SeriesModel(
        name=name,
        label=table.text("label", name),
        address=_address(table.text("address"), folder),
        family=family,
        crop_size=table.integer("crop_size", high=100_000),
        published_variant=variant,
        paper=paper,
        paper_title=table.text("paper_title", ""),
        year=table.optional_integer("year", high=9999),
    )
    table.finish()
    return model


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
