"""The things that a median hides: freak samples, two speeds, a speed that changed on the way.

Each of these is a flag to be reported beside the median; nothing is ever removed. Samples are in
milliseconds and in the order they were taken. No samples, or NaN or infinity among them, is a
ValueError.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from operator import mul
from statistics import NormalDist

from profiler.records import Record
from profiler.timing.loop.statistics import (
    MIN_BATCHES,
    autocorrelation,
    batch_medians,
    checked,
    median,
    middle,
    relative,
    uncorrelated,
)

#: A step of a GPU's event clock.
CLOCK_TICK_MS = 0.0005
#: Median absolute deviation × this = standard deviation, for normal noise: 1 / Φ⁻¹(3/4).
_SIGMA_PER_MAD = 1.4826
_OUTLIER_SIGMAS = 5

#: Two heaps of fewer samples than this in all can't be told from chance.
_FEWEST_FOR_MODES = 50
_LEAST_SHARE = 0.1
_MODE_SIGMAS = 3
#: Modes nearer than this are no news: it is what the median is measured to.
_LEAST_GAP = 0.005
#: How much of the lower of two heaps the ground between them may reach.
_HIGHEST_GROUND = 0.6
#: In a series shorter than this it has to be lower by two standard errors of the counts as well.
_MANY_FOR_MODES = 200

#: Longer series are looked at in about this many batches; more would add time and no power.
_DRIFT_BATCHES = 400
_LEAST_SEGMENT = 0.1
_LEAST_OFFSET = 0.01
#: 95 % point of the largest Wald statistic for a shift of one mean at an unknown place in the
#: middle 80 % of a long series (Andrews 1993, Econometrica 61:821; 20,000 simulated Brownian
#: bridges give 9.29). For short series it errs towards silence: at 25 batches 7.3 would do.
_SHIFT_STATISTIC = 9.3
_MOST_LIKENESS = 0.99


class Mode(Record, frozen=True, gc=False):
    """One of two speeds, and the part of the samples taken at it."""

    median_ms: float
    share: float


def outliers(samples: Sequence[float]) -> int:
    """How many samples lie more than 5 scaled MADs from the median.

    The scale is that of a standard deviation. Where more than half of the samples are equal their
    deviation has sunk below the steps of the clock, and one such step stands in for it: else every
    neighbouring reading of the clock would be an outlier.
    """
    centre = median(samples)
    distances = [abs(sample - centre) for sample in samples]
    limit = _OUTLIER_SIGMAS * _SIGMA_PER_MAD * (median(distances) or CLOCK_TICK_MS)
    return sum(distance > limit for distance in distances)


def modes(samples: Sequence[float]) -> tuple[Mode, Mode] | None:
    """The faster and the slower mode of samples that fall into two heaps, else None.

    The samples are cut in two where the variance between the halves is largest (Otsu), at least
    10 % of them on either side. Two modes they are if their medians are more than three spreads
    (scaled MAD, half a step of the clock at least) and 0.5 % of the median apart, and the ground
    between them is at most 0.6 times as populated as the lower heap; in a series below 200 samples
    that has to be more than chance besides. The rates of hits and of false alarms are those that
    the tests declare.
    """
    ordered = sorted(checked(samples))
    if len(ordered) < _FEWEST_FOR_MODES:
        return None
    cut = _between_heaps(ordered)
    heaps = ordered[:cut], ordered[cut:]
    fast, slow = middle(heaps[0]), middle(heaps[1])
    spread = max(
        _SIGMA_PER_MAD * median([abs(sample - middle(heap)) for sample in heap]) for heap in heaps
    )
    least_gap = max(
        _MODE_SIGMAS * max(spread, CLOCK_TICK_MS / 2), _LEAST_GAP * abs(middle(ordered))
    )
    if slow - fast <= least_gap or not _valley_between(ordered, fast, slow):
        return None
    # a heap below 10 % was made up to it with samples of the other
    share = bisect_right(ordered, fast + (slow - fast) / 2) / len(ordered)
    if min(share, 1 - share) < _LEAST_SHARE:
        return None
    return Mode(fast, share), Mode(slow, 1 - share)


def drift(samples: Sequence[float]) -> float | None:
    """How far the last stretch lies from the median of all samples, as a part of it.

    The series is cut at its most significant shift, and the later part again, until no shift is
    significant; no segment is shorter than 10 % of the series. The shift statistic is Wald's on
    the normal scores of batch medians, so freak samples weigh no more than the next largest. The
    batches grow until, their trend taken out, they no longer resemble their neighbours; what
    resemblance the last size leaves raises the threshold as it would the variance of a mean in an
    AR(1) series, by (1 + ρ) / (1 - ρ).

    Returns:
        None where no shift is significant, the last stretch is within 1 % of the median, or there
        are fewer than 16 samples.
    """
    if len(checked(samples)) < MIN_BATCHES:
        return None
    batch_size = max(1, len(samples) // _DRIFT_BATCHES)
    while True:
        medians = batch_medians(samples, batch_size)
        shortest = math.ceil(len(medians) * _LEAST_SEGMENT)
        residuals = _residuals(medians, shortest)
        larger = 2 * batch_size + 1
        if uncorrelated(residuals) or len(samples) // larger < MIN_BATCHES:
            break
        batch_size = larger
    # one standard error on the safe side: a trend taken out takes some resemblance with it
    likeness = autocorrelation(residuals) + 1 / math.sqrt(len(residuals))
    likeness = min(max(likeness, 0.0), _MOST_LIKENESS)
    threshold = _SHIFT_STATISTIC * (1 + likeness) / (1 - likeness)
    start = 0
    while True:
        cut, statistic = _largest_shift(medians[start:], shortest)
        if statistic <= threshold:
            break
        start += cut
    if start == 0:
        return None
    whole = median(samples)
    last = median(samples[-(len(medians) - start) * batch_size :])
    offset = relative(last - whole, whole)
    return offset if abs(offset) > _LEAST_OFFSET else None


def _between_heaps(ordered: Sequence[float]) -> int:
    """How many samples belong to the lower heap: where the variance between the two is largest.

    The outer 5 % on either side count as no farther out than the rest, so that a few freak samples
    do not draw the cut towards them.
    """
    n = len(ordered)
    tail = n // 20
    low, high, origin = ordered[tail], ordered[-1 - tail], middle(ordered)
    sums = list(accumulate(min(max(sample, low), high) - origin for sample in ordered))
    least = math.ceil(n * _LEAST_SHARE)

    def variance_between(cut: int) -> float:
        # n² × the variance: (sum below - its expectation)² × n / (cut × (n - cut))
        return (sums[cut - 1] - sums[-1] * cut / n) ** 2 / (cut * (n - cut))

    return max(range(least, n - least + 1), key=variance_between)


def _valley_between(ordered: Sequence[float], fast: float, slow: float) -> bool:
    """Whether somewhere between the two modes the samples are thin.

    Samples are counted in windows of a quarter of the gap, round the modes and between them.
    """
    gap = slow - fast

    def population(centre: float) -> int:
        reach = gap / 8
        return bisect_right(ordered, centre + reach) - bisect_left(ordered, centre - reach)

    ground = min(population(fast + gap * tenth / 10) for tenth in range(3, 8))
    heap = min(population(fast), population(slow))
    if len(ordered) < _MANY_FOR_MODES and heap - ground < 2 * math.sqrt(heap + ground):
        return False
    return ground <= _HIGHEST_GROUND * heap


def _largest_shift(values: Sequence[float], shortest: int) -> tuple[int, float]:
    """Where a shift of the mean is most significant, and Wald's statistic for it, else 0."""
    n = len(values)
    if n < 2 * shortest:
        return n, 0.0
    scores = _normal_scores(values)
    variance: float = sum(map(mul, scores, scores)) / n
    if not variance:
        return n, 0.0
    sums = list(accumulate(scores))

    def statistic(cut: int) -> float:
        return sums[cut - 1] ** 2 * n / (cut * (n - cut)) / variance

    cut = max(range(shortest, n - shortest + 1), key=statistic)
    return cut, statistic(cut)


