"""A session of measurements: jobs in processes one after the other, a record kept as it is made."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from profiler.audit.physics import exceeds_peak
from profiler.catalog import load_devices
from profiler.errors import MeasurementError
from profiler.records import Environment, Fact, Measurement, Record, Trace
from profiler.timing.latencies.measurement_file import append, read
from profiler.timing.loop.jobs import Job, Task, TimingRequest, jobs_of, unfinished
from profiler.timing.loop.processes import Finished, ProcessDiedError, Progress, Started, carry_out
from profiler.timing.loop.statistics import median

#: The software whose versions decide a latency; what is set for one precision alone is no part.
_VERSIONS = ("python", "torch", "cuda", "cudnn", "mkl", "onednn")
#: What a device may be set to that decides one too.
_SET = ("driver", "sms", "power_limit_w", "application_sm_clock_mhz", "ecc", "mig", "cpu_quota")
#: Variables that choose among equal devices, and so change from one lease to the next.
_CHOOSING = ("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES")

#: Returns the trace of a model on one image, or on all it is given; None where there is none.
TraceOf = Callable[[Job], Trace | None]


class Session(Record, frozen=True):
    """Jobs of one command, and the file that their records are added to."""

    id: str
    path: Path
    environment: Environment
    #: Those that are still to be done.
    jobs: tuple[Job, ...]
    #: The records that it has already.
    kept: tuple[Measurement, ...] = ()
    #: A line of text for each thing that is wrong with the file.
    problems: tuple[str, ...] = ()

    @property
    def tasks(self) -> int:
        """How many records are still to be made."""
        return sum(len(job.tasks) for job in self.jobs)


def new_session(request: TimingRequest, path: Path, environment: Environment) -> Session:
    """A session that starts from nothing, in a file that may hold others."""
    # says now, not after the first measurement, that the file is not ours
    problems = read(path).problems if path.exists() else ()
    id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    return Session(id, path, environment, jobs_of(request, id), problems=problems)


def resumed_session(request: TimingRequest, path: Path, environment: Environment) -> Session:
    """The newest session of the file, with what it lacks of the request; a new one without any.

    Raises:
        MeasurementError: that session was measured with other software or on another device, so
            its records and new ones would not be of one kind.
    """
    there = read(path) if path.exists() else None
    records = there.records if there else ()
    if there is None or not records:
        return new_session(request, path, environment)
    newest = max(records, key=lambda record: (record.started_at, record.session))
    differing = _differences(newest.environment, environment)
    if differing:
        raise MeasurementError(
            f"the session to resume in {str(path)!r} was measured under other conditions "
            f"({', '.join(differing)}): leave out --resume to start a new one"
        )
    own = tuple(record for record in records if record.session == newest.session)
    jobs = unfinished(jobs_of(request, newest.session), own)
    return Session(newest.session, path, environment, jobs, own, there.problems)


def measure_session(
    session: Session, trace_of: TraceOf
) -> Iterator[tuple[Job, Started | Progress | Finished]]:
    """Do the jobs; each record is on the disk when it is yielded.

    A process that dies costs the task under way, which gets a record that says so.

    Raises:
        MeasurementError: the device can't do a job.
        OutputError: a record can't be written.
    """
    for job in session.jobs:
        trace = trace_of(job) if _peak_is_known(session.environment) else None
        left = job
        while left.tasks:
            before = left
            task = None
            try:
                for reply in carry_out(left):
                    if isinstance(reply, Started):
                        task = reply.task
                    if isinstance(reply, Finished):
                        left = _without(left, task)
                        record = _judged(reply.measurement, trace)
                        append(session.path, record)
                        reply = Finished(record)
                    yield job, reply
                break
            except ProcessDiedError as death:
                if death.task is None and left != before:
                    continue  # between two tasks: the rest can be tried in another process
                for lost in (death.task,) if death.task else left.tasks:
                    record = _lost(session, left, lost, str(death))
                    append(session.path, record)
                    yield job, Finished(record)
                    left = _without(left, lost)


def _peak_is_known(environment: Environment) -> bool:
    return environment.hw in load_devices()


def _without(job: Job, task: Task | None) -> Job:
    return replace(job, tasks=tuple(other for other in job.tasks if other != task))


def _lost(session: Session, job: Job, task: Task, reason: str) -> Measurement:
    return job.record(session.environment, task, flags=("failed",), reason=reason)


def _judged(record: Measurement, trace: Trace | None) -> Measurement:
    """The record, flagged where the device could not have done the work in that time."""
    devices = load_devices()
    device = devices.get(record.device)
    if not record.samples_ms or device is None or trace is None:
        return record
    # how often what was traced is done: once a call, or once for each image of it
    times = 1 if record.inputs else record.batch_size
    rate = 1000 * times / median(record.samples_ms)
    if not exceeds_peak(trace, rate, record.precision, device, devices):
        return record
    return replace(record, flags=(*record.flags, "above_peak"))


def _differences(then: Environment, now: Environment) -> list[str]:
    """The differences of two environments that decide a latency, in words."""

    def told(environment: Environment) -> dict[str, Fact]:
        return (
            {"hw": environment.hw, "device": environment.name}
            | {name: environment.software.get(name) for name in _VERSIONS}
            | {name: environment.device.get(name) for name in _SET}
            | {
                f"${name}": value
                for name, value in environment.variables.items()
                if name not in _CHOOSING
            }
        )

    before, after = told(then), told(now)
    return [
        f"{name} {before.get(name)} then, {after.get(name)} now"
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]
