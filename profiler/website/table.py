"""Table → what an html table template prints: texts, and what each cell is.

Nothing here is markup: the template escapes every text. A quoted figure, a missing value and a
number are told apart so that a style sheet, or none, can show the difference.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from profiler.records import (
    Cell,
    Column,
    Record,
    Table,
)
from profiler.render.cells import (
    cell_lines,
    heading_lines,
    is_measured,
    is_quoted,
)
from profiler.render.messages import Messages
from profiler.report.table_notes import TableNote
from profiler.website.table_tools import TableTools, raw_number, table_tools

CellKind = Literal["number", "text", "lines", "missing"]

_TEXT_HINTS = ("label", "text", "printed", "sentence")
_LINE_HINTS = ("flags", "key")
_SAFE_SCHEMES = ("https://", "http://")
_TABLES_WITH_A_TOTAL = ("layers",)
_TABLES_BY_FIRST_CELL = ("measured",)
#: A table with more rows scrolls in a frame, so that its heading stays in sight.
_MOST_ROWS_AT_ONCE = 40
#: Up to so many rows stay on one sheet of paper.
_MOST_ROWS_TOGETHER = 32
#: A table of so many columns has less space between them.
_FEWEST_DENSE = 9


class HtmlNote(Record, frozen=True):
    """A note below a table: its place, the mark at the cells it is about, how that is read."""

    anchor: str
    mark: str
    label: str
    text: str


class HtmlCell(Record, frozen=True):
    """One cell: its lines of text, and how it is to be shown; "lines" stay whole, "text" may wrap.

    ``bar`` is a share as the cell prints it, "12.3%", for a bar behind it; else empty. ``doubtful``
    asks for a question mark. ``notes`` are those below the table that the cell points to. ``raw``
    is the number behind the text, for scripts that sort; ``model`` whose name the cell shows.
    """

    lines: tuple[str, ...]
    kind: CellKind
    quoted: bool = False
    measured: bool = False
    doubtful: bool = False
    href: str = ""
    bar: str = ""
    notes: tuple[HtmlNote, ...] = ()
    raw: str = ""
    model: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to it but one line of text."""
        return len(self.lines) == 1 and not (
            self.href or self.quoted or self.measured or self.notes or self.doubtful
        )


class HtmlRows(Record, frozen=True):
    """Rows that belong together."""

    rows: tuple[tuple[HtmlCell, ...], ...]


class HtmlTable(Record, frozen=True):
    """A table as its template wants it.

    ``spec`` is what it was made of. ``long`` asks for a frame of its own to scroll in, ``short``
    for one sheet when printed, ``dense`` for less space between columns. ``tools`` are what a
    script may offer a reader to sort and filter with; ``downloads`` map a format to the address of
    a file with the same figures, where there are tools.
    """

    anchor: str
    caption: str
    spec: Table
    headings: tuple[HtmlCell, ...]
    bodies: tuple[HtmlRows, ...]
    foot: tuple[HtmlCell, ...] = ()
    long: bool = False
    short: bool = False
    dense: bool = False
    notes: tuple[HtmlNote, ...] = ()
    tools: TableTools | None = None
    downloads: Mapping[str, str] = {}


def html_table(
    table: Table,
    messages: Messages,
    *,
    anchor: str,
    caption: str,
    model_links: Mapping[str, str] | None = None,
    notes: Sequence[TableNote] = (),
) -> HtmlTable:
    """The table; a layer table's last row, its total, becomes the foot.

    Args:
        table: what to show.
        messages: the language.
        anchor: unique on the page.
        caption: what a reader who can't see the heading above the table hears.
        model_links: model name → address, for labels of models; without one they link nowhere.
        notes: what the marks at its cells stand for, to be shown below it.
    """
    shown = tuple(
        HtmlNote(
            anchor=f"{anchor}-note-{number}",
            mark=note.mark,
            label=messages.text("audit.report.note", mark=note.mark),
            text=note.text,
        )
        for number, note in enumerate(notes, start=1)
    )
    by_mark = {note.mark: note for note in shown if note.mark}
    links = model_links or {}
    rows = [_row(row, table.columns, messages, links, by_mark) for row in table.rows]
    has_total = table.key in _TABLES_WITH_A_TOTAL
    body = rows[:-1] if has_total else rows
    return HtmlTable(
        anchor=anchor,
        caption=caption,
        spec=table,
        headings=_headings(table.columns, messages),
        bodies=tuple(_runs(body))
        if table.key in _TABLES_BY_FIRST_CELL
        else (HtmlRows(rows=tuple(body)),),
        foot=rows[-1] if has_total else (),
        long=len(body) > _MOST_ROWS_AT_ONCE,
        short=len(body) <= _MOST_ROWS_TOGETHER,
        dense=table.key in _TABLES_BY_FIRST_CELL or len(table.columns) >= _FEWEST_DENSE,
        notes=shown,
        tools=table_tools(table.columns, len(body), messages),
    )


def web_address(address: str) -> str:
    """The address where it is one of the web, else nothing: other schemes can run something."""
    return address if address.lower().startswith(_SAFE_SCHEMES) else ""


def _runs(rows: Sequence[tuple[HtmlCell, ...]]) -> Iterator[HtmlRows]:
    """Neighbouring rows whose first cells say the same belong together."""
    for _, run in itertools.groupby(rows, key=lambda row: row[0].lines):
        yield HtmlRows(rows=tuple(run))


def _headings(columns: Sequence[Column], messages: Messages) -> tuple[HtmlCell, ...]:
    return tuple(
        HtmlCell(lines=heading_lines(column, messages), kind=_kind(column)) for column in columns
    )


def _row(
    cells: Sequence[Cell],
    columns: Sequence[Column],
    messages: Messages,
    links: Mapping[str, str],
    notes: Mapping[str, HtmlNote] = MappingProxyType({}),
) -> tuple[HtmlCell, ...]:
    return tuple(
        _cell(cell, column, messages, links, notes)
        for cell, column in zip(cells, columns, strict=True)
    )


def _cell(
    cell: Cell,
    column: Column,
    messages: Messages,
    links: Mapping[str, str],
    notes: Mapping[str, HtmlNote],
) -> HtmlCell:
    lines = cell_lines(cell, column, messages)
    missing = cell.value is None and cell.origin == "missing"
    return HtmlCell(
        lines=lines,
        kind="missing" if missing else _kind(column),
        quoted=is_quoted(cell, column),
        measured=is_measured(cell, column),
        doubtful=cell.doubtful,
        href=links.get(cell.model, "") if cell.model else web_address(cell.link),
        bar=lines[0] if column.hint == "share" and not missing else "",
        notes=tuple(notes[mark] for mark in cell.marks),
        raw=raw_number(cell),
        model=cell.model,
    )


def _kind(column: Column) -> CellKind:
    if column.hint in _LINE_HINTS:
        return "lines"
    return "text" if column.hint in _TEXT_HINTS else "number"
