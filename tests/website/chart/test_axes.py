"""The ranges and ticks of the interactive chart's axes."""

import itertools

import pytest

from profiler.website.chart.axes import cost_axes


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([2.85, 32.17], [3, 5, 7, 10, 20, 30]),  # FLOPs of the built-in series, in G
        ([3.4, 13.7], [4, 6, 8, 10, 12, 14]),
        ([1, 90], [1, 2, 5, 10, 20, 50, 100]),
        ([1, 90_000], [1, 10, 100, 1000, 10_000, 100_000]),
        ([5.0], [4.9, 5.0, 5.1, 5.2]),
        ([1e-9, 1e9], [1e-10, 1e-7, 1e-4, 0.1, 100, 1e5, 1e8]),
    ],
)
def test_a_logarithmic_axis_has_round_ticks(values: list[float], ticks: list[float]) -> None:
    axes = cost_axes(values)
    low, high = axes["logarithmic"]
    assert axes["logTicks"] == pytest.approx([tick for tick in ticks if low <= tick <= high])


def test_whatever_the_range_there_are_enough_ticks_and_not_too_many() -> None:
    for low, ratio in itertools.product((1, 1.7, 3.4, 6.2, 9.1), (1, 1.01, 2, 5, 20, 70, 1e4, 1e9)):
        axes = cost_axes([low, low * ratio])
        ticks = axes["logTicks"]
        assert 4 <= len(ticks) <= 13, (low, ratio, ticks)
        start, end = axes["logarithmic"]
        assert start <= ticks[0] < ticks[-1] <= end
        assert ticks == sorted(set(ticks))


def test_what_costs_nothing_has_no_logarithmic_axis() -> None:
    axes = cost_axes([0, 3])
    assert axes["logarithmic"] is axes["logTicks"] is None
