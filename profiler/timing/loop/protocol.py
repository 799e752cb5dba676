"""The one measuring loop: warm up to a steady state, sample in chunks, stop when it is known.

It runs on any ``Backend``. What differs between the named quantities is a stopwatch (where the two
readings of one sample are taken) and whether the call is captured as one launch first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from profiler.errors import MeasurementError, UnknownNameError
from profiler.records import Quantity, Record, Telemetry, TimingSettings
from profiler.timing.devices.backend import Backend, Call, ClockReason, relative_clock_range
from profiler.timing.loop import shape_of_samples, statistics

#: The share of a record's budget that warming up may take.
_SHARE_OF_BUDGET = 1 / 3
#: Above this, launching the calls takes as long as running them.
LAUNCH_BOUND = 0.8
#: How many calls are launched on a drained queue to learn what launching costs.
_ENQUEUE_CALLS = 10
#: A batch of this many neighbouring samples says that they resemble each other.
_AUTOCORRELATED_ABOVE = 8
#: What a chunk may take, so that the rule and the budget are looked at in time.
_CHUNK_S = 1.0

#: Returns that many samples, ms; the last argument says whether to evict the cache before each.
Stopwatch = Callable[[Backend[Any], Call, Sequence[Any], int, bool], list[float]]
#: Told how many samples there are and the median so far, ms.
Watch = Callable[[int, float], None]


class TimedCall(Record, frozen=True):
    """The findings of the loop: every sample in order, and what stands beside them."""

    samples_ms: tuple[float, ...]
    flags: tuple[str, ...]
    cold_first_ms: float
    enqueue_ms: float | None
    #: The backend's clock when warming up began; other times count from there.
    began_s: float
    measured_from_s: float
    window_medians_ms: tuple[float, ...]
    telemetry: tuple[Telemetry, ...]


class Warmth(Record, frozen=True):
    """The state in which warming up ended."""

    steady: bool
    #: The last window's median, which is what a call now takes.
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


def spans_in_queue(
    backend: Backend[Any], call: Call, events: Sequence[Any], count: int, flush: bool
) -> list[float]:
    """The time from one event to the next with one call between, in a queue that stays full.

    All calls are launched, then waited for once, then the events are read.
    """
    for index in range(count):
        if flush:
            backend.flush()
        backend.record(events[2 * index])
        call()
        backend.record(events[2 * index + 1])
    backend.synchronize()
    return [backend.elapsed_ms(events[2 * i], events[2 * i + 1]) for i in range(count)]


def waits_of_host(
    backend: Backend[Any], call: Call, events: Sequence[Any], count: int, flush: bool
) -> list[float]:
    """The time that a caller waits for the result of one call: call and synchronisation."""
    samples = []
    for _ in range(count):
        if flush:
            backend.flush()
        backend.synchronize()
        start = backend.now_ns()
        call()
        backend.synchronize()
        samples.append((backend.now_ns() - start) / 1e6)
    return samples


class _Named(NamedTuple):
    """How a quantity is taken; ``queued`` ones need a device that runs behind the host's back."""

    stopwatch: Stopwatch
    captured: bool
    queued: bool


_QUANTITIES: dict[str, _Named] = {
    "device": _Named(spans_in_queue, captured=True, queued=True),
    "eager": _Named(spans_in_queue, captured=False, queued=True),
    "host": _Named(waits_of_host, captured=False, queued=False),
}


def is_captured(quantity: Quantity) -> bool:
    """Whether the call is captured as one launch before it is timed."""
    return _QUANTITIES[quantity].captured


