"""Medians, ranks, bounds and slopes: textbook values, then laws that hold for any samples.

How often the intervals hold the truth is measured in test_error_rates.py.
"""

import math
import random
import statistics as standard

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.timing.loop.shape_of_samples import drift, modes, outliers
from profiler.timing.loop.statistics import (
    MedianInterval,
    autocorrelation,
    batch_medians,
    half_width,
    interval_ranks,
    median,
    median_interval,
    percentile,
    relative_slope,
    uncorrelated,
)

SAMPLES = st.lists(st.integers(1, 10**6).map(float), min_size=1, max_size=150)
STATISTICS = [
    median,
    median_interval,
    lambda samples: percentile(samples, 0.95),
    relative_slope,
    outliers,
    modes,
    drift,
]


def shuffled(values, seed=1):
    values = list(values)
    random.Random(seed).shuffle(values)
    return values


@pytest.mark.parametrize(
    ("values", "expected"), [([3], 3), ([9, 1], 5), ([9, 1, 2], 2), ([4, 1, 9, 2], 3)]
)
def test_median(values, expected):
    assert median(values) == expected


@pytest.mark.parametrize(
    ("n", "ranks"),
    [
        (0, None),
        (1, None),
        (5, None),  # P(X = 0) = 1/32 = 3.1 % > 2.5 %
        (6, (1, 6)),  # P(X = 0) = 1/64 = 1.6 %
        (10, (2, 9)),  # P(X ≤ 1) = 11/1024 = 1.1 %, P(X ≤ 2) = 56/1024 = 5.5 %
        (20, (6, 15)),
        (30, (10, 21)),
        (50, (18, 33)),
        (100, (40, 61)),
        (200, (86, 115)),
        (1000, (469, 532)),
    ],
)
def test_ranks_of_the_interval(n, ranks):
    assert interval_ranks(n) == ranks


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("n", [*range(2, 30), 101, 500])
def test_ranks_are_the_last_that_are_sure_enough(n, confidence):
    def tail(rank):  # P(X < rank)
        return sum(math.comb(n, k) for k in range(rank)) / 2**n

    ranks = interval_ranks(n, confidence)
    lower = ranks[0] if ranks else 0
    assert tail(lower) <= (1 - confidence) / 2 < tail(lower + 1)
    assert ranks is None or ranks == (lower, n + 1 - lower)


def test_ranks_of_the_most_samples():
    # mean 10000, standard deviation √20000 / 2 = 70.71: 10000 - 1.96 × 70.71 = 9861.4
    assert interval_ranks(20_000) == (9861, 10_140)


def test_interval_of_independent_samples():
    # ranks 2 and 9 of ten
    assert median_interval([3, 8, 10, 1, 5, 6, 2, 4, 9, 7]) == MedianInterval(2, 9, 1, True)


def test_interval_of_samples_that_come_in_threes():
    values = shuffled(range(1, 61))
    interval = median_interval([value for value in values for _ in range(3)])
    # 60 batches: ranks 22 and 39
    assert interval == MedianInterval(22, 39, 3, True)


def test_samples_that_resemble_each_other_at_any_length_are_not_independent():
    interval = median_interval([float(value) for value in range(1000)])
    # 31 × 32 ≤ 1000 < 63 × 16: 32 batches of 31, the first 8 samples in none, ranks 10 and 23
    assert interval == MedianInterval(8 + 9 * 31 + 15, 8 + 22 * 31 + 15, 31, False)


def test_a_quicker_series_needs_no_more_batches_than_asked_for():
    climbing = [float(value) for value in range(1000)]
    assert median_interval(climbing, min_batches=8).batch_size == 63  # 127 × 8 > 1000 ≥ 63 × 8
    # ranks of 32 batches at 50 %: P(X ≤ 13) = 18.9 %, P(X ≤ 14) = 29.8 % > 25 %
    assert median_interval(climbing, confidence=0.5).low == 8 + 13 * 31 + 15