def _residuals(values: Sequence[float], shortest: int) -> list[float]:
    """The values less their trend: one shift, two or a straight line, whichever suits them best.

    Best is what leaves the least resemblance between neighbours. A trend that none of these suits
    would resemble itself at every batch size, and pass for noise.
    """
    first, _ = _largest_shift(values, shortest)
    earlier = _largest_shift(values[:first], shortest)
    later = _largest_shift(values[first:], shortest)
    second = first + later[0] if later[1] > earlier[1] else earlier[0]
    trends = (
        _less_levels(values, [first]),
        _less_levels(values, sorted((first, second))),
        _less_line(values),
    )
    return min(trends, key=lambda residuals: abs(autocorrelation(residuals)))


def _less_levels(values: Sequence[float], cuts: Sequence[int]) -> list[float]:
    """The values less the median of the stretch between cuts that they belong to."""
    residuals: list[float] = []
    for start, end in pairwise((0, *cuts, len(values))):
        if start < end:
            level = median(values[start:end])
            residuals += [value - level for value in values[start:end]]
    return residuals


def _less_line(values: Sequence[float]) -> list[float]:
    """The values less their straight line by least squares, but for its height."""
    places = [index - (len(values) - 1) / 2 for index in range(len(values))]
    slope: float = sum(map(mul, places, values)) / sum(map(mul, places, places))
    return [value - slope * place for place, value in zip(places, values, strict=True)]


def _normal_scores(values: Sequence[float]) -> list[float]:
    """Normal quantiles of the ranks; equal values share the mean of their ranks.

    They add up to zero but for ties, whose sum is as small as the ties are few.
    """
    ordered = sorted(values)
    quantile = NormalDist().inv_cdf
    places = ((bisect_left(ordered, v) + bisect_right(ordered, v)) / 2 for v in values)
    scores = [quantile(place / len(ordered)) for place in places]
    mean = sum(scores) / len(scores)
    return [score - mean for score in scores]
