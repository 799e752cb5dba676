"""All models of a series side by side → what the script of the compare page reads, as JSON.

Figures are exact integers; the script picks models, divides and subtracts. Words are messages with
their {placeholders}, which it fills in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from profiler import units
from profiler.counting.model_comparison import (
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
from profiler.report.comparable_figures import LatencyRow, TimedFigure
from profiler.report.documents.model_comparison import conditions_name
from profiler.report.tables.model_comparison import (
    IN_BYTES,
    conditions_text,
    hardware,
    module_names,
    part_name,
    part_place,
)
from profiler.website.compare_latencies import PageLatencies, device_texts
from profiler.website.content import SeriesContent
from profiler.website.series_comparison import SeriesComparison

Json = dict[str, Any]

#: What the script says, by section of the catalogue.
_WORDS = {
    "columns.compare": (
        "metric", "kinds", "stages", "accuracy", "conditions", "input",
        "ratio", "gain", "difference", "share",
    ),
    "compare": (
        "too_few", "status", "totals", "differences", "by_kind", "by_stage", "modules",
        "accuracies_heading", "published", "measured", "alone", "bars", "bar", "bars_key",
        "sentence", "same", "about_same", "from_none",
        "by_kinds", "by_kinds_all", "by_kinds_more", "by_stages", "by_stages_all", "by_stages_more",
        *(f"metrics.{metric}" for metric in TOTAL_METRICS),
    ),
    "reasons": ("undefined", "total", "other_input", "not_published", "not_measured"),
    "list": ("separator", "sentences", "and", "alternatives"),
    "audit": ("report.note",),
}  # fmt: skip


def comparison_data(
    content: SeriesContent,
    compared: SeriesComparison,
    timed: Sequence[PageLatencies],
    links: Mapping[str, str],
    messages: Messages,
) -> Json:
    """What the script reads.

    Args:
        content: the series.
        compared: its models.
        timed: their latencies.
        links: model name → address of its page.
        messages: the language.
    """
    comparison = compared.comparison
    return {
        "most": MOST,
        "unit": comparison.unit,
        "bytes": IN_BYTES,
        "totals": TOTAL_METRICS,
        "metrics": PART_METRICS,
        "series": content.series.name,
        "convention": comparison.convention,
        "precision": comparison.models[0].counts.precision,
        **{
            cut: [
                {
                    "key": part.key,
                    "label": part_name(cut, part.key, messages),
                    "place": part_place(cut, part.key, messages),
                }
                for part in comparison.parts(cut)
            ]
            for cut in CUTS
        },
        "models": [
            {
                "name": model.name,
                "label": model.label,
                "counted": parts.counts.model,
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
                "name": row.name,
                "page": row.page,
                "label": messages.text(f"compare.accuracies.{row.name}"),
                "figures": {at: each.text for at, each in enumerate(row.figures) if each},
            }
            for row in compared.accuracies
        ],
        "latencies": [
            _latency(row, column, each, content, messages)
            for each in timed
            for column, row in enumerate(each.rows, start=1)
        ],
        "notes": [
            [{"mark": note.mark, "text": note.text} for note in each.notes] for each in timed
        ],
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


def _latency(
    row: LatencyRow, column: int, timed: PageLatencies, content: SeriesContent, messages: Messages
) -> Json:
    """A row, which is a column of the table of all models; ``page`` is empty where it is measured.

    A figure has the marks of its cell, and those of its input, which stand at the model's name.
    """
    conditions = row.conditions
    devices = device_texts(conditions.hw, content)
    figures = {}
    for at, (figure, cells) in enumerate(zip(row.figures, timed.table.rows, strict=True)):
        if figure:
            figures[at] = _figure(figure, cells[column].marks, cells[0].marks)
    return {
        "name": conditions_name(conditions),
        "page": content.series.pages.get(conditions.page, conditions.page),
        "notes": timed.number,
        "conditions": conditions_text(conditions, devices, messages),
        "hardware": hardware(conditions, devices, messages),
        "figures": figures,
    }


def _figure(figure: TimedFigure, marks: Sequence[str], of_input: Sequence[str]) -> Json:
    """The milliseconds as a number and as they are shown, and at what input."""
    return {
        "ms": figure.latency_ms,
        "text": figure.text or units.milliseconds(figure.latency_ms),
        "input": units.shape(figure.grid),
        **({"doubtful": True} if figure.doubtful else {}),
        **({"marks": marks} if marks else {}),
        **({"of_input": of_input} if of_input else {}),
    }


def _texts(messages: Messages) -> dict[str, str]:
    keys = (f"{section}.{name}" for section, names in _WORDS.items() for name in names)
    return {key: messages.texts[key] for key in keys}
