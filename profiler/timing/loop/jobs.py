"""A request for measurements, and the jobs for separate processes that it comes to."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from msgspec import field
from msgspec.structs import replace

from profiler.files import installed_version
from profiler.models.address import is_model_file
from profiler.records import (
    Conditions,
    Environment,
    Input,
    Layout,
    Measurement,
    Quantity,
    Record,
    Shape,
    TimingSettings,
)
from profiler.records.measurements import USUAL_ENGINE

#: How many processes measure a model, unless another number is asked for.
PROCESSES = 3
#: How a model is run: as it is, or through ``torch.compile``.
ENGINES = (USUAL_ENGINE, "torch.compile")
#: The environment of a record that is not made yet.
_ANYWHERE = Environment(hw="", name="")

_Key = tuple[str, int, Conditions]


class TimedModel(Record, frozen=True):
    """A model to time: what it is built from, and given."""

    #: In tables; with the arguments.
    name: str
    address: str
    variant: str
    #: One image with batch; the first one's where there are ``inputs``.
    input_shape: Shape
    #: The builder's, as ``argument_texts`` writes them.
    arguments: dict[str, str] = field(default_factory=dict)
    #: Given to the forward where that is no batch of images: with their batch, the only one.
    inputs: tuple[Input, ...] = ()
    #: Address of the function that gives what ``inputs`` are the tensors of; empty without one.
    inputs_from: str = ""

    def given(self, batch_size: int) -> tuple[Input, ...]:
        """All that the forward is given at a batch size."""
        return self.inputs or (Input(shape=(batch_size, *self.input_shape[1:])),)


class TimingRequest(Record, frozen=True):
    """The measurements that a command asked for: a record for each combination and process."""

    models: tuple[TimedModel, ...]
    device: str
    precisions: tuple[str, ...]
    batch_sizes: tuple[int, ...]
    quantities: tuple[Quantity, ...]
    layout: Layout = "nchw"
    engine: str = USUAL_ENGINE
    per_layer: bool = False
    layer_depth: int | None = None
    runs: int = PROCESSES
    threads: int | None = None
    settings: TimingSettings = TimingSettings()


class Task(Record, frozen=True):
    """One record of a job."""

    batch_size: int
    quantity: Quantity


class Job(Record, frozen=True):
    """The work of one process: one model at one precision, batches ascending."""

    request: TimingRequest
    model: TimedModel
    precision: str
    run: int
    session: str
    tasks: tuple[Task, ...]

    def record(
        self,
        environment: Environment,
        task: Task,
        *,
        flags: tuple[str, ...],
        samples_ms: tuple[float, ...] = (),
        **found: Any,
    ) -> Measurement:
        """The record of a task that begins now; ``found`` are its other fields."""
        request = self.request
        return Measurement(
            model=self.model.name,
            device=environment.hw,
            precision=self.precision,
            batch_size=task.batch_size,
            quantity=task.quantity,
            samples_ms=samples_ms,
            flags=flags,
            started_at=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            session=self.session,
            run=self.run,
            address=shareable(self.model.address),
            variant=self.model.variant,
            input_shape=(task.batch_size, *self.model.input_shape[1:]),
            layout=request.layout,
            engine=request.engine,
            threads=request.threads,
            settings=request.settings,
            environment=environment,
            inprof=installed_version("inprof") or "",
            arguments=self.model.arguments,
            inputs=self.model.inputs,
            inputs_from=self.model.inputs_from and shareable(self.model.inputs_from),
            **found,
        )


def jobs_of(request: TimingRequest, session: str) -> tuple[Job, ...]:
    """The jobs of a request, in the order they are to run.

    Each round times every model once; the order rotates from round to round (A B C, B C A, …), so
    that no model always follows the same one or always comes first.
    """
    tasks = tuple(
        Task(batch_size, quantity)
        for batch_size in sorted(set(request.batch_sizes))
        for quantity in dict.fromkeys(request.quantities)
    )
    return tuple(
        Job(request, model, precision, run, session, tasks)
        for run in range(1, request.runs + 1)
        for model in _rotated(request.models, run - 1)
        for precision in dict.fromkeys(request.precisions)
    )


def unfinished(jobs: Iterable[Job], records: Iterable[Measurement]) -> tuple[Job, ...]:
    """The jobs with what is still to do, given the records of their session.

    One that ran out of memory is done, one that failed is tried again, and one without the layers
    asked for is not done.
    """
    whole: set[_Key] = set()
    partial: set[_Key] = set()
    refused: set[tuple[_Key, int | None]] = set()
    for record in records:
        key = _key(record)
        if "failed" in record.flags and not record.samples_ms:
            continue
        if record.samples_ms and record.layers is None:
            partial.add(key)
        elif record.layers is None or record.layers.spans:
            whole.add(key)
        else:  # refused at that depth, and worth another try at another one
            refused.add((key, record.layers.depth))
    left = []
    for job in jobs:
        depth, layers = job.request.layer_depth, job.request.per_layer
        without_depth = {key for key, at in refused if not layers or depth in (None, at)}
        done = whole | without_depth | (set() if layers else partial)
        tasks = tuple(
            task for task in job.tasks if _key(job.record(_ANYWHERE, task, flags=())) not in done
        )
        if tasks:
            left.append(replace(job, tasks=tasks))
    return tuple(left)


def shareable(address: str) -> str:
    """An address without the folders of the machine it was used on.

    A file below the working folder keeps the way to it. Another one keeps its name, and a mark
    that tells it from others of that name.
    """
    source, colon, name = (address, "", "") if is_model_file(address) else address.rpartition(":")
    if not (source.endswith(".py") or is_model_file(address) or "/" in source or os.sep in source):
        return address
    way = os.path.relpath(source)
    if not way.startswith(os.pardir):
        return f"{way}{colon}{name}"
    mark = hashlib.sha256(os.path.realpath(source).encode()).hexdigest()[:6]
    return f"{os.path.basename(source)}@{mark}{colon}{name}"


def _key(record: Measurement) -> _Key:
    """The process and the conditions of a record, but for the device: that is one a session."""
    return record.session, record.run, replace(record.conditions, device="")


def _rotated(models: tuple[TimedModel, ...], by: int) -> tuple[TimedModel, ...]:
    at = by % len(models)
    return models[at:] + models[:at]
