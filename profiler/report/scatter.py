"""Report → ScatterPlot: accuracy against FLOPs, parameters and latency, nothing drawn yet.

x is in the axis's unit (G, M or ms), y is top-1 accuracy as a fraction. Points stand in size order
(parameters), which is how the line along a family joins them. A model without one of the two
figures is named in ``missing``, so a plot never drops one in silence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec.structs import replace

from profiler import units
from profiler.errors import CatalogError
from profiler.records import (
    Axis,
    Basis,
    MeasuredLatency,
    Point,
    Published,
    Quantity,
    Report,
    ReportRow,
    ScatterPlot,
    Source,
)
from profiler.report.plotted_latencies import PlottedLatencies, plotted_latencies
from profiler.timing.latencies.measured import measured_on

_Y_AXIS = Axis(metric="top1", unit="")
_NOTHING = "–"


def scatter_plots(
    report: Report, chosen: PlottedLatencies | None = None
) -> tuple[ScatterPlot, ...]:
    """Accuracy against FLOPs, against parameters and, if any are chosen, against latencies."""
    if chosen is None:
        return counts_plots(report, report.series.file_stem)
    latency = chosen_plot(report, chosen)
    return (*counts_plots(report, latency.name), latency)


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


def latency_plot(
    report: Report,
    hw: str,
    precision: str,
    batch_size: int,
    *,
    source: Source | None = None,
    quantity: Quantity | None = None,
) -> ScatterPlot:
    """Accuracy against published or measured latency; see ``plotted_latencies``."""
    chosen = plotted_latencies(
        report.series, report.measured, hw, precision, batch_size, source=source, quantity=quantity
    )
    return chosen_plot(report, chosen)


def chosen_plot(report: Report, chosen: PlottedLatencies) -> ScatterPlot:
    """Accuracy against the latencies that were chosen."""
    how = chosen.conditions
    axis = Axis(
        metric="latency",
        unit="ms",
        hw=report.device_name(chosen.hw),
        precision=chosen.precision,
        batch_size=chosen.batch_size,
        source="measured" if how else "published",
        quantity=how.quantity if how else None,
        conditions=how.unusual if how else (),
    )
    combination = f"{chosen.hw}.{chosen.precision}.bs{chosen.batch_size}"
    stem = ".".join([combination, *([how.quantity] if how else []), report.series.file_stem])
    names = [row.model.name for row in report.rows]
    if not how:
        printed = [chosen.published.get(name) for name in names]
        values = [_number(latency.latency_ms) if latency else None for latency in printed]
        return _plot(report, stem, axis, values)
    timed = [chosen.measured.get(name) for name in names]
    plot = _plot(report, stem, axis, [each.median_ms if each else None for each in timed], timed)
    shown = [each for row, each in zip(report.rows, timed, strict=True) if each and _top1(row)]
    return replace(plot, basis=_basis(shown)) if shown else plot


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
    axis, basis = plot.x_axis, plot.basis
    return {
        "title": plot.title,
        "metric": axis.metric,
        "unit": axis.unit,
        "convention": axis.convention,
        "hw": axis.hw,
        "precision": axis.precision,
        "batch_size": axis.batch_size if axis.batch_size is not None else _NOTHING,
        "source": axis.source or "",
        "quantity": axis.quantity or "",
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
        "doubtful": separator.join(point.label for point in by_x if point.doubtful) or _NOTHING,
        "samples": basis.samples[0] if basis else _NOTHING,
        "runs": units.span(basis.runs) if basis else _NOTHING,
        "days": units.span(basis.days, " – ") if basis else _NOTHING,
    }


def _plot(
    report: Report,
    name: str,
    x_axis: Axis,
    values: Sequence[float | None],
    timed: Sequence[MeasuredLatency | None] = (),
) -> ScatterPlot:
    points: list[Point] = []
    missing: list[str] = []
    figures = zip(report.rows, values, timed or [None] * len(values), strict=True)
    for row, x, latency in sorted(figures, key=lambda figure: figure[0].counts.totals.params):
        top1 = _top1(row)
        if x is None or top1 is None:
            missing.append(row.model.label)
        else:
            point = Point(label=row.model.label, family=row.model.family, x=x, y=_number(top1))
            points.append(_with_spread(point, latency) if latency else point)
    flags = frontier([(point.x, point.y) for point in points])
    return ScatterPlot(
        name=name,
        title=report.series.titles.get("en", report.series.file_stem),
        x_axis=x_axis,
        y_axis=_Y_AXIS,
        points=tuple(
            replace(point, on_frontier=flag) for point, flag in zip(points, flags, strict=True)
        ),
        families=report.series.families,
        missing=tuple(missing),
    )


def _with_spread(point: Point, latency: MeasuredLatency) -> Point:
    low, high = latency.low_ms, latency.high_ms
    return replace(point, low=low, high=high, doubtful=latency.doubtful)


def _basis(shown: Sequence[MeasuredLatency]) -> Basis:
    samples, runs = [each.samples for each in shown], [each.runs for each in shown]
    return Basis(
        samples=(min(samples), max(samples)), runs=(min(runs), max(runs)), days=measured_on(shown)
    )


def _top1(row: ReportRow) -> Published | None:
    return row.accuracy.top1 if row.accuracy else None


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
