"""Records of measurements → latencies: what a session found, and which session counts.

A session is one command; its processes measured the same thing again, and their records under one
set of conditions become one latency. Of several sessions under the same conditions the newest
counts, unless a flag casts doubt on it and another one is clean.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from profiler.catalog import known_devices
from profiler.records import (
    DEPLOY,
    Conditions,
    Fact,
    HowTimed,
    MeasuredLatency,
    Measurement,
    Record,
    Series,
    SeriesModel,
    Shape,
    casts_doubt,
)
from profiler.records.measurements import USUAL_ENGINE
from profiler.timing.latencies.measurement_file import read_folder
from profiler.timing.loop.statistics import (
    Estimate,
    combine_runs,
    median,
    median_interval,
    percentile,
)

_Candidate = TypeVar("_Candidate")


class Timing(Record, frozen=True, gc=False):
    """One session's records of one model under one set of conditions, one a process."""

    records: tuple[Measurement, ...]

    @property
    def first(self) -> Measurement:
        """The record that was started first; the conditions are those of all."""
        return min(self.records, key=_moment)

    @property
    def conditions(self) -> Conditions:
        """The conditions of every record."""
        return self.records[0].conditions

    @property
    def flags(self) -> tuple[str, ...]:
        """Those of any record."""
        return tuple(dict.fromkeys(flag for record in self.records for flag in record.flags))

    @property
    def samples_ms(self) -> tuple[float, ...]:
        """Those of all processes, one process after the other."""
        return tuple(sample for record in self.records for sample in record.samples_ms)

    def percentile_ms(self, q: float) -> float | None:
        """The median of the processes' percentiles; None where one has too few samples for it."""
        found = [_percentile(record.samples_ms, q) for record in self.records if record.samples_ms]
        told = [each for each in found if each is not None]
        return median(told) if told and len(told) == len(found) else None

    @property
    def runs(self) -> int:
        """How many processes have samples."""
        return sum(1 for record in self.records if record.samples_ms)

    @property
    def sm_clock_mhz(self) -> tuple[int, int] | None:
        """The lowest and the highest clock while samples were taken; None where it is not told."""
        clocks = [
            state.sm_clock_mhz
            for record in self.records
            for state in record.telemetry
            if state.sm_clock_mhz is not None and state.at_s >= (record.measured_from_s or 0)
        ]
        return (min(clocks), max(clocks)) if clocks else None


class MeasuredLatencies(Record, frozen=True):
    """The latencies in some files."""

    latencies: tuple[MeasuredLatency, ...]
    #: A line of text for each thing that is wrong with the files.
    problems: tuple[str, ...]
    #: Records with times by layer; see ``best_layered``.
    layered: tuple[Measurement, ...] = ()
    #: Records without samples, which say in their flags why.
    failed: tuple[Measurement, ...] = ()


def timings_of(measurements: Iterable[Measurement]) -> tuple[Timing, ...]:
    """Group records by session and conditions, in the order of the first of each.

    A record that is there twice, because a file was copied into another, counts once; one that
    failed does not count where its run was made up for.
    """
    groups: dict[Hashable, list[Measurement]] = {}
    for record in measurements:
        group = groups.setdefault((record.session, record.address, record.conditions), [])
        if record not in group:
            group.append(record)
    return tuple(Timing(_made_up_for(group)) for group in groups.values())


def _made_up_for(group: Sequence[Measurement]) -> tuple[Measurement, ...]:
    """The records without those that failed and were measured again in the same run."""
    done = {record.run for record in group if record.samples_ms}
    return tuple(record for record in group if record.samples_ms or record.run not in done)


