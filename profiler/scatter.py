"""Report → ScatterPlot: accuracy against FLOPs, parameters and latency, nothing drawn yet.

x is in the axis's unit (G, M or ms), y is top-1 accuracy as a fraction. Points stand in size order
(parameters), which is how the line along a family joins them. A model without one of the two
figures is named in ``missing``, so a plot never drops one in silence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from profiler import units
from profiler.errors import CatalogError, NoDataError
from profiler.records import Axis, Latency, Point, Published, Report, ScatterPlot, Series

_Y_AXIS = Axis(metric="top1", unit="")
_NOTHING = "–"


def scatter_plots(
    report: Report, hw: str, precision: str, batch_size: int
) -> tuple[ScatterPlot, ScatterPlot, ScatterPlot]:
    """The three plots of one combination: against FLOPs, against parameters, against latency."""
    latency = latency_plot(report, hw, precision, batch_size)
    flops, params = counts_plots(report, latency.name)
    return flops, params, latency


def counts_plots(report: Report, stem: str) -> tuple[ScatterPlot, ScatterPlot]:
    """Accuracy against FLOPs (MACs under ``macs``) and against parameters.

    Args:
        report: the series and its counts.
        stem: what the plots' names begin with, ``t4.fp32.bs4.Inception``.
    """
    metric = "macs" if report.convention == "macs" else "flops"
    work = Axis(metric=metric, unit="G", convention=report.convention)
    params = Axis(metric="params", unit="M", convention=report.convention)
    totals = [row.counts.totals for row in report.rows]
    work_values = [(total.macs if metric == "macs" else total.flops) / 1e9 for total in totals]
    return (
        _plot(report, f"{stem}.flops", work, work_values),
        _plot(report, f"{stem}.params", params, [total.params / 1e6 for total in totals]),
    )


def latency_plot(report: Report, hw: str, precision: str, batch_size: int) -> ScatterPlot:
    """Accuracy against published latency; NoDataError names the combinations there are.

    Case does not matter in ``hw`` and ``precision``; ``hw`` may be "unstated".
    """
    first = require_latency(report.series, hw, precision, batch_size)
    found = [_first(row.latencies, _key(first)) for row in report.rows]
    axis = Axis(
        metric="latency",
        unit="ms",
        hw=report.device_name(first.hw),
        precision=first.precision,
        batch_size=first.batch_size,
    )
    stem = f"{first.hw}.{first.precision}.bs{first.batch_size}.{report.series.file_stem}"
    values = [_number(latency.latency_ms) if latency else None for latency in found]
    return _plot(report, stem, axis, values)


def require_latency(series: Series, hw: str, precision: str, batch_size: int) -> Latency:
    """The series' first published latency under these conditions; NoDataError lists what there is.

    Needs no counts, so a command can ask before it traces anything.
    """
    wanted = (hw.lower(), precision.lower(), batch_size)
    first = _first(series.latencies, wanted)
    if first is None:
        raise NoDataError(
            f"no latency of series {series.name!r} for {hw}, {precision}, "
            f"batch size {batch_size}: {_there_is(series.latencies)}"
        )
    return first


def frontier(points: Sequence[tuple[float, float]]) -> tuple[bool, ...]:
    """For each (x, y): whether none has a lower-or-equal x and a higher-or-equal y, one strictly.

    Points that are equal in both stand or fall together.
    """
    best_before = -math.inf
    best_here: dict[float, float] = {}
    for x, y in points:
        best_here[x] = max(y, best_here.get(x, -math.inf))
    threshold: dict[float, float] = {}
    for x in sorted(best_here):
        threshold[x] = best_here[x] if best_here[x] > best_before else math.inf
        best_before = max(best_before, best_here[x])
    return tuple(y >= threshold[x] for x, y in points)


def facts(plot: ScatterPlot, separator: str = ", ") -> dict[str, str | int]:
    """What the text that stands in for the picture needs, as placeholders → values.

    Lists of names are joined with ``separator``; what an empty plot does not have is "–".
    """
    by_x = sorted(plot.points, key=lambda point: (point.x, -point.y, point.label))
    by_y = sorted(plot.points, key=lambda point: (-point.y, point.x, point.label))
    on_frontier = [point.label for point in by_x if point.on_frontier]
    axis = plot.x_axis
    return {
        "title": plot.title,
        "metric": axis.metric,
        "unit": axis.unit,
        "convention": axis.convention,
        "hw": axis.hw,
        "precision": axis.precision,
        "batch_size": axis.batch_size if axis.batch_size is not None else _NOTHING,
        "models": len(plot.points),
        "x_min": units.significant(by_x[0].x) if by_x else _NOTHING,
        "x_min_model": by_x[0].label if by_x else _NOTHING,
        "x_max": units.significant(by_x[-1].x) if by_x else _NOTHING,
        "x_max_model": by_x[-1].label if by_x else _NOTHING,
        "y_min": units.fixed(by_y[-1].y, 1, 3) if by_y else _NOTHING,
        "y_min_model": by_y[-1].label if by_y else _NOTHING,
        "y_max": units.fixed(by_y[0].y, 1, 3) if by_y else _NOTHING,
        "y_max_model": by_y[0].label if by_y else _NOTHING,
        "frontier": separator.join(on_frontier) or _NOTHING,
        "frontier_models": len(on_frontier),
        "missing": separator.join(plot.missing) or _NOTHING,
        "missing_models": len(plot.missing),
    }


def _plot(report: Report, name: str, x_axis: Axis, values: Sequence[float | None]) -> ScatterPlot:
    points: list[Point] = []
    missing: list[str] = []
    pairs = zip(report.rows, values, strict=True)
    for row, x in sorted(pairs, key=lambda pair: pair[0].counts.totals.params):
        top1 = row.accuracy.top1 if row.accuracy else None
        if x is None or top1 is None:
            missing.append(row.model.label)
        else:
            points.append(
                Point(label=row.model.label, family=row.model.family, x=x, y=_number(top1))
            )
    flags = frontier([(point.x, point.y) for point in points])
    return ScatterPlot(
        name=name,
        title=report.series.titles.get("en", report.series.file_stem),
        x_axis=x_axis,
        y_axis=_Y_AXIS,
        points=tuple(
            Point(label=point.label, family=point.family, x=point.x, y=point.y, on_frontier=flag)
            for point, flag in zip(points, flags, strict=True)
        ),
        families=report.series.families,
        missing=tuple(missing),
    )


def _key(latency: Latency) -> tuple[str, str, int]:
    return latency.hw.lower(), latency.precision.lower(), latency.batch_size


def _first(latencies: Iterable[Latency], wanted: tuple[str, str, int]) -> Latency | None:
    return next((latency for latency in latencies if _key(latency) == wanted), None)


def _there_is(latencies: Iterable[Latency]) -> str:
    """Such as "t4 fp16 1/4/8, …": every published combination, in the order of first appearance."""
    sizes: dict[str, set[int]] = {}
    for latency in latencies:
        sizes.setdefault(f"{latency.hw} {latency.precision}", set()).add(latency.batch_size)
    if not sizes:
        return "no latency is published for this series"
    listed = ", ".join(f"{key} {'/'.join(map(str, sorted(sizes[key])))}" for key in sizes)
    return f"choose from (hardware, precision, batch sizes) {listed}"


def _number(figure: Published) -> float:
    try:
        value = float(figure.text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        source = figure.source
        raise CatalogError(
            f"{figure.text!r} in page {source.page!r}, table {source.table!r}, "
            f"row {source.row!r} is not a number: correct the catalogue"
        )
    return value
