"""All models of a series side by side → what the script of the compare page reads, as JSON.

Figures are exact integers; the script picks models, divides and subtracts. Words are messages with
their {placeholders}, which it fills in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from profiler import units
from profiler.comparable_figures import (
    LatencyRow,
    ModelFigures,
    TimedFigure,
    accuracy_rows,
    latency_rows,
)
from profiler.model_comparison import (
    CUTS,
    MOST,
    PART_METRICS,
    TOTAL_METRICS,
    Cut,
    ModelComparison,
    ModelParts,
    amount,
    total_of,
)
from profiler.render.messages import Messages
from profiler.render.model_comparison_tables import (
    IN_BYTES,
    conditions_text,
    hardware,
    module_names,
    part_name,
)
from profiler.render.site.content import SeriesContent

Json = dict[str, Any]

#: What the script says, by section of the catalogue.
_WORDS = {
    "columns.compare": (
        "metric", "kinds", "stages", "accuracy", "conditions", "input",
        "ratio", "gain", "difference", "share",
    ),
    "compare": (
        "too_few", "status", "totals", "differences", "by_kind", "by_stage", "modules",
        "accuracies_heading", "published", "measured", "own_input", "alone",
        "sentence", "same", "by_kinds", "by_stages", "leading", "leading_with_rest",
        *(f"metrics.{metric}" for metric in TOTAL_METRICS),
    ),
    "reasons": ("undefined", "total", "other_input", "not_published", "not_measured"),
    "list": ("separator", "sentences"),
}  # fmt: skip


def comparison_data(
    content: SeriesContent,
    comparison: ModelComparison,
    figures: Sequence[ModelFigures],
    links: Mapping[str, str],
    messages: Messages,
) -> Json:
    """What the script reads.

    Args:
        content: the series.
        comparison: its models.
        figures: what is known of each beside its counts.
        links: model name → address of its page.
        messages: the language.
    """
    return {
        "most": MOST,
        "unit": comparison.unit,
        "bytes": IN_BYTES,
        "totals": TOTAL_METRICS,
        "metrics": PART_METRICS,
        "kinds": [part_name("kinds", part.key, messages) for part in comparison.kinds],
        "stages": [part_name("stages", part.key, messages) for part in comparison.stages],
        "models": [
            {
                "name": model.name,
                "label": model.label,
                "href": links[model.name],
                "input": units.shape(parts.counts.input_shape[2:]),
                "totals": _totals(parts),
                **{cut: _cut(comparison, cut, at) for cut in CUTS},
                "modules": [module_names(part.modules[at], messages) for part in comparison.stages],
            }
            for at, (model, parts) in enumerate(
                zip(content.series.models, comparison.models, strict=True)
            )
        ],
        "accuracies": [
            {
                "name": messages.text(f"compare.accuracies.{row.name}"),
                "figures": {at: each.text for at, each in enumerate(row.figures) if each},
            }
            for row in accuracy_rows(figures)
        ],
        "latencies": [_latency(row, content, messages) for row in latency_rows(figures)],
        "texts": _texts(messages),
    }


def _totals(model: ModelParts) -> list[int | float | None]:
    return [total_of(model, metric) for metric in TOTAL_METRICS]


def _cut(comparison: ModelComparison, cut: Cut, model: int) -> list[list[int]]:
    """The model's amounts: a list for each metric of parts, in it one for each part."""
    return [
        [amount(part.counts[model], metric) for part in comparison.parts(cut)]
        for metric in PART_METRICS
    ]


def _latency(row: LatencyRow, content: SeriesContent, messages: Messages) -> Json:
    """A row; ``page`` is empty where it is measured, ``input`` where each model has its own."""
    conditions = row.conditions
    devices = {conditions.hw: content.true.device_name(conditions.hw)}
    if devices[conditions.hw] == conditions.hw:
        devices = {}
    return {
        "page": content.series.pages.get(conditions.page, conditions.page),
        "table": conditions.table,
        "conditions": conditions_text(conditions, devices, messages),
        "hardware": hardware(conditions, devices, messages),
        "input": units.shape(row.grid) if row.grid else "",
        "figures": {at: _figure(each) for at, each in enumerate(row.figures) if each},
    }


def _figure(figure: TimedFigure) -> Json:
    """The milliseconds as a number and as they are shown, and at what input."""
    return {
        "ms": figure.latency_ms,
        "text": figure.text or units.milliseconds(figure.latency_ms),
        "input": units.shape(figure.grid),
        **({"doubtful": True} if figure.doubtful else {}),
    }


def _texts(messages: Messages) -> dict[str, str]:
    keys = (f"{section}.{name}" for section, names in _WORDS.items() for name in names)
    return {key: messages.texts[key] for key in keys}
