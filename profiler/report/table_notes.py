"""Findings → notes below the table that shows the cells they concern, and marks at those cells."""

from __future__ import annotations

import string

from msgspec.structs import replace

from profiler.audit import CountCheck
from profiler.records import (
    Cell,
    CellRef,
    Finding,
    Record,
    Table,
)
from profiler.records.base import grouped
from profiler.render.messages import Messages
from profiler.report.finding_text import Names, note_key, note_text


class Audited(Record, frozen=True):
    """What an audit found in a series, the names to say it with, and the counts it checked."""

    findings: tuple[Finding, ...] = ()
    names: Names = Names({}, {})
    checks: tuple[CountCheck, ...] = ()


#: Nothing was looked for.
NOT_AUDITED = Audited()


class TableNote(Record, frozen=True):
    """A note below a table; ``mark`` stands at the cells it is about, empty where none may."""

    mark: str
    text: str


def with_notes(
    table: Table, audited: Audited, messages: Messages, *, marked: bool = True
) -> tuple[Table, tuple[TableNote, ...]]:
    """The table with marks at its cells, and the notes they point to, one for alike findings.

    Only published figures and labels are marked: a traced figure is not what a finding is about,
    though it stands where the page prints one. ``marked`` can switch the marks off altogether.
    """
    shown = {at for row in table.rows for cell in row for at in cell.at}
    concerned = (each for each in audited.findings if not shown.isdisjoint(each.cells))
    about: dict[str, set[CellRef]] = {}
    notes = []
    for findings in grouped(concerned, note_key).values():
        cells = {cell for finding in findings for cell in finding.cells}
        mark = _mark(len(about))
        if marked and any(_may_carry(cell, cells) for row in table.rows for cell in row):
            about[mark] = cells
        else:
            mark = ""
        notes.append(TableNote(mark=mark, text=note_text(findings, audited.names, messages)))
    rows = tuple(
        tuple(
            replace(
                cell, marks=tuple(mark for mark, cells in about.items() if _may_carry(cell, cells))
            )
            if cell.at
            else cell
            for cell in row
        )
        for row in table.rows
    )
    return replace(table, rows=rows), tuple(notes)


def _may_carry(cell: Cell, cells: set[CellRef]) -> bool:
    return cell.origin != "traced" and not cells.isdisjoint(cell.at)


def _mark(index: int) -> str:
    """The letters a to z, then numbers."""
    letters = string.ascii_lowercase
    return letters[index] if index < len(letters) else str(index + 1)
