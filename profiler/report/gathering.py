"""Addresses and series → traces and counts, with progress for whoever waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from profiler.catalog.paddle_static import variant_of
from profiler.counting import count
from profiler.errors import InprofError
from profiler.models.address import Progress
from profiler.records import (
    DEPLOY,
    MeasuredLatency,
    Measurement,
    Report,
    Series,
    SeriesModel,
    Trace,
)
from profiler.report.report import make_report
from profiler.tracing.addressed import trace_address
from profiler.tracing.cache import TraceCache

#: The graphs that a model may have.
GRAPHS = (DEPLOY, "train")
#: Model name → graph → its trace.
SeriesTraces = Mapping[str, Mapping[str, Trace]]


def gather_report(
    series: Series,
    convention: str,
    progress: Progress = lambda name: None,
    cache: TraceCache | None = None,
    measured: Sequence[MeasuredLatency] = (),
) -> Report:
    """Trace and count every model of a series; see ``make_report``."""
    traces = {}
    for model in series.models:
        progress(model.name)
        variant = variant_of(model, convention)
        traces[model.name] = {variant: _trace_model(model, variant, cache)}
    return report_of(series, traces, convention, measured)


def trace_audit(
    series: Series, progress: Progress = lambda name: None, cache: TraceCache | None = None
) -> dict[str, dict[tuple[str, int], Trace]]:
    """Trace a series for its audit: model name → graph and input side → trace.

    That is each model's stated and deployed graph at its own size, and the deployed one at each
    crop of a published latency. Where no convention gives a published count on those, the other
    graphs and sizes are tried as well; one that can't be built or run is left out. The counts that
    this takes are remembered with the traces, so that the audit itself adds none.
    """
    from profiler.audit import unreproduced  # most commands audit nothing

    traces: dict[str, dict[tuple[str, int], Trace]] = {}
    for model in series.models:
        progress(model.name)
        own = traces[model.name] = {}
        for variant in dict.fromkeys((model.published_variant, DEPLOY)):
            own[variant, model.crop_size] = _trace_model(model, variant, cache)
        for crop_size in _latency_crops(series, model):
            _try_trace(model, DEPLOY, crop_size, own, cache)
    for model in unreproduced(series, traces):
        for crop_size in (model.crop_size, *_latency_crops(series, model)):
            for variant in GRAPHS:
                _try_trace(model, variant, crop_size, traces[model.name], cache)
    return traces


def series_traces(
    series: Series, audited: Mapping[str, Mapping[tuple[str, int], Trace]]
) -> SeriesTraces:
    """Of what ``trace_audit`` gives, each model's deployed and stated graphs at its own size."""
    return {
        model.name: {
            variant: audited[model.name][variant, model.crop_size]
            for variant in dict.fromkeys((DEPLOY, model.published_variant))
        }
        for model in series.models
    }


def report_of(
    series: Series,
    traces: SeriesTraces,
    convention: str,
    measured: Sequence[MeasuredLatency] = (),
    failed: Sequence[Measurement] = (),
) -> Report:
    """Count what is traced already; see ``make_report``."""
    counts = {
        model.name: count(traces[model.name][variant_of(model, convention)], convention)
        for model in series.models
    }
    return make_report(series, counts, convention, measured, failed)


def _latency_crops(series: Series, model: SeriesModel) -> tuple[int, ...]:
    return tuple(
        dict.fromkeys(each.crop_size for each in series.latencies if each.model == model.name)
    )


def _try_trace(
    model: SeriesModel,
    variant: str,
    crop_size: int,
    own: dict[tuple[str, int], Trace],
    cache: TraceCache | None,
) -> None:
    """Add a trace that nobody says there is; a graph or a size a network lacks is no error."""
    if (variant, crop_size) in own:
        return
    with suppress(InprofError):
        own[variant, crop_size] = trace_address(
            model.address, variant=variant, crop_size=crop_size, cache=cache
        )


def _trace_model(model: SeriesModel, variant: str, cache: TraceCache | None) -> Trace:
    return trace_address(model.address, variant=variant, crop_size=model.crop_size, cache=cache)
