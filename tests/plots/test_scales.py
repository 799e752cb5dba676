import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from profiler.plots.scales import accuracy_scale, bulk_of, cost_scale

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
