"""Estimates with their intervals: joined over processes, and held against each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from profiler.records import Record
from profiler.timing.loop.statistics import interval_ranks, median

Verdict = Literal["SAME", "FASTER", "SLOWER", "AMBIGUOUS"]

#: What is known of a ratio where nothing is.
_ANY_RATIO = (0.0, math.inf)


class Estimate(Record, frozen=True, gc=False):
    """A value and its 95 % interval, in one unit; no interval where there were too few samples."""

    value: float
    low: float | None = None
    high: float | None = None


def combine_runs(runs: Sequence[Estimate]) -> Estimate:
    """One estimate from those of several processes, which may each have drawn another algorithm.

    The value is the median of theirs. The interval reaches, on either side, as far as the wider of
    two: between processes, the order-statistic interval of the median of their values, which is
    their least and greatest below nine processes (with fewer than six it holds the truth less
    often than 95 %: three times in four for three); within a process, the median of how far their
    own intervals reach from their values. There is none where a process has none.

    Raises:
        ValueError: there are no runs, or a value or an end is NaN or infinite.
    """
    values = sorted(run.value for run in runs)
    value = median(values)
    below = [run.value - run.low for run in runs if run.low is not None]
    above = [run.high - run.value for run in runs if run.high is not None]
    if min(len(below), len(above)) < len(runs):
        return Estimate(value)
    first, last = interval_ranks(len(runs)) or (1, len(runs))
    return Estimate(
        value,
        min(values[first - 1], value - median(below)),
        max(values[last - 1], value + median(above)),
    )


def ratio_interval(a: Estimate, b: Estimate) -> tuple[float, float]:
    """The 95 % interval of b / a: MOVER on logarithms (Donner & Zou 2012, Stat. Methods Med. Res.).

    With the distances of the ends of each interval from its value taken in logarithms,
    low = b/a · exp(-√(below_b² + above_a²)) and high = b/a · exp(√(above_b² + below_a²)).

    Returns:
        (0, ∞), which says nothing, where an interval is missing or NaN or does not enclose its
        value, or where an end of one is not positive.
    """
    reach_a, reach_b = _log_reach(a), _log_reach(b)
    if reach_a is None or reach_b is None:
        return _ANY_RATIO
    (below_a, above_a), (below_b, above_b) = reach_a, reach_b
    ratio = b.value / a.value
    return (
        ratio * math.exp(-math.hypot(below_b, above_a)),
        ratio * math.exp(math.hypot(above_b, below_a)),
    )


def verdict(a: Estimate, b: Estimate, band: float = 0.01) -> Verdict:
    """Whether b takes as long as a (SAME), less (FASTER) or more (SLOWER), if it can be told.

    A band of 1 % is what two careful measurements of one thing may differ by. With r = b / a, and
    everything read as a factor so that swapping a and b swaps the answers:

    - FASTER: the whole interval of r lies below 1 / (1 + band).
    - SLOWER: the whole interval of r lies above 1 + band.
    - SAME: r itself is within the band and its whole interval within twice the band.
    - AMBIGUOUS: anything else.

    Twice, because two medians known to ±0.5 % give a ratio known to ±0.7 %: of equal things, the
    interval would stick out of a single band two times in five. A true difference of twice the
    band is called SAME at most once in forty.
    """
    low, high = ratio_interval(a, b)
    if high < 1 / (1 + band):
        return "FASTER"
    if low > 1 + band:
        return "SLOWER"
    if low >= 1 / (1 + 2 * band) and high <= 1 + 2 * band:
        ratio = b.value / a.value
        if 1 / (1 + band) <= ratio <= 1 + band:
            return "SAME"
    return "AMBIGUOUS"


def _log_reach(estimate: Estimate) -> tuple[float, float] | None:
    """How far the interval reaches below and above the value, in logarithms, where that exists."""
    low, value, high = estimate.low, estimate.value, estimate.high
    # a comparison with NaN is False
    if low is None or high is None or not 0 < low <= value <= high < math.inf:
        return None
    return math.log(value / low), math.log(high / value)
