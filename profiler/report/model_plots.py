"""One model's times → line plots for its page, and the text that stands in for each.

Batch sizes: latency in one plot, throughput in the other. Layers: each at its FLOPs per byte and
the FLOP/s it reached, below the roof of its device; only layers with FLOPs, and a time that the
clock could tell, have a place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from profiler import units
from profiler.catalog import UNSTATED
from profiler.records import Axis, LinePlot, Mark, Record, Report, Source
from profiler.render.cells import condition_texts
from profiler.render.messages import Messages
from profiler.report.sections import device_name
from profiler.timing.latencies.batch_curves import (
    BatchCurve,
    BatchPlot,
    BatchPoint,
    View,
    measured_curves,
    published_curves,
)
from profiler.timing.latencies.layer_timings import LayerTiming, TimedLayer, device_roof

VIEWS: tuple[View, ...] = get_args(View)
#: How many layers are named, and how long a name is at most; its path's end tells more.
_NAMED, _LONGEST_NAME = 3, 30
_UNITS = ((1e12, "TFLOP/s"), (1e9, "GFLOP/s"), (1e6, "MFLOP/s"))


class ModelCurves(Record, frozen=True):
    """A model's latencies by batch size: the figures, and a plot of each view of them."""

    batches: BatchPlot
    plots: tuple[LinePlot, ...]


def model_curves(report: Report, model: str, source: Source) -> tuple[ModelCurves, ...]:
    """One for each device and set of conditions; the plots' names are of the model alone."""
    found = published_curves if source == "published" else measured_curves
    return tuple(
        ModelCurves(
            batches,
            tuple(
                _curve_plot(f"{model}/{source}-{number}.{view}", model, report, batches, view)
                for view in VIEWS
            ),
        )
        for number, batches in enumerate(found(report, model), start=1)
    )


def _curve_plot(name: str, model: str, report: Report, batches: BatchPlot, view: View) -> LinePlot:
    """Latency or throughput by batch size, a curve for each precision."""
    hw = "hardware not stated" if batches.hw == UNSTATED else device_name(report, batches.hw)
    quantity = batches.conditions.quantity if batches.conditions else None
    latency = Axis(metric="latency", unit="ms", source=batches.source, quantity=quantity)
    return LinePlot(
        name=name,
        title=f"{report.series.model(model).label} · {hw}",
        x_axis=Axis(metric="batch_size", unit=""),
        y_axis=latency if view == "latency" else Axis(metric="throughput", unit="images/s"),
        curves=tuple(_marks(curve, view) for curve in batches.curves),
        x_ticks=batches.batch_sizes,
    )


def curve_caption(report: Report, batches: BatchPlot, messages: Messages) -> str:
    """Whose figures they are, and what they were taken under."""
    if batches.conditions is None:
        device = (
            messages.text("hardware.unstated")
            if batches.hw == UNSTATED
            else device_name(report, batches.hw)
        )
        page = report.series.pages.get(batches.page, batches.page)
        return messages.text(
            "batches.caption_published", device=device, crop=batches.crop, page=page
        )
    what = (
        messages.text(f"quantities.names.{batches.conditions.quantity}"),
        *condition_texts(batches.conditions.unusual, messages),
    )
    return messages.text(
        "batches.caption_measured",
        device=device_name(report, batches.hw),
        crop=batches.crop,
        what=messages.join(what),
    )


def curve_alt(batches: BatchPlot, view: View, where: str, messages: Messages) -> str:
    """Every figure of a plot; ``where`` says of what they are."""
    figures = messages.text("list.clauses").join(
        messages.text(
            "batches.curve",
            precision=curve.precision.upper(),
            figures=messages.join([f"{p.batch_size}: {_said(p, view)}" for p in curve.points]),
        )
        for curve in batches.curves
    )
    return messages.text(f"batches.alt.{view}", where=where, figures=figures)


