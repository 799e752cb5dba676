"""Samples in the order they were taken → a median with its interval, percentiles and a slope.

Estimates of several processes are joined into one, and two are held against each other.

Successive samples resemble each other (clocks, caches, temperature), and an interval that takes
them for independent is far too narrow. So the interval is that of the medians of batches, long
enough that neighbouring batches no longer resemble each other. All of it holds whatever the
distribution: only ranks are used, never a standard deviation.

Samples are finite numbers of one unit, milliseconds where a rule names one. No samples, or NaN or
infinity among them, is a ValueError everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from operator import mul
from typing import Literal

from profiler.records import Record

Verdict = Literal["SAME", "FASTER", "SLOWER", "AMBIGUOUS"]

#: What is known of a ratio where nothing is.
_ANY_RATIO = (0.0, math.inf)
#: Probability that an interval or a bound holds the truth.
CONFIDENCE = 0.95
#: The fewest batches that an interval is taken from.
MIN_BATCHES = 16
#: A slope looks at every pair of values, so longer series are cut down to this many batches.
_MOST_SLOPE_VALUES = 200


class MedianInterval(Record, frozen=True, gc=False):
    """The interval that the median lies in, in the unit of the samples."""

    low: float
    high: float
    #: How many successive samples went into one batch.
    batch_size: int
    #: False where even the longest batches allowed still resemble their neighbours: then the
    #: interval is too narrow.
    independent: bool


class Percentile(Record, frozen=True, gc=False):
    """A percentile and its one-sided 95 % bound, in the unit of the samples."""

    value: float
    #: On the far side: above ``value`` for percentiles over 50, below it for the others.
    bound: float


class Estimate(Record, frozen=True, gc=False):
    """A value and its 95 % interval, in one unit; no interval where there were too few samples."""

    value: float
    low: float | None = None
    high: float | None = None


def checked(samples: Sequence[float]) -> Sequence[float]:
    """Return the samples as they are.

    Raises:
        ValueError: there are none, or one is NaN or infinite.
    """
    if not samples:
        raise ValueError("no samples: a statistic needs at least one")
    if not all(map(math.isfinite, samples)):
        index = next(i for i, sample in enumerate(samples) if not math.isfinite(sample))
        raise ValueError(f"sample {index} is {samples[index]}: samples have to be finite numbers")
    return samples


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the middle two."""
    return middle(sorted(checked(values)))


def middle(ordered: Sequence[float]) -> float:
    """The median of values that are in order already."""
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return ordered[half - 1] + (ordered[half] - ordered[half - 1]) / 2


