"""Comments in a page that say what is not to be reported there.

In a line of its own, ``<!-- inprof-lint: ignore rule, rule -->`` is about the next line that is not
blank and no comment, and about the whole table where one begins there; beside other text it is
about that line. ``ignore-file rule, rule`` is about the page, and ``off`` … ``on`` about every rule
in between, or to the page's end. Comments in code are text.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

from profiler.docs.lint.finding import (
    LintFinding,
    Place,
    Rule,
    add_rule,
)
from profiler.docs.lint.page import Page, lines_of
from profiler.records import Record

UNKNOWN, UNUSED = "unknown-ignore", "unused-ignore"
add_rule(Rule(id=UNKNOWN, severity="warning"))
add_rule(Rule(id=UNUSED, severity="info"))

#: What a comment can say.
IGNORE, IGNORE_FILE, OFF, ON = WORDS = ("ignore", "ignore-file", "off", "on")

_OURS = re.compile(r"\s*inprof-lint\b\s*:?\s*(\S*)\s*(.*?)\s*", re.DOTALL)
_NAME = re.compile(r"[^\s,]+")
_COMMENT = re.compile(r"<!--.*?-->")
#: What a line of a quotation begins with.
_QUOTED = re.compile(r"\s*(?:>\s*)*")


class IgnoreComment(Record, frozen=True):
    """One rule that a comment ignores in a stretch of lines."""

    line: int
    #: "" for every rule.
    rule: str
    first: int
    last: int

    def covers(self, finding: LintFinding) -> bool:
        """Whether it ignores this finding of its page."""
        return self.rule in ("", finding.rule) and self.first <= finding.place.line <= self.last


class IgnoreComments(Record, frozen=True):
    """The comments of a page that ignore rules."""

    path: str
    comments: tuple[IgnoreComment, ...] = ()
    #: Comments that can't be understood, or do nothing for sure.
    faults: tuple[LintFinding, ...] = ()

    def unused(
        self, found: Sequence[LintFinding], ran: Iterable[str], every: bool
    ) -> Iterator[LintFinding]:
        """A finding for each comment that ignores none of those found in its page.

        ``ran`` are the rules that could have found something, ``every`` whether those were all.
        """
        judged = {*ran} - {UNKNOWN, UNUSED}
        for comment in self.comments:
            known = comment.rule in judged if comment.rule else every
            if known and not any(comment.covers(finding) for finding in found):
                yield LintFinding(
                    rule=UNUSED,
                    place=Place(self.path, comment.line),
                    evidence={"rule": comment.rule} if comment.rule else {},
                    wording="" if comment.rule else OFF,
                )


def ignore_comments(page: Page, known: Iterable[str]) -> IgnoreComments:
    """A page's comments that ignore rules; ``known`` are the ids of all rules."""
    ours = [(line, match) for line, text in page.comments if (match := _OURS.fullmatch(text))]
    if not ours:
        return IgnoreComments(page.path)
    reader = _Reader(page, tuple(known))
    for line, match in ours:
        reader.read(line, match[1], match[2], match[0].count("\n"))
    return reader.finished()


class _Reader:
    """Goes through a page's comments in order."""

    def __init__(self, page: Page, known: Sequence[str]) -> None:
        self._page = page
        self._known = known
        self._lines = lines_of(page.text)
        self._comments: list[IgnoreComment] = []
        self._faults: list[LintFinding] = []
        self._off = 0

    def read(self, line: int, word: str, rest: str, more_lines: int) -> None:
        """A comment that begins in that line and has so many more."""
        if word in (OFF, ON):
            if rest:
                self._fault(line, "arguments", word=word, rest=rest)
            elif word == OFF:
                self._off = self._off or line
            elif self._off:
                self._end_off(line)
            else:
                self._faults.append(LintFinding(UNUSED, Place(self._page.path, line), wording=ON))
        elif word in (IGNORE, IGNORE_FILE):
            names = dict.fromkeys(_NAME.findall(rest))
            if not names:
                self._fault(line, "rules")
            first, last = self._extent(line, more_lines, word)
            for name in names:
                if name in self._known:
                    self._comments.append(IgnoreComment(line, name, first, last))
                else:
                    self._fault(line, "rule", name=name, nearest=_nearest(name, self._known))
        else:
            self._fault(line, "word", name=word, nearest=_nearest(word, WORDS))

    def finished(self) -> IgnoreComments:
        """All that was read; rules that were not turned on again are off to the end."""
        if self._off:
            self._end_off(len(self._lines))
        return IgnoreComments(self._page.path, tuple(self._comments), tuple(self._faults))

    def _end_off(self, line: int) -> None:
        self._comments.append(IgnoreComment(self._off, "", self._off, line))
        self._off = 0

    def _fault(self, line: int, wording: str, **evidence: str) -> None:
        self._faults.append(
            LintFinding(UNKNOWN, Place(self._page.path, line), evidence, wording=wording)
        )

    def _extent(self, line: int, more_lines: int, word: str) -> tuple[int, int]:
        """The lines that a comment is about, first and last."""
        if word == IGNORE_FILE:
            return 1, len(self._lines)
        end = line + more_lines
        if more_lines:
            before = self._lines[line - 1].rpartition("<!--")[0]
            around = before + self._lines[end - 1].partition("-->")[2]
            alone = not _COMMENT.sub("", around).strip()
        else:
            alone = self._is_blank(line)
        if not alone:
            return line, end
        first = end + 1
        while first <= len(self._lines) and self._is_blank(first):
            first += 1
        return first, max((first, *self._table_ends(first)))

    def _is_blank(self, line: int) -> bool:
        """Whether nothing but comments stands in a line."""
        return not _bare(_COMMENT.sub("", self._lines[line - 1]))

    def _table_ends(self, line: int) -> Iterator[int]:
        """The last line of the table that begins there, be it with html tags around it."""
        for table in self._page.tables:
            if table.line >= line:
                above = (_bare(text) for text in self._lines[line - 1 : table.line - 1])
                if all(text.startswith("<") for text in above):
                    yield max((table.line, *(cell.line for row in table.rows for cell in row)))
                return


def _bare(line: str) -> str:
    return _QUOTED.sub("", line, count=1).rstrip()


def _nearest(name: str, known: Sequence[str]) -> str:
    return difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]
