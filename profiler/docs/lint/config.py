"""What a config file says of linting: ``.inprof-lint.toml``, or a section of ``pyproject.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

from profiler.catalog.faults import shown
from profiler.catalog.toml_table import TomlTable
from profiler.docs.lint.every_rule import every_rule
from profiler.docs.lint.path_patterns import PathPattern
from profiler.errors import CatalogError, UsageError, nearest
from profiler.records import Record, Severity

#: The mildest severity that fails, or none.
FailOn = Literal["error", "warning", "info", "never"]
#: From the worst to the mildest.
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
FAIL_ON: tuple[FailOn, ...] = ("error", "warning", "info", "never")
USUAL: FailOn = "warning"

OWN_FILE, SHARED_FILE = ".inprof-lint.toml", "pyproject.toml"
_SECTION = ("tool", "inprof", "lint")

_Name = TypeVar("_Name", bound=str)


class Config(Record, frozen=True):
    """A config file's wishes; empty where there is none.

    ``path`` is the file. ``left_out`` are rules that say nothing of pages that match a pattern,
    ``baseline`` is a path that can be opened from the current folder.
    """

    path: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[PathPattern, ...] = ()
    severities: Mapping[str, Severity] = {}
    fail_on: FailOn | None = None
    baseline: str = ""
    left_out: tuple[tuple[PathPattern, frozenset[str]], ...] = ()

    def excludes(self, path: str) -> bool:
        """Whether a file or folder is not to be read."""
        return any(pattern.matches(path) for pattern in self.exclude)


def find_config(folder: Path) -> Config:
    """The config of a folder: the nearest file in it or above it that says something of linting.

    Raises:
        UsageError: that file, or a pyproject.toml on the way to it, is broken.
    """
    for place in (folder, *folder.absolute().parents):
        if (place / OWN_FILE).is_file():
            return read_config(place / OWN_FILE)
        shared = place / SHARED_FILE
        if shared.is_file() and (table := _section(shared)) is not None:
            return _checked(table)
    return Config()


def read_config(path: Path) -> Config:
    """The config in that file: its section where it is a pyproject.toml, else the whole of it.

    Raises:
        UsageError: it can't be read, or has a key, rule or severity that does not exist.
    """
    if path.name != SHARED_FILE:
        return _checked(_read(path))
    table = _section(path)
    if table is None:
        raise UsageError(f"{path}: there is no section [{'.'.join(_SECTION)}] (add it)")
    return _checked(table)


def _section(path: Path) -> TomlTable | None:
    """The part of a pyproject.toml that is ours; None where it has none."""
    table = _read(path)
    for key in _SECTION:
        if not table.has_table(key):
            return None
        table = table.table(key)
    return table


def _read(path: Path) -> TomlTable:
    try:
        return TomlTable.read(path)
    except CatalogError as error:
        raise UsageError(str(error)) from None


def _checked(table: TomlTable) -> Config:
    try:
        return _config(table)
    except CatalogError as error:
        raise UsageError(str(error)) from None


def _config(table: TomlTable) -> Config:
    folder = table.path.parent
    severities = table.table("severities")
    by_path = table.table("per-path-ignores")
    config = Config(
        path=str(table.path),
        select=_rules(table, "select"),
        ignore=_rules(table, "ignore"),
        exclude=tuple(_pattern(table, "exclude", text) for text in table.texts("exclude")),
        severities={
            _rule(severities, id, id): _choice(severities, id, SEVERITIES)
            for id in severities.names()
        },
        fail_on=_choice(table, "fail-on", FAIL_ON) if table.has("fail-on") else None,
        baseline=str(folder / table.text("baseline")) if table.has("baseline") else "",
        left_out=tuple(
            (_pattern(by_path, text, text), frozenset(_rules(by_path, text)))
            for text in by_path.names()
        ),
    )
    table.finish()
    return config


def _pattern(table: TomlTable, key: str, text: str) -> PathPattern:
    if not text.strip("./ "):
        raise table.fault(key, f"{shown(text)} is no pattern", "write one such as drafts/**")
    return PathPattern(folder=str(table.path.parent), pattern=text)


def _rules(table: TomlTable, key: str) -> tuple[str, ...]:
    return tuple(_rule(table, key, name) for name in table.texts(key))


def _rule(table: TomlTable, key: str, name: str) -> str:
    rules = every_rule()
    if name not in rules:
        raise table.fault(key, f"there is no rule {shown(name)}", nearest(name, rules))
    return name


def _choice(table: TomlTable, key: str, known: tuple[_Name, ...]) -> _Name:
    text = table.text(key)
    for name in known:
        if name == text:
            return name
    raise table.fault(key, f"{shown(text)} is none of the choices", nearest(text, known))
