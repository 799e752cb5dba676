"""Joins counts, the catalogue, published figures and measured latencies into one Report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from profiler.catalog import known_devices
from profiler.catalog.paddle_static import VERBATIM_CONVENTION
from profiler.records import (
    Conditions,
    Counts,
    MeasuredLatency,
    Measurement,
    PublishedCounts,
    Report,
    ReportRow,
    Series,
    SeriesModel,
    precision_rank,
)
from profiler.timing.latencies.measured import best, device_rank, has_own_input, named_in


def make_report(
    series: Series,
    counts: Mapping[str, Counts],
    convention: str,
    measured: Sequence[MeasuredLatency] = (),
    failed: Sequence[Measurement] = (),
) -> Report:
    """Join a series with the counts of its models.

    Args:
        series: models and published figures.
        counts: model name → its counts under ``convention``, for every model of the series.
        convention: the counting rule behind them.
        measured: latencies of its models, as ``series_latencies`` gives them.
        failed: records without samples, as ``series_failures`` gives them.
    """
    devices = known_devices(series)
    shown = dict.fromkeys(
        [*(latency.hw for latency in series.latencies), *(latency.hw for latency in measured)]
    )
    return Report(
        series=series,
        convention=convention,
        verbatim=convention == VERBATIM_CONVENTION,
        rows=tuple(_row(series, model, counts[model.name]) for model in series.models),
        devices=tuple(devices[hw] for hw in shown if hw in devices),
        measured=tuple(measured),
        failed=tuple(failed),
    )


def series_latencies(
    series: Series, measured: Iterable[MeasuredLatency]
) -> tuple[MeasuredLatency, ...]:
    """The best latencies of a series' models, under their names there, in tables' order."""
    order = {model.name: place for place, model in enumerate(series.models)}
    rank = device_rank(series)

    def place(latency: MeasuredLatency) -> tuple[object, ...]:
        return (
            rank(latency.hw),
            latency.how.rank,
            precision_rank(latency.precision),
            order[latency.model],
            not has_own_input(series.model(latency.model), latency.input_shape),
            latency.input_shape[1:],
            latency.batch_size,
        )

    return tuple(sorted(best(named_in(series, measured)), key=place))


def series_failures(
    series: Series, failed: Iterable[Measurement], latencies: Iterable[MeasuredLatency]
) -> tuple[Measurement, ...]:
    """The last failure of each try of a series' models, under the series' names.

    Args:
        series: the series.
        failed: records without samples, of any model.
        latencies: what was measured of its models, under the series' names.
    """
    done = {each.conditions for each in latencies}
    last: dict[Conditions, Measurement] = {}
    for record in sorted(named_in(series, failed), key=lambda each: each.started_at):
        if record.conditions not in done:
            last[record.conditions] = replace(record, telemetry=(), window_medians_ms=())
    order = {model.name: place for place, model in enumerate(series.models)}
    return tuple(sorted(last.values(), key=lambda each: (order[each.model], each.input_shape)))


def _row(series: Series, model: SeriesModel, counts: Counts) -> ReportRow:
    return ReportRow(
        model=model,
        counts=counts,
        accuracy=_accuracy(series, model),
        latencies=tuple(each for each in series.latencies if each.model == model.name),
    )


def _accuracy(series: Series, model: SeriesModel) -> PublishedCounts | None:
    """The first published row of the model that states an accuracy."""
    rows = (row for row in series.counts if row.model == model.name)
    return next((row for row in rows if row.top1 or row.top5), None)
