"""Report → what the interactive chart of a series needs, in one language, as JSON can hold it.

Every number is there twice where it is shown: as it is, for the picture and the downloads, and as
text from ``units``, for readers. Scripts only choose, join and draw.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from profiler import units
from profiler.catalog import UNSTATED
from profiler.plots import plot_text
from profiler.plots.scales import (
    Scale,
    accuracy_scale,
    cost_scale,
    extremes,
    linear_scale,
    log_scale,
)
from profiler.plots.style import THEMES, family_styles
from profiler.records import (
    Axis,
    CellRef,
    Finding,
    Latency,
    MeasuredLatency,
    Point,
    Provenance,
    Published,
    Report,
    ReportRow,
    ScatterPlot,
)
from profiler.render.cells import condition_texts, flag_name
from profiler.render.messages import Messages
from profiler.report.audited import NOT_AUDITED, Audited, note_text
from profiler.report.page import axis_key, axis_words, plot_caption
from profiler.report.scatter import facts
from profiler.report.tables.series import input_size
from profiler.timing.latencies.measured import day_of
from profiler.website.chart.choices import ChartChoice
from profiler.website.chart.spec import chart_spec

Json = dict[str, Any]

_TEXTS = "chart."
#: Of the files that a reader makes of what is plotted.
_COLUMNS = (
    *("model", "label", "top1", "metric", "value", "unit", "low", "high", "convention"),
    *("hw", "quantity", "precision", "batch_size", "key", "flops", "params"),
    *("input", "flops_input", "pareto", "doubtful", "samples", "runs", "flags", "day"),
    *("source", "accuracy_source"),
)
#: In an axis's unit; a smaller count has its digits further behind the point.
_SMALLEST_FIXED = 0.01


def chart_data(
    report: Report,
    choices: Sequence[ChartChoice],
    messages: Messages,
    links: Mapping[str, str],
    audited: Audited = NOT_AUDITED,
) -> Json | None:
    """The chart of a series, None where no model has an accuracy to show.

    Args:
        report: the series; under ``flops``, ``macs`` or a rule whose figures are FLOPs.
        choices: what its x axis can be, see ``chart_choices``.
        messages: the language.
        links: model name → address of its page.
        audited: what a point's record says of a published latency; nothing by default.
    """
    if not choices:
        return None
    styles = family_styles(report.series.families, choices[0].plot.points)
    places = {row.model.name: place for place, row in enumerate(report.rows)}
    sources, doubts = _Sources(report), AuditedPoints(audited, messages)
    families = list(styles)
    return {
        "series": report.series.name,
        "convention": report.convention,
        "spec": chart_spec(len(styles)),
        "colours": {name: theme.colours for name, theme in THEMES.items()},
        "families": [plot_text.clean(style.name) for style in styles.values()],
        "models": [_model(row, families, sources, links) for row in report.rows],
        "choices": [
            _choice(choice, report, places, sources, doubts, messages) for choice in choices
        ],
        "sources": sources.texts,
        "findings": doubts.texts,
        "columns": _COLUMNS,
        "flags": {
            flag: flag_name(flag, messages)
            for flag in dict.fromkeys(flag for each in report.measured for flag in each.flags)
        },
        "texts": _texts(messages),
    }


class _Sources:
    """Where published figures stand, each place once."""

    def __init__(self, report: Report) -> None:
        self._pages = report.series.pages
        self._places: dict[str, int] = {}

    @property
    def texts(self) -> list[str]:
        return list(self._places)

    def place(self, source: Provenance) -> int:
        text = ", ".join(filter(None, (self._pages.get(source.page, source.page), source.table)))
        return self._places.setdefault(text, len(self._places))


def _texts(messages: Messages) -> dict[str, str]:
    """The chart's own words; scripts fill in what stands in braces."""
    own = {
        key.removeprefix(_TEXTS): text
        for key, text in messages.texts.items()
        if key.startswith(_TEXTS)
    }
    return own | {key: messages.texts[key] for key in ("list.separator", "flags.none")}


def _model(
    row: ReportRow, families: Sequence[str], sources: _Sources, links: Mapping[str, str]
) -> Json:
    model, totals = row.model, row.counts.totals
    top1 = row.accuracy.top1 if row.accuracy else None
    return {
        "name": model.name,
        "label": model.label,
        "short": plot_text.clean(model.label),
        "href": links.get(model.name, ""),
        "flops": totals.flops,
        "flopsText": units.scaled(totals.flops),
        "params": totals.params,
        "paramsText": units.scaled(totals.params),
        "input": input_size(row),
        **(
            {
                "top1": top1.text,
                "source": sources.place(top1.source),
                "family": families.index(model.family),
            }
            if top1
            else {}
        ),
    }


