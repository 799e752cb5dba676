"""Warm-up: calls until the device has stopped getting faster."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from profiler.records import Record, Telemetry, TimingSettings
from profiler.timing.devices.telemetry import ClockReason, relative_clock_range
from profiler.timing.loop import statistics

#: The share of a record's budget that warming up may take.
_SHARE_OF_BUDGET = 1 / 3


class Warmth(Record, frozen=True):
    """How warming up ended: ``call_ms`` is the last window's median, what a call now takes."""

    steady: bool
    call_ms: float
    window_medians_ms: tuple[float, ...]


def warm_up(
    take: Callable[[int], list[float]],
    telemetry: Callable[[], Telemetry | None],
    settings: TimingSettings,
    spent_s: Callable[[], float],
) -> Warmth:
    """Call until enough calls and busy time have passed and the window medians are level.

    Args:
        take: runs that many calls and returns their times, ms.
        telemetry: the device's state, for its clock; None where it does not tell.
        settings: how long, how level, and the cap after which it is given up as not steady.
        spent_s: seconds since the record began.
    """
    until_s = spent_s() + min(settings.steady_cap_s, settings.budget_s * _SHARE_OF_BUDGET)
    times = take(1)
    busy_ms = times[0]
    calls = 1
    while calls < settings.warmup_calls or busy_ms < settings.warmup_s * 1000:
        if spent_s() >= until_s:
            return Warmth(False, statistics.median(times), ())
        missing = max(settings.warmup_calls - calls, _calls_for(settings.warmup_s, times))
        times = take(min(missing, settings.chunk_calls, _calls_for(0.5, times)))
        calls += len(times)
        busy_ms += sum(times)
    medians: list[float] = []
    states: list[Telemetry] = []
    while True:
        window: list[float] = []
        while sum(window) < settings.steady_window_s * 1000:
            missing = _calls_for(settings.steady_window_s, window or times)
            window += take(min(missing, settings.chunk_calls))
            if spent_s() >= until_s:
                break
        medians.append(statistics.median(window))
        states += [state] if (state := telemetry()) else []
        last = slice(-settings.steady_windows, None)
        enough = len(medians) >= settings.steady_windows
        if enough and is_level(medians[last], states[last], settings):
            return Warmth(True, medians[-1], tuple(medians))
        if spent_s() >= until_s:
            return Warmth(False, medians[-1], tuple(medians))


def is_level(
    medians: Sequence[float], states: Sequence[Telemetry], settings: TimingSettings
) -> bool:
    """Whether neither the calls (ms) nor the device's clock still move.

    A clock that a power limit holds down never rests; there the calls alone decide.
    """
    capped = any((state.clock_reasons or 0) & ClockReason.SW_POWER_CAP for state in states)
    clock_range = None if capped else relative_clock_range(states)
    if clock_range is not None and clock_range >= settings.steady_clock_range:
        return False
    return abs(statistics.relative_slope(medians)) < settings.steady_slope


def _calls_for(seconds: float, times: Sequence[float]) -> int:
    """How many calls of this length fill a time; at least one."""
    return max(1, math.ceil(seconds * 1000 / max(statistics.median(times), 1e-3)))
