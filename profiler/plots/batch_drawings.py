"""Curves over batch size → small drawings: latency in one, throughput in the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import get_args

from profiler import units
from profiler.catalog import UNSTATED
from profiler.plots.line_drawing import (
    CaptionedDrawings,
    Dot,
    Drawing,
    Frame,
    Label,
    Stroke,
    axes,
    place,
    title_below,
)
from profiler.plots.scales import Scale, cost_scale
from profiler.records import Report
from profiler.render.cells import condition_texts
from profiler.render.messages import Messages
from profiler.report.sections import device_name
from profiler.timing.latencies.batch_curves import (
    BatchCurve,
    BatchPlot,
    BatchPoint,
    View,
)

_WIDTH, _HEIGHT = 400, 230
_FRAME = Frame(left=48, top=26, right=346, bottom=190)
_COLOURS = 4
_VIEWS: tuple[View, ...] = get_args(View)
_CAP = 3.0
#: Names at the ends of curves stand this far apart.
_LINE = 12.0


def curve_drawings(
    report: Report, plots: Sequence[BatchPlot], messages: Messages
) -> tuple[CaptionedDrawings, ...]:
    """Each plot as a pair of drawings under one caption."""
    drawings = []
    for plot in plots:
        caption = _caption(report, plot, messages)
        pair = tuple(batch_drawing(plot, view, caption, messages) for view in _VIEWS)
        drawings.append(CaptionedDrawings(caption=caption, drawings=pair))
    return tuple(drawings)


def batch_drawing(plot: BatchPlot, view: View, where: str, messages: Messages) -> Drawing:
    """One view of a plot; ``where`` says of what it is, for those who can't see it."""
    values = [
        value
        for curve in plot.curves
        for point in curve.points
        for value in (point.value(view), *(point.ends(view) or ()))
    ]
    scale = cost_scale(values)
    sizes = plot.batch_sizes
    ticks_x = [(_across(size, sizes), str(size)) for size in sizes]
    ticks_y = [
        (scale.fraction(tick), text)
        for tick, text in zip(scale.ticks, scale.tick_labels, strict=True)
        if scale.low <= tick <= scale.high
    ]
    grid, labels = axes(_FRAME, ticks_x, ticks_y)
    strokes, dots = [grid], []
    for index, curve in enumerate(plot.curves):
        style = _colour(index)
        spots = [
            (_across(p.batch_size, sizes), scale.fraction(p.value(view))) for p in curve.points
        ]
        path = "M" + "L".join(f"{_FRAME.x(x)} {_FRAME.y(y)}" for x, y in spots)
        bars = ""
        for point, (x, y) in zip(curve.points, spots, strict=True):
            bars += _error_bar(point, view, x, scale)
            dots.append(
                Dot(
                    _FRAME.x(x),
                    _FRAME.y(y),
                    "3.2",
                    f"mark {style}{' hollow' if point.doubtful else ''}",
                    f"{curve.precision.upper()}, {point.batch_size}: {_said(point, view)}",
                )
            )
            if point.doubtful:
                mark = place(float(_FRAME.y(y)) - 7)
                labels.append(Label(_FRAME.x(x), mark, "?", "mid ink"))
        strokes.append(Stroke(path, f"line {style}"))
        if bars:
            strokes.append(Stroke(bars, f"bar {style}"))
    labels += _names(plot, view, scale)
    labels.append(Label("4", "13", messages.text(f"batches.{view}")))
    labels.append(title_below(_FRAME, 31, messages.text("batches.size")))
    return Drawing(
        width=_WIDTH,
        height=_HEIGHT,
        description=messages.text(
            f"batches.alt.{view}", where=where, figures=_figures(plot.curves, view, messages)
        ),
        strokes=tuple(strokes),
        dots=tuple(dots),
        labels=tuple(labels),
    )


def _caption(report: Report, plot: BatchPlot, messages: Messages) -> str:
    if plot.conditions is None:
        device = (
            messages.text("hardware.unstated")
            if plot.hw == UNSTATED
            else device_name(report, plot.hw)
        )
        page = report.series.pages.get(plot.page, plot.page)
        return messages.text("batches.caption_published", device=device, crop=plot.crop, page=page)
    what = (
        messages.text(f"quantities.names.{plot.conditions.quantity}"),
        *condition_texts(plot.conditions.unusual, messages),
    )
    return messages.text(
        "batches.caption_measured",
        device=device_name(report, plot.hw),
        crop=plot.crop,
        what=messages.join(what),
    )


def _across(size: int, sizes: Sequence[int]) -> float:
    """A batch size's place: doublings are equally far apart."""
    return math.log(size / sizes[0]) / math.log(sizes[-1] / sizes[0])


def _error_bar(point: BatchPoint, view: View, x: float, scale: Scale) -> str:
    ends = point.ends(view)
    if ends is None:
        return ""
    low, high = (_FRAME.y(scale.fraction(end)) for end in ends)
    across = float(_FRAME.x(x))
    left, right = place(across - _CAP), place(across + _CAP)
    return f"M{left} {low}H{right}M{place(across)} {low}V{high}M{left} {high}H{right}"


def _names(plot: BatchPlot, view: View, scale: Scale) -> list[Label]:
    """The curves' names behind their last points, moved apart where they would touch."""
    ends = []
    for index, curve in enumerate(plot.curves):
        last = curve.points[-1]
        height = float(_FRAME.y(scale.fraction(last.value(view)))) + 4
        ends.append((height, index, _FRAME.x(_across(last.batch_size, plot.batch_sizes))))
    labels, above = [], -math.inf
    for height, index, x in sorted(ends):
        above = max(height, above + _LINE)
        name = plot.curves[index].precision.upper()
        labels.append(Label(place(float(x) + 8), place(above), name, f"name {_colour(index)}"))
    return labels


def _colour(index: int) -> str:
    return f"s{index % _COLOURS + 1}"


def _figures(curves: Sequence[BatchCurve], view: View, messages: Messages) -> str:
    return messages.text("list.clauses").join(
        messages.text(
            "batches.curve",
            precision=curve.precision.upper(),
            figures=messages.join([f"{p.batch_size}: {_said(p, view)}" for p in curve.points]),
        )
        for curve in curves
    )


def _said(point: BatchPoint, view: View) -> str:
    text = units.milliseconds(point.value(view))
    return f"{text} ?" if point.doubtful else text
