"""``inprof time``: the models to measure, the session, and how far it is."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from profiler import units
from profiler.catalog import load_series
from profiler.cli.options import (
    builder_options,
    cache_option,
    check_inputs,
    check_models,
    format_option,
    is_one_batch,
    models_options,
    one_of,
    positive,
    rules_option,
    size_option,
)
from profiler.cli.output import emit, warn
from profiler.cli.time_compare import compare
from profiler.cli.time_layers import layers
from profiler.cli.time_show import show
from profiler.errors import InprofError, UsageError
from profiler.files import check_target
from profiler.models.address import (
    check_address,
    check_model_file,
    is_built_in,
    is_model_file,
    zoo_of,
)
from profiler.models.arguments import argument_texts, argument_values, built_with, input_text
from profiler.records import (
    OWN_SIZE,
    PRECISIONS,
    QUANTITIES,
    Input,
    Measurement,
    Shape,
    TimingSettings,
    Trace,
)
from profiler.report.documents.timings import timings_document
from profiler.timing.latencies.measured import timings_of
from profiler.timing.latencies.measurement_file import default_path, read
from profiler.timing.latencies.session import Session, measure_session, new_session, resumed_session
from profiler.timing.loop.jobs import ENGINES, PROCESSES, Job, TimedModel, TimingRequest, shareable
from profiler.timing.loop.processes import (
    DeviceInquiry,
    Finished,
    Progress,
    Started,
    ask,
    own_inputs,
)
from profiler.timing.loop.statistics import median
from profiler.tracing.addressed import input_shape, trace_address, usual_input_shape
from profiler.tracing.cache import TraceCache

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

#: What is measured on a device unless something else is asked for.
_USUAL_QUANTITY = {"cuda": "device", "cpu": "host"}
#: Exit status of a command that was interrupted, as shells have it.
_INTERRUPTED = 130


@click.group(invoke_without_command=True)
@models_options
@click.option(
    "--device", type=click.Choice(["cuda", "cpu"]), default="cuda", show_default=True,
    help="What to measure on.",
)  # fmt: skip
@click.option(
    "--precision", "precisions", type=one_of(PRECISIONS), default="fp32", show_default=True,
    metavar="LIST", help=f"From {', '.join(PRECISIONS)}; each is verified on the device.",
)  # fmt: skip
@click.option(
    "--bs", "batch_sizes", type=positive("batch sizes"), default="1",
    show_default=True, metavar="LIST", help="Batch sizes.",
)  # fmt: skip
@click.option(
    "--quantity", "quantities", type=one_of(QUANTITIES), metavar="LIST",
    help="device: span of a captured graph; eager: the same, launched by the framework; "
    "host: what the caller waits.  [default: device on cuda, host on cpu]",
)  # fmt: skip
@click.option("--per-layer", is_flag=True, help="Time the layers as well.")
@click.option(
    "--layer-depth", type=click.IntRange(min=1), metavar="N",
    help="Layers deeper than N path components count towards what holds them.",
)  # fmt: skip
@click.option(
    "--layout", type=click.Choice(["nchw", "nhwc"]), default="nchw", show_default=True,
    help="How images and weights lie in memory.",
)  # fmt: skip
@click.option("--compile", "compiled", is_flag=True, help="Run the model through torch.compile.")
@click.option("--flush-l2", is_flag=True, help="Evict the last-level cache before each call.")
@size_option
@builder_options
@click.option(
    "--runs", type=click.IntRange(1, 100), default=PROCESSES, show_default=True, metavar="N",
    help="Separate processes for each model and precision.",
)  # fmt: skip
@click.option(
    "--threads", type=click.IntRange(1, 4096), metavar="N",
    help="Threads a CPU computes with; torch's own choice unless given.",
)  # fmt: skip
@click.option(
    "--budget", type=click.FloatRange(1, 3600), default=TimingSettings().budget_s,
    show_default=True, metavar="SECONDS", help="What one record may take, from its warm-up on.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE",
    help="Where the records are added.  [default: measurements/<hw>.jsonl]",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on with the newest session of the file.")
@format_option("text", "markdown", "csv", "json")
@rules_option
@cache_option
@click.pass_context
def time(
    context: click.Context,
    models: tuple[str, ...],
    series_name: str | None,
    series_paths: tuple[Path, ...],
    device: str,
    precisions: tuple[str, ...],
    batch_sizes: tuple[int, ...],
    quantities: tuple[Any, ...] | None,
    per_layer: bool,
    layer_depth: int | None,
    layout: Any,
    compiled: bool,
    flush_l2: bool,
    size: int | None,
    options: dict[str, object],
    inputs: tuple[Input, ...],
    inputs_from: str,
    runs: int,
    threads: int | None,
    budget: float,
    out: Path | None,
    resume: bool,
    output_format: str,
    cache: TraceCache | None,
) -> None:
    """Measure latency, and keep every sample with its conditions.

    Each model and precision runs in processes of its own. A record is written as soon as it is
    done, so an interruption loses only the one under way. What a model was built with and given is
    part of its record, and of its name: it stands beside no measurement without these arguments.
    Of --inputs the first tensor's first size is the batch, and a call gets a cache as it was given.

    \b
    Examples:
      inprof time --model googlenet
      inprof time --model my_nets.py:bert --arg layers=4 --input tokens:1x128
      inprof time --model my_nets.py:reader --inputs my_nets.py:a_batch
      inprof time --model googlenet --device cpu --bs 1,4 --per-layer
      inprof time --series inception --precision fp32,fp16 --bs 1,4,8,32 --resume
      inprof time show
      inprof time compare before.jsonl after.jsonl
    """
    if context.invoked_subcommand is not None:
        return
    if budget != budget:
        raise UsageError("--budget nan: name a number of seconds")
    check_inputs(inputs, inputs_from)
    request = TimingRequest(
        models=timed_models(models, series_name, series_paths, size, options, inputs, inputs_from),
        device=device,
        precisions=precisions,
        batch_sizes=(inputs[0].shape[0],) if inputs else batch_sizes,
        quantities=quantities or (_USUAL_QUANTITY[device],),
        layout=layout,
        engine=ENGINES[compiled],
        per_layer=per_layer or layer_depth is not None,
        layer_depth=layer_depth,
        runs=runs,
        settings=TimingSettings(budget_s=budget, flush_l2=flush_l2),
    )
    _check_quantities(request)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        check_target(out)
    answer = ask(DeviceInquiry(device, precisions, threads))
    request = replace(request, models=sized_models(request), threads=answer.threads)
    if inputs_from:
        request = replace(request, batch_sizes=(request.models[0].input_shape[0],))
    path = out or default_path(answer.environment.hw)
    begin = resumed_session if resume else new_session
    session = begin(request, path, answer.environment)
    for problem in session.problems:
        warn(problem)
    made = _measure(context, session, cache)
    emit(timings_document(timings_of((*session.kept, *made))), output_format)
    if made and not any(record.samples_ms for record in made):
        context.exit(1)


def _measure(
    context: click.Context, session: Session, cache: TraceCache | None
) -> list[Measurement]:
    made: list[Measurement] = []
    with TimeProgress(session) as progress, _ended_as_interrupted():
        try:
            for job, said in measure_session(session, lambda job: _trace_of(job, cache)):
                progress.hear(job, said)
                if isinstance(said, Finished):
                    made.append(said.measurement)
        except KeyboardInterrupt:
            progress.stop()
            click.echo(
                f"interrupted: {_kept(session)} of {session.tasks} records are kept in "
                f"{session.path}; the same command with --resume goes on",
                err=True,
            )
            context.exit(_INTERRUPTED)
    plural = "" if len(made) == 1 else "s"
    click.echo(f"{len(made)} record{plural} added to {session.path}", err=True)
    return made


def _kept(session: Session) -> int:
    """How many of the tasks have a record: one may have been kept as the interrupt came."""
    if not session.path.exists():
        return 0
    there = sum(record.session == session.id for record in read(session.path).records)
    return there - len(session.kept)


@contextmanager
def _ended_as_interrupted() -> Iterator[None]:
    """Let SIGTERM and SIGHUP stop the measuring process as well, and say what is kept."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    ends = [signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = [signal.signal(end, interrupt) for end in ends]
    try:
        yield
    finally:
        for end, handler in zip(ends, before, strict=True):
            signal.signal(end, handler)


