"""Rules that run: every one there is, less what a config file and the command line leave out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from profiler.catalog.data_files import (
    FileTable,
    Text,
    converted,
    fault,
    key_place,
    shown,
    toml_values,
)
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
    """A config file's wishes; empty where there is none."""

    #: The file.
    path: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[PathPattern, ...] = ()
    severities: Mapping[str, Severity] = {}
    fail_on: FailOn | None = None
    #: A path that can be opened from the current folder.
    baseline: str = ""
    #: Rules that say nothing of pages that match a pattern.
    left_out: tuple[tuple[PathPattern, frozenset[str]], ...] = ()

    def excludes(self, path: str) -> bool:
        """Whether a file or folder is not to be read."""
        return any(pattern.matches(path) for pattern in self.exclude)


class _Table(FileTable, frozen=True, rename="kebab"):
    """The file, or our section of it, as it stands."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    severities: Mapping[str, Any] = {}
    per_path_ignores: Mapping[str, Any] = {}
    fail_on: Text | None = None
    baseline: Text | None = None


def find_config(folder: Path) -> Config:
    """The config of a folder: the nearest file in it or above it that says something of linting.

    Raises:
        UsageError: that file, or a pyproject.toml on the way to it, is broken.
    """
    for place in (folder, *folder.absolute().parents):
        if (place / OWN_FILE).is_file():
            return read_config(place / OWN_FILE)
        shared = place / SHARED_FILE
        if shared.is_file() and (found := _read(shared, _SECTION)) is not None:
            return found
    return Config()


def read_config(path: Path) -> Config:
    """The config in that file: its section where it is a pyproject.toml, else the whole of it.

    Raises:
        UsageError: it can't be read, or has a key, rule or severity that does not exist.
    """
    found = _read(path, _SECTION if path.name == SHARED_FILE else ())
    if found is None:
        raise UsageError(f"{path}: there is no section [{'.'.join(_SECTION)}] (add it)")
    return found


def _read(path: Path, section: tuple[str, ...]) -> Config | None:
    """The settings in a section of the file; None without one."""
    try:
        values: Any = toml_values(path)
        for key in section:
            values = values.get(key)
            if not isinstance(values, dict):
                return None
        return _config(path, ".".join(section), values)
    except CatalogError as error:
        raise UsageError(str(error)) from None


def _config(path: Path, where: str, values: dict[str, Any]) -> Config:
    table: _Table = converted(values, _Table, path, where)
    severities = key_place(where, "severities")
    by_path = key_place(where, "per-path-ignores")

    def pattern(place: str, text: str) -> PathPattern:
        if not text.strip("./ "):
            raise fault(path, place, f"{shown(text)} is no pattern", "write one such as drafts/**")
        return PathPattern(folder=str(path.parent), pattern=text)

    def rule(place: str, name: str) -> str:
        known = every_rule()
        if name not in known:
            raise fault(path, place, f"there is no rule {shown(name)}", nearest(name, known))
        return name

    def rules_of(place: str, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(rule(place, name) for name in names)

    def one_of(place: str, value: object, known: tuple[_Name, ...]) -> _Name:
        text = converted(value, Text, path, place)
        for name in known:
            if name == text:
                return name
        raise fault(path, place, f"{shown(text)} is none of the choices", nearest(text, known))

    def severity(id: str, value: object) -> tuple[str, Severity]:
        place = key_place(severities, id)
        return rule(place, id), one_of(place, value, SEVERITIES)

    def left_out(text: str, names: object) -> tuple[PathPattern, frozenset[str]]:
        place = key_place(by_path, text)
        listed = converted(names, tuple[str, ...], path, place)
        return pattern(place, text), frozenset(rules_of(place, listed))

    exclude, fail_on = key_place(where, "exclude"), key_place(where, "fail-on")
    return Config(
        path=str(path),
        select=rules_of(key_place(where, "select"), table.select),
        ignore=rules_of(key_place(where, "ignore"), table.ignore),
        exclude=tuple(pattern(exclude, text) for text in table.exclude),
        severities=dict(severity(*each) for each in table.severities.items()),
        fail_on=one_of(fail_on, table.fail_on, FAIL_ON) if table.fail_on else None,
        baseline=str(path.parent / table.baseline) if table.baseline else "",
        left_out=tuple(left_out(*each) for each in table.per_path_ignores.items()),
    )


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
    """The rules that run."""

    #: By id.
    severities: Mapping[str, Severity]
    #: Rules that say nothing where a path matches.
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