def latency_of(timing: Timing, shipped: bool = False) -> MeasuredLatency | None:
    """The latency of one session under one set of conditions; None where nothing was measured.

    Args:
        timing: the records.
        shipped: whether they come with inprof and are not the user's own.
    """
    runs = [_estimate(record.samples_ms) for record in timing.records if record.samples_ms]
    if not runs:
        return None
    found, first = combine_runs(runs), timing.first
    return MeasuredLatency(
        model=first.model,
        hw=first.device,
        hw_name=first.environment.name,
        precision=first.precision,
        batch_size=first.batch_size,
        quantity=first.quantity,
        input_shape=first.input_shape,
        layout=first.layout,
        engine=first.engine,
        threads=first.threads,
        flush_l2=first.flush_l2,
        median_ms=found.value,
        low_ms=found.low,
        high_ms=found.high,
        samples=len(timing.samples_ms),
        runs=len(runs),
        flags=timing.flags,
        started_at=first.started_at,
        session=first.session,
        shipped=shipped,
        settings=first.settings,
        environment=first.environment,
        sm_clock_mhz=timing.sm_clock_mhz,
        inprof=first.inprof,
        arguments=first.arguments,
        inputs=first.inputs,
        inputs_from=first.inputs_from,
        variant=first.variant,
    )


def latencies_of(
    measurements: Iterable[Measurement], shipped: bool = False
) -> tuple[MeasuredLatency, ...]:
    """A latency for each session and each set of conditions it has samples for."""
    found = (latency_of(timing, shipped) for timing in timings_of(measurements))
    return tuple(latency for latency in found if latency is not None)


def newest(timings: Iterable[Timing]) -> tuple[Timing, ...]:
    """One session for each set of conditions, in the order of the first of each.

    The newest that has samples and that no flag casts doubt on, else the newest that has samples,
    else the newest.
    """
    return _best_of_each(timings, lambda timing: timing.conditions, _timing_rank)


def best(latencies: Iterable[MeasuredLatency]) -> tuple[MeasuredLatency, ...]:
    """One latency for each set of conditions, in the order of the first of each.

    The newest that no flag casts doubt on, else the newest.
    """
    return _best_of_each(latencies, lambda latency: latency.conditions, _rank)


def best_layered(measurements: Iterable[Measurement]) -> tuple[Measurement, ...]:
    """The records with layers that count, without their samples, in the order of the first of each.

    Of several of one model, device, precision and inputs, the newest that no flag casts doubt on,
    else the newest.
    """
    layered = (record for record in measurements if record.layers and record.layers.spans)
    chosen = _best_of_each(
        layered,
        lambda record: replace(record.conditions, how=HowTimed("device")),
        _layered_rank,
    )
    return tuple(replace(record, samples_ms=(), telemetry=()) for record in chosen)


def measured_latencies(folders: Sequence[Path], shipped: Sequence[Path] = ()) -> MeasuredLatencies:
    """The best latencies of deployed graphs in all files of some folders.

    Args:
        folders: the user's own; one that is not there holds none.
        shipped: those that come with inprof.
    """
    found: list[MeasuredLatency] = []
    layered: list[Measurement] = []
    failed: list[Measurement] = []
    problems: list[str] = []
    for folder in (*shipped, *folders):
        files = read_folder(folder)
        problems += [problem for file in files for problem in file.problems]
        records = (record for file in files for record in file.records)
        deployed = [record for record in records if record.variant == DEPLOY]
        found += latencies_of(deployed, shipped=folder in shipped)
        layered += best_layered(deployed)
        failed += [record for record in deployed if not record.samples_ms]
    return MeasuredLatencies(best(found), tuple(problems), best_layered(layered), tuple(failed))


def _best_of_each(
    candidates: Iterable[_Candidate],
    key: Callable[[_Candidate], Hashable],
    rank: Callable[[_Candidate], tuple[Any, ...]],
) -> tuple[_Candidate, ...]:
    """The highest of each key, in the order of the first of each; of equals the first."""
    chosen: dict[Hashable, _Candidate] = {}
    for candidate in candidates:
        other = chosen.setdefault(key(candidate), candidate)
        if rank(candidate) > rank(other):
            chosen[key(candidate)] = candidate
    return tuple(chosen.values())


