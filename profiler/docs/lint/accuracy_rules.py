"""Rules about accuracies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from profiler.docs.lint.columns import ACCURACIES, TOP1, TOP5
from profiler.docs.lint.contradictions import Contradiction, contradicted, evidence_of, unexplained
from profiler.docs.lint.facts import Fact, read_facts
from profiler.docs.lint.finding import LintFinding, rule
from profiler.docs.lint.page import Page

#: Percentage points by which the same weights differ between machines, decoders and resizers.
_OF_EVALUATION = Fraction(1, 10)
#: Tables with this many figures in common are copies, and then any difference is a slip.
_FEWEST_OF_A_COPY = 2
#: Without any accuracy in which the tables agree, more than this many percentage points are another
#: data set, and on one page, where nobody states one accuracy twice, anything but a slip is.
_OF_DATA_SETS = 2
_MOST = 100


@rule("accuracy-differ", "warning")
def accuracy_differ(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """Accuracies of one model that differ beyond rounding.

    Where the two tables have no two other figures in common, they may come from two evaluations,
    and a tenth of a percentage point is let pass.
    """
    for each in unexplained(pages):
        if each.fact.metric in ACCURACIES and _are_of_one_training(each):
            yield contradicted("accuracy-differ", each.fact, each.other)


@rule("accuracy-implausible", "error")
def accuracy_implausible(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """Accuracies below zero or above one hundred per cent, and top-5 below top-1."""
    for table in read_facts(pages).tables:
        rows: dict[int, list[Fact]] = {}
        for fact in table.facts:
            if fact.metric in ACCURACIES:
                rows.setdefault(fact.row, []).append(fact)
                if not 0 <= fact.figure.value <= _MOST:
                    yield LintFinding(
                        "accuracy-implausible", fact.place, evidence_of(fact), wording="range"
                    )
        wrong = [list(_in_wrong_order(facts)) for facts in rows.values()]
        # a table in which top-5 is mostly the lower one states error rates
        if sum(map(bool, wrong)) * 2 <= sum(_has_both(facts) for facts in rows.values()):
            for found in wrong:
                yield from found


def _are_of_one_training(each: Contradiction) -> bool:
    agreement = each.agreement
    if agreement.differ > max(agreement.agree, 1):
        return False
    apart = abs(each.fact.figure.value - each.other.figure.value)
    if agreement.agree < _FEWEST_OF_A_COPY and apart <= _OF_EVALUATION:
        return False
    if not agreement.agree and not each.fact.figure.is_slip_of(each.other.figure):
        on_one_page = each.fact.place.path == each.other.place.path
        if on_one_page or apart > _OF_DATA_SETS:
            return False
    return each.is_an_exception


def _has_both(facts: list[Fact]) -> bool:
    return {TOP1, TOP5} <= {fact.metric for fact in facts}


def _in_wrong_order(facts: list[Fact]) -> Iterator[LintFinding]:
    for top5 in facts:
        for top1 in facts:
            if (
                (top1.metric, top5.metric) == (TOP1, TOP5)
                and (top1.words, top1.conditions) == (top5.words, top5.conditions)
                and top5.figure.value < top1.figure.value
                and not top5.figure.agrees(top1.figure)
            ):
                yield contradicted("accuracy-implausible", top5, top1)
