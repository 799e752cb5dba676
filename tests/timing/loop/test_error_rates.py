"""How often intervals, flags and verdicts are right, on noise whose truth is known.

Every rate is declared, counted over fixed seeds, and so the same in every run. The noise is that
of real devices: skewed, with freak samples, each sample like the one before it, of two speeds.
"""

import math
import random
from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from profiler.timing.loop.shape_of_samples import drift, modes
from profiler.timing.loop.statistics import (
    Estimate,
    half_width,
    median,
    median_interval,
    percentile,
    verdict,
)

Samples = Iterator[float]
SEEDS = range(400)
MOST_SAMPLES = 20_000


def autoregressive(rng: random.Random, rho: float) -> Samples:
    """Standard normal noise, each value like the last: AR(1)."""
    value = rng.gauss(0, 1)
    while True:
        yield value
        value = rho * value + math.sqrt(1 - rho * rho) * rng.gauss(0, 1)


def normal(rng: random.Random, deviation: float = 0.02) -> Samples:
    return (1 + deviation * value for value in autoregressive(rng, 0))


def long_tail(rng: random.Random) -> Samples:
    return (0.98 + 0.02 * math.exp(value) for value in autoregressive(rng, 0))


def uniform(rng: random.Random) -> Samples:
    while True:
        yield rng.uniform(0.95, 1.05)


def exponential(rng: random.Random) -> Samples:
    while True:
        yield 0.95 + rng.expovariate(20)


def ar5(rng: random.Random) -> Samples:
    return (1 + 0.02 * value for value in autoregressive(rng, 0.5))


def ar9(rng: random.Random) -> Samples:
    return (1 + 0.02 * value for value in autoregressive(rng, 0.9))


def ar5_long_tail(rng: random.Random) -> Samples:
    return (0.98 + 0.02 * math.exp(value) for value in autoregressive(rng, 0.5))


def ar5_freaks(rng: random.Random) -> Samples:
    for value in autoregressive(rng, 0.5):
        yield 1 + 0.02 * value + (rng.uniform(-0.9, 0.9) if rng.random() < 0.02 else 0)


def quantised(rng: random.Random) -> Samples:
    return (round(value / 0.0005) * 0.0005 for value in normal(rng, 0.0003))


def short_quantised(rng: random.Random) -> Samples:
    """Of 20 µs, where a step of the clock is 2.5 %."""
    return (round(0.02 * value / 0.0005) * 0.0005 for value in normal(rng, 0.01))


def two_speeds(slow_share: float, deviation: float, stay: float = 0.0) -> Callable[..., Samples]:
    """5 % apart; a speed is kept with probability ``stay``, else drawn again."""

    def samples(rng: random.Random) -> Samples:
        slow = rng.random() < slow_share
        for noise in normal(rng, deviation):
            if rng.random() >= stay:
                slow = rng.random() < slow_share
            yield noise * (1.05 if slow else 1)

    return samples


def stepping(at: float, by: float, n: int, deviation: float = 0.01) -> Callable[..., Samples]:
    """Longer by a part from a place in the series on."""
    return lambda rng: (
        value + (by if index >= at * n else 0) for index, value in enumerate(normal(rng, deviation))
    )


def rate(holds: Callable[[random.Random], bool], seeds: range = SEEDS) -> float:
    """How often it holds."""
    return sum(holds(random.Random(seed)) for seed in seeds) / len(seeds)


def estimate_when_stopped(samples: Samples) -> Estimate | None:
    """Draw until the median is known to ±0.5 %, asking from 200 samples on at ×1.3 steps."""
    drawn: list[float] = []
    wanted = 200
    while wanted <= MOST_SAMPLES:
        drawn += islice(samples, wanted - len(drawn))
        interval = median_interval(drawn)
        centre = median(drawn)
        if interval and interval.independent and half_width(interval, centre) <= 0.005:
            return Estimate(centre, interval.low, interval.high)
        wanted = math.ceil(wanted * 1.3)
    return None


def coverage(noise: Callable[..., Samples]) -> float:
    """How often the interval holds the true median, 1, when the rule stops."""

    def holds(rng: random.Random) -> bool:
        stopped = estimate_when_stopped(noise(rng))
        return stopped is not None and stopped.low <= 1 <= stopped.high

    return rate(holds)


# 88 %: three standard errors of 400 seeds below 92 %
@pytest.mark.parametrize("noise", [normal, long_tail, ar5, ar5_long_tail, ar5_freaks])
def test_the_interval_at_the_stop_holds_the_true_median(noise):
    assert coverage(noise) >= 0.88


@pytest.mark.slow
def test_the_interval_of_a_slow_process_holds_it_less_often():
    assert 0.8 <= coverage(ar9) < 0.9


