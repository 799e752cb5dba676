"""Markdown → the generated regions in it, and what is broken about its markers.

A region stands between two lines of their own::

    <!-- inprof:begin table=accuracy series=inception -->
    <!-- inprof:end sum=0123456789abcdef -->

Markers in fenced or indented code, and in HTML whose content is no markdown, are text. The
checksum, of the body with plain line feeds and without the region's indent, is what tells a
generated body from one that somebody edited.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from profiler.docs.lint.reading import code_lines
from profiler.errors import EncodingError, UsageError, one_line, utf8_text
from profiler.records import Record

_BEGIN, _END = "inprof:begin", "inprof:end"
#: A line with its own end; markdown knows these three.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|$)")
_OPENS = re.compile(r"[ \t]*<!--\s*inprof:", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"\s+(?P<key>[A-Za-z_][A-Za-z0-9_-]*)=(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^\s\"]+))"
)
_SUM_DIGITS = 16


class Fault(Record, frozen=True):
    """A problem at a line of a page, counted from 1."""

    line: int
    problem: str


class Region(Record, frozen=True):
    """One region of a page."""

    #: From its first marker: what it asks for.
    attributes: Mapping[str, str]
    #: The line of its first marker.
    line: int
    #: The place of its body in the text, and the one behind it.
    start: int
    end: int
    #: The place behind its second marker, without that line's end.
    close: int
    #: The white space before its first marker, which a body gets too.
    indent: str
    #: The page's line end there.
    newline: str
    body: str
    #: The checksum in its second marker, "" where it has none.
    sum: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in it."""
        return not self.body.strip()

    @property
    def is_edited(self) -> bool:
        """Whether its text is not what was written there, or was never written by a program."""
        return not self.is_empty and body_sum(self.body, self.indent) != self.sum


class Regions(Record, frozen=True):
    """The regions of a page."""

    #: In order.
    regions: tuple[Region, ...]
    #: Those of its markers.
    faults: tuple[Fault, ...]


class _Line(Record, frozen=True):
    """A marker's line: its number from 1, and its place in the text without its line end."""

    number: int
    start: int
    end: int
    next: int
    text: str


def find_regions(text: str) -> Regions:
    """The regions of a markdown page.

    A region whose markers are broken is a fault instead; those beside it are still found.
    """
    regions: list[Region] = []
    faults: list[Fault] = []
    begun: tuple[_Line, Mapping[str, str] | None] | None = None
    for line in _marker_lines(text):
        marker = _marker(line.text)
        if marker is None:
            faults.append(
                Fault(
                    line.number,
                    "a marker has to end with --> on its own line, with nothing behind it",
                )
            )
            continue
        word, rest = marker
        if word not in (_BEGIN, _END):
            faults.append(Fault(line.number, f"{word} is no marker: write {_BEGIN} or {_END}"))
            continue
        try:
            given = _attributes(rest)
        except ValueError as error:
            faults.append(Fault(line.number, str(error)))
            given = None
        if word == _BEGIN:
            if begun:
                faults.append(_unclosed(begun[0]))
            begun = (line, given)
        elif begun is None:
            faults.append(
                Fault(
                    line.number,
                    "this region never began: write inprof:begin on its own line above",
                )
            )
        else:
            first, attributes = begun
            begun = None
            if given is not None and set(given) - {"sum"}:
                faults.append(
                    Fault(line.number, "what a region shows belongs into its inprof:begin")
                )
            elif attributes is not None and given is not None:
                regions.append(_region(text, first, line, attributes, given.get("sum", "")))
    if begun:
        faults.append(_unclosed(begun[0]))
    return Regions(tuple(regions), tuple(sorted(faults, key=lambda fault: fault.line)))


def body_sum(body: str, indent: str = "") -> str:
    """The checksum of a body, whatever its line ends and its indent.

    Args:
        body: what stands between the markers.
        indent: that of the first marker, which a formatter may change together with the body's.
    """
    plain = body.replace("\r\n", "\n").replace("\r", "\n")
    lines = (line.removeprefix(indent) for line in plain.split("\n"))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:_SUM_DIGITS]


