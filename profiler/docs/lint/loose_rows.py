"""Rows in pipes that belong to no table, though they look as if they were meant to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from profiler.docs.lint.page import PageTable
from profiler.records import Evidence, Record

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


class TableFault(Record, frozen=True):
    """What is wrong with rows that begin in a line: a wording of the rule, and its evidence."""

    line: int
    wording: str
    evidence: Mapping[str, Evidence]


def table_faults(lines: Sequence[str], tables: Sequence[PageTable]) -> Iterator[TableFault]:
    """The faults of rows outside tables.

    Args:
        lines: the page's lines; those of code are empty.
        tables: the tables that a reader recognises.
    """
    lines = [_COMMENT.sub("", line) for line in lines]
    taken = _taken(tables)
    for first, last in _stretches(lines, taken):
        rows = [cells for line in lines[first - 1 : last] if (cells := _cells(line))]
        if _is_drawn(lines, first, last):
            continue
        evidence: dict[str, Evidence] = {"row": " | ".join(rows[0])}
        above, below = _neighbours(lines, tables, first, last)
        if last > first and _is_dashes(lines[first]):
            dashes = lines[first].strip()
            yield TableFault(first, "broken-dashes", {**evidence, "dashes": dashes})
        elif below is not None and len(below.header) == len(rows[-1]):
            yield TableFault(first, "row-above", evidence)
        elif above is not None and above.columns == len(rows[0]):
            yield TableFault(first, "row-apart", evidence)
        elif len(rows) > 1 and len({len(row) for row in rows}) == 1:
            yield TableFault(first, "no-dashes", evidence)


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


def _neighbours(
    lines: Sequence[str], tables: Sequence[PageTable], first: int, last: int
) -> tuple[PageTable | None, PageTable | None]:
    """The table that ends above, blank lines apart, and the one that begins right below."""
    above = below = None
    previous = first - 1
    while previous > 0 and not lines[previous - 1].strip():
        previous -= 1
    taken = _taken(tables)
    above = taken.get(previous)
    below = next((table for table in tables if table.line == last + 1), None)
    return above, below