def _choice(
    choice: ChartChoice,
    report: Report,
    places: Mapping[str, int],
    sources: _Sources,
    doubts: AuditedPoints,
    messages: Messages,
) -> Json:
    plot = choice.plot
    axis = plot.x_axis
    inputs = inputs_text(choice, {row.model.name: row for row in report.rows}, messages)
    conditions = condition_texts(axis.conditions, messages)
    return {
        "key": choice.key,
        "file": plot.name,
        "metric": choice.metric,
        "unit": axis.unit,
        "names": _names(choice, messages),
        "axis": [*_axis_parts(choice, messages), *conditions],
        "caption": plot_caption(plot, messages),
        "summary": _summary(choice, report, messages),
        **({"hw": choice.hw, "precision": axis.precision, "batch": axis.batch_size}
           if choice.hw else {}),
        **({"quantity": axis.quantity} if axis.quantity else {}),
        **({"conditions": messages.join(conditions)} if conditions else {}),
        "notes": _notes(plot, report, inputs, messages),
        **({"origin": origin} if (origin := _origin(choice, report.convention, messages)) else {}),
        **_axes(plot),
        "points": [
            _point(point, places[point.label], choice, sources, doubts) for point in plot.points
        ],
    }  # fmt: skip


def _names(choice: ChartChoice, messages: Messages) -> dict[str, str]:
    """The name of each part of a choice that has one."""
    axis = choice.plot.x_axis
    names = {"metric": messages.text(f"chart.metrics.{choice.metric}")}
    if not choice.hw:
        return names
    words = axis_words(axis, messages)
    conditions = messages.join(condition_texts(axis.conditions, messages))
    names |= {"hw": _device(axis, messages), "batch": str(axis.batch_size or "")}
    names |= {"quantity": words["quantity"], "precision": words["precision"]}
    return {name: text for name, text in {**names, "conditions": conditions}.items() if text}


def _notes(
    plot: ScatterPlot, report: Report, inputs: str, messages: Messages
) -> dict[str, list[str]]:
    """Sentences on what a picture leaves out or distorts, by how much of y it shows."""
    labels = {row.model.name: row.model.label for row in report.rows}

    def said(key: str, placeholder: str, names: Iterable[str]) -> list[str]:
        models = messages.join([labels[name] for name in names])
        return [messages.text(key, **{placeholder: models})] if models else []

    scale = accuracy_scale([point.y for point in plot.points])
    floor = _rounded(scale.floor) if scale.floor > scale.low else -math.inf
    low = (point.label for point in plot.points if point.y < floor)
    plotted = {point.label for point in plot.points}
    others = [
        *said("alt.missing", "missing", (name for name in labels if name not in plotted)),
        *said("alt.doubtful", "doubtful", (each.label for each in plot.points if each.doubtful)),
        *([messages.text("chart.spread")] if any(map(_interval, plot.points)) else []),
    ]
    first = [inputs] if inputs else []
    below = said("chart.below", "models", low)
    return {"zoomed": [*first, *below, *others], "whole": [*first, *others]}


def _origin(choice: ChartChoice, convention: str, messages: Messages) -> str:
    """Where all figures of a choice are from; each published one has a source of its own."""
    if choice.metric == "measured":
        return messages.text("chart.measured_here")
    if choice.hw:
        return ""
    return messages.text("chart.traced", convention=convention)


def _axes(plot: ScatterPlot) -> Json:
    """Each axis in both of its ways, and whether x is usually logarithmic."""
    costs, accuracies = extremes(plot.points), [point.y for point in plot.points]
    return {
        "log": cost_scale(costs).log,
        "linear": _axis(linear_scale(costs)),
        "logarithmic": _axis(log_scale(costs)) if min(costs) > 0 else None,
        "zoomed": _axis(accuracy_scale(accuracies)),
        "whole": _axis(accuracy_scale(accuracies, zoomed=False)),
    }


def _axis(scale: Scale) -> Json:
    """``floor`` is where the strip for what is below ends, ``middle`` where in it that stands."""
    strip = {"floor": _rounded(scale.floor), "middle": _rounded(scale.strip_middle)}
    return {
        "domain": [_rounded(scale.low), _rounded(scale.high)],
        "ticks": [_rounded(tick) for tick in scale.ticks],
        "texts": scale.tick_labels,
        **(strip if scale.floor > scale.low else {}),
    }


