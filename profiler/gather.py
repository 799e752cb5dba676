"""Addresses and series → traces and counts, with progress for whoever waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from profiler import units
from profiler.counting import count
from profiler.errors import TraceError
from profiler.records import Report, Series, SeriesModel, Shape, Trace
from profiler.report import DEPLOY, make_report, variant_of

#: Called with a model's name as its turn comes.
Progress = Callable[[str], None]
#: Model name → graph → its trace.
SeriesTraces = Mapping[str, Mapping[str, Trace]]


def trace_address(
    address: str,
    *,
    variant: str = "deploy",
    crop_size: int | None = None,
    batch_size: int = 1,
    options: Mapping[str, object] | None = None,
) -> Trace:
    """Build the model at ``address`` and trace it on a batch of square RGB images.

    Args:
        address: what ``build`` takes.
        variant: the graph to build.
        crop_size: input side in pixels; the architecture's own unless given.
        batch_size: images in the batch.
        options: keyword arguments for the builder.
    """
    from profiler.tracing.model import build, default_input_shape
    from profiler.tracing.tracer import trace

    model = build(address, variant=variant, **(options or {}))
    _, channels, height, width = default_input_shape(address)
    shape: Shape = (batch_size, channels, crop_size or height, crop_size or width)
    try:
        return trace(model, shape)
    except TraceError as error:
        if ":" not in address:
            raise
        raise TraceError(
            f"{error}; it was given one image, {units.shape(shape)} (--size sets the side, and "
            "profiler.trace takes any inputs)"
        ) from error


def gather_report(
    series: Series, convention: str, progress: Progress = lambda name: None
) -> Report:
    """Trace and count every model of a series; see ``make_report``."""
    traces = {}
    for model in series.models:
        progress(model.name)
        variant = variant_of(model, convention)
        traces[model.name] = {variant: _trace_model(model, variant)}
    return report_of(series, traces, convention)


def trace_series(series: Series, progress: Progress = lambda name: None) -> SeriesTraces:
    """Trace every model of a series once a graph: as it is deployed, and as it was published."""
    traces = {}
    for model in series.models:
        progress(model.name)
        variants = dict.fromkeys((DEPLOY, model.published_variant))
        traces[model.name] = {variant: _trace_model(model, variant) for variant in variants}
    return traces


def report_of(series: Series, traces: SeriesTraces, convention: str) -> Report:
    """Count what is traced already; see ``make_report``."""
    counts = {
        model.name: count(traces[model.name][variant_of(model, convention)], convention)
        for model in series.models
    }
    return make_report(series, counts, convention)


def _trace_model(model: SeriesModel, variant: str) -> Trace:
    return trace_address(model.address, variant=variant, crop_size=model.crop_size)
