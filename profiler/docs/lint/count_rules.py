"""Rules about FLOPs, MACs and parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from msgspec.structs import replace

from profiler.docs.lint.columns import (
    COUNTS,
    FLOPS,
    MACS,
    PARAMS,
)
from profiler.docs.lint.conditions import SIZE
from profiler.docs.lint.contradictions import (
    Contradiction,
    compatible,
    contradicted,
    evidence_of,
    unexplained,
)
from profiler.docs.lint.facts import Fact, read_facts
from profiler.docs.lint.finding import LintFinding, rule
from profiler.docs.lint.page import Page

#: How far from 2 or from 1000 the ratio of two figures may be, as a part of it: what tools count
#: beside multiply-accumulates makes a few per cent.
_NEAR = Fraction(3, 100)
#: Contradictions of one kind between two tables are one finding if there are this many of them,
#: and if they are most of the figures that both tables have.
_FEWEST_OF_A_COLUMN = 3
#: FLOPs that differ by more than this factor can be those of another input size.
_OF_SIZES = Fraction(5, 4)
#: A figure of zero can be a small one that was rounded, unless the others are this many of its
#: last digit's units.
_FAR_FROM_ZERO = 30
#: Figures are told to be one from so many units of their last digit on: two digits.
_FEWEST_STEPS = 10

#: What tells models apart: role, key, regimes and marks.
_Model = tuple[str, str, frozenset[str], frozenset[str]]


@rule("flops-double", "warning")
def flops_double(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """FLOPs that are twice those of another table: one of both counts multiply-accumulates."""
    yield from _of_columns("flops-double", [each for each in unexplained(pages) if _doubles(each)])


@rule("flops-are-macs", "warning")
def flops_are_macs(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """One figure under FLOPs and under MACs: where the one is right the other is half or twice it.

    Two columns of which that is so are one finding.
    """
    macs: dict[_Model, list[Fact]] = {}
    for fact in read_facts(pages).facts():
        if fact.metric == MACS and fact.has_scale and fact.figure.is_positive:
            macs.setdefault(_model(fact), []).append(fact)
    by_columns: dict[tuple[int, ...], list[tuple[Fact, Fact]]] = {}
    for fact in read_facts(pages).facts():
        # a heading such as "Complexity" leaves it open what it counts
        if fact.metric != FLOPS or not fact.has_scale or "flop" not in fact.heading.lower():
            continue
        for other in macs.get(_model(fact), ()):
            if compatible(fact, other) and _says_the_same(fact, other):
                columns = fact.table, fact.column, other.table, other.column
                by_columns.setdefault(columns, []).append((fact, other))
    said: set[tuple[int, ...]] = set()
    for (table, column, *_), pairs in by_columns.items():
        if (table, column) not in said:
            said.add((table, column))
            finding = contradicted("flops-are-macs", *pairs[0])
            yield replace(finding, others=tuple(other.place for _, other in pairs))


@rule("flops-thousandfold", "error")
def flops_thousandfold(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """Counts that are a thousand or a million times those of another table: a wrong unit."""
    yield from _of_columns(
        "flops-thousandfold", [each for each in unexplained(pages) if _is_of_unit(each)]
    )


@rule("flops-differ", "warning")
def flops_differ(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """FLOPs or MACs of one model that differ beyond rounding."""
    yield from _differing("flops-differ", (FLOPS, MACS), pages)


@rule("params-differ", "warning")
def params_differ(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """Parameters of one model that differ beyond rounding."""
    yield from _differing("params-differ", (PARAMS,), pages)


@rule("count-implausible", "error")
def count_implausible(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """FLOPs, MACs or parameters that are zero or less."""
    for table in read_facts(pages).tables:
        for fact in table.facts:
            if fact.metric in COUNTS and is_no_amount(fact, table.facts):
                yield LintFinding("count-implausible", fact.place, evidence_of(fact))


def is_no_amount(fact: Fact, facts: Sequence[Fact]) -> bool:
    """Whether a figure is negative, or zero and not a small one rounded.

    Among figures that are mostly minus one or so, a negative one stands for none.
    """
    figure = fact.figure
    if figure.is_positive:
        return False
    column = [each.figure for each in facts if each.column == fact.column]
    if figure.value < 0:
        return sum(each.value < 0 for each in column) * 2 <= len(column)
    above = [each for each in column if each.value > 0]
    return bool(above) and all(each.value >= _FAR_FROM_ZERO * figure.step for each in above)


def _differing(id: str, metrics: Sequence[str], pages: Sequence[Page]) -> Iterator[LintFinding]:
    for each in unexplained(pages):
        if each.fact.metric not in metrics or _doubles(each) or _is_of_unit(each):
            continue
        agreement = each.agreement
        # tables that contradict each other throughout count different things
        if agreement.differ > max(agreement.agree, 1) or not each.is_an_exception:
            continue
        if not _may_be_of_other_sizes(each):
            yield contradicted(id, each.fact, each.other)


def _may_be_of_other_sizes(each: Contradiction) -> bool:
    """Whether FLOPs differ that far, between tables that agree in none and don't state the size."""
    fact, other = each.fact, each.other
    if fact.metric == PARAMS or each.agreement.agree or fact.figure.is_slip_of(other.figure):
        return False
    less, more = sorted((fact.figure.value, other.figure.value))
    return more > less * _OF_SIZES and not (SIZE in fact.conditions and SIZE in other.conditions)


def _model(fact: Fact) -> _Model:
    return fact.role, fact.key, fact.regimes, fact.marks


def _says_the_same(fact: Fact, other: Fact) -> bool:
    """Whether both are one figure, in digits enough for it to be no chance."""
    step = max(fact.figure.step, other.figure.step)
    return fact.figure.agrees(other.figure) and fact.figure.value >= _FEWEST_STEPS * step


def _doubles(each: Contradiction) -> bool:
    return each.fact.metric in (FLOPS, MACS) and _is_times(each, 2)


def _is_of_unit(each: Contradiction) -> bool:
    return (
        each.fact.metric in COUNTS
        and each.fact.has_scale
        and (_is_times(each, 10**3) or _is_times(each, 10**6))
    )


def _is_times(each: Contradiction, factor: int) -> bool:
    small, large = sorted((each.fact.figure, each.other.figure), key=lambda figure: figure.value)
    low, high = small.value - small.step, small.value + small.step
    return (
        low * factor * (1 - _NEAR) <= large.value + large.step
        and high * factor * (1 + _NEAR) >= large.value - large.step
    )


def _of_columns(id: str, found: list[Contradiction]) -> Iterator[LintFinding]:
    """One finding a contradiction, or one for two columns that contradict each other in most."""
    by_columns: dict[tuple[int, ...], list[Contradiction]] = {}
    for each in found:
        columns = each.fact.table, each.fact.column, each.other.table, each.other.column
        by_columns.setdefault(columns, []).append(each)
    for group in by_columns.values():
        agreement = group[0].agreement
        common = max(agreement.agree + agreement.differ, len(group))
        if agreement.differ - len(group) > max(agreement.agree, len(group)):
            # chance, between tables that contradict each other throughout
            continue
        if len(group) < _FEWEST_OF_A_COLUMN or len(group) * 2 <= common:
            for each in group:
                if each.is_an_exception or not each.fact.role:
                    yield contradicted(id, each.fact, each.other)
            continue
        first = group[0]
        finding = contradicted(
            id, first.fact, first.other, "column", count=len(group), common=common
        )
        yield replace(finding, others=tuple(each.other.place for each in group))
