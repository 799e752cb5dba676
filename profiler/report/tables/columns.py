"""Tables from rows and declared columns, and their cells: each kind of cell is made here alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Generic, Literal, TypeVar

import msgspec

from profiler.records import (
    UNDEFINED,
    Cell,
    CellRef,
    Column,
    Published,
    Record,
    SeriesModel,
    Table,
)

RowT = TypeVar("RowT")
#: Hints of words, which stand on the left where numbers stand on the right.
WORDS = ("label", "text", "flags", "key", "sentence")

#: No words, in a column that has some.
NO_WORDS = Cell(value="", origin="label")
#: Nothing, where a reader needs no reason.
BLANK = Cell(value=None, origin="missing")
NOT_PUBLISHED = Cell(value=None, origin="missing", reason="not_published")


class ColumnSpec(Record, Generic[RowT], frozen=True):
    """A column of a table as its builder declares it: a heading, and the cell of a row."""

    #: The heading: a message key below "columns".
    key: str
    #: How the values print; see ``Column.hint``.
    hint: str
    #: The column's cell of a row.
    cell: Callable[[RowT], Cell]
    #: None: words left and numbers right, or all centred where the table is.
    align: Literal["left", "center", "right"] | None = None
    #: What the heading's message names.
    placeholders: dict[str, str | int] = msgspec.field(default_factory=dict)

    def column(self, *, centred: bool) -> Column:
        """The column without its cells."""
        aside: Literal["left", "right"] = "left" if self.hint in WORDS else "right"
        align = self.align or ("center" if centred else aside)
        return Column(key=self.key, hint=self.hint, align=align, placeholders=self.placeholders)


def table(
    key: str,
    rows: Iterable[RowT],
    columns: Iterable[ColumnSpec[RowT]],
    *,
    sums: Iterable[Mapping[str, Cell]] = (),
    notes: tuple[str, ...] = (),
    centred: bool = False,
) -> Table:
    """A table with a row for each of ``rows``.

    Args:
        key: what kind of table it is.
        rows: what the columns take their cells from.
        columns: from left to right.
        sums: rows below the others, key of a column → its cell; the other cells are empty.
        notes: message keys below "notes".
        centred: a page's table, whose columns are centred unless they say otherwise.
    """
    columns = tuple(columns)
    cells = [tuple(each.cell(row) for each in columns) for row in rows]
    cells += [tuple(own.get(each.key, NO_WORDS) for each in columns) for own in sums]
    return Table(
        key=key,
        columns=tuple(each.column(centred=centred) for each in columns),
        rows=tuple(cells),
        notes=notes,
    )


def label(
    value: int | str | None, *, link: str = "", model: str = "", at: tuple[CellRef, ...] = ()
) -> Cell:
    """Words or a number that tells a row apart, which is no figure."""
    return Cell(value=value, origin="label", link=link, model=model, at=at)


def model_label(model: SeriesModel, at: tuple[CellRef, ...] = ()) -> Cell:
    """A model of a series under its label, linked to its paper."""
    return label(model.label, link=model.paper, model=model.name, at=at)


def named(reason: str) -> Cell:
    """Words of the catalogue in place of a label: "total"; a key below "reasons"."""
    return Cell(value=None, origin="label", reason=reason)


def missing(reason: str) -> Cell:
    """No figure, and why: a key below "reasons"."""
    return Cell(value=None, origin="missing", reason=reason)


def traced(value: float | str | None, at: tuple[CellRef, ...] = ()) -> Cell:
    """A count, or what is worked out from some; undefined where it is None."""
    return UNDEFINED if value is None else Cell(value=value, origin="traced", at=at)


def published(
    figure: Published | str | None, absent: Cell = NOT_PUBLISHED, at: tuple[CellRef, ...] = ()
) -> Cell:
    """A figure as it is printed; ``absent`` where it is None."""
    if figure is None:
        return absent
    text = figure if isinstance(figure, str) else figure.text
    return Cell(value=text, origin="published", at=at)


def measured(value: float | None, *, doubtful: bool = False) -> Cell:
    """A measured figure, or what is worked out from some; undefined where it is None."""
    return UNDEFINED if value is None else Cell(value=value, origin="measured", doubtful=doubtful)


def interval(low: float | None, high: float | None) -> Cell:
    """A measured interval; missing where there are too few samples for one."""
    if low is None or high is None:
        return missing("too_few_samples")
    return Cell(value=low, origin="measured", upper=high)


def flags(names: Iterable[str]) -> Cell:
    """Flags of measurements, in their order."""
    return label(" ".join(names))


def quotient(part: float, whole: float) -> Cell:
    """A share or a ratio of counts; undefined where ``whole`` is zero."""
    return traced(part / whole if whole else None)


def relative_error(figure: float, true: float) -> Cell:
    """How far a figure is from the true one, as a share of that."""
    return traced(figure / true - 1 if true else None)
