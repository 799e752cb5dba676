"""Measuring processes as the command sees them: orders out, replies in, no torch on this side.

Either is a line of JSON.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress

import msgspec

from profiler.errors import MeasurementError, process_end
from profiler.records import Environment, Input, Measurement, Record
from profiler.timing.loop.jobs import Job, Task, TimedModel


class DeviceInquiry(Record, frozen=True, tag="inquiry"):
    """A question: what is this device, and can it do these precisions?"""

    device: str
    precisions: tuple[str, ...]
    threads: int | None = None


class DeviceAnswer(Record, frozen=True, tag="answer"):
    """The device of an inquiry, which can do all that was asked for."""

    environment: Environment
    #: Those a CPU computes with, None on a device that has none of ours.
    threads: int | None


class Sizing(Record, frozen=True, tag="sizing"):
    """A question: what do these models take?

    A size of ``OWN_SIZE`` is left to the model, as no shape is, and all to a function of inputs.
    """

    models: tuple[TimedModel, ...]


class Sized(Record, frozen=True, tag="sized"):
    """The inputs of the next model of a sizing; none where they can't be told."""

    inputs: tuple[Input, ...]


class JobOrder(Record, frozen=True, tag="work"):
    """A job to do."""

    job: Job


class Started(Record, frozen=True, tag="started"):
    """The task that is under way from now on."""

    task: Task


class Progress(Record, frozen=True, tag="progress"):
    """How many samples the task under way has, and their median, ms."""

    samples: int
    median_ms: float


class Finished(Record, frozen=True, tag="finished"):
    """The record of the task that was under way."""

    measurement: Measurement


class Refused(Record, frozen=True, tag="refused"):
    """Why nothing was measured: one line for the user."""

    reason: str


Order = DeviceInquiry | Sizing | JobOrder
Reply = DeviceAnswer | Sized | Started | Progress | Finished | Refused


#: -P keeps the folder it starts in out of the path, where a file could hide a module.
_WORKER = (sys.executable, "-P", "-m", "profiler.timing.loop.worker")


class ProcessDiedError(MeasurementError):
    """A measuring process ended before its job did; ``task`` was under way, None before any."""

    def __init__(self, code: int, task: Task | None) -> None:
        self.task = task
        hint = "; is the memory too small?" if code == -signal.SIGKILL else ""
        super().__init__(f"the measuring process was ended {process_end(code)}{hint}")


def ask(inquiry: DeviceInquiry) -> DeviceAnswer:
    """The device and its surroundings, from a process that looks.

    Raises:
        MeasurementError: there is no such device, or it lacks a precision.
    """
    for reply in _replies(inquiry):
        if isinstance(reply, DeviceAnswer):
            return reply
    raise MeasurementError("the measuring process said nothing about its device")


def own_inputs(models: Sequence[TimedModel]) -> tuple[tuple[Input, ...], ...]:
    """The inputs of each model, one image as a rule; none of one that does not live to say so.

    Sizes of ``OWN_SIZE`` in their ``input_shape`` are left to them, and all of it where there is no
    shape. They are built for it, which may be the end of the process.
    """
    found: list[tuple[Input, ...]] = []
    while len(found) < len(models):
        with suppress(ProcessDiedError):
            for reply in _replies(Sizing(tuple(models[len(found) :]))):
                if isinstance(reply, Sized):
                    found.append(reply.inputs)
        if len(found) < len(models):  # that model was the end of it; others may still be asked
            found.append(())
    return tuple(found)


def carry_out(job: Job) -> Iterator[Started | Progress | Finished]:
    """Do a job in a process of its own and pass on what it says; stopped when not read to the end.

    Raises:
        MeasurementError: the device can't do the job.
        ProcessDiedError: the process crashed or was killed.
    """
    unfinished = len(job.tasks)
    for reply in _replies(JobOrder(job)):
        if isinstance(reply, (Started, Progress, Finished)):
            unfinished -= isinstance(reply, Finished)
            yield reply
    if unfinished:  # some code of the model's ended the process as if all were well
        raise ProcessDiedError(0, None)


def _replies(order: Order) -> Iterator[Reply]:
    # in a group of its own: what an interrupt at the terminal means, the command decides
    group = 0 if os.name == "posix" else None
    process = subprocess.Popen(
        _WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=group
    )
    assert process.stdin
    assert process.stdout
    under_way = None
    try:
        _tell(process, msgspec.json.encode(order))
        for line in process.stdout:
            reply = msgspec.json.decode(line, type=Reply)
            if isinstance(reply, Refused):
                raise MeasurementError(reply.reason)
            if isinstance(reply, Started):
                under_way = reply.task
            elif isinstance(reply, Finished):
                under_way = None
            yield reply
            if isinstance(reply, Finished):
                _tell(process, b"go on")  # whoever takes the replies has kept this one by now
        if process.wait() or under_way:
            raise ProcessDiedError(process.returncode, under_way)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        with suppress(BrokenPipeError):
            process.stdin.close()


def _tell(process: subprocess.Popen[bytes], line: bytes) -> None:
    assert process.stdin
    with suppress(BrokenPipeError):  # its end is told by what it no longer says
        process.stdin.write(line + b"\n")
        process.stdin.flush()