def measure(
    backend: Backend[Any],
    call: Call,
    quantity: Quantity,
    settings: TimingSettings,
    watch: Watch = lambda count, median_ms: None,
) -> TimedCall:
    """Measure one call until its median is known or the budget is spent.

    Args:
        backend: the device.
        call: launches one forward; the same inputs each time.
        quantity: ``device`` (a captured graph's span on the device), ``eager`` (the same span with
            the framework launching) or ``host`` (what the caller waits).
        settings: the protocol's knobs.
        watch: told of each chunk, for a progress bar.

    Raises:
        CaptureError: ``device``, and the call can't be captured.
        MeasurementError: a quantity of a queue, on a device that has none.
    """
    if quantity not in _QUANTITIES:
        raise UnknownNameError("quantity", quantity, _QUANTITIES)
    named = _QUANTITIES[quantity]
    if named.queued and not backend.queued:
        raise MeasurementError(
            f"there is no {quantity} time on this device: a call is over when it returns; "
            "measure host"
        )
    (cold_first_ms,) = waits_of_host(backend, call, (), 1, flush=False)
    backend.reset_peak()  # what the libraries took to choose their algorithms is no part of it
    if named.captured:
        call = backend.capture(call)
    began = backend.now_ns()

    def spent_s() -> float:
        return (backend.now_ns() - began) / 1e9

    def state(samples: int) -> list[Telemetry]:
        now = backend.telemetry()
        return [replace(now, at_s=round(spent_s(), 3), samples=samples)] if now else []

    events = backend.events(2 * settings.chunk_calls) if named.queued else ()

    def take(count: int) -> list[float]:
        for _ in range(settings.pre_roll_calls if named.queued else 0):
            call()
        return named.stopwatch(backend, call, events, count, settings.flush_l2)

    warmth = warm_up(take, backend.telemetry, settings, spent_s)
    enqueue_ms = _enqueue_ms(backend, call, warmth.call_ms, settings) if named.queued else None
    samples: list[float] = []
    measured_from_s = spent_s()
    telemetry = state(0)
    next_check = 0
    known = False
    call_ms = warmth.call_ms
    while not known and (
        count := _chunk(settings, len(samples), call_ms, settings.budget_s - spent_s())
    ):
        chunk = take(count)
        samples += chunk
        call_ms = max(warmth.call_ms, sum(chunk) / len(chunk))
        telemetry += state(len(samples))
        centre = statistics.median(samples)
        watch(len(samples), centre)
        least = (
            settings.min_slow_samples if centre > settings.slow_call_ms else settings.min_samples
        )
        if len(samples) >= max(next_check, least):
            next_check = math.ceil(len(samples) * settings.checkpoint_ratio)
            known = sum(samples) >= settings.min_busy_s * 1000 and _is_known(
                samples, _interval(samples, settings), settings
            )
    flags = [] if warmth.steady else ["not_steady"]
    flags += sample_flags(samples, settings)
    if enqueue_ms is not None and enqueue_ms > LAUNCH_BOUND * statistics.median(samples):
        flags.append("launch_bound")
    return TimedCall(
        samples_ms=tuple(samples),
        flags=tuple(flags),
        cold_first_ms=cold_first_ms,
        enqueue_ms=enqueue_ms,
        began_s=began / 1e9,
        measured_from_s=round(measured_from_s, 3),
        window_medians_ms=warmth.window_medians_ms,
        telemetry=tuple(telemetry),
    )


def _interval(
    samples: Sequence[float], settings: TimingSettings
) -> statistics.MedianInterval | None:
    return statistics.median_interval(samples, settings.confidence, settings.min_batches)


def _is_known(
    samples: Sequence[float], interval: statistics.MedianInterval | None, settings: TimingSettings
) -> bool:
    """Whether the interval of the median is as narrow as wanted, and can be relied on."""
    if interval is None or not interval.independent:
        return False
    centre = statistics.median(samples)
    return statistics.half_width(interval, centre) <= settings.target_half_width


def sample_flags(samples: Sequence[float], settings: TimingSettings) -> list[str]:
    """Flags that the samples alone raise against their median, or beside it."""
    interval = _interval(samples, settings)
    drifts = shape_of_samples.drift(samples) is not None
    said = {
        "ci_not_met": not _is_known(samples, interval, settings),
        "drift": drifts,
        # a step in time makes two heaps as well
        "bimodal": not drifts and shape_of_samples.modes(samples) is not None,
        "outliers": shape_of_samples.outliers(samples) > 0,
        "autocorrelated": interval is not None and interval.batch_size > _AUTOCORRELATED_ABOVE,
    }
    return [flag for flag, holds in said.items() if holds]


def _enqueue_ms(
    backend: Backend[Any], call: Call, call_ms: float, settings: TimingSettings
) -> float:
    """The host's time to launch a call while the queue is empty, ms; the median of a few."""
    launches = []
    for _ in range(_ENQUEUE_CALLS if call_ms < settings.slow_call_ms else 1):
        backend.synchronize()
        start = backend.now_ns()
        call()
        launches.append((backend.now_ns() - start) / 1e6)
    backend.synchronize()
    return statistics.median(launches)


def _chunk(settings: TimingSettings, taken: int, call_ms: float, left_s: float) -> int:
    """How many samples to take next: what the queue, the budget and patience allow.

    There is always a first sample, or all that was waited for until then would say nothing.
    """
    calls_a_second = 1000 / max(call_ms, 1e-3)
    affordable = math.floor(left_s * calls_a_second)
    patient = max(1, math.floor(_CHUNK_S * calls_a_second))
    count = min(settings.chunk_calls, settings.max_samples - taken, affordable, patient)
    return max(count, 0 if taken else 1)
