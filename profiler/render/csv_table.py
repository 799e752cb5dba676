"""Document and table → CSV after RFC 4180: exact numbers, English names from the columns' keys."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from profiler.records import Cell, Column, Document, Table, TableBlock
from profiler.render.cells import LINE_BREAK

#: A placeholder that says how a value prints; the file holds the exact value.
_DISPLAY_ONLY = "unit"
#: What the two ends of a range are called, each a field of its own.
_ENDS = {
    "interval_ms": ("low_ms", "high_ms"),
    "factor_interval": ("ratio_low", "ratio_high"),
}


def document_csv(document: Document) -> str:
    """The document's tables that are for CSV, with an empty line between two."""
    return "\n".join(
        render_csv(block.table)
        for block in document.blocks
        if isinstance(block, TableBlock) and "csv" in block.formats
    )


def render_csv(table: Table) -> str:
    """The table as CSV with a line feed at each end; a missing value is an empty field."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(name for column in table.columns for name in _headers(column))
    for row in table.rows:
        writer.writerow(
            field
            for cell, column in zip(row, table.columns, strict=True)
            for field in _fields(cell, column)
        )
    return out.getvalue()


def column_names(columns: Sequence[Column]) -> tuple[str, ...]:
    """One name for each column, as the first of its headers has it."""
    return tuple(_headers(column)[0] for column in columns)


def _headers(column: Column) -> tuple[str, ...]:
    """``latency_ms`` at FP32 and batch 4 → "latency_ms_fp32_4"; one for each end of a range."""
    if column.hint in _ENDS:
        return _ENDS[column.hint]
    conditions = [str(v).lower() for k, v in column.placeholders.items() if k != _DISPLAY_ONLY]
    return ("_".join([column.key.rpartition(".")[2], *conditions]),)


def _fields(cell: Cell, column: Column) -> tuple[str, ...]:
    if column.hint in _ENDS:
        upper = "" if cell.upper is None else str(cell.upper)
        return (_field(cell, column), upper)
    return (_field(cell, column),)


def _field(cell: Cell, column: Column) -> str:
    if cell.value is None:
        return cell.reason if cell.origin == "label" else ""
    if column.hint == "printed":
        return str(cell.value).replace(LINE_BREAK, "")
    # Older Pythons leave a lone carriage return unquoted, and then can't read the row back.
    return str(cell.value).replace("\r", " ")
