"""Outliers, modes and drift on series whose answer can be read off.

How often the flags are right on noise is measured in test_error_rates.py.
"""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.timing.loop.shape_of_samples import (
    Mode,
    drift,
    modes,
    outliers,
)


def level(value, count):
    """Samples within ±0.1 % of a value, evenly spread."""
    return [value * (1 + (index % 11 - 5) / 5000) for index in range(count)]


def shuffled(values):
    random.Random(1).shuffle(values)
    return values


@pytest.mark.parametrize(
    ("samples", "count"),
    [
        # median 3, deviations 2 1 0 1 2: MAD 1, limit 5 × 1.4826 = 7.413
        ([1, 2, 3, 4, 5], 0),
        ([1, 2, 3, 4, 10.4], 0),  # deviation 7.4
        ([1, 2, 3, 4, 10.5], 1),
        ([-5, 2, 3, 4, 10.5], 2),
        ([7.0] * 100, 0),
        # MAD 0: one step of the clock, 0.0005, stands for it, limit 0.0037
        ([1.0] * 60 + [1.0005] * 20 + [0.9995] * 20, 0),
        ([1.0] * 60 + [1.0005] * 20 + [1.004, 0.9], 2),
    ],
)
def test_outliers(samples, count):
    assert outliers(samples) == count


def test_two_modes():
    fast, slow = modes(shuffled(level(1.0, 140) + level(1.05, 60)))
    assert fast == Mode(pytest.approx(1.0, rel=1e-3), pytest.approx(0.7))
    assert slow == Mode(pytest.approx(1.05, rel=1e-3), pytest.approx(0.3))


def test_two_modes_of_a_short_series_among_freaks():
    fast, slow = modes(shuffled(level(1.0, 18) + level(1.2, 30) + [9.0, 30.0]))
    assert fast.median_ms == pytest.approx(1.0, rel=1e-2)
    assert slow.median_ms == pytest.approx(1.2, rel=1e-2)
    assert fast.share == pytest.approx(18 / 50)


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(level(1.0, 200), id="one level"),
        pytest.param([1.0, 1.004] * 100, id="less than 0.5 % apart"),
        pytest.param([0.02, 0.0205] * 100, id="2.5 % apart, but neighbours on the clock"),
        pytest.param(level(1.0, 184) + level(1.05, 16), id="8 % is no mode"),
        pytest.param([1.0] * 184 + [1.05] * 16, id="nor without noise"),
        pytest.param(level(1.0, 24) + level(1.05, 25), id="49 samples are too few"),
        pytest.param([1 + index / 1000 for index in range(300)], id="a plain is no valley"),
    ],
)
def test_no_two_modes(samples):
    assert modes(samples) is None


def test_two_steps_of_the_clock_with_none_between_are_modes():
    assert modes([0.02, 0.021] * 100) == (Mode(0.02, 0.5), Mode(0.021, 0.5))


@pytest.mark.parametrize(
    ("samples", "offset"),
    [
        # the median of all is that of the first, longer part
        (level(1.0, 70) + level(1.03, 30), 0.03),
        (level(1.0, 700) + level(0.97, 300), -0.03),
        (level(1.0, 14_000) + level(1.03, 6000), 0.03),
        # up twice: the later part is cut again
        (level(1.0, 520) + level(1.05, 280) + level(1.1, 200), 0.1),
        # away and not quite back
        (level(1.0, 600) + level(1.1, 200) + level(1.04, 200), 0.04),
        # a steady climb from 1 to 1.06: the last tenth, at 1.057, against 1.03 at the least
        ([1 + 0.06 * index / 1000 for index in range(1000)], (1.057 - 1.03) / 1.03),
        ([5.0] * 70 + [6.0] * 30, 0.2),
    ],
)
def test_drift(samples, offset):
    assert drift(samples) == pytest.approx(offset, rel=0.1)


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(level(1.0, 1000), id="level"),
        pytest.param(level(1.0, 700) + level(1.008, 300), id="less than 1 %"),
        pytest.param(level(1.0, 400) + level(1.05, 200) + level(1.0, 400), id="back again"),
        pytest.param([1.0] * 10 + [1.1] * 5, id="15 samples are too few"),
        pytest.param(shuffled(level(1.0, 700) + level(1.03, 300)), id="not in time"),
        pytest.param(level(1.0, 970) + level(1.2, 30), id="3 % is no segment"),
    ],
)
def test_no_drift(samples):
    assert drift(samples) is None


@given(st.lists(st.integers(1, 10**6).map(float), min_size=1, max_size=150))
def test_what_is_flagged_is_within_the_samples(samples):
    found = modes(samples)
    if found:
        fast, slow = found
        assert min(samples) <= fast.median_ms < slow.median_ms <= max(samples)
        assert fast.share + slow.share == pytest.approx(1)
        assert min(fast.share, slow.share) >= 0.1
    assert 0 <= outliers(samples) < len(samples)
    offset = drift(samples)
    assert offset is None or abs(offset) > 0.01