def _rounded(value: float) -> float:
    """Six digits are more than a screen can show."""
    return float(f"{value:.6g}")


def _axis_parts(choice: ChartChoice, messages: Messages) -> list[str]:
    """The axis's text in pieces that a narrow chart may break between."""
    axis = choice.plot.x_axis
    if not choice.hw:
        rule = [messages.text("chart.rule", convention=axis.convention)]
        return [
            messages.text(f"chart.axes.{choice.metric}", unit=axis.unit),
            *(rule if choice.metric != "params" else []),
        ]
    words = axis_words(axis, messages)
    return [
        messages.text(f"chart.axes.{choice.metric}", unit=axis.unit, quantity=words["quantity"]),
        _device(axis, messages),
        words["precision"],
        messages.text("chart.batch_of", batch_size=axis.batch_size or 0),
    ]


def _device(axis: Axis, messages: Messages) -> str:
    unstated = axis.hw == UNSTATED
    return messages.text("hardware.unstated") if unstated else plot_text.clean(axis.hw)


def _summary(choice: ChartChoice, report: Report, messages: Messages) -> str:
    """A few sentences on the picture; scripts add what is missing or doubtful."""
    labels = {row.model.name: row.model.label for row in report.rows}
    plot = _relabelled(choice.plot, labels)
    stated = facts(plot, messages.text("list.separator")) | axis_words(plot.x_axis, messages)
    return messages.text("list.sentences").join(
        messages.text(key, **stated) for key in (f"alt.{axis_key(plot.x_axis)}", "alt.range")
    )


def _relabelled(plot: ScatterPlot, labels: Mapping[str, str]) -> ScatterPlot:
    points = tuple(replace(point, label=labels[point.label]) for point in plot.points)
    return replace(plot, points=points, missing=tuple(labels[name] for name in plot.missing))


def _point(
    point: Point, place: int, choice: ChartChoice, sources: _Sources, doubts: AuditedPoints
) -> Json:
    """One model under one choice; what is false or unknown is left out."""
    latency = choice.latencies.get(point.label)
    return {
        "model": place,
        "x": point.x,
        "y": point.y,
        "text": _x_text(point, latency),
        **({"frontier": True} if point.on_frontier else {}),
        **({"doubtful": True} if point.doubtful else {}),
        **_interval(point),
        **(_printed(latency, sources, doubts) if isinstance(latency, Latency) else {}),
        **(_timed(latency) if isinstance(latency, MeasuredLatency) else {}),
    }


def _x_text(point: Point, latency: Latency | MeasuredLatency | None) -> str:
    if isinstance(latency, Latency):
        return latency.latency_ms.text
    if isinstance(latency, MeasuredLatency):
        return units.milliseconds(latency.median_ms)
    return units.fixed(point.x, 1, 3) if point.x >= _SMALLEST_FIXED else units.significant(point.x)


def _interval(point: Point) -> Json:
    if point.low is None or point.high is None:
        return {}
    text = "–".join(map(units.milliseconds, (point.low, point.high)))
    return {"low": point.low, "high": point.high, "interval": text}


def _printed(latency: Latency, sources: _Sources, doubts: AuditedPoints) -> Json:
    figure: Published = latency.latency_ms
    found = doubts.of(latency)
    return {
        "input": crop_text(latency),
        "source": sources.place(figure.source),
        **({"findings": found} if found else {}),
    }


def _timed(latency: MeasuredLatency) -> Json:
    return {
        "samples": latency.samples,
        "runs": latency.runs,
        "day": day_of(latency),
        **({"flags": latency.flags} if latency.flags else {}),
    }


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


class AuditedPoints:
    """The findings behind points, as places in ``texts``."""

    def __init__(self, audited: Audited, messages: Messages) -> None:
        self._names = audited.names
        self._messages = messages
        self._by_cell: dict[CellRef, list[Finding]] = {}
        for finding in audited.findings:
            for cell in finding.cells:
                self._by_cell.setdefault(cell, []).append(finding)
        self._places: dict[str, int] = {}

    @property
    def texts(self) -> list[str]:
        """The findings' texts in the messages' language, each once."""
        return list(self._places)

    def of(self, latency: Latency) -> list[int]:
        """Places of findings on the figure or the crop stated for it."""
        found = [
            finding
            for cell in (latency.cell, latency.crop_cell)
            for finding in self._by_cell.get(cell, ())
        ]
        texts = [note_text([finding], self._names, self._messages) for finding in found]
        return [self._places.setdefault(text, len(self._places)) for text in dict.fromkeys(texts)]
