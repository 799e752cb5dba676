"""What a measuring process and the command that started it tell each other, a line of JSON each."""

from __future__ import annotations

from profiler.records import Environment, Measurement, Record
from profiler.timing.jobs import Job, Task


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


Order = Inquiry | Work
Reply = Answer | Started | Progress | Finished | Refused