@lru_cache(maxsize=4096)
def interval_ranks(n: int, confidence: float = CONFIDENCE) -> tuple[int, int] | None:
    """Ranks, counted from 1, of the two of ``n`` ordered samples that enclose the median.

    The median lies below the sample of rank r where fewer than r of n fair coins fall, so r is the
    largest rank with P(Binomial(n, 1/2) < r) ≤ (1 - confidence) / 2, and the other is n + 1 - r.
    Exact: the tail is summed in integers.

    Returns:
        None where no rank is that sure: below 6 samples at 95 %.
    """
    fewer = (n - 1) // 2
    ways = math.comb(n, fewer) if n else 0
    # P(X ≤ fewer) is a half, less half of the middle term where n is even
    tail = (2**n - (math.comb(n, n // 2) if n % 2 == 0 else 0)) // 2
    while fewer >= 0 and tail / 2**n > (1 - confidence) / 2:
        tail -= ways
        ways = ways * fewer // (n - fewer + 1)
        fewer -= 1
    return (fewer + 1, n - fewer) if fewer >= 0 else None


def median_interval(
    samples: Sequence[float], confidence: float = CONFIDENCE, min_batches: int = MIN_BATCHES
) -> MedianInterval | None:
    """The interval of the median, from the medians of independent batches.

    Batches grow 1, 3, 7, 15 … until the lag-1 autocorrelation of their medians is within its own
    noise, ±2/√m for m batches. They are odd, so that a batch has a middle sample: the mean of two
    lies above the median of a skewed series, and the interval with it. Samples that fill no batch
    are left out at the start.

    Returns:
        None where there are too few samples for any interval: below 6 at 95 %.
    """
    medians = list(checked(samples))
    batch_size = 1
    independent = True
    while not uncorrelated(medians):
        larger = 2 * batch_size + 1
        if len(samples) // larger < min_batches:
            independent = False
            break
        batch_size = larger
        medians = batch_medians(samples, batch_size)
    ranks = interval_ranks(len(medians), confidence)
    if ranks is None:
        return None
    medians.sort()
    return MedianInterval(medians[ranks[0] - 1], medians[ranks[1] - 1], batch_size, independent)


def half_width(interval: MedianInterval, centre: float) -> float:
    """Half the width of the interval as a part of ``centre``: 0.005 is ±0.5 %."""
    return relative((interval.high - interval.low) / 2, centre)


def percentile(samples: Sequence[float], q: float, batch_size: int = 1) -> Percentile | None:
    """The ``q``-quantile (0.95 for p95), interpolated linearly, and its bound by order statistics.

    The bound is the sample of the lowest rank that lies beyond the true percentile with 95 %
    probability.

    Args:
        samples: in any order.
        q: inside 0 … 1; 0.5 has an interval of its own.
        batch_size: how many successive samples tell no more than one independent one, as the
            median's interval found it. Without it the bound of a series whose samples resemble
            their neighbours is too near.

    Returns:
        None where that rank is not at least the second from the end (Wilks' bound of second
        order), so that one freak sample can't be the bound: p95 needs 93 samples, p99 473.

    Raises:
        ValueError: ``q`` is none of these.
    """
    if not 0 < q < 1 or q == 0.5:
        raise ValueError(f"q={q}: a percentile lies inside 0 … 1, and 0.5 has median_interval")
    ordered = sorted(checked(samples), reverse=q < 0.5)
    tail = min(q, 1 - q)
    beyond = _samples_beyond(len(ordered) // batch_size, round(tail, 12))
    if beyond is None:
        return None
    place = (len(ordered) - 1) * (1 - tail)
    below = ordered[int(place)]
    above = ordered[min(int(place) + 1, len(ordered) - 1)]
    value = below + (above - below) * (place - int(place))
    return Percentile(value, ordered[-1 - beyond * batch_size])


def relative_slope(values: Sequence[float]) -> float:
    """How far the values climb from first to last, as a part of their median.

    Theil–Sen: the median of the slopes of all pairs, times the span. One wild value in five leaves
    it alone.
    """
    checked(values)
    if len(values) > _MOST_SLOPE_VALUES:
        values = batch_medians(values, -(-len(values) // _MOST_SLOPE_VALUES))
    slopes = [
        (values[later] - values[earlier]) / (later - earlier)
        for later in range(len(values))
        for earlier in range(later)
    ]
    return relative(median(slopes) * (len(values) - 1), median(values)) if slopes else 0.0


def batch_medians(samples: Sequence[float], batch_size: int) -> list[float]:
    """The median of every batch of successive samples; the first few may fill none."""
    start = len(samples) % batch_size
    return [
        middle(sorted(samples[first : first + batch_size]))
        for first in range(start, len(samples), batch_size)
    ]


def autocorrelation(values: Sequence[float]) -> float:
    """How much each value resembles the next: the lag-1 autocorrelation, 0 for a constant.

    The outer 5 % on either side count as no farther out than the rest. Otherwise a few freak
    samples make up nearly all of the variance, and hide that the others hang together.
    """
    ordered = sorted(values)
    tail = len(ordered) // 20
    low, high, origin = ordered[tail], ordered[-1 - tail], middle(ordered)
    # from the median first: a constant then leaves exact zeros
    around = [(low if v < low else high if v > high else v) - origin for v in values]
    mean = sum(around) / len(around)
    around = [value - mean for value in around]
    variance: float = sum(map(mul, around, around))
    return sum(map(mul, around, around[1:])) / variance if variance else 0.0


def uncorrelated(values: Sequence[float]) -> bool:
    """Whether neighbours resemble each other no more than chance has it (2 standard errors)."""
    return abs(autocorrelation(values)) < 2 / math.sqrt(len(values))


def relative(amount: float, whole: float) -> float:
    """The amount as a part of the whole; of a whole of zero, nothing or infinitely much."""
    if whole:
        return amount / abs(whole)
    return math.copysign(math.inf, amount) if amount else 0.0


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


@lru_cache(maxsize=4096)
def _samples_beyond(n: int, tail: float) -> int | None:
    """How many of ``n`` ordered samples may lie beyond the bound of an outer percentile.

    With X ~ Binomial(n, tail) samples beyond the true percentile, the largest k with
    P(X ≤ k) ≤ 5 %: the sample with k others beyond it is itself beyond the percentile unless
    X ≤ k. None where that k is not at least 1.
    """
    sure = 1 - CONFIDENCE
    beyond, total = -1, 0.0
    while beyond < n:
        more = beyond + 1
        total += math.exp(
            math.lgamma(n + 1)
            - math.lgamma(more + 1)
            - math.lgamma(n - more + 1)
            + more * math.log(tail)
            + (n - more) * math.log1p(-tail)
        )
        if total > sure:
            break
        beyond = more
    return beyond if beyond >= 1 else None


def _log_reach(estimate: Estimate) -> tuple[float, float] | None:
    """How far the interval reaches below and above the value, in logarithms, where that exists."""
    low, value, high = estimate.low, estimate.value, estimate.high
    # a comparison with NaN is False
    if low is None or high is None or not 0 < low <= value <= high < math.inf:
        return None
    return math.log(value / low), math.log(high / value)
