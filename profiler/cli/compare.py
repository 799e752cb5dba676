"""``inprof compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from msgspec.structs import replace

from profiler.catalog import known_devices, load_series
from profiler.cli.measured import measured
from profiler.cli.options import (
    batch_size_option,
    builder_options,
    bytes_precision_option,
    cache_option,
    check_inputs,
    common_size_option,
    convention_option,
    format_option,
    is_one_batch,
    measurements_options,
    output_option,
    rules_option,
    series_path_option,
)
from profiler.cli.output import check_output, emit, progress_bar
from profiler.counting.model_comparison import PART_METRICS, compare_models, model_parts
from profiler.errors import UsageError
from profiler.models.arguments import argument_texts, built_with
from profiler.records import (
    Input,
    MeasuredLatency,
    Record,
    Series,
    SeriesModel,
    Trace,
    device_names,
)
from profiler.report.audited import audited
from profiler.report.comparable_figures import (
    ModelFigures,
    accuracy_rows,
    figures_of,
    latency_rows,
)
from profiler.report.documents.model_comparison import ReportedComparison, comparison_document
from profiler.report.gathering import trace_audit
from profiler.tracing.addressed import trace_address
from profiler.tracing.cache import TraceCache

#: The series whose figures are shown where none is named.
_USUAL_SERIES = "inception"


class _Target(Record, frozen=True):
    """A model to compare: its address, and the model of the series that it is, if any."""

    address: str
    model: SeriesModel | None = None

    @property
    def label(self) -> str:
        return self.model.label if self.model else self.address


@click.command()
@click.argument("addresses", nargs=-1, metavar="[ADDRESS ADDRESS...]")
@click.option(
    "--series", "series_name", metavar="NAME",
    help="Where published figures are from  [default: inception]; alone, all of its models.",
)  # fmt: skip
@series_path_option
@convention_option
@click.option(
    "--metric", type=click.Choice(PART_METRICS), metavar="METRIC",
    help=f"What kinds and stages are compared by: {', '.join(PART_METRICS)}.  "
    "[default: what the rule counts]",
)  # fmt: skip
@common_size_option
@batch_size_option
@builder_options
@bytes_precision_option
@measurements_options
@format_option("table", "markdown", "csv", "json")
@output_option
@rules_option
@cache_option
def compare(
    addresses: tuple[str, ...],
    series_name: str | None,
    series_paths: tuple[Path, ...],
    convention: str,
    metric: str | None,
    size: int | None,
    batch_size: int,
    options: dict[str, object],
    inputs: tuple[Input, ...],
    inputs_from: str,
    precision: str | None,
    measurements: tuple[Path, ...] | None,
    output_format: str,
    output: Path | None,
    cache: TraceCache | None,
) -> None:
    """Set models side by side, and say why they differ.

    The first model is the one that ratios and differences are to; all are counted as deployed. An
    ADDRESS is a built-in name, package.module:function, file.py:function, or a model's name in the
    series. Accuracies and latencies stand beside the counts where the series has them, and are
    divided only where they were taken under the same conditions. Every model is built with each
    --arg and run on each --input; one that takes no such argument is an error. With --arg,
    --inputs, or an --input that is no image, models are no longer those of the series, and counts
    stand alone.

    \b
    Examples:
      inprof compare googlenet inceptionv3
      inprof compare googlenet inceptionv3 inceptionv4 --size 299 --metric params
      inprof compare xception41 my_nets.py:small --convention flops_all
      inprof compare my_nets.py:a my_nets.py:b --arg layers=4 --input tokens:1x128
      inprof compare my_nets.py:reader my_nets.py:writer --inputs my_nets.py:a_batch
      inprof compare --series inception --format csv -o comparison.csv
    """
    series = load_series(series_name or _USUAL_SERIES, series_paths)
    targets = _targets(addresses, series, alone=series_name is not None)
    check_output(output)
    check_inputs(inputs, inputs_from)
    arguments = argument_texts(options)
    labels = [built_with(target.label, arguments) for target in targets]
    traces: list[Trace] = []
    with progress_bar("counting", len(targets)) as step:
        for target in targets:
            step(target.address)
            crop_size = size or (target.model.crop_size if target.model else None)
            traces.append(
                trace_address(
                    target.address, crop_size=crop_size, batch_size=batch_size, options=options,
                    inputs=inputs, inputs_from=inputs_from, cache=cache,
                )
            )  # fmt: skip
    parts = [
        model_parts(trace, label, convention, precision)
        for label, trace in zip(labels, traces, strict=True)
    ]
    comparison = compare_models(parts)
    report = ReportedComparison(comparison=comparison, metric=metric or comparison.unit)
    is_image = not inputs_from and (not inputs or is_one_batch(inputs))
    as_published = is_image and not options
    if as_published and any(target.model for target in targets):
        timed = measured(series, series_paths, measurements)
        report = _with_figures(report, series, targets, traces, timed, cache)
    emit(comparison_document(report), output_format, output)


def _targets(addresses: Sequence[str], series: Series, alone: bool) -> list[_Target]:
    """The models in the order given, or all of a series that is named without any."""
    if not addresses and alone:
        targets = [_Target(model.address, model) for model in series.models]
    else:
        targets = [_target(address, series) for address in addresses]
    for place, target in enumerate(targets):
        if any(target == other for other in targets[:place]):
            given = addresses[place] if addresses else target.label
            raise UsageError(f"{given!r} is there twice: compare it with another model")
    if len(targets) < 2:
        raise UsageError(
            "name two models or more to compare, for example: inprof compare googlenet inceptionv3"
            if addresses or not alone
            else f"the series {series.name!r} has one model: name another beside it"
        )
    return targets


def _target(address: str, series: Series) -> _Target:
    """The model of the series of that name or address, else whatever is at the address."""
    for model in series.models:
        if address == model.address or address.lower() in (model.name.lower(), model.address):
            return _Target(model.address, model)
    return _Target(address)


def _with_figures(
    report: ReportedComparison,
    series: Series,
    targets: Sequence[_Target],
    traces: Sequence[Trace],
    timed: Sequence[MeasuredLatency],
    cache: TraceCache | None,
) -> ReportedComparison:
    """The report with what the series says of its models' accuracy and latency."""
    names = {target.model.name for target in targets if target.model}
    named = replace(
        series,
        models=tuple(model for model in series.models if model.name in names),
        counts=(),  # the digits of a column are told from all of its rows; only latencies are shown
        latencies=tuple(each for each in series.latencies if each.model in names),
    )
    figures = []
    for target, trace in zip(targets, traces, strict=True):
        grid = trace.input_shape[2:]
        known = figures_of(series, target.model, grid, timed) if target.model else None
        figures.append(known or ModelFigures(grid=grid))
    return replace(
        report,
        accuracies=accuracy_rows(figures),
        latencies=latency_rows(figures),
        pages=series.pages,
        devices=device_names(known_devices(series).values(), timed),
        audited=audited(named, trace_audit(named, cache=cache)),
    )
