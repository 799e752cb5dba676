"""Pages → what is to be reported of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from profiler.docs.lint.config import Selection, every_rule
from profiler.docs.lint.finding import Files, LintFinding, findings
from profiler.docs.lint.ignoring import (
    UNKNOWN,
    UNUSED,
    IgnoreComments,
    ignore_comments,
)
from profiler.docs.lint.page import Page, lines_of
from profiler.records import Evidence, Record, Severity


class Reported(Record, frozen=True):
    """A finding as it is told."""

    finding: LintFinding
    severity: Severity
    #: What it is known by when its line has moved: its evidence, or its line's text without white
    #: space where it has none.
    known_by: Mapping[str, Evidence]
    #: Counts, from 1, those alike in rule, page and ``known_by``.
    occurrence: int


class Linted(Record, frozen=True):
    """The outcome of linting."""

    #: Every file that was read or could not be.
    paths: tuple[str, ...]
    #: By path and line.
    reported: tuple[Reported, ...]
    #: How many findings comments ignore.
    ignored: int = 0


def lint(
    pages: Sequence[Page],
    selection: Selection,
    files: Files,
    unread: Iterable[LintFinding] = (),
) -> Linted:
    """Findings of the rules of a selection in pages, which are read together.

    Args:
        pages: every page.
        selection: the rules, their severities, and pages on which they say nothing.
        files: which files there are.
        unread: findings about files that are no page, because they could not be read.
    """
    ran = {page.path: selection.ran_on(page.path) for page in pages}
    unread = tuple(unread)
    ran |= {each.place.path: selection.ran_on(each.place.path) for each in unread}
    comments = {page.path: ignore_comments(page, every_rule()) for page in pages}
    found = [*unread, *findings(pages, selection.severities, files)]
    found += [fault for each in comments.values() for fault in each.faults]
    found = [finding for finding in found if finding.rule in ran[finding.place.path]]
    found += _unused(found, comments, selection, ran)
    kept = [
        finding for finding in found if not _is_ignored(finding, comments.get(finding.place.path))
    ]
    kept.sort(key=lambda finding: (finding.place.path, finding.place.line, finding.rule))
    return Linted(
        paths=tuple(sorted(ran)),
        reported=tuple(_reported(kept, pages, selection)),
        ignored=len(found) - len(kept),
    )


def _is_ignored(finding: LintFinding, comments: IgnoreComments | None) -> bool:
    return comments is not None and any(each.covers(finding) for each in comments.comments)


def _unused(
    found: Sequence[LintFinding],
    comments: Mapping[str, IgnoreComments],
    selection: Selection,
    ran: Mapping[str, frozenset[str]],
) -> list[LintFinding]:
    by_path: dict[str, list[LintFinding]] = {}
    for finding in found:
        by_path.setdefault(finding.place.path, []).append(finding)
    every = frozenset(every_rule()) - {UNKNOWN, UNUSED}
    return [
        finding
        for path, each in comments.items()
        if UNUSED in ran[path]
        for finding in each.unused(by_path.get(path, ()), ran[path], every <= ran[path])
    ]


def _reported(
    found: Sequence[LintFinding], pages: Sequence[Page], selection: Selection
) -> Iterable[Reported]:
    texts = {page.path: page.text for page in pages}
    seen: Counter[tuple[object, ...]] = Counter()
    for finding in found:
        known_by = finding.evidence or _line(texts.get(finding.place.path, ""), finding.place.line)
        same = (finding.rule, finding.wording, finding.place.path, tuple(known_by.items()))
        seen[same] += 1
        yield Reported(finding, selection.severities[finding.rule], known_by, seen[same])


def _line(text: str, number: int) -> dict[str, Evidence]:
    lines = lines_of(text)
    return {"line": "".join(lines[number - 1].split())} if number <= len(lines) else {}