def _check_quantities(request: TimingRequest) -> None:
    """Say it before a process starts: what a CPU does not have."""
    if request.device == "cpu" and set(request.quantities) != {"host"}:
        raise UsageError(
            "a CPU has no queue behind the host, so there is no device or eager time on it: "
            "use --quantity host"
        )


def _trace_of(job: Job, cache: TraceCache | None) -> Trace | None:
    """The model on one image, or all it is given; what can't be traced is measured all the same."""
    try:
        return trace_address(
            job.model.address,
            options=argument_values(job.model.arguments),
            inputs=() if job.model.inputs_from else job.model.given(1),
            inputs_from=job.model.inputs_from,
            cache=cache,
        )
    except InprofError:
        return None


def timed_models(
    addresses: tuple[str, ...],
    series_name: str | None,
    series_paths: tuple[Path, ...],
    size: int | None,
    options: dict[str, object],
    inputs: tuple[Input, ...],
    inputs_from: str,
) -> tuple[TimedModel, ...]:
    """The models that are named, with sizes of ``OWN_SIZE`` where only they can say them.

    Raises:
        UsageError: none is named, or models beside a series; arguments are given to a file.
        UnknownNameError: no architecture, or no series, of that name.
        BuildError: there is no such file.
    """
    check_models(addresses, series_name, "name what to time: --model ADDRESS or --series NAME")
    if addresses:
        named = [(_name(address), address, size) for address in dict.fromkeys(addresses)]
    else:
        series = load_series(series_name or "", series_paths)
        named = [(each.name, each.address, size or each.crop_size) for each in series.models]
    arguments = argument_texts(options)
    models = []
    for name, address, side in named:
        check_address(address)
        if is_model_file(address):
            check_model_file(address, options=options)
        models.append(
            TimedModel(
                name=built_with(name, arguments),
                address=address,
                variant="deploy",
                input_shape=_shape(address, side, inputs, inputs_from),
                arguments=arguments,
                inputs=() if is_one_batch(inputs) else inputs,
                inputs_from=inputs_from,
            )
        )
    return tuple(models)