def _estimate(samples_ms: Sequence[float]) -> Estimate:
    """A process's median, ms, and its interval."""
    interval = median_interval(samples_ms)
    if interval is None:
        return Estimate(median(samples_ms))
    return Estimate(median(samples_ms), interval.low, interval.high)


def _moment(record: Measurement | MeasuredLatency) -> datetime.datetime:
    return datetime.datetime.fromisoformat(record.started_at)


def _layered_rank(record: Measurement) -> tuple[bool, datetime.datetime, str, int]:
    return not casts_doubt(record.flags), _moment(record), record.session, record.run


def _timing_rank(timing: Timing) -> tuple[bool, bool, datetime.datetime, str]:
    first, clean = timing.first, not casts_doubt(timing.flags)
    return timing.runs > 0, clean, _moment(first), first.session


def _rank(latency: MeasuredLatency) -> tuple[bool, datetime.datetime, bool, str, float]:
    """A key that decides between latencies of the same conditions; its last three break ties."""
    return (
        not latency.doubtful,
        _moment(latency),
        latency.shipped,
        latency.session,
        latency.median_ms,
    )


def _percentile(samples_ms: Sequence[float], q: float) -> float | None:
    """A process's percentile; neighbours that resemble each other count as one sample."""
    interval = median_interval(samples_ms)
    if interval is None:
        return None
    found = percentile(samples_ms, q, interval.batch_size)
    return found.value if found else None


def has_own_input(model: SeriesModel, shape: Shape) -> bool:
    """Whether the input is the image that the model's counts are stated for, in any batch."""
    return shape[2:] == (model.crop_size, model.crop_size)


def measured_on(latencies: Iterable[MeasuredLatency]) -> tuple[str, str]:
    """The first and the last day, as ISO dates, that any of these was measured on."""
    days = sorted({day_of(latency) for latency in latencies})
    return days[0], days[-1]


def day_of(timed: MeasuredLatency | Measurement) -> str:
    """The day it was measured on, as an ISO date."""
    return _moment(timed).date().isoformat()


_Timed = TypeVar("_Timed", MeasuredLatency, Measurement)


def named_in(series: Series, timed: Iterable[_Timed]) -> Iterator[_Timed]:
    """Those that are of the series' models, under their names there.

    A model goes by its name in the series, or by the address that the series builds it from. One
    that was built with arguments is another model, and one that was given other things than images
    did another work.
    """
    names = {model.address: model.name for model in reversed(series.models)}
    names |= {model.name: model.name for model in series.models}
    return (
        replace(each, model=names[each.model])
        for each in timed
        if each.model in names and not each.arguments and not each.inputs
    )


def device_rank(series: Series) -> Callable[[str], tuple[int, str]]:
    """A key that sorts devices' slugs: known ones in the catalogue's order, then the others."""
    known = list(known_devices(series))
    return lambda hw: (known.index(hw) if hw in known else len(known), hw)


#: What is told of the environment, in order: name → the part of the environment it stands in.
_FACTS = {
    "torch": "software",
    "cuda": "software",
    "cudnn": "software",
    "driver": "device",
    "compute_capability": "device",
}


class MeasuringSetup(Record, frozen=True):
    """Software, driver, clocks and warm-up that latencies of one table were measured with.

    Every value that occurs, in the order of the latencies.
    """

    #: Those that are not the usual one.
    engines: tuple[str, ...]
    #: Versions and the like, by name; those that nobody told are left out.
    facts: dict[str, tuple[str, ...]]
    #: The lowest and the highest clock while samples were taken.
    sm_clock_mhz: tuple[int, int] | None
    #: The least calls and seconds before any sample.
    warmups: tuple[tuple[int, float], ...]
    #: The fewest and the most behind a figure, as of samples.
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
