"""What a script of the site offers a reader at a table: sorting, a filter, and words for both."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from profiler.records import Cell, Column, Record
from profiler.render.csv_table import column_names
from profiler.render.messages import Messages

#: With fewer rows there is nothing to sort, or too little to search for.
_FEWEST_SORTED = 4
_FEWEST_FILTERED = 12


class TableTools(Record, frozen=True):
    """Names for the columns, the same in every language, and what a script says.

    ``filter`` is the label of the filter, empty where there is none. ``shown``, ``ascending`` and
    ``descending`` are sentences with {placeholders} that the script fills in; ``downloads`` stands
    before links to files.
    """

    columns: tuple[str, ...]
    filter: str
    shown: str
    ascending: str
    descending: str
    unsorted: str
    downloads: str


def table_tools(columns: Sequence[Column], rows: int, messages: Messages) -> TableTools | None:
    """The tools of a table with so many rows; None where it is too short to need any."""
    if rows < _FEWEST_SORTED:
        return None
    return TableTools(
        columns=column_names(columns),
        filter=messages.text("tables.filter") if rows >= _FEWEST_FILTERED else "",
        shown=messages.text("tables.shown", shown="{shown}", rows="{rows}"),
        ascending=messages.text("tables.ascending", column="{column}"),
        descending=messages.text("tables.descending", column="{column}"),
        unsorted=messages.text("tables.unsorted"),
        downloads=messages.text("tables.downloads"),
    )


def raw_number(cell: Cell) -> str:
    """The number behind a cell's text, unrounded; nothing where it is no number."""
    if cell.value is None:
        return ""
    text = str(cell.value)
    try:
        return text if isfinite(float(text)) else ""
    except ValueError:
        return ""