@pytest.mark.parametrize("value", [0.0, 0.1, 3.7e-5, -2.0])
@pytest.mark.parametrize("n", [6, 16, 1000])
def test_a_constant_is_known_exactly(value, n):
    interval = median_interval([value] * n)
    assert interval == MedianInterval(value, value, 1, True)
    assert half_width(interval, value) == 0


def test_half_width_is_relative():
    assert half_width(MedianInterval(0.9, 1.2, 1, True), 2.0) == pytest.approx(0.075)
    assert half_width(MedianInterval(0.0, 1.0, 1, True), 0.0) == math.inf


def test_batches_are_whole_and_the_last_is_kept():
    assert batch_medians([99, 1, 3, 2, 7, 9, 8], 3) == [2, 8]
    assert batch_medians([1, 2, 3], 1) == [1, 2, 3]


def test_autocorrelation():
    # Σ dᵢ dᵢ₊₁ / Σ dᵢ² = -19 / 20
    assert autocorrelation([1, -1] * 10) == pytest.approx(-0.95)
    assert autocorrelation([5.1] * 10) == 0


@pytest.mark.parametrize(("repeats", "answer"), [(10, False), (4, True)])
def test_resemblance_is_held_against_its_own_noise(repeats, answer):
    # of three neighbours two are equal and one opposite: ρ = 1/3, against 2/√60 and 2/√24
    assert uncorrelated([1, 1, 1, -1, -1, -1] * repeats) is answer


def test_freak_samples_do_not_hide_autocorrelation():
    slow = [1 + 0.01 * math.sin(index / 10) for index in range(400)]
    freaks = [100.0 if index % 50 == 7 else value for index, value in enumerate(slow)]
    assert autocorrelation(slow) > 0.9
    assert autocorrelation(freaks) > 0.8


@pytest.mark.parametrize(
    ("n", "q", "value", "bound"),
    [
        # value at (n - 1) q counted from 0; bound the second from the end
        (93, 0.95, 1 + 92 * 0.95, 92),
        (93, 0.05, 1 + 92 * 0.05, 2),
        (473, 0.99, 1 + 472 * 0.99, 472),
        (473, 0.01, 1 + 472 * 0.01, 2),
        # of Binomial(100, 1/4): P(X ≤ 17) = 3.8 %, P(X ≤ 18) = 6.3 %
        (100, 0.75, 1 + 99 * 0.75, 100 - 17),
    ],
)
def test_percentile_and_bound(n, q, value, bound):
    result = percentile(shuffled(range(1, n + 1)), q)
    assert result.value == pytest.approx(value)
    assert result.bound == bound


@pytest.mark.parametrize(("n", "q"), [(92, 0.95), (92, 0.05), (472, 0.99), (472, 0.01), (1, 0.6)])
def test_too_few_samples_for_a_percentile(n, q):
    assert percentile(range(n), q) is None


@pytest.mark.parametrize("q", [0.95, 0.99])
def test_the_second_largest_of_so_many_is_a_bound_and_of_one_fewer_is_not(q):
    def unsure(n):  # none or one of n beyond the true percentile: Wilks' second order
        return q**n + n * (1 - q) * q ** (n - 1)

    fewest = next(n for n in range(2, 1000) if percentile(range(n), q) is not None)
    assert unsure(fewest) <= 0.05 < unsure(fewest - 1)


def test_samples_that_resemble_each_other_count_less():
    assert percentile(range(3 * 93 - 1), 0.95, batch_size=3) is None
    # 93 batches: one of them beyond the bound, so three samples
    assert percentile(range(3 * 93), 0.95, batch_size=3).bound == 3 * 93 - 1 - 3


def test_percentiles_interpolate_as_the_standard_library_does():
    samples = [random.Random(seed).lognormvariate(0, 1) for seed in range(200)]
    twentieths = standard.quantiles(samples, n=20, method="inclusive")
    assert percentile(samples, 0.95).value == pytest.approx(twentieths[18])
    assert percentile(samples, 0.05).value == pytest.approx(twentieths[0])