def roofline_plot(report: Report, timing: LayerTiming, number: int) -> LinePlot | None:
    """A model's layers under the roof of their device; None where no layer has a place.

    ``number`` is which of the model's timings it is, for its name.
    """
    record, spots = timing.record, _spots(timing.layers)
    if not spots:
        return None
    factor, unit = _unit(timing, spots)
    roof = device_roof(record.device, record.precision)
    peak = f"{units.significant(roof.flops_per_s / factor, 3)} {unit}" if roof else ""
    bandwidth = f"{units.significant(roof.bytes_per_s / 1e9, 3)} GB/s" if roof else ""
    named = _slowest(spots)
    return LinePlot(
        name=f"{record.model}/roofline-{number}",
        title=f"{report.series.model(record.model).label} · "
        f"{device_name(report, record.device)}, {record.precision.upper()}, "
        f"batch size {record.batch_size}",
        x_axis=Axis(metric="arithmetic_intensity", unit="FLOP/byte"),
        y_axis=Axis(metric="flops_per_s", unit=unit),
        curves=(
            tuple(
                Mark(
                    x=spot.intensity,
                    y=spot.rate / factor,
                    label=_shortened(spot.name) if spot in named else "",
                    share=spot.layer.share,
                )
                for spot in spots
            ),
        ),
        log=True,
        ridge=(roof.ridge_point, roof.flops_per_s / factor) if roof else None,
        ridge_label=f"roof: {peak}, {bandwidth}" if roof else "",
    )


def roofline_alt(timing: LayerTiming, where: str, messages: Messages) -> str:
    """How many layers have a place, and the slowest of them; ``where`` is what they ran on."""
    spots = _spots(timing.layers)
    factor, unit = _unit(timing, spots)
    return messages.text(
        "roofline.alt",
        where=where,
        layers=len(spots),
        of_layers=len(timing.layers),
        slowest=messages.text("list.clauses").join(
            f"{spot.name}: {units.significant(spot.rate / factor, 3)} {unit}, "
            f"{units.by_hint(spot.layer.share, 'share')}"
            for spot in _slowest(spots)
        ),
        table=messages.text("roofline.slowest"),
    )


class _Spot(Record, frozen=True):
    """A layer with a place: its FLOPs per byte and FLOP/s."""

    layer: TimedLayer
    intensity: float
    rate: float

    @property
    def name(self) -> str:
        return self.layer.path or self.layer.class_name


def _spots(layers: Sequence[TimedLayer]) -> list[_Spot]:
    return [
        _Spot(layer, layer.flops / layer.bytes_moved, layer.flops_per_s)
        for layer in layers
        if layer.flops_per_s and layer.flops and layer.bytes_moved
    ]


def _slowest(spots: Sequence[_Spot]) -> list[_Spot]:
    return sorted(spots, key=lambda spot: -spot.layer.self_ms)[:_NAMED]


def _unit(timing: LayerTiming, spots: Sequence[_Spot]) -> tuple[float, str]:
    """The unit of FLOP/s in which the largest is at least one, and how many it is."""
    roof = device_roof(timing.record.device, timing.record.precision)
    largest = max([spot.rate for spot in spots] + ([roof.flops_per_s] if roof else []))
    return next((each for each in _UNITS if largest >= each[0]), _UNITS[-1])


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"


def _marks(curve: BatchCurve, view: View) -> tuple[Mark, ...]:
    """The last one has the curve's name, a doubtful one a question mark."""
    marks = []
    for point in curve.points:
        low, high = point.ends(view) or (None, None)
        name = curve.precision.upper() if point is curve.points[-1] else ""
        marks.append(
            Mark(
                x=point.batch_size,
                y=point.value(view),
                label=" ".join(filter(None, (name, "?" if point.doubtful else ""))),
                low=low,
                high=high,
                doubtful=point.doubtful,
            )
        )
    return tuple(marks)


def _said(point: BatchPoint, view: View) -> str:
    text = units.milliseconds(point.value(view))
    return f"{text} ?" if point.doubtful else text
