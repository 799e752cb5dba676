"""Records with times by layer: those of a series, and what of one model is shown."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from profiler.records import (
    Measurement,
    Record,
    Series,
    Shape,
    precision_rank,
)
from profiler.timing.latencies.measured import best_layered, device_rank, named_in
from profiler.timing.latencies.roofline import TimedLayer, timed_layers
from profiler.tracing.addressed import trace_address
from profiler.tracing.cache import TraceCache


class LayerTiming(Record, frozen=True, gc=False):
    """A record with layers, under its model's name in a series, and its layers with their work."""

    record: Measurement
    layers: tuple[TimedLayer, ...]


def series_layered(series: Series, measurements: Iterable[Measurement]) -> tuple[Measurement, ...]:
    """The best records of a series' models, under their names there, larger batches first."""
    order = {model.name: place for place, model in enumerate(series.models)}
    rank = device_rank(series)

    def place(record: Measurement) -> tuple[object, ...]:
        return (
            order[record.model],
            rank(record.device),
            precision_rank(record.precision),
            -record.batch_size,
            record.input_shape,
        )

    return tuple(sorted(best_layered(named_in(series, measurements)), key=place))


def shown_timings(
    timings: Sequence[LayerTiming], model: str, input_shape: Shape, most: int
) -> tuple[tuple[LayerTiming, ...], tuple[LayerTiming, ...]]:
    """A model's timings in two parts: those that a page shows in full, and the rest.

    Shown is the largest batch of each device and precision, on the images that its counts are
    stated for, and no more than ``most``; every device comes before any is there twice.
    """
    own = [each for each in timings if each.record.model == model]
    largest: dict[Hashable, LayerTiming] = {}
    for each in own:
        if each.record.input_shape[1:] == input_shape[1:]:
            largest.setdefault((each.record.device, each.record.precision), each)
    first = {each.record.device: each for each in reversed(largest.values())}
    chosen = sorted(largest.values(), key=lambda each: first[each.record.device] is not each)[:most]
    return tuple(chosen), tuple(each for each in own if each not in chosen)


def layer_timings(
    series: Series, measured: Sequence[Measurement], cache: TraceCache | None = None
) -> tuple[LayerTiming, ...]:
    """Join records with layers, as ``series_layered`` gives them, with the work of each layer."""
    return tuple(
        LayerTiming(
            record=record,
            layers=timed_layers(
                record,
                trace_address(series.model(record.model).address, inputs=record.given, cache=cache),
            ),
        )
        for record in measured
    )