@pytest.mark.parametrize("n", [6, 10, 25, 200])
def test_the_interval_of_so_many_holds_the_true_median(n):
    def holds(rng):
        interval = median_interval(list(islice(long_tail(rng), n)))
        return interval.low <= 1 <= interval.high

    assert rate(holds) >= 0.93


def test_what_is_too_noisy_for_its_budget_is_never_known():
    def known(rng):
        return estimate_when_stopped(islice(normal(rng, 0.5), 3000)) is not None

    assert rate(known, seeds=range(30)) == 0


@pytest.mark.parametrize(
    ("noise", "n"), [(normal, 1000), (ar5, 2000), pytest.param(ar9, 8000, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize(("q", "deviations"), [(0.95, 1.6449), (0.05, -1.6449)])
def test_the_bound_lies_beyond_the_true_percentile(noise, n, q, deviations):
    true = 1 + 0.02 * deviations

    def bounds(rng):
        samples = list(islice(noise(rng), n))
        found = percentile(samples, q, median_interval(samples).batch_size)
        return found and found.bound

    found = [bounds(random.Random(seed)) for seed in range(100)]
    beyond = [(bound - true) * deviations >= 0 for bound in found if bound is not None]
    assert len(beyond) >= 0.9 * len(found)  # the rest resemble each other too much to say
    assert sum(beyond) >= 0.92 * len(beyond)


ONE_SPEED = [normal, long_tail, uniform, exponential, ar5, ar9, quantised, short_quantised]


@pytest.mark.parametrize("noise", ONE_SPEED)
@pytest.mark.parametrize("n", [50, 100, 200])
def test_one_speed_is_seldom_taken_for_two(noise, n):
    assert rate(lambda rng: modes(list(islice(noise(rng), n))) is not None) <= 0.05


@pytest.mark.parametrize("slow_share", [0.2, 0.3, 0.5, 0.8])
@pytest.mark.parametrize(("n", "deviation"), [(200, 0.01), (200, 0.005), (500, 0.01), (75, 0.005)])
def test_two_speeds_are_seen(slow_share, n, deviation):
    noise = two_speeds(slow_share, deviation)
    assert rate(lambda rng: modes(list(islice(noise(rng), n))) is not None) >= 0.95


@pytest.mark.parametrize(("stay", "n"), [(0.9, 200), (0.97, 500)])
def test_two_speeds_of_a_clock_that_sticks_are_seen(stay, n):
    noise = two_speeds(0.4, 0.01, stay)
    assert rate(lambda rng: modes(list(islice(noise(rng), n))) is not None) >= 0.95


@pytest.mark.parametrize(
    ("noise", "n"),
    [
        *((noise, 200) for noise in ONE_SPEED),
        (lambda rng: normal(rng, 0.1), 200),
        *((noise, 30) for noise in (normal, ar5, ar9)),
    ],
)
def test_steady_noise_seldom_drifts(noise, n):
    assert rate(lambda rng: drift(list(islice(noise(rng), n))) is not None) <= 0.05


@pytest.mark.parametrize(
    ("n", "at", "by"), [(200, 0.7, 0.03), (200, 0.5, -0.04), (200, 0.85, 0.03)]
)
def test_a_step_is_seen_and_measured(n, at, by):
    offsets = []

    def seen(rng):
        samples = list(islice(stepping(at, by, n)(rng), n))
        offset = drift(samples)
        if offset is not None:
            offsets.append((1 + offset) * median(samples) - 1)
        return offset is not None

    assert rate(seen) >= 0.95
    # the last stretch, however it was cut, is at the height of the step
    assert sum(abs(offset - by) < 0.005 for offset in offsets) >= 0.95 * len(offsets)


@pytest.mark.parametrize("noise", [normal, long_tail, ar5])
def test_a_thing_is_the_same_as_itself(noise):
    said = [
        verdict(*(estimate_when_stopped(noise(random.Random(f"{seed}{run}"))) for run in "ab"))
        for seed in SEEDS
    ]
    assert said.count("SAME") >= 0.95 * len(said)
    assert said.count("FASTER") + said.count("SLOWER") <= 0.01 * len(said)


@pytest.mark.parametrize(("by", "said"), [(1.03, "SLOWER"), (0.97, "FASTER"), (1.02, "SLOWER")])
def test_another_thing_is_not_the_same(by, said):
    def told(seed):
        a = estimate_when_stopped(normal(random.Random(f"{seed}a")))
        b = estimate_when_stopped(by * value for value in normal(random.Random(f"{seed}b")))
        return verdict(a, b)

    verdicts = [told(seed) for seed in SEEDS]
    assert verdicts.count(said) >= 0.95 * len(verdicts)
    assert verdicts.count("SAME") <= 0.025 * len(verdicts)