def _shape(address: str, side: int | None, inputs: tuple[Input, ...], inputs_from: str) -> Shape:
    """The first input's, with what is known of it: nothing of what a function gives."""
    if inputs_from:
        return ()
    return inputs[0].shape if inputs else _image(address, side)


def _name(address: str) -> str:
    return address.lower() if is_built_in(address) else shareable(address)


def _image(address: str, size: int | None) -> Shape:
    """One image, with what is known of it; nothing is for a file that states what it takes."""
    if is_built_in(address):
        return input_shape(address, 1, size)
    return () if is_model_file(address) and size is None else (1, OWN_SIZE, *[size or OWN_SIZE] * 2)


def sized_models(request: TimingRequest) -> tuple[TimedModel, ...]:
    """The models with the sizes they state; they are asked in a process that they may end.

    Raises:
        UsageError: a file takes what is no batch of images, in a batch that was not asked for.
    """
    unsized = [each for each in request.models if not all(each.input_shape or (OWN_SIZE,))]
    told = dict(zip(map(id, unsized), own_inputs(unsized), strict=True))
    models = []
    for model in request.models:
        stated = told.get(id(model))
        if stated is None:
            models.append(model)
        elif model.inputs_from:
            if not stated:
                raise UsageError(f"{model.inputs_from} gives no tensor: there is no batch to time")
            models.append(replace(model, input_shape=stated[0].shape, inputs=stated))
        elif not stated or is_one_batch(stated):
            shape = stated[0].shape if stated else usual_input_shape(1, _side(model))
            if shape == usual_input_shape() and not (_side(model) or _states_sizes(model.address)):
                click.echo(
                    f"{model.name} is given {units.shape(shape[1:])}: it states no other size "
                    "(--size and --input do)",
                    err=True,
                )
            models.append(replace(model, input_shape=shape))
        elif set(request.batch_sizes) != {stated[0].shape[0]}:
            given = " ".join(f"--input {input_text(each)}" for each in stated)
            raise UsageError(f"{model.address} takes one batch alone: {given}")
        else:
            models.append(replace(model, input_shape=stated[0].shape, inputs=stated))
    return tuple(models)


def _states_sizes(address: str) -> bool:
    """Whether its kind of address always says what the model takes."""
    return bool(zoo_of(address)) or is_model_file(address)


def _side(model: TimedModel) -> int | None:
    """The input side that was asked for, if any."""
    return model.input_shape[-1] or None if model.input_shape else None


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


time.add_command(show)
time.add_command(compare)
time.add_command(layers)
