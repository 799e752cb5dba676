"""Rules on how a page is written: its bytes, images, and tables that are not shown as meant."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from profiler.docs.lint.finding import (
    Files,
    LintFinding,
    Place,
    Rule,
    add_rule,
    files_rule,
    rule,
)
from profiler.docs.lint.page import ImageLink, Page, PageTable, lines_of
from profiler.errors import EncodingError, utf8_text
from profiler.records import Evidence

_MALFORMED = "malformed-table"
_BROKEN = "broken-image"
_UNREADABLE = "unreadable-page"
#: A cell that is a figure: digits, perhaps with a unit behind them.
_FIGURE = re.compile(r"[~<>≈±+-]?\s*\d[\d.,]*\s*\S{0,4}")
#: Addresses that begin with a scheme, or that a server or a site generator resolves.
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/|@|~", re.IGNORECASE)
_TWO_FIGURES = re.compile(r"\d[\d.]*%? \d[\d.]*%?")
_COMPLETED = ("{{", "{%", "${")
_SRCSET = re.compile(
    r"<(?:source|img)\b[^>]*?\bsrcset\s*=\s*(?P<quote>[\"'])(?P<set>.*?)(?P=quote)",
    re.IGNORECASE | re.DOTALL,
)
#: An image in markdown without a text, up to its address or the name of one.
_NO_TEXT = re.compile(r"!\[\s*\](?:\(\s*<?(?P<address>[^\s>)]*)|\[)")
#: A row with pipes at both ends, perhaps in a quotation; four spaces before it would make it code.
_ROW = re.compile(r"(?: {0,3}> ?)* {0,3}\|(?P<cells>.*\S.*)\|\s*")
_PIPE = re.compile(r"(?<!\\)\|")
#: What is drawn where a line of dashes should be.
_DRAWN = re.compile(r"[\s|:=_+.*~—–―─━-]*")
_FEWEST_DRAWN = 3
_STROKES = re.compile(r"[=_—–―─━-]")
#: The edge of a table drawn in characters, which other tools than markdown read.
_EDGE = re.compile(r"\s*\+[-=+:]+\+\s*")
_TEMPLATED = ("{{", "{%")
_COMMENT = re.compile(r"<!--.*?-->")


@rule(_MALFORMED, "warning")
def malformed_tables(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """Tables in pipes with cells or rows that no reader is shown, or that are no tables at all.

    What is shown goes by https://github.github.com/gfm/#tables-extension-: the line of dashes has
    as many columns as the header, cells beyond those of the header are dropped, and a blank line
    ends a table.
    """
    for page in pages:
        for table in page.tables:
            if table.is_html:
                continue
            if table.columns != len(table.header):
                yield LintFinding(
                    rule=_MALFORMED,
                    place=Place(page.path, table.line),
                    evidence={"dashes": table.columns, "columns": len(table.header)},
                    wording="uneven-dashes",
                )
            else:
                yield from _wide_rows(page, table)
                yield from _joined_cells(page, table)
        if "|" in page.text:
            yield from _loose_rows(page)


def _wide_rows(page: Page, table: PageTable) -> Iterator[LintFinding]:
    for row in table.rows:
        lost = [cell for cell in row[len(table.header) :] if cell.text or cell.links]
        if lost:
            yield LintFinding(
                rule=_MALFORMED,
                place=Place(page.path, row[0].line),
                evidence={
                    "row": row[0].text,
                    "cells": len(row),
                    "columns": len(table.header),
                    "lost": " | ".join(cell.text or cell.links[0] for cell in lost),
                },
                wording="wide-row",
            )


def _joined_cells(page: Page, table: PageTable) -> Iterator[LintFinding]:
    """Two figures in the cell of a row that lacks one cell: a pipe was forgotten."""
    joined = [
        (at, row)
        for row in table.rows
        if len(row) == len(table.header) - 1
        for at, cell in enumerate(row)
        if _TWO_FIGURES.fullmatch(cell.text)
    ]
    for at, row in joined:
        # where every cell is like that, it is how the column writes a figure
        if (
            sum(
                at < len(each) and bool(_TWO_FIGURES.fullmatch(each[at].text))
                for each in table.rows
            )
            == 1
        ):
            yield LintFinding(
                rule=_MALFORMED,
                place=Place(page.path, row[at].line),
                evidence={
                    "row": row[0].text,
                    "cells": len(row),
                    "columns": len(table.header),
                    "joined": row[at].text,
                },
                wording="joined-cells",
            )


@rule("duplicate-column", "info")
def duplicate_columns(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """Columns of figures under the same heading, unless the whole header comes twice.

    Tables in html are left out: a heading above several columns stands in each of them.
    """
    for page in pages:
        for table in page.tables:
            headings = [" ".join(cell.text.casefold().split()) for cell in table.header]
            if table.is_html or len({*headings}) == len(headings) or _repeats(headings):
                continue
            for heading in dict.fromkeys(headings):
                columns = [at for at, other in enumerate(headings) if other == heading]
                if heading and len([at for at in columns if _has_figure(table, at)]) > 1:
                    yield LintFinding(
                        rule="duplicate-column",
                        place=Place(page.path, table.line),
                        evidence={
                            "heading": " ".join(table.header[columns[0]].text.split()),
                            "count": len(columns),
                        },
                    )


def _repeats(headings: list[str]) -> bool:
    """Whether a header is the same columns several times, side by side to save height."""
    count = len(headings)
    return any(
        count % width == 0 and headings[:width] * (count // width) == headings
        for width in range(2, count // 2 + 1)
    )


def _has_figure(table: PageTable, column: int) -> bool:
    return any(len(row) > column and _FIGURE.fullmatch(row[column].text) for row in table.rows)


@files_rule(_BROKEN, "error")
def broken_images(pages: Sequence[Page], files: Files) -> Iterator[LintFinding]:
    """Images beside the page that do not exist, or whose names differ in case.

    Addresses with a scheme, from a site's root, and those that a template or a site generator
    completes are left alone.
    """
    for page in pages:
        said: set[tuple[int, str]] = set()
        for image in (*page.images, *_sources(page)):
            if (image.line, image.address) in said:
                continue
            said.add((image.line, image.address))
            place = Place(page.path, image.line)
            address = re.split(r"[?#]", image.address.strip(), maxsplit=1)[0]
            if not address:
                yield LintFinding(_BROKEN, place, {"address": image.address}, wording="empty")
            elif not _ELSEWHERE.match(address) and not any(mark in address for mark in _COMPLETED):
                yield from _missing(place, address, files)


def _missing(place: Place, address: str, files: Files) -> Iterator[LintFinding]:
    folder = posixpath.dirname(place.path)
    paths = [posixpath.normpath(posixpath.join(folder, name)) for name in _spellings(address)]
    actual = [files(path) for path in paths]
    if any(found == path for found, path in zip(actual, paths, strict=True)):
        return
    other = next((found for found in actual if found is not None), None)
    if other is None:
        yield LintFinding(_BROKEN, place, {"address": address})
    else:
        way = posixpath.relpath(other, folder or ".")
        yield LintFinding(_BROKEN, place, {"address": address, "actual": way}, wording="case")


def _spellings(address: str) -> tuple[str, ...]:
    """The paths that an address may stand for: a name may have a percent sign of its own."""
    return tuple(dict.fromkeys((unquote(address), address)))


def _sources(page: Page) -> Iterator[ImageLink]:
    """The images of ``srcset`` attributes."""
    if "srcset" not in page.text.lower():
        return
    text = "\n".join(page.prose)
    for match in _SRCSET.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match["set"].lstrip().startswith("data:"):
            continue
        for candidate in re.split(r",\s+|,\Z", match["set"].strip()):
            if words := candidate.split():
                yield ImageLink(line, words[0], "")


@rule("empty-alt", "info")
def empty_alts(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """Images without alternative text, badges too: a link of nothing else has no name then.

    ``alt=""`` in html says that an image is decoration, which markdown can't say.
    """
    for page in pages:
        lines: list[str] | None = None
        for image in page.images:
            if not image.address.strip() or (image.alt or "").strip():
                continue
            if image.alt is not None:
                lines = lines if lines is not None else lines_of(page.text)
                if not _is_markdown(image.address, lines[image.line - 1]):
                    continue
            yield LintFinding("empty-alt", Place(page.path, image.line), {"address": image.address})


def _is_markdown(address: str, line: str) -> bool:
    """Whether the image of that address is written in markdown, without a text, in the line."""
    return any(
        match["address"] is None or address.startswith(match["address"])
        for match in _NO_TEXT.finditer(line)
    )


def _loose_rows(page: Page) -> Iterator[LintFinding]:
    """Rows in pipes that belong to no table, though they look as if they were meant to."""
    lines = [_COMMENT.sub("", line) for line in page.prose]
    taken = _taken(page.tables)
    for first, last in _stretches(lines, taken):
        if _is_drawn(lines, first, last):
            continue
        rows = [cells for line in lines[first - 1 : last] if (cells := _cells(line))]
        evidence: dict[str, Evidence] = {"row": " | ".join(rows[0])}
        above = _table_above(lines, taken, first)
        below = next((table for table in page.tables if table.line == last + 1), None)
        if last > first and _is_dashes(lines[first]):
            wording = "broken-dashes"
            evidence["dashes"] = lines[first].strip()
        elif below is not None and len(below.header) == len(rows[-1]):
            wording = "row-above"
        elif above is not None and above.columns == len(rows[0]):
            wording = "row-apart"
        elif len(rows) > 1 and len({len(row) for row in rows}) == 1:
            wording = "no-dashes"
        else:
            continue
        yield LintFinding(_MALFORMED, Place(page.path, first), evidence, wording=wording)


def _taken(tables: Sequence[PageTable]) -> dict[int, PageTable]:
    """The lines of tables in pipes: header, dashes and rows."""
    taken = {}
    for table in tables:
        if not table.is_html:
            for line in (table.line, table.line + 1, *(row[0].line for row in table.rows if row)):
                taken[line] = table
    return taken


def _stretches(lines: Sequence[str], taken: Mapping[int, PageTable]) -> Iterator[tuple[int, int]]:
    """First and last line of rows on each other, of two cells at least, that are in no table."""
    first = 0
    for number, line in enumerate((*lines, ""), 1):
        is_row = number not in taken and (
            len(_cells(line)) > 1 or (first > 0 and "|" in line and _is_dashes(line))
        )
        if is_row and not first:
            first = number
        elif not is_row and first:
            yield first, number - 1
            first = 0


def _cells(line: str) -> list[str]:
    match = _ROW.fullmatch(line) if "|" in line else None
    if match is None or any(mark in line for mark in _TEMPLATED):
        return []
    return [" ".join(cell.split()) for cell in _PIPE.split(match["cells"])]


def _is_dashes(line: str) -> bool:
    return bool(_DRAWN.fullmatch(line)) and len(_STROKES.findall(line)) >= _FEWEST_DRAWN


def _is_drawn(lines: Sequence[str], first: int, last: int) -> bool:
    around = (*lines[max(first - 2, 0) : first - 1], *lines[last : last + 1])
    return any(_EDGE.fullmatch(line) for line in around)


def _table_above(
    lines: Sequence[str], taken: Mapping[int, PageTable], first: int
) -> PageTable | None:
    """The table that ends above a line, blank lines apart."""
    previous = first - 1
    while previous > 0 and not lines[previous - 1].strip():
        previous -= 1
    return taken.get(previous)


add_rule(Rule(id=_UNREADABLE, severity="error"))


def unreadable(path: str, reason: str) -> LintFinding:
    """A file that the system does not give, in its words."""
    return LintFinding(_UNREADABLE, Place(path, 1), {"reason": reason})


def page_text(path: str, raw: bytes) -> str | LintFinding:
    """A page's text; a finding where its bytes are no text, or not in UTF-8."""
    if b"\0" in raw:
        return LintFinding(_UNREADABLE, Place(path, 1), wording="binary")
    try:
        return utf8_text(raw)
    except EncodingError as error:
        place = Place(path, error.line)
        return LintFinding(_UNREADABLE, place, {"byte": error.byte}, wording="encoding")
