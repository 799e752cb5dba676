"""Two sets of measurements held against each other, condition by condition.

Only what was measured under the same conditions is compared. What is one thing throughout the
first set and another throughout the second (the hardware, the layout, the engine …) is taken for
what the comparison is about, and is said with it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from profiler.records import Fact, HowTimed, Measurement, Record
from profiler.timing.latencies.measured import Timing, latency_of, newest, timings_of
from profiler.timing.loop.statistics import Estimate, Verdict, ratio_interval, verdict

#: How far a ratio may be from 1 and still be the same.
BAND = 0.01

#: What may differ between the sets as a whole; the rest of the conditions never does.
AXES: dict[str, Callable[[Measurement], int | str | None]] = {
    "hw": lambda record: record.device,
    "layout": lambda record: record.layout,
    "engine": lambda record: record.engine,
    "threads": lambda record: record.threads,
    "l2": lambda record: "flushed" if record.flush_l2 else "warm",
}


class ComparedTiming(Record, frozen=True, gc=False):
    """One set of conditions on either side; ratio and verdict need samples on both."""

    #: None where that side has nothing under these conditions.
    a: Timing | None
    b: Timing | None
    #: The second median over the first.
    ratio: float | None = None
    #: Its interval; None where a side has too few samples.
    low: float | None = None
    high: float | None = None
    #: Of the second side.
    verdict: Verdict | None = None


class Difference(Record, frozen=True, gc=False):
    """Something that is not the same on the two sides; several values have " / " between them."""

    fact: str
    a: str
    b: str


class TimingComparison(Record, frozen=True, gc=False):
    """Every set of conditions of either side, and what else is different between the two."""

    rows: tuple[ComparedTiming, ...]
    differences: tuple[Difference, ...]
    #: Those of ``AXES`` on which rows had to agree, because a side has several of them.
    matched_on: tuple[str, ...]
    band: float


def compare_timings(
    a: Iterable[Measurement], b: Iterable[Measurement], band: float = BAND
) -> TimingComparison:
    """Hold the second set against the first.

    Of several sessions under the same conditions ``measured.newest`` counts.

    Args:
        a: what came before, or is to be beaten.
        b: what came after.
        band: what two measurements of the same thing may differ by; see ``verdict``.
    """
    sides = [newest(timings_of(records)) for records in (a, b)]
    axes = _axes_to_match(*sides)
    of_a, of_b = ({_key(timing, axes): timing for timing in side} for side in sides)
    rows = tuple(
        _compared(of_a.get(key), of_b.get(key), band) for key in dict.fromkeys([*of_a, *of_b])
    )
    both = [row for row in rows if row.a and row.b]
    differences = _differences([row.a for row in both if row.a], [row.b for row in both if row.b])
    return TimingComparison(rows, differences, axes, band)


def _axes_to_match(*sides: Sequence[Timing]) -> tuple[str, ...]:
    """The axes that have several values on a side; the others are one thing against another."""
    return tuple(
        name
        for name, value in AXES.items()
        if any(len({value(timing.first) for timing in side}) > 1 for side in sides)
    )


def _key(timing: Timing, axes: Sequence[str]) -> Hashable:
    record = timing.first
    without_axes = replace(timing.conditions, device="", how=HowTimed(record.quantity))
    return (without_axes, *(AXES[name](record) for name in axes))


def _compared(a: Timing | None, b: Timing | None, band: float) -> ComparedTiming:
    before, after = _estimate(a), _estimate(b)
    if before is None or after is None:
        return ComparedTiming(a, b)
    ratio = after.value / before.value
    said = verdict(before, after, band)
    if None in (before.low, after.low):
        return ComparedTiming(a, b, ratio, verdict=said)
    return ComparedTiming(a, b, ratio, *ratio_interval(before, after), said)


def _estimate(timing: Timing | None) -> Estimate | None:
    latency = latency_of(timing) if timing else None
    return Estimate(latency.median_ms, latency.low_ms, latency.high_ms) if latency else None


def _differences(a: Sequence[Timing], b: Sequence[Timing]) -> tuple[Difference, ...]:
    before, after = _values(a), _values(b)
    return tuple(
        Difference(name, *(" / ".join(side.get(name, ("–",))) for side in (before, after)))
        for name in dict.fromkeys([*before, *after])
        if set(before.get(name, ())) != set(after.get(name, ()))
    )


def _values(timings: Sequence[Timing]) -> dict[str, tuple[str, ...]]:
    """Fact → the values it has on one side, in order."""
    found: dict[str, dict[str, None]] = {}
    for timing in timings:
        for record in timing.records:
            for name, value in _facts(record):
                found.setdefault(name, {})[str(value)] = None
    return {name: tuple(sorted(values)) for name, values in found.items()}


def _facts(record: Measurement) -> Iterator[tuple[str, Fact]]:
    """All that may change a latency and is not a condition that rows agree on."""
    for axis, value_of in AXES.items():
        yield axis, value_of(record)
    yield "weights", record.weights
    yield "inprof", record.inprof
    where = record.environment
    yield "device name", where.name
    kinds: dict[str, Mapping[str, Fact]] = {
        "software": where.software,
        "device": where.device,
        "host": where.host,
        "variable": where.variables,
        "setting": msgspec.structs.asdict(record.settings),
    }
    for kind, facts in kinds.items():
        for name, value in facts.items():
            if name not in ("threads", "flush_l2"):  # they are among the axes
                yield f"{kind} {name}", value
