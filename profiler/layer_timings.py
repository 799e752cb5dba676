"""Records with times by layer: those of a series, and what of one model is shown."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

from msgspec.structs import replace

from profiler.catalog import known_devices
from profiler.measured import best_layered
from profiler.records import BYTES_PER_ELEMENT, Measurement, Record, Series, Shape
from profiler.roofline import TimedLayer


class LayerTiming(Record, frozen=True, gc=False):
    """A record with layers, under its model's name in a series, and its layers with their work."""

    record: Measurement
    layers: tuple[TimedLayer, ...]


def series_layered(series: Series, measurements: Iterable[Measurement]) -> tuple[Measurement, ...]:
    """The best records of a series' models, under their names there, larger batches first.

    A model goes by its name in the series, or by the address that the series builds it from.
    """
    order = {model.name: place for place, model in enumerate(series.models)}
    names = {model.address: model.name for model in reversed(series.models)}
    names |= {name: name for name in order}
    devices = list(known_devices(series))

    def place(record: Measurement) -> tuple[object, ...]:
        known = record.device in devices
        return (
            order[record.model],
            devices.index(record.device) if known else len(devices),
            record.device,
            -BYTES_PER_ELEMENT.get(record.precision, 0),
            record.precision,
            -record.batch_size,
            record.input_shape,
        )

    own = [
        replace(record, model=names[record.model])
        for record in measurements
        if record.model in names
    ]
    return tuple(sorted(best_layered(own), key=place))


def shown_timings(
    timings: Sequence[LayerTiming], model: str, input_shape: Shape, most: int
) -> tuple[tuple[LayerTiming, ...], tuple[LayerTiming, ...]]:
    """A model's timings in two parts: those that a page shows in full, and the rest.

    Shown is the largest batch of each device and precision, on the images that its counts are
    stated for, and no more than ``most``.
    """
    own = [each for each in timings if each.record.model == model]
    shown: dict[Hashable, LayerTiming] = {}
    for each in own:
        if each.record.input_shape[1:] == input_shape[1:] and len(shown) < most:
            shown.setdefault((each.record.device, each.record.precision), each)
    chosen = tuple(shown.values())
    return chosen, tuple(each for each in own if each not in chosen)
