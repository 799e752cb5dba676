"""Addresses and series → traces and counts, with progress for whoever waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from profiler import units
from profiler.counting import count
from profiler.errors import TraceError
from profiler.records import Report, Series, Shape, Trace
from profiler.report import make_report, variant_of

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Called with a model's name as its turn comes.
Progress = Callable[[str], None]


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
    counts = {}
    for model in series.models:
        progress(model.name)
        trace = trace_address(
            model.address,
            variant=variant_of(model, convention),
            crop_size=model.crop_size,
        )
        counts[model.name] = count(trace, convention)
    return make_report(series, counts, convention)
