"""Two models' figures that changed places in one of two tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from profiler.docs.lint.contradictions import Contradiction, contradictions
from profiler.docs.lint.facts import FigureCell
from profiler.docs.lint.latest import Latest
from profiler.docs.lint.page import Page
from profiler.docs.lint.translated_figures import FigurePair, translated_figures
from profiler.records import Record

#: Tables that contradict each other in more figures than this are not one with two rows swapped.
_MOST_CONTRADICTIONS = 40


class Swap(Record, frozen=True):
    """Two rows whose figures stand the other way round in another table.

    ``first`` and ``second`` are facts of the table that is out of step, in the order of its rows;
    ``first_other`` and ``second_other`` the same models' in the other table.
    """

    first: FigureCell
    second: FigureCell
    first_other: FigureCell
    second_other: FigureCell


def _swaps(pages: Sequence[Page]) -> tuple[Swap, ...]:
    by_columns: dict[tuple[int, ...], list[FigurePair]] = {}
    agree: dict[tuple[int, ...], int] = {}
    stated = contradictions(pages)
    for fact, other in (
        *((each.fact, each.other) for each in stated),
        *translated_figures(pages),
    ):
        by_columns.setdefault(_columns(fact, other), []).append((fact, other))
    for each in stated:
        agree[_columns(each.fact, each.other)] = each.agreement.agree
    found: dict[tuple[int, ...], Swap] = {}
    for columns, pairs in by_columns.items():
        if not 2 <= len(pairs) <= _MOST_CONTRADICTIONS:
            continue
        among = list(_among(pairs))
        # by chance, between columns that contradict each other in most of what they have in common
        if len(pairs) - 2 * len(among) > agree.get(columns, len(pairs)):
            continue
        for swap in among:
            rows = swap.first.table, swap.first_other.table, swap.first.row, swap.second.row
            found.setdefault(rows, swap)
    return tuple(found[rows] for rows in sorted(found))


#: Every pair of rows that are swapped, once for all of their figures in another table.
swaps = Latest(_swaps)


def is_swapped(fact: FigureCell, other: FigureCell, found: Sequence[Swap]) -> bool:
    """Whether a contradiction is one of those that a swap explains."""
    return any(
        fact.table == swap.first.table
        and other.table == swap.first_other.table
        and fact.row in (swap.first.row, swap.second.row)
        for swap in found
    )


def unexplained(pages: Sequence[Page]) -> Iterator[Contradiction]:
    """The contradictions that no swap explains."""
    found = swaps(pages)
    for each in contradictions(pages):
        if not found or not is_swapped(each.fact, each.other, found):
            yield each


def _columns(fact: FigureCell, other: FigureCell) -> tuple[int, ...]:
    return fact.table, other.table, fact.column, other.column


def _among(pairs: list[FigurePair]) -> Iterator[Swap]:
    pairs = sorted(pairs, key=lambda pair: pair[0].row)
    for number, (first, first_other) in enumerate(pairs):
        for second, second_other in pairs[number + 1 :]:
            if (
                first.key != second.key
                and first.figure.agrees(second_other.figure)
                and second.figure.agrees(first_other.figure)
            ):
                yield Swap(first, second, first_other, second_other)