@pytest.mark.parametrize("q", [0, 1, 0.5, -0.1, math.nan])
def test_no_such_percentile(q):
    with pytest.raises(ValueError, match=r"lies inside 0 … 1"):
        percentile([1.0] * 100, q)


@pytest.mark.parametrize(
    ("values", "slope"),
    [
        ([7], 0),
        ([1, 2, 4], 1.5),  # slopes 1, 2 and 3/2: median 3/2, × 2 / median 2
        ([4, 2, 1], -1.5),
        ([10, 10, 10, 90, 10], 0),
        ([0, 0, 0], 0),
        ([-1, 0, 1], math.inf),
        ([100 + index / 100 for index in range(5)], 0.04 / 100.02),
    ],
)
def test_slope(values, slope):
    assert relative_slope(values) == pytest.approx(slope)


def test_slope_of_a_long_series():
    # 20000 values in 200 batches of 100: from the middle of the first to that of the last
    slope = relative_slope([1 + index / 20_000 for index in range(20_000)])
    assert slope == pytest.approx(199 / 200 / 1.5, rel=1e-3)


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize(
    ("samples", "complaint"),
    [
        ([], "no samples"),
        ([1.0, math.nan, 2.0], "sample 1 is nan: samples have to be finite"),
        ([1.0, 2.0, -math.inf], "sample 2 is -inf"),
    ],
)
def test_what_no_statistic_can_be_taken_of(statistic, samples, complaint):
    with pytest.raises(ValueError, match=complaint) as caught:
        statistic(samples)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("samples", [[2.5], [0.0], [1.0, 2.0], [0.0] * 500, [0.1] * 500])
def test_degenerate_samples_have_nothing_to_tell(samples):
    interval = median_interval(samples)
    assert interval is None or interval.low == interval.high == median(samples)
    assert modes(samples) is None
    assert drift(samples) is None
    assert outliers(samples) == 0


def test_samples_are_not_reordered():
    samples = shuffled(range(300))
    before = list(samples)
    for statistic in STATISTICS:
        statistic(samples)
    assert samples == before


@given(SAMPLES)
def test_the_interval_holds_the_median_of_its_batches(samples):
    interval = median_interval(samples)
    if len(samples) < 6:
        assert interval is None
        return
    centre = median(batch_medians(samples, interval.batch_size))
    assert interval.low <= centre <= interval.high
    assert interval.batch_size == 1 or len(samples) // interval.batch_size >= 16


@given(SAMPLES, st.sampled_from([0.125, 2.0, 1024.0]))
def test_another_unit_changes_nothing_else(samples, factor):
    scaled = [sample * factor for sample in samples]
    assert median(scaled) == median(samples) * factor
    interval, other = median_interval(samples), median_interval(scaled)
    if interval:
        assert other == MedianInterval(
            interval.low * factor, interval.high * factor, interval.batch_size, interval.independent
        )
    assert relative_slope(scaled) == pytest.approx(relative_slope(samples))
    assert drift(scaled) == drift(samples)


@given(SAMPLES, st.randoms(use_true_random=False))
def test_order_matters_only_where_it_should(samples, rng):
    other = list(samples)
    rng.shuffle(other)
    for statistic in (median, outliers, modes, lambda values: percentile(values, 0.9)):
        assert statistic(other) == statistic(samples)


@settings(max_examples=50)
@given(st.lists(st.floats(0.001, 1e4), min_size=1, max_size=600), st.sampled_from([0.95, 0.99]))
def test_percentiles_are_bounded_and_gated(samples, q):
    high, low = percentile(samples, q), percentile(samples, 1 - q)
    assert (high is None) == (low is None) == (len(samples) < {0.95: 93, 0.99: 473}[q])
    if high and low:
        assert median(samples) <= high.value <= high.bound <= max(samples)
        assert median(samples) >= low.value >= low.bound >= min(samples)
        mirrored = percentile([-sample for sample in samples], q)
        assert mirrored.bound == -low.bound
