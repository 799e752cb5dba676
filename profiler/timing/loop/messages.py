"""What a measuring process and the command that started it tell each other, a line of JSON each."""

from __future__ import annotations

from profiler.records import (
    Environment,
    Input,
    Measurement,
    Record,
)
from profiler.timing.loop.jobs import Job, Task, TimedModel


class Inquiry(Record, frozen=True, tag="inquiry"):
    """What is this device, and can it do these precisions?"""

    device: str
    precisions: tuple[str, ...]
    threads: int | None = None


class Answer(Record, frozen=True, tag="answer"):
    """The device of an inquiry, which can do all that was asked for.

    ``threads`` are those a CPU computes with, None on a device that has none of ours.
    """

    environment: Environment
    threads: int | None


class Sizing(Record, frozen=True, tag="sizing"):
    """What do these models take? A size of ``OWN_SIZE`` is left to the model, as no shape is."""

    models: tuple[TimedModel, ...]


class Sized(Record, frozen=True, tag="sized"):
    """What the next model of a sizing takes; nothing where it can't be told."""

    inputs: tuple[Input, ...]


class Work(Record, frozen=True, tag="work"):
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


Order = Inquiry | Sizing | Work
Reply = Answer | Sized | Started | Progress | Finished | Refused
