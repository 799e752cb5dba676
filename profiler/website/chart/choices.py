"""Report → everything the interactive chart can put on its x axis, each as a plot of its own.

Published and measured latencies never share a plot, nor do measured ones of different conditions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec.structs import replace

from profiler.records import (
    HowTimed,
    Latency,
    MeasuredLatency,
    Quantity,
    Record,
    Report,
    ScatterPlot,
    Source,
)
from profiler.records.base import distinct, grouped
from profiler.report.scatter import (
    Combination,
    at_own_input,
    chosen_plot,
    counts_plots,
    plotted_latencies,
)
from profiler.report.tables.series import latencies

Metric = Literal["flops", "macs", "params", "published", "measured"]


class ChartChoice(Record, frozen=True):
    """One x axis: its plot, and the latency behind each point, by the model's name."""

    #: Its name in an address.
    key: str
    metric: Metric
    #: Points and ``missing`` go by the models' names, which differ where labels may not.
    plot: ScatterPlot
    #: The device's slug.
    hw: str = ""
    latencies: Mapping[str, Latency | MeasuredLatency] = {}


def chart_choices(report: Report) -> tuple[ChartChoice, ...]:
    """Counts first, then published latencies in the order of the tables, then measured ones.

    What no model with an accuracy has is left out, so a series without accuracies has no choice.
    """
    named = _by_name(report)
    work, params = counts_plots(named, report.series.file_stem)
    work_metric: Metric = "macs" if work.x_axis.metric == "macs" else "flops"
    choices = (
        ChartChoice(key=work_metric, metric=work_metric, plot=work),
        ChartChoice(key="params", metric="params", plot=params),
        *_published(named),
        *_measured(named),
    )
    return tuple(choice for choice in choices if choice.plot.points)


def _by_name(report: Report) -> Report:
    """The same report with the models' names for labels."""
    rows = tuple(
        replace(row, model=replace(row.model, label=row.model.name)) for row in report.rows
    )
    return replace(report, rows=rows)


def _published(report: Report) -> Iterator[ChartChoice]:
    combinations = ((each.hw, each.precision, each.batch_size) for each in latencies(report))
    for combination in distinct(combinations):
        yield _latency_choice(report, combination, "published")


def _measured(report: Report) -> Iterator[ChartChoice]:
    groups = grouped(
        at_own_input(report.series, report.measured),
        lambda each: ((each.hw, each.precision, each.batch_size), each.how),
    )
    for (combination, conditions), group in groups.items():
        alone = replace(report, measured=tuple(group))
        yield _latency_choice(alone, combination, "measured", conditions)


def _latency_choice(
    report: Report,
    combination: Combination,
    source: Source,
    conditions: HowTimed | None = None,
) -> ChartChoice:
    quantity: Quantity | None = conditions.quantity if conditions else None
    chosen = plotted_latencies(
        report.series, report.measured, *combination, source=source, quantity=quantity
    )
    hw, precision, batch_size = combination
    unusual: Sequence[tuple[str, str]] = conditions.unusual if conditions else ()
    return ChartChoice(
        key=".".join(
            [
                source,
                hw,
                *([quantity] if quantity else []),
                precision,
                f"bs{batch_size}",
                *("-".join(condition) for condition in unusual),
            ]
        ),
        metric=source,
        plot=chosen_plot(report, chosen),
        hw=hw,
        latencies=chosen.measured if conditions else chosen.published,
    )
