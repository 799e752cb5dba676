"""``inprof time``."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from msgspec.structs import replace

from profiler.cli.options import (
    builder_options,
    cache_option,
    check_inputs,
    format_option,
    models_options,
    one_of,
    positive,
    size_option,
)
from profiler.cli.output import emit, warn
from profiler.cli.time_compare import compare
from profiler.cli.time_layers import layers
from profiler.cli.time_progress import TimeProgress
from profiler.cli.time_show import show
from profiler.cli.timed_models import sized_models, timed_models
from profiler.errors import InprofError, UsageError
from profiler.files import check_target
from profiler.models.arguments import argument_values
from profiler.records import (
    PRECISIONS,
    QUANTITIES,
    Input,
    Measurement,
    TimingSettings,
    Trace,
)
from profiler.report.documents.timings import timings_document
from profiler.timing.latencies.measured import timings_of
from profiler.timing.latencies.measurement_file import default_path, read
from profiler.timing.latencies.session import (
    Session,
    measure_session,
    new_session,
    resumed_session,
)
from profiler.timing.loop.jobs import (
    ENGINES,
    PROCESSES,
    Job,
    Request,
)
from profiler.timing.loop.messages import Finished, Inquiry
from profiler.timing.loop.processes import ask
from profiler.tracing.addressed import trace_address
from profiler.tracing.cache import TraceCache

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

    \b
    Examples:
      inprof time --model googlenet
      inprof time --model my_nets.py:bert --arg layers=4 --input tokens:1x128
      inprof time --model googlenet --device cpu --bs 1,4 --per-layer
      inprof time --series inception --precision fp32,fp16 --bs 1,4,8,32 --resume
      inprof time show
      inprof time compare before.jsonl after.jsonl
    """
    if context.invoked_subcommand is not None:
        return
    if budget != budget:
        raise UsageError("--budget nan: name a number of seconds")
    check_inputs(inputs)
    request = Request(
        models=timed_models(models, series_name, series_paths, size, options, inputs),
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
    answer = ask(Inquiry(device, precisions, threads))
    request = replace(request, models=sized_models(request), threads=answer.threads)
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


def _check_quantities(request: Request) -> None:
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
            inputs=job.model.given(1),
            cache=cache,
        )
    except InprofError:
        return None


time.add_command(show)
time.add_command(compare)
time.add_command(layers)
