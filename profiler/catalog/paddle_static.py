"""Which linear layers a published network's figure left out, for the rule ``paddle_static``."""

from __future__ import annotations

import functools
from pathlib import Path

from profiler.catalog.toml_table import TomlTable

_FILE = Path(__file__).parent / "paddle_static.toml"


def uncounted_linear(arch: str, variant: str) -> frozenset[str]:
    """Paths of the linear layers that ``paddle_static`` leaves out; empty without an entry."""
    return _entries().get((arch, variant), frozenset())


@functools.cache
def _entries() -> dict[tuple[str, str], frozenset[str]]:
    top = TomlTable.read(_FILE)
    entries = {}
    for table in top.tables("uncounted"):
        entries[table.text("arch"), table.text("variant")] = frozenset(table.texts("paths"))
        table.finish()
    top.finish()
    return entries
