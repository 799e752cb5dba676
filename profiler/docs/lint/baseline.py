"""Findings that are known already, in a file with a line for each: what is new gets reported.

The first line says what the file is, the others are JSON objects in alphabetical order. No line has
a number of a line in it, so that text above a finding can change; paths are those from the folder
of the file, so that it can be used from any other.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from profiler.catalog.data_files import read_text
from profiler.docs.lint.linting import Linted, Reported
from profiler.errors import CatalogError, UsageError
from profiler.records import Record

_HEAD = '{"inprof lint baseline": 1}'


class BaselineEntry(Record, frozen=True):
    """A known finding."""

    path: str
    rule: str
    #: The line of the file.
    text: str


class Baseline(Record, frozen=True):
    """The known findings of a file."""

    #: The file's path.
    path: str
    entries: tuple[BaselineEntry, ...] = ()


class BaselineComparison(Record, frozen=True):
    """Findings held against a baseline."""

    #: Those that it does not know.
    new: tuple[Reported, ...]
    #: How many it does.
    known: int = 0
    #: Its entries that no finding answers to any more.
    gone: tuple[BaselineEntry, ...] = ()


def read_baseline(path: Path) -> Baseline:
    """Read the file.

    Raises:
        UsageError: it is not there, or is no baseline.
    """
    try:
        text = read_text(path)
    except CatalogError as error:
        cure = f"; inprof docs lint --write-baseline {path} writes one"
        raise UsageError(f"{error}{'' if path.exists() else cure}") from None
    head, *lines = text.split("\n")
    if head.strip() != _HEAD:
        raise UsageError(f"{path}: this is no baseline of inprof docs lint (name another file)")
    return Baseline(
        str(path),
        tuple(_entry(path, number, line) for number, line in enumerate(lines, 2) if line.strip()),
    )


def entry(reported: Reported, baseline: Path) -> BaselineEntry:
    """The entry for a finding in the baseline of that path."""
    path = _path_from(baseline)(reported.finding.place.path)
    values: dict[str, object] = {"path": path, "rule": reported.finding.rule}
    if reported.finding.wording:
        values["wording"] = reported.finding.wording
    values["known_by"] = dict(reported.known_by)
    if reported.occurrence > 1:
        values["occurrence"] = reported.occurrence
    return BaselineEntry(path, reported.finding.rule, json.dumps(values, ensure_ascii=False))


def compared(
    linted: Linted, baseline: Baseline, ran: Callable[[str], Iterable[str]]
) -> BaselineComparison:
    """Findings held against those that are known.

    An entry is gone where its page was read, or is no longer there, and its rule was among those
    that ``ran`` says of the page's path.
    """
    file = Path(baseline.path)
    texts = {each.text for each in baseline.entries}
    entries = [(each, entry(each, file).text) for each in linted.reported]
    found = {text for _, text in entries}
    looked_at = _looked_at(linted, file, ran)
    return BaselineComparison(
        new=tuple(each for each, text in entries if text not in texts),
        known=sum(text in texts for _, text in entries),
        gone=tuple(each for each in baseline.entries if each.text not in found and looked_at(each)),
    )


def rewritten(
    linted: Linted, path: Path, old: Baseline | None, ran: Callable[[str], Iterable[str]]
) -> str:
    """The text of a baseline that knows all that was found.

    Entries of the ``old`` one stay where this run did not look: pages that were not read and rules
    that did not run.
    """
    looked_at = _looked_at(linted, path, ran)
    entries = {entry(each, path) for each in linted.reported}
    if old is not None:
        entries |= {each for each in old.entries if not looked_at(each)}
    # without its brackets at the end, an entry stands before those of later occurrences
    texts = sorted(entries, key=lambda each: (each.path, each.rule, each.text.rstrip("}")))
    return "".join(f"{line}\n" for line in (_HEAD, *(each.text for each in texts)))


def _looked_at(
    linted: Linted, file: Path, ran: Callable[[str], Iterable[str]]
) -> Callable[[BaselineEntry], bool]:
    path_from = _path_from(file)
    rules: Mapping[str, Iterable[str]] = {path_from(path): ran(path) for path in linted.paths}

    def check(known: BaselineEntry) -> bool:
        if known.path in rules:
            return known.rule in rules[known.path]
        return not (file.parent / known.path).exists()

    return check


def _path_from(file: Path) -> Callable[[str], str]:
    """The way from the file's folder to a path."""
    folder = os.path.abspath(file.parent)

    def path_from(path: str) -> str:
        way = os.path.relpath(os.path.abspath(path), folder).replace(os.sep, "/")
        return way.encode(errors="replace").decode()  # a name may be no text at all

    return path_from


def _entry(path: Path, number: int, line: str) -> BaselineEntry:
    try:
        values = json.loads(line)
        page, rule = values["path"], values["rule"]
    except (ValueError, TypeError, KeyError, RecursionError):
        page = rule = None
    if not isinstance(page, str) or not isinstance(rule, str):
        raise UsageError(f"{path}: line {number} is no entry of a baseline (remove that line)")
    return BaselineEntry(page, rule, json.dumps(values, ensure_ascii=False))
