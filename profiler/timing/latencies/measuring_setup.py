"""What the latencies of one table were measured with: software, driver, clocks, warm-up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from profiler.records import Fact, MeasuredLatency, Record
from profiler.timing.latencies.conditions import USUAL_ENGINE

#: What is told of the environment, in order: name → the part of the environment it stands in.
_FACTS = {
    "torch": "software",
    "cuda": "software",
    "cudnn": "software",
    "driver": "device",
    "compute_capability": "device",
}


class MeasuringSetup(Record, frozen=True):
    """What records tell; every value that occurs, in the order of the latencies.

    ``facts`` are versions and the like, by name, those that nobody told left out. ``sm_clock_mhz``
    bounds the clocks while samples were taken. ``warmups`` are the least calls and seconds before
    any. ``runs`` and ``samples`` are the fewest and the most behind a figure.
    """

    engines: tuple[str, ...]
    facts: dict[str, tuple[str, ...]]
    sm_clock_mhz: tuple[int, int] | None
    warmups: tuple[tuple[int, float], ...]
    runs: tuple[int, int]
    samples: tuple[int, int]
    versions: tuple[str, ...]


def measuring_setup(latencies: Sequence[MeasuredLatency]) -> MeasuringSetup:
    """The setup behind some latencies, at least one."""
    clocks = [each.sm_clock_mhz for each in latencies if each.sm_clock_mhz]
    return MeasuringSetup(
        engines=_distinct(each.engine for each in latencies if each.engine != USUAL_ENGINE),
        facts={
            name: told
            for name in _FACTS
            if (told := _distinct(_fact(each, name) for each in latencies))
        },
        sm_clock_mhz=(min(low for low, _ in clocks), max(high for _, high in clocks))
        if clocks
        else None,
        warmups=tuple(
            dict.fromkeys(
                (each.settings.warmup_calls, each.settings.warmup_s)
                for each in latencies
                if each.settings
            )
        ),
        runs=_ends([each.runs for each in latencies]),
        samples=_ends([each.samples for each in latencies]),
        versions=_distinct(each.inprof for each in latencies),
    )


def _fact(latency: MeasuredLatency, name: str) -> Fact:
    if latency.environment is None:
        return None
    part: dict[str, Fact] = getattr(latency.environment, _FACTS[name])
    return part.get(name)


def _distinct(values: Iterable[Fact]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(value) for value in values if value not in (None, "")))


def _ends(values: Sequence[int]) -> tuple[int, int]:
    return min(values), max(values)
