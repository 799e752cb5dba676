"""Reads one CSV file row by row, so that an error can name the file, the line and the column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from profiler.catalog.faults import fault, read_text, shown
from profiler.errors import CatalogError, nearest, one_line

_DIGITS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)
_WHOLE = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


class CsvRow:
    """One row: cells by column name, and the line it starts on."""

    def __init__(self, path: Path, line: int, cells: dict[str, str]) -> None:
        self.path = path
        self.line = line
        self._cells = cells

    def verbatim(self, column: str, default: str) -> str:
        """The cell as it stands, ``default`` where it is blank or the column absent."""
        cell = self._cells.get(column, "")
        return cell if cell.strip() else default

    def text(self, column: str) -> str:
        """The cell without surrounding spaces; it may not be blank."""
        cell = self._cells[column].strip()
        if not cell:
            raise self.fault(column, "the cell is empty", "fill it in")
        return cell

    def whole(self, column: str) -> int:
        """The cell as a whole number above zero."""
        cell = self.text(column)
        if not _WHOLE.fullmatch(cell):
            raise self.fault(
                column, f"{shown(cell)} is no whole number above zero", "write digits only"
            )
        return int(cell)

    def digits(self, column: str) -> str | None:
        """The cell's number as the text it was printed as; None where there is none."""
        cell = self._cells.get(column, "").strip()
        if not cell:
            return None
        if not _DIGITS.fullmatch(cell):
            raise self.fault(
                column,
                f"{shown(cell)} is no plain number",
                "write digits with a decimal point, such as 7.2075, or leave the cell empty",
            )
        return cell

    def positive_digits(self, column: str) -> str | None:
        """As ``digits``, and above zero."""
        cell = self.digits(column)
        if cell is not None and Decimal(cell) == 0:
            raise self.fault(
                column, f"{shown(cell)} is zero", "write the figure, or leave the cell empty"
            )
        return cell

    def fault(self, column: str, problem: str, cure: str) -> CatalogError:
        """The CatalogError for one cell of this row."""
        return fault(self.path, f"line {self.line}, column {column}", problem, cure)


def read_rows(path: Path, required: Sequence[str], optional: Sequence[str]) -> tuple[CsvRow, ...]:
    """Read the file; blank lines are skipped, every other row has a cell for every column.

    Raises:
        CatalogError: the file can't be read, a column is missing, unknown or there twice, or a
            row has more or fewer cells than the header.
    """
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    header: list[str] = []
    rows: list[CsvRow] = []
    end = 0
    try:
        for cells in reader:
            line, end = end + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _header(path, line, cells, required, optional)
            elif len(cells) != len(header):
                raise fault(
                    path,
                    f"line {line}",
                    f"{len(cells)} cells where the header has {len(header)}",
                    "give every column a cell, and quote a cell that holds a comma",
                )
            else:
                rows.append(CsvRow(path, line, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        raise fault(
            path, f"line {end + 1}", f"not valid CSV: {one_line(error)}", "check its quotes"
        ) from None
    if not header:
        raise fault(
            path, "line 1", "there is no header", f"start the file with {','.join(required)}"
        )
    return tuple(rows)


def _header(
    path: Path, line: int, cells: list[str], required: Sequence[str], optional: Sequence[str]
) -> list[str]:
    header = [cell.strip() for cell in cells]
    known = (*required, *optional)
    for index, column in enumerate(header):
        if column not in known:
            separated = any(mark in column for mark in ";\t")
            cure = "separate the cells with commas" if separated else nearest(column, known)
            raise fault(path, f"line {line}", f"unknown column {shown(column)}", cure)
        if column in header[:index]:
            raise fault(path, f"line {line}", f"column {column} is there twice", "remove one")
    for column in required:
        if column not in header:
            raise fault(path, f"line {line}", f"column {column} is missing", "add it to the header")
    return header
