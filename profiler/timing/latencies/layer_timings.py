"""Measured layers beside counted ones: the rate each reaches, and the roof above it.

A layer can't be quicker than its arithmetic at the device's peak, nor than its bytes at the
device's bandwidth; the longer of the two is its roof (Williams, Waterman and Patterson,
"Roofline: an insightful visual performance model", 2009). FLOPs are those of the convention
``flops``, bytes those of an unfused run; a fused or cached layer may pass the memory roof, and a
3x3 convolution by minimal filtering the compute roof.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Literal

from profiler.catalog import load_devices
from profiler.catalog.devices import peak
from profiler.counting import TRUE_CONVENTION, count
from profiler.records import Measurement, Record, Series, Shape, Trace, precision_rank
from profiler.timing.latencies.measured import best_layered, device_rank, named_in
from profiler.tracing.addressed import trace_address
from profiler.tracing.cache import TraceCache

Bound = Literal["compute", "memory", ""]
#: A time below so many steps of the clock carries no rate.
_LEAST_STEPS = 4


class Roof(Record, frozen=True, gc=False):
    """The most that a device can do at a precision: FLOPs and bytes a second."""

    flops_per_s: float
    bytes_per_s: float

    @property
    def ridge_point(self) -> float:
        """The FLOPs per byte from which on arithmetic is the limit."""
        return self.flops_per_s / self.bytes_per_s


class TimedLayer(Record, frozen=True, gc=False):
    """One layer of a measured call: its own time, and its work for the whole batch."""

    path: str
    class_name: str
    calls: int
    self_ms: float
    share: float
    flops: int
    bytes_moved: int
    flops_per_s: float | None
    bytes_per_s: float | None
    #: The least time that the device's peak and bandwidth allow; None where they are not known.
    roof_ms: float | None
    #: Which of the two says so, or "".
    bound: Bound

    @property
    def roof_share(self) -> float | None:
        """How much of the time the roof accounts for; above 1 the layer beats it."""
        return None if self.roof_ms is None or not self.self_ms else self.roof_ms / self.self_ms


def timed_layers(measurement: Measurement, trace: Trace | None) -> tuple[TimedLayer, ...]:
    """The layers of a record in execution order, joined with the counts of its network.

    What layers below the measured depth count is their parent's. Times sum to the whole but for
    what is unattributed.

    Args:
        measurement: a record with layers.
        trace: its network on its batch; without it no layer has counts, rates or a roof.
    """
    times = measurement.layers
    if times is None:
        return ()
    own: dict[str, float] = {}
    calls: dict[str, set[int]] = {}
    classes: dict[str, str] = {}
    for span in times.spans:
        own[span.path] = own.get(span.path, 0.0) + span.span_ms
        calls.setdefault(span.path, set()).add(span.call_index)
        classes[span.path] = span.class_name
    work = _work(trace, measurement.precision, own) if trace else {}
    roof = device_roof(measurement.device, measurement.precision)
    layers = []
    for path, self_ms in own.items():
        flops, bytes_moved = work.get(path, (0, 0))
        roof_ms, bound = _bound(flops, bytes_moved, roof)
        told = self_ms >= _LEAST_STEPS * times.resolution_ms
        layers.append(
            TimedLayer(
                path=path,
                class_name=classes[path],
                calls=len(calls[path]),
                self_ms=self_ms,
                share=self_ms / times.total_ms,
                flops=flops,
                bytes_moved=bytes_moved,
                flops_per_s=1000 * flops / self_ms if told and flops else None,
                bytes_per_s=1000 * bytes_moved / self_ms if told and bytes_moved else None,
                roof_ms=roof_ms,
                bound=bound,
            )
        )
    return tuple(layers)


def device_roof(hw: str, precision: str) -> Roof | None:
    """A device's roof; None where its peak or its bandwidth is not known."""
    devices = load_devices()
    device = devices.get(hw)
    rate = peak(device, devices, precision) if device else None
    if device is None or rate is None or device.bandwidth_gb_per_s is None:
        return None
    return Roof(flops_per_s=float(rate), bytes_per_s=device.bandwidth_gb_per_s * 1e9)


def _work(trace: Trace, precision: str, owners: Mapping[str, float]) -> dict[str, tuple[int, int]]:
    """FLOPs and bytes of each module, given to the nearest measured one that holds it."""
    work: dict[str, tuple[int, int]] = {}
    for row in count(trace, TRUE_CONVENTION, by="module", precision=precision).layers:
        path = row.path
        while path and path not in owners:
            path = path.rpartition(".")[0]
        flops, bytes_moved = work.get(path, (0, 0))
        work[path] = flops + row.flops, bytes_moved + row.bytes_moved
    return work


def _bound(flops: int, bytes_moved: int, roof: Roof | None) -> tuple[float | None, Bound]:
    if roof is None or not (flops or bytes_moved):
        return None, ""
    computing_ms = 1000 * flops / roof.flops_per_s
    moving_ms = 1000 * bytes_moved / roof.bytes_per_s
    return max(computing_ms, moving_ms), "compute" if computing_ms >= moving_ms else "memory"


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
