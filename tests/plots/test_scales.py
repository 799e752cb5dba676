import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from profiler.plots.scales import (
    accuracy_scale,
    bulk_of,
    cost_scale,
    linear_scale,
    log_scale,
)

INCEPTION = [0.707, 0.791, 0.793, 0.796, 0.803, 0.808, 0.810, 0.811]
costs = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=20)
fractions = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("values", "below"),
    [
        (INCEPTION, [0.707]),
        ([0.5, *INCEPTION], [0.5, 0.707]),  # two of nine
        ([0.70, 0.72, 0.74, 0.76, 0.78, 0.80], []),  # evenly spread
        ([0.5, 0.79, 0.8], []),  # one of three is not few
        ([0.80, 0.80, 0.80, 0.79], []),  # a gap of 0.01 is no gap
        ([0.80, 0.80, 0.80, 0.70], [0.70]),
        ([0.66, 0.80, 0.85, 0.90], []),  # 0.14 below a range of 0.10
        ([0.64, 0.80, 0.85, 0.90], [0.64]),  # 0.16 below it
        ([0.6, 0.61, 0.62, 0.95], []),  # the best is never put off the scale
        ([], []),
    ],
)
def test_what_is_put_below_the_scale(values, below):
    bulk = bulk_of(values)

    assert sorted(values) == [*below, *bulk]


def test_the_inception_axis():
    scale = accuracy_scale(INCEPTION)

    assert scale.tick_labels == ("0.790", "0.795", "0.800", "0.805", "0.810")
    assert scale.low < scale.floor < 0.79
    assert scale.is_below(0.707)
    assert not scale.is_below(0.791)
    assert scale.fraction(0.707) == pytest.approx(0.065)  # half of the strip's 0.13


@given(fractions)
def test_every_accuracy_is_on_the_axis(values):
    scale = accuracy_scale(values)

    assert all(0 < scale.fraction(value) < 1 for value in values)
    assert scale.is_below(min(values)) == (scale.floor > scale.low)
    assert not scale.is_below(max(values))
    assert all(scale.floor - 1e-9 <= tick <= scale.high + 1e-9 for tick in scale.ticks)
    assert 2 <= len(scale.ticks) <= 10


@given(costs)
def test_every_cost_is_on_the_axis_in_order(values):
    scale = cost_scale(values)
    shown = [scale.fraction(value) for value in sorted(values)]

    assert all(0 <= fraction <= 1 for fraction in shown)
    assert shown == sorted(shown)
    assert scale.log == (max(values) / min(values) > 50)
    assert len(set(scale.tick_labels)) == len(scale.ticks) >= 1


@given(costs)
def test_tick_texts_say_where_the_ticks_stand(values):
    scale = cost_scale(values)
    assume(max(values) - min(values) > 1e-6 * max(values))

    for tick, text in zip(scale.ticks, scale.tick_labels, strict=True):
        assert float(text) == pytest.approx(tick, rel=1e-6, abs=1e-12)


def test_a_linear_axis_starts_at_zero_where_that_wastes_little():
    assert cost_scale([3.0, 30.0]).low == 0
    assert cost_scale([25.0, 30.0]).low > 20


def test_thinning_keeps_every_second_tick():
    scale = cost_scale([3.0, 30.0])

    assert scale.thinned().ticks == scale.ticks[::2]
    assert scale.thinned().tick_labels == scale.tick_labels[::2]


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([2.85, 32.17], [3, 5, 7, 10, 20, 30]),  # FLOPs of the built-in series, in G
        ([3.4, 13.7], [4, 6, 8, 10, 12, 14, 16]),
        ([1, 90], [1, 2, 5, 10, 20, 50, 100]),
        ([1, 90_000], [1, 10, 100, 1000, 10_000, 100_000]),
        ([5.0], [4.9, 4.95, 5.0, 5.05, 5.1, 5.15, 5.2]),  # even steps where none are rounder
        ([1e-9, 1e9], [1e-9, 1e-6, 1e-3, 1, 1e3, 1e6, 1e9]),
    ],
)
def test_a_logarithmic_axis_has_round_ticks(values, ticks):
    scale = log_scale(values)

    assert scale.ticks == pytest.approx(ticks)
    assert [float(text) for text in scale.tick_labels] == pytest.approx(ticks)


def test_whatever_the_range_there_are_enough_ticks_and_not_too_many():
    for low, ratio in itertools.product((1, 1.7, 3.4, 6.2, 9.1), (1, 1.01, 2, 5, 20, 70, 1e4, 1e9)):
        scale = log_scale([low, low * ratio])
        assert 3 <= len(scale.ticks) <= 12, (low, ratio, scale.ticks)
        assert scale.low <= scale.ticks[0] < scale.ticks[-1] <= scale.high
        assert list(scale.ticks) == sorted(set(scale.ticks))
        assert scale.low < low <= low * ratio < scale.high


def test_an_axis_to_scale_puts_nothing_below():
    scale = accuracy_scale(INCEPTION, zoomed=False)

    assert scale.low == scale.floor < 0.707
    assert scale.fraction(0.811) - scale.fraction(0.707) > 0.8  # a margin on either side


def test_costs_are_logarithmic_where_they_differ_much():
    assert cost_scale([1.0, 51.0]) == log_scale([1.0, 51.0])
    assert cost_scale([1.0, 50.0]) == linear_scale([1.0, 50.0])
