"""Figures that a page and its translation state differently for the same cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from profiler.docs.lint.columns import Column
from profiler.docs.lint.facts import METRICS, FigureCell, TableFacts
from profiler.docs.lint.finding import Place
from profiler.docs.lint.latest import Latest
from profiler.docs.lint.page import Page
from profiler.docs.lint.printed_figure import PrintedFigure, printed_figure
from profiler.docs.lint.translations import matched_rows, translated_tables

#: A figure can be in per cent in one language and a fraction in the other.
_PER_CENT = 100

FigurePair = tuple[FigureCell, FigureCell]


def _translated_figures(pages: Sequence[Page]) -> tuple[FigurePair, ...]:
    found: list[FigurePair] = []
    for first, second in translated_tables(pages):
        pairs = [
            pair
            for row, other_row in matched_rows(first, second)
            for pair in _pairs(first, second, row, other_row)
        ]
        different = [pair for pair in pairs if not _are_one(*(each.figure for each in pair))]
        # tables that differ in most figures are two tables, whatever their pages are
        if len(different) <= max(1, len(pairs) // 2):
            found += different
    return tuple(found)


#: The figures of a translation, each with the one of the first language that it contradicts.
translated_figures = Latest(_translated_figures)


def _pairs(first: TableFacts, second: TableFacts, row: int, other_row: int) -> Iterator[FigurePair]:
    for column, (kind, other_kind) in enumerate(zip(first.columns, second.columns, strict=True)):
        if column != first.names and _may_be_one(kind, other_kind):
            figure = _figure(first, row, column)
            other = _figure(second, other_row, column)
            if figure is not None and other is not None:
                yield other, figure


def _may_be_one(kind: Column, other: Column) -> bool:
    if {kind.kind, other.kind} <= METRICS and kind.kind != other.kind:
        return False
    known = kind.conditions.keys() & other.conditions.keys()
    return kind.scale == other.scale and all(
        kind.conditions[each] == other.conditions[each] for each in known
    )


def _figure(table: TableFacts, row: int, column: int) -> FigureCell | None:
    cells = table.table.rows[row]
    figure = printed_figure(cells[column].text) if column < len(cells) else None
    if figure is None:
        return None
    return FigureCell(
        model=table.models[row],
        key=table.keys[row],
        figure=figure,
        place=Place(table.page.path, cells[column].line),
        table=table.number,
        row=row,
        column=column,
        heading=table.columns[column].heading,
    )


def _are_one(figure: PrintedFigure, other: PrintedFigure) -> bool:
    """Whether both print one number: the same digits, or fewer of them, or per cent."""
    if figure.step == other.step:
        return abs(figure.value) in (abs(other.value), abs(other.value) * _PER_CENT) or (
            abs(other.value) == abs(figure.value) * _PER_CENT
        )
    return figure.unit != other.unit or any(
        figure.times(factor).agrees(other.times(other_factor))
        for factor, other_factor in ((1, 1), (_PER_CENT, 1), (1, _PER_CENT))
    )
