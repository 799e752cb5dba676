"""``paddle_static``: the layers that published figures leave out, and the graph they count."""

from __future__ import annotations

import functools
from pathlib import Path

from profiler.catalog.data_files import FileTable, Text, read_toml
from profiler.records import DEPLOY, SeriesModel

#: The convention whose tables repeat the published pages to the letter.
VERBATIM_CONVENTION = "paddle_static"
_FILE = Path(__file__).parent / "paddle_static.toml"


class _Entry(FileTable, frozen=True):
    arch: Text
    variant: Text
    paths: tuple[str, ...] = ()


class _File(FileTable, frozen=True):
    uncounted: tuple[_Entry, ...] = ()


def variant_of(model: SeriesModel, convention: str) -> str:
    """The graph that is counted: the published figures' own where repeated, else deploy."""
    return model.published_variant if convention == VERBATIM_CONVENTION else DEPLOY


def uncounted_linear(arch: str, variant: str) -> frozenset[str]:
    """Paths of the linear layers that the convention leaves out; empty without an entry."""
    return _entries().get((arch, variant), frozenset())


@functools.cache
def _entries() -> dict[tuple[str, str], frozenset[str]]:
    entries = read_toml(_FILE, _File).uncounted
    return {(entry.arch, entry.variant): frozenset(entry.paths) for entry in entries}
