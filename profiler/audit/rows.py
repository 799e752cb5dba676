"""Rows of a page by themselves: accuracies in the wrong order, and models that have several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from profiler.records import (
    ACCURACIES,
    COUNT_COLUMNS,
    CellRef,
    Finding,
    Latency,
    Published,
    PublishedCounts,
    Series,
)

#: What the top-1 accuracy of a row can't be above.
_ORDERED = tuple(zip(ACCURACIES[::2], ACCURACIES[1::2], strict=True))


def row_findings(series: Series) -> Iterator[Finding]:
    """Top-1 accuracies above their top-5, and models that a page lists more than once."""
    for row in (*series.counts, *series.repeated_counts):
        yield from _swapped_accuracies(row)
    yield from _repeated_counts(series)
    yield from _repeated_latencies(series)


def _swapped_accuracies(row: PublishedCounts) -> Iterator[Finding]:
    for one, five in _ORDERED:
        top1, top5 = getattr(row, one), getattr(row, five)
        if top1 and top5 and Fraction(top1.text) > Fraction(top5.text):
            yield Finding(
                id=f"top1-above-top5:{row.page}:{row.model}:{one}",
                rule="top1-above-top5",
                severity="error",
                model=row.model,
                cells=tuple(filter(None, (row.cell(one), row.cell(five)))),
                evidence={"top1": top1.text, "top5": top5.text},
            )


def _repeated_counts(series: Series) -> Iterator[Finding]:
    for place, row in enumerate(series.repeated_counts):
        first = next(
            each for each in series.counts if (each.page, each.model) == (row.page, row.model)
        )
        shared = [
            (column, getattr(first, column), getattr(row, column))
            for column in COUNT_COLUMNS
            # what the first row left blank it has from this one
            if getattr(row, column) and getattr(first, column) is not getattr(row, column)
        ]
        differing = [
            (one, other, first.cell(column), row.cell(column))
            for column, one, other in shared
            if not _agree(one, other)
        ]
        in_one_table = any(one.source.table == other.source.table for _, one, other in shared)
        yield from _repeated(row.page, row.model, f"counts:{place}", differing, in_one_table, row)


def _repeated_latencies(series: Series) -> Iterator[Finding]:
    first = {each.conditions: each for each in series.latencies}
    for place, row in enumerate(series.repeated_latencies):
        above = first[row.conditions]
        one, other = above.latency_ms, row.latency_ms
        differing = [] if _agree(one, other) else [(one, other, above.cell, row.cell)]
        alike = one.source.table == other.source.table
        yield from _repeated(row.page, row.model, f"latency:{place}", differing, alike, row)


def _repeated(
    page: str,
    model: str,
    place: str,
    differing: Sequence[tuple[Published, Published, CellRef | None, CellRef | None]],
    in_one_table: bool,
    row: PublishedCounts | Latency,
) -> Iterator[Finding]:
    """A row of a model that has one already: a warning where a figure differs.

    Tables of their own may state a figure again, as long as it is the same.
    """
    if differing:
        yield Finding(
            id=f"rows-differ:{page}:{model}:{place}",
            rule="rows-differ",
            severity="warning",
            model=model,
            cells=tuple(cell for _, _, *cells in differing for cell in cells if cell),
            evidence={
                "firsts": tuple(one.text for one, *_ in differing),
                "others": tuple(other.text for _, other, *_ in differing),
            },
        )
    elif in_one_table:
        yield Finding(
            id=f"listed-twice:{page}:{model}:{place}",
            rule="listed-twice",
            severity="info",
            model=model,
            cells=(_whole_row(row),),
        )


def _whole_row(row: PublishedCounts | Latency) -> CellRef:
    if isinstance(row, Latency):
        return row.cell
    figure = next(each for column in COUNT_COLUMNS if (each := getattr(row, column)))
    return CellRef(row.page, figure.source.table, figure.source.row, row.model, "")


def _agree(one: Published, other: Published) -> bool:
    """Whether two printed figures may be one, rounded to the decimals that each has."""
    places = min(len(text.partition(".")[2]) for text in (one.text, other.text))
    apart = abs(Fraction(one.text) - Fraction(other.text))
    if len(one.text) == len(other.text):
        return not apart
    return apart <= Fraction(1, 2 * 10**places)
