"""Models of a chart whose figures are not of the same input → a sentence that says so."""

from __future__ import annotations

from collections.abc import Mapping

from profiler import units
from profiler.records import Latency, ReportRow
from profiler.render.messages import Messages
from profiler.report.tables.series import input_size
from profiler.website.chart.choices import ChartChoice

_MOST_NAMES = 8


def crop_text(latency: Latency) -> str:
    """The crop that a published latency states for itself, as the inputs of counts are written."""
    return units.shape((latency.crop_size, latency.crop_size))


def inputs_text(choice: ChartChoice, rows: Mapping[str, ReportRow], messages: Messages) -> str:
    """Which models of a choice have which input; empty where all have the same or none matters."""
    if choice.metric == "params":
        return ""
    groups: dict[str, list[str]] = {}
    for point in choice.plot.points:
        row, latency = rows[point.label], choice.latencies.get(point.label)
        size = crop_text(latency) if isinstance(latency, Latency) else input_size(row)
        groups.setdefault(size, []).append(row.model.label)
    if len(groups) < 2:
        return ""
    most = max(groups, key=lambda size: len(groups[size]))
    others = [size for size in groups if size != most or len(groups[most]) == 1]
    if sum(len(groups[size]) for size in others) > _MOST_NAMES:
        return messages.text("chart.inputs_many")
    parts = [
        messages.text("chart.input_of", models=messages.join(groups[size]), input=size)
        for size in others
    ]
    if most not in others:
        parts.append(messages.text("chart.input_of_others", input=most))
    return messages.text("chart.inputs", inputs=messages.text("list.clauses").join(parts))
