"""Estimates joined and compared: arithmetic by hand, then laws of swapping and order."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.timing.loop.statistics import (
    Estimate,
    combine_runs,
    ratio_interval,
    verdict,
)

SWAPPED = {"SAME": "SAME", "FASTER": "SLOWER", "SLOWER": "FASTER", "AMBIGUOUS": "AMBIGUOUS"}


def around(value, reach):
    """An estimate known to ±reach of itself."""
    return Estimate(value, value * (1 - reach), value * (1 + reach))


ESTIMATES = st.builds(
    lambda value, below, above: Estimate(value, value * (1 - below), value * (1 + above)),
    st.floats(0.9, 1.1),
    st.floats(0, 0.03),
    st.floats(0, 0.03),
)


def test_ratio_interval():
    low, high = ratio_interval(Estimate(10, 9, 12), Estimate(20, 18, 23))
    # below b: ln 20/18 = 0.10536, above a: ln 12/10 = 0.18232; √(0.0111 + 0.0332) = 0.21057
    assert low == pytest.approx(2 * math.exp(-0.21057), rel=1e-4)
    # above b: ln 23/20 = 0.13976, below a: ln 10/9 = 0.10536; √(0.0195 + 0.0111) = 0.17503
    assert high == pytest.approx(2 * math.exp(0.17503), rel=1e-4)


def test_ratio_of_what_is_known_exactly():
    assert ratio_interval(Estimate(4, 4, 4), Estimate(5, 5, 5)) == (1.25, 1.25)


@pytest.mark.parametrize(
    "unknown",
    [
        Estimate(1.0),
        Estimate(1.0, 0.9),
        Estimate(1.0, math.nan, 1.1),
        Estimate(1.0, 0.9, math.nan),
        Estimate(math.nan, 0.9, 1.1),
        Estimate(1.0, 0.9, math.inf),
        Estimate(0.5, 0.0, 1.0),
        Estimate(0.0, 0.0, 0.0),
        Estimate(-1.0, -2.0, -0.5),
        Estimate(2.0, 0.9, 1.1),  # its interval is not about it
    ],
)
def test_nothing_is_known_of_some_ratios(unknown):
    known = around(1, 0.001)
    for a, b in ((known, unknown), (unknown, known), (unknown, unknown)):
        assert ratio_interval(a, b) == (0, math.inf)
        assert verdict(a, b) == "AMBIGUOUS"


@pytest.mark.parametrize(
    ("b", "said"),
    [
        # against 1 ± 0.5 %: the ratio is known to ±0.7 %
        (around(1, 0.005), "SAME"),
        (around(1.009, 0.005), "SAME"),  # up to 1.016
        (around(1.011, 0.005), "AMBIGUOUS"),  # more than the band
        (around(1.009, 0.012), "AMBIGUOUS"),  # up to 1.022
        (around(1.016, 0.005), "AMBIGUOUS"),  # from 1.009
        (around(1.018, 0.005), "SLOWER"),  # from 1.0108
        (around(1.5, 0.2), "SLOWER"),
        (around(0.982, 0.005), "FASTER"),  # up to 0.989
        (around(0.985, 0.005), "AMBIGUOUS"),
        (around(1, 0.05), "AMBIGUOUS"),
    ],
)
def test_verdict(b, said):
    a = around(1, 0.005)
    assert verdict(a, b) == said
    assert verdict(b, a) == SWAPPED[said]


def test_another_band():
    a, b = around(1, 0.005), around(1.04, 0.005)
    assert [verdict(a, b, band) for band in (0.01, 0.035, 0.05)] == ["SLOWER", "AMBIGUOUS", "SAME"]


@given(ESTIMATES, ESTIMATES)
def test_swapping_swaps_the_verdict(a, b):
    low, high = ratio_interval(a, b)
    assert low <= b.value / a.value * (1 + 1e-12)
    assert high >= b.value / a.value * (1 - 1e-12)
    other_low, other_high = ratio_interval(b, a)
    assert (other_low, other_high) == pytest.approx((1 / high, 1 / low))
    assert verdict(b, a) == SWAPPED[verdict(a, b)]


@pytest.mark.parametrize(
    ("runs", "joined"),
    [
        ([Estimate(5, 4, 7)], Estimate(5, 4, 7)),
        # processes differ more than each is unsure of itself: least and greatest
        ([Estimate(10, 9, 11), Estimate(14, 13, 15), Estimate(6, 5, 7)], Estimate(10, 6, 14)),
        # they agree: the median reach, 3 below and 2 above
        ([Estimate(10, 7, 12), Estimate(11, 8, 13), Estimate(9, 5, 10)], Estimate(10, 7, 12)),
        # each side on its own: down to 10 - 1 or to 10, up to 20 or to 11
        ([Estimate(10, 9, 11), Estimate(10, 9, 11), Estimate(20, 19, 21)], Estimate(10, 9, 20)),
        # ten processes: ranks 2 and 9
        ([Estimate(value, value, value) for value in range(1, 11)], Estimate(5.5, 2, 9)),
        # one of them has no interval
        ([Estimate(5, 4, 7), Estimate(7), Estimate(8, 7, 9)], Estimate(7)),
    ],
)
def test_processes_joined(runs, joined):
    assert combine_runs(runs) == joined
    assert combine_runs(runs[::-1]) == joined


def test_no_process():
    with pytest.raises(ValueError, match="no samples"):
        combine_runs([])


@given(st.lists(ESTIMATES, min_size=1, max_size=12))
def test_the_joined_interval_holds_the_joined_value(runs):
    joined = combine_runs(runs)
    assert joined.low <= joined.value <= joined.high
