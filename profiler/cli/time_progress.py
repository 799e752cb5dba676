"""How far a session of measurements is: a bar on a terminal, a line per record in a pipe."""

from __future__ import annotations

import sys
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING

import click

from profiler.records import Measurement
from profiler.timing.latencies.session import Session
from profiler.timing.loop.jobs import Job
from profiler.timing.loop.processes import Finished, Progress, Started
from profiler.timing.loop.statistics import median

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


class TimeProgress:
    """Hears what the measuring processes say and shows it on standard error."""

    def __init__(self, session: Session) -> None:
        self._total = session.tasks
        self._done = 0
        self._began = monotonic()
        self._bar: Bar | None = None
        self._budget_s = session.jobs[0].request.settings.budget_s if session.jobs else 0.0

    def __enter__(self) -> TimeProgress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            self._bar = Progress(
                TextColumn("measuring"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.description}", markup=False),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task(self._left(), total=self._total)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar off the terminal."""
        if self._bar:
            self._bar.stop()
            self._bar = None

    def hear(self, job: Job, said: Started | Progress | Finished) -> None:
        """Show what a job has come to."""
        if isinstance(said, Finished):
            self._done += 1
            self._finished(said.measurement)
        elif self._bar:
            what = f"{job.model.name} {job.precision} run {job.run}"
            if isinstance(said, Started):
                self._doing = f"{what} bs {said.task.batch_size} {said.task.quantity}"
                samples = ""
            else:
                samples = f" {said.median_ms:.4g} ms, {said.samples} samples"
            text = f"{self._doing}{samples} · {self._left()}"
            self._bar.update(self._task, completed=self._done, description=text)

    def _finished(self, record: Measurement) -> None:
        what = (
            f"{record.model} {record.precision} bs {record.batch_size} {record.quantity} "
            f"run {record.run}: "
        )
        if record.samples_ms:
            what += f"{median(record.samples_ms):.4g} ms, {len(record.samples_ms)} samples"
            what += f" ({', '.join(record.flags)})" if record.flags else ""
            if record.layers and record.layers.refused:
                what += f"; no times by layer: {record.layers.refused}"
        else:
            what += f"{', '.join(record.flags)}: {record.reason}"
        if self._bar:
            self._bar.update(self._task, completed=self._done, description=self._left())
            self._bar.console.print(what, markup=False, highlight=False)
        else:
            click.echo(f"[{self._done}/{self._total}] {what}; {self._left()}", err=True)

    def _left(self) -> str:
        """The time left, from what the records so far took; before the first one, its bound."""
        left = self._total - self._done
        if not self._done:
            return f"at most {_duration(left * self._budget_s)} left, and time to start processes"
        return f"about {_duration(left * (monotonic() - self._began) / self._done)} left"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
