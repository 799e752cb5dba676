"""Rules that run: every one there is, less what a config file and the command line leave out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from profiler.catalog.faults import shown
from profiler.catalog.toml_table import TomlTable
from profiler.docs.lint import (  # noqa: F401 (register their rules)
    accuracy_rules,
    count_rules,
    ignoring,
    latency_rules,
    row_rules,
    size_rules,
    structure_rules,
)
from profiler.docs.lint.finding import Rule, rules
from profiler.errors import CatalogError, UnknownNameError, UsageError, nearest
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


def every_rule() -> Mapping[str, Rule]:
    """Every rule by its id."""
    return rules()


class PathPattern(Record, frozen=True):
    """A pattern for paths below ``folder``.

    One without a slash stands for every file and folder of that name at any depth, one with a
    slash for paths from ``folder`` on. ``*`` and ``?`` stay within a name, ``**`` goes through
    folders, and a folder that matches takes all that is in it along.
    """

    folder: str
    pattern: str

    def matches(self, path: str) -> bool:
        """Whether it stands for this path, which is taken from the current folder."""
        relative = os.path.relpath(os.path.abspath(path), os.path.abspath(self.folder))
        relative = relative.replace(os.sep, "/")
        return relative.split("/")[0] != ".." and bool(self._expression().match(relative))

    def _expression(self) -> re.Pattern[str]:
        pattern = self.pattern.rstrip("/")
        start = "" if "/" in pattern else "(?:.*/)?"
        plain = pattern.removeprefix("./").lstrip("/")
        return re.compile(f"{start}{_expression(plain)}(?:/.*)?\\Z", re.DOTALL)


def _expression(pattern: str) -> str:
    parts = re.split(r"(\*\*/|/\*\*\Z|\*\*|\*|\?)", pattern)
    wild = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(wild.get(part, re.escape(part)) for part in parts)


class Selection(Record, frozen=True):
    """The rules that run, by id with their severities, and those left out where a path matches."""

    severities: Mapping[str, Severity]
    left_out: Sequence[tuple[PathPattern, frozenset[str]]] = ()

    @property
    def is_every_rule(self) -> bool:
        """Whether all rules run."""
        return self.severities.keys() == every_rule().keys()

    def ran_on(self, path: str) -> frozenset[str]:
        """The rules that may say something of a page."""
        left_out = [rules for pattern, rules in self.left_out if pattern.matches(path)]
        return frozenset(self.severities).difference(*left_out)


def selection(config: Config, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Selection:
    """The rules that a config file and the command line choose.

    Rules that are selected stand in the place of what the file selects and ignores; those ignored
    are left out in any case.

    Raises:
        UnknownNameError: there is no rule of such a name; it says the nearest.
    """
    rules = every_rule()
    chosen, dropped = tuple(select), tuple(ignore)
    for name in (*chosen, *dropped):
        if name not in rules:
            raise UnknownNameError("lint rule", name, rules)
    if not chosen:
        chosen = config.select or tuple(rules)
        dropped = (*dropped, *config.ignore)
    return Selection(
        severities={
            id: config.severities.get(id, rule.severity)
            for id, rule in rules.items()
            if id in chosen and id not in dropped
        },
        left_out=config.left_out,
    )


def fails(severities: Iterable[Severity], fail_on: FailOn) -> bool:
    """Whether one of the severities is as bad as what fails, or worse."""
    if fail_on == "never":
        return False
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return any(severity in failing for severity in severities)
