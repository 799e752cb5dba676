"""Table → CSV after RFC 4180: exact numbers, English names from the columns' keys."""

from __future__ import annotations

import csv
import io

from profiler.records import Cell, Column, Table
from profiler.render.cells import LINE_BREAK

#: A placeholder that says how a value prints; the file holds the exact value.
_DISPLAY_ONLY = "unit"


def render_csv(table: Table) -> str:
    """The table as CSV with a line feed at each end; a missing value is an empty field."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_header(column) for column in table.columns)
    for row in table.rows:
        writer.writerow(
            _field(cell, column) for cell, column in zip(row, table.columns, strict=True)
        )
    return out.getvalue()


def _header(column: Column) -> str:
    """``latency_ms`` at FP32 and batch 4 → "latency_ms_fp32_4"."""
    conditions = [str(v).lower() for k, v in column.placeholders.items() if k != _DISPLAY_ONLY]
    return "_".join([column.key.rpartition(".")[2], *conditions])


def _field(cell: Cell, column: Column) -> str:
    if cell.value is None:
        return cell.reason if cell.origin == "label" else ""
    if column.hint == "printed":
        return str(cell.value).replace(LINE_BREAK, "")
    # Older Pythons leave a lone carriage return unquoted, and then can't read the row back.
    return str(cell.value).replace("\r", " ")
