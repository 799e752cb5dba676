"""Facts that are about the same thing and can't both be right.

Two figures are about the same thing if model, metric and everything known for both agree: input
size, precision, batch, hardware, what the rest of the heading, the titles and the row say. Where a
table has several figures that could be meant, none is taken. How far the two tables agree otherwise
is counted, because tables that agree in nothing measure different things.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from profiler.docs.lint.columns import (
    ACCURACIES,
    COUNTS,
    LATENCY,
    RESIZE,
    THROUGHPUT,
)
from profiler.docs.lint.conditions import (
    BATCH,
    HARDWARE,
    PRECISION,
    SIZE,
)
from profiler.docs.lint.facts import AllFacts, Fact, FigureCell, Latest, read_facts
from profiler.docs.lint.finding import LintFinding
from profiler.docs.lint.page import Page
from profiler.docs.lint.translations import FigurePair, translated_figures, translated_tables
from profiler.records import Evidence, Record

_Key = tuple[object, ...]
#: In which conditions two figures have to agree where both state one.
_MATTERS = {
    **dict.fromkeys(COUNTS, (SIZE,)),
    **dict.fromkeys(ACCURACIES, (SIZE, RESIZE, PRECISION)),
    LATENCY: (SIZE, RESIZE),
    THROUGHPUT: (SIZE, RESIZE),
}
#: Hardware that says less than a name does.
_VAGUE = ("cpu", "gpu")
#: So many figures that agree with each other are tried as partners of one that doesn't.
_MOST_TRIED = 50
#: Tables that contradict each other in more figures than this are not one with two rows swapped.
_MOST_CONTRADICTIONS = 40


class Agreement(Record, frozen=True):
    """How many figures of a metric two tables have in common, and how many contradict."""

    agree: int
    differ: int


class Contradiction(Record, frozen=True):
    """A fact that another one contradicts."""

    fact: Fact
    #: On the side of the majority, or first.
    other: Fact
    #: How far the tables of both agree.
    by_metric: Mapping[str, Agreement]

    @property
    def agreement(self) -> Agreement:
        """How far both tables agree in the metric."""
        return self.by_metric.get(self.fact.metric, Agreement(0, 1))

    @property
    def is_an_exception(self) -> bool:
        """Whether the tables agree in any metric, or have nothing but this figure in common.

        What is no name of a model can be something else in each table, and needs an agreement.
        """
        every = self.by_metric.values()
        if self.fact.role:
            return any(metric.agree for metric in every)
        alone = sum(metric.agree + metric.differ for metric in every) <= 1
        return alone or any(metric.agree for metric in every)


class _Index:
    """Facts by table and by what they have to agree in, and how far pairs of tables agree."""

    def __init__(self, facts: AllFacts, apart: frozenset[tuple[int, int]]) -> None:
        self.groups: dict[_Key, list[Fact]] = {}
        self._of_table: dict[int, dict[_Key, list[Fact]]] = {}
        self._apart = apart
        self._agreements: dict[tuple[int, int], Mapping[str, Agreement]] = {}
        for fact in facts.facts():
            key = _key(fact)
            if key is not None:
                self.groups.setdefault(key, []).append(fact)
                self._of_table.setdefault(fact.table, {}).setdefault(key, []).append(fact)

    def are_partners(self, key: _Key, fact: Fact, other: Fact) -> bool:
        """Whether the two are about the same thing, and no other figure of their tables is."""
        if fact.table == other.table or (fact.table, other.table) in self._apart:
            return False
        return (
            compatible(fact, other)
            and not any(
                compatible(each, other)
                for each in self._of_table[fact.table][key]
                if each is not fact
            )
            and not any(
                compatible(fact, each)
                for each in self._of_table[other.table][key]
                if each is not other
            )
        )

    def agreements(self, first: int, second: int) -> Mapping[str, Agreement]:
        """How far two tables agree, by metric."""
        pair = min(first, second), max(first, second)
        if pair not in self._agreements:
            counts: dict[str, list[int]] = {}
            others = self._of_table[pair[1]]
            for key, facts in self._of_table[pair[0]].items():
                for fact in facts:
                    for other in others.get(key, ()):
                        if self.are_partners(key, fact, other):
                            agrees = fact.figure.agrees(other.figure)
                            counts.setdefault(fact.metric, [0, 0])[not agrees] += 1
            self._agreements[pair] = {metric: Agreement(*count) for metric, count in counts.items()}
        return self._agreements[pair]


def _contradictions(pages: Sequence[Page]) -> tuple[Contradiction, ...]:
    apart = {(a.number, b.number) for a, b in translated_tables(pages)}
    apart |= {(b, a) for a, b in apart}
    index = _Index(read_facts(pages), frozenset(apart))
    found: list[Contradiction] = []
    for key, facts in index.groups.items():
        first = facts[0].figure
        if all(fact.figure.agrees(first) for fact in facts):
            continue
        for fact, other in _contradicting(index, key, facts):
            found.append(Contradiction(fact, other, index.agreements(fact.table, other.table)))
    return tuple(sorted(found, key=lambda each: (each.fact.table, each.fact.row, each.fact.column)))


#: Every contradiction between tables that are not each other's translation, by place.
contradictions = Latest(_contradictions)


def _key(fact: Fact) -> _Key | None:
    """The key that two facts must share; None for one that can be compared with no other."""
    if not fact.figure.is_positive:
        return None
    key = fact.metric, fact.role, fact.key, fact.has_scale, fact.words, fact.regimes, fact.marks
    if fact.metric not in (LATENCY, THROUGHPUT):
        return key
    hardware = fact.conditions.get(HARDWARE)
    if hardware is None or hardware in _VAGUE:
        return None
    return (*key, hardware, fact.conditions.get(PRECISION), fact.conditions.get(BATCH))


def compatible(first: Fact, second: Fact) -> bool:
    """Whether nothing that is known for both tells two figures of one metric apart."""
    known, others = first.conditions, second.conditions
    for kind in _MATTERS[first.metric]:
        if kind in known and kind in others and known[kind] != others[kind]:
            return False
    said = second.qualifiers
    if not said:
        return True
    return all(said.get(heading, text) == text for heading, text in first.qualifiers.items())


def _contradicting(index: _Index, key: _Key, facts: list[Fact]) -> Iterator[tuple[Fact, Fact]]:
    """Each fact outside the largest set of figures that agree, with one that it contradicts."""
    clusters = _clusters(facts)
    if len(clusters) == 1:
        return
    clusters.sort(key=lambda cluster: (-len({fact.table for fact in cluster}), _order(cluster[0])))
    for number, cluster in enumerate(clusters):
        better = [fact for each in clusters[:number] for fact in each]
        for fact in cluster:
            partners = (
                other
                for other in islice(better, _MOST_TRIED)
                if index.are_partners(key, fact, other)
            )
            other = next(partners, None)
            if other is not None:
                yield fact, other


def _clusters(facts: list[Fact]) -> list[list[Fact]]:
    """Facts whose figures agree from one to the next; each cluster in the order of places."""
    ordered = sorted(facts, key=lambda fact: fact.figure.value)
    clusters = [[ordered[0]]]
    for fact in ordered[1:]:
        if fact.figure.agrees(clusters[-1][-1].figure):
            clusters[-1].append(fact)
        else:
            clusters.append([fact])
    for cluster in clusters:
        cluster.sort(key=_order)
    return clusters


def _order(fact: Fact) -> tuple[int, int, int]:
    return fact.table, fact.row, fact.column


class Swap(Record, frozen=True):
    """Two rows whose figures stand the other way round in another table."""

    #: Facts of the table that is out of step, in the order of its rows.
    first: FigureCell
    second: FigureCell
    #: The same models' in the other table.
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


def evidence_of(cell: FigureCell) -> Mapping[str, Evidence]:
    """``model``, ``heading`` and ``figure``."""
    return {"model": cell.model, "heading": cell.heading, "figure": cell.figure.text}


def contradicted(
    id: str, cell: FigureCell, other: FigureCell, wording: str = "", **more: Evidence
) -> LintFinding:
    """A finding at a figure that another one contradicts, ``other`` under ``other_heading``."""
    told = {**evidence_of(cell), "other": other.figure.text, "other_heading": other.heading}
    return LintFinding(id, cell.place, {**told, **more}, (other.place,), wording)
