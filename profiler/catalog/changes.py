"""The day a series' figures are of, and what changed in them when; both are kept with the data."""

from __future__ import annotations

import re

from profiler.catalog.faults import shown
from profiler.catalog.languages import languages
from profiler.catalog.toml_table import TomlTable
from profiler.records import Change

_REVISION = re.compile(r"[0-9a-f]{7,40}")


def read_changes(top: TomlTable) -> tuple[Change, ...]:
    """The ``[[changes]]`` of a series, the newest first."""
    changes = [_change(table) for table in top.tables("changes")]
    return tuple(sorted(changes, key=lambda change: change.date, reverse=True))


def read_updated(top: TomlTable, changes: tuple[Change, ...]) -> str:
    """The day that the series gives, else that of its newest change, else nothing."""
    newest = changes[0].date if changes else ""
    updated = top.date("updated") if top.has("updated") else newest
    if updated < newest:
        problem = f"{updated} is before the newest of the changes, {newest}"
        raise top.fault("updated", problem, "write that day or a later one")
    return updated


def _change(table: TomlTable) -> Change:
    date = table.date("date")
    texts = languages(table.table("texts"))
    if not texts:
        raise table.fault("texts", "there is no text", 'write texts.en = "…"')
    revision = table.text("revision", "")
    if revision and not _REVISION.fullmatch(revision):
        cure = "write 7 to 40 of its digits, or remove the key"
        raise table.fault("revision", f"{shown(revision)} is no git revision", cure)
    table.finish()
    return Change(date=date, texts=texts, revision=revision)