def body_of(content: str, region: Region) -> str:
    """The text between a region's markers: the content between blank lines, as the page has it.

    Args:
        content: markdown with plain line feeds.
        region: where it is to stand.
    """
    lines = ["", *content.strip("\n").split("\n"), ""]
    return "".join(f"{region.indent if line else ''}{line}{region.newline}" for line in lines)


def with_bodies(text: str, bodies: Mapping[int, str], regions: tuple[Region, ...]) -> str:
    """The page with other bodies in its regions, each with its checksum; the rest stays.

    Args:
        text: the page.
        bodies: the line of a region → its body; a region that is not named stays as it is.
        regions: those of the page.
    """
    parts: list[str] = []
    at = 0
    for region in regions:
        if region.line in bodies:
            body = bodies[region.line]
            end = f"{region.indent}<!-- {_END} sum={body_sum(body, region.indent)} -->"
            parts += [text[at : region.start], body, end]
            at = region.close
    return "".join([*parts, text[at:]])


def _marker_lines(text: str) -> Iterator[_Line]:
    """The lines that begin like a marker, but for those in code."""
    found: list[_Line] = []
    start = 0
    for number, match in enumerate(_LINE.finditer(text), start=1):
        line = match[0].rstrip("\r\n")
        if _OPENS.match(line):
            found.append(_Line(number, start, start + len(line), match.end(), line))
        start = match.end()
    if not found:
        return
    # what comes later can't make code of a line
    code = code_lines(text[: found[-1].next])
    yield from (line for line in found if line.number not in code)


def _marker(line: str) -> tuple[str, str] | None:
    """A marker's first word, and its attributes; None where the comment doesn't end its line."""
    inside = line.strip().removeprefix("<!--").removesuffix("-->")
    if "-->" in inside or not line.rstrip().endswith("-->"):
        return None
    word, *rest = inside.split(maxsplit=1)
    return word, f" {rest[0]}" if rest else ""


def _attributes(rest: str) -> dict[str, str]:
    """``key=value`` pairs, a value with spaces in double quotes; ValueError says what is wrong."""
    found: dict[str, str] = {}
    at = 0
    while rest[at:].strip():
        match = _ATTRIBUTE.match(rest, at)
        if match is None or (match.end() < len(rest) and not rest[match.end()].isspace()):
            raise ValueError(f'can\'t read {rest[at:].strip()!r}: write key=value or key="a value"')
        key = match["key"]
        if key in found:
            raise ValueError(f"{key} is there twice")
        found[key] = match["quoted"] if match["quoted"] is not None else match["bare"]
        at = match.end()
    return found


def _region(
    text: str, first: _Line, last: _Line, attributes: Mapping[str, str], sum: str
) -> Region:
    line_end = text[first.end : first.next]
    return Region(
        attributes=attributes,
        line=first.number,
        start=first.next,
        end=last.start,
        close=last.end,
        indent=first.text[: len(first.text) - len(first.text.lstrip())],
        newline=line_end,
        body=text[first.next : last.start],
        sum=sum,
    )


def _unclosed(line: _Line) -> Fault:
    return Fault(line.number, "this region does not end: write <!-- inprof:end --> below it")


class PageFile(Record, frozen=True):
    """A markdown file that was read."""

    path: Path
    #: With its own line ends.
    text: str
    #: Whether a byte order mark stands before it.
    has_bom: bool

    @property
    def folder(self) -> Path:
        """Where its text really lies, behind a symbolic link too: pictures go by it."""
        lies = Path(os.path.realpath(self.path)) if self.path.is_symlink() else self.path
        return lies.parent

    def encoded(self, text: str) -> bytes:
        """Another text as this file holds one."""
        return (codecs.BOM_UTF8 if self.has_bom else b"") + text.encode()


def read_page_file(path: Path) -> PageFile:
    """Read a markdown file; UsageError where it is not there, or is no UTF-8."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file") from None
    except OSError as error:
        raise UsageError(f"{path}: can't be read: {error.strerror or one_line(error)}") from None
    has_bom = data.startswith(codecs.BOM_UTF8)
    try:
        return PageFile(path, utf8_text(data).removeprefix("\ufeff"), has_bom)
    except EncodingError as error:
        raise UsageError(f"{path}:{error.line}: {error}: save the page as UTF-8") from None
