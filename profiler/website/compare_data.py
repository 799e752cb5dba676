"""All models of a series side by side → what the script of their page reads.

Every figure comes as a text with the exact value beside it: the script chooses models, orders and
moves what it finds, and works nothing out. What stands between two of them, such as a ratio, is in
a script of its own: see ``series_comparison``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from profiler import units
from profiler.counting.model_comparison import (
    CUTS,
    PART_METRICS,
    Cut,
    ModelComparison,
    amount,
)
from profiler.render.messages import Messages
from profiler.report.comparable_figures import AccuracyRow
from profiler.report.documents.model_comparison import conditions_name
from profiler.report.tables.model_comparison import (
    IN_BYTES,
    amount_text,
    conditions_text,
    hardware,
    module_names,
    part_name,
)
from profiler.website.content import SeriesContent
from profiler.website.series_comparison import (
    PageLatencies,
    SeriesComparison,
    count_lines,
    device_texts,
)

Json = dict[str, Any]

_CUTS: Mapping[str, Cut] = {cut: cut for cut in CUTS}
#: A stage's name without the words that all of them share: "1/8" of "1/8 of input".
_FRACTION = re.compile(r"\d+/\d+")
#: The shades of bars, in ``compare.css``.
_SHADES = 8
#: What the script says by itself: its name for a message, and the message's key.
_TEXTS = {
    "too_few": "compare.too_few",
    "status": "compare.status",
    "differences": "compare.differences",
    "alone": "compare.alone",
    "key": "compare.bars_key",
    "difference": "columns.compare.difference",
    "share": "columns.compare.share",
    "undefined": "reasons.undefined",
    "note": "audit.report.note",
    "separator": "list.separator",
    "alternatives": "list.alternatives",
}


def comparison_data(
    content: SeriesContent,
    compared: SeriesComparison,
    timed: Sequence[PageLatencies],
    links: Mapping[str, str],
    messages: Messages,
) -> Json:
    """The models, a line for each figure of theirs, and the tables that show these.

    Args:
        content: the series.
        compared: its models.
        timed: their latencies.
        links: model name → address of its page.
        messages: the language.
    """
    comparison = compared.comparison
    return {
        "first": compared.first,
        "unit": comparison.unit,
        "metrics": PART_METRICS,
        "series": content.series.name,
        "convention": comparison.convention,
        "precision": comparison.models[0].counts.precision,
        "models": [
            {
                "name": model.name,
                "label": model.label,
                "counted": parts.counts.model,
                "href": links[model.name],
                "input": units.shape(parts.counts.input_shape[2:]),
            }
            for model, parts in zip(content.series.models, comparison.models, strict=True)
        ],
        "lines": [
            *_count_data(comparison, messages),
            *_accuracy_data(compared.accuracies, messages),
            *(line for each in timed for line in _latency_data(each, content, messages)),
            *_module_data(comparison, messages),
        ],
        "tables": [*_tables(messages), *_latency_tables(timed, messages)],
        "texts": {name: messages.texts[key] for name, key in _TEXTS.items()},
    }


def _count_data(comparison: ModelComparison, messages: Messages) -> Iterator[Json]:
    shades = _shades(comparison)
    for cut, part, metric, values in count_lines(comparison):
        line: Json = {
            "cut": cut.removesuffix("s"),
            "part": part,
            "metric": metric,
            "cells": [
                None if value is None else [_count(value, metric), value] for value in values
            ],
        }
        if not part:
            line["label"] = messages.text(f"compare.metrics.{metric}")
            if metric in PART_METRICS:
                line["rounded"] = [amount_text(int(value or 0), metric) for value in values]
        else:
            line["label"] = part_name(_CUTS[cut], part, messages)
            line["shade"] = shades.get((cut, part, metric), 0)
            if cut == "stages" and (short := _FRACTION.search(line["label"])):
                line["short"] = short[0]
        yield line


def _count(value: int | float, metric: str) -> str:
    """As a table shows it: bytes and quotients rounded, counts whole."""
    if isinstance(value, float):
        return units.fixed(value, 1, 2)
    return units.byte_size(value) if metric in IN_BYTES else units.integer(value)


def _shades(comparison: ModelComparison) -> dict[tuple[str, str, str], int]:
    """Parts that any model has some of, from light to dark in their order."""
    found: dict[tuple[str, str, str], int] = {}
    for cut in CUTS:
        for metric in PART_METRICS:
            parts = [
                part.key
                for part in comparison.parts(cut)
                if any(amount(each, metric) for each in part.counts)
            ]
            steps = max(len(parts) - 1, 1)
            for place, key in enumerate(parts):
                found[cut, key, metric] = (2 * place * (_SHADES - 1) + steps) // (2 * steps)
    return found


def _accuracy_data(rows: Sequence[AccuracyRow], messages: Messages) -> Iterator[Json]:
    for row in rows:
        yield {
            "cut": "accuracy",
            "part": row.page,
            "metric": row.name,
            "group": row.name,
            "label": messages.text(f"compare.accuracies.{row.name}"),
            "cells": [[each.text, each.text] if each else None for each in row.figures],
        }


def _latency_data(
    timed: PageLatencies, content: SeriesContent, messages: Messages
) -> Iterator[Json]:
    """A line for each row, which is a column of the table of all models."""
    for column, row in enumerate(timed.rows):
        conditions = row.conditions
        name, devices = conditions_name(conditions), device_texts(conditions.hw, content)
        yield {
            "cut": "latency",
            "part": name,
            "metric": "latency_ms",
            "group": name,
            "page": timed.title if timed.is_published else "",
            "label": conditions_text(conditions, devices, messages),
            "hardware": hardware(conditions, devices, messages),
            "cells": [_timed(timed, column, at) for at in range(len(row.figures))],
        }


def _timed(timed: PageLatencies, column: int, at: int) -> list[Any] | None:
    """As it is shown, exactly, its marks, whether it is doubtful, its input and the marks of that.

    The exact value of a printed figure is what is printed; the marks of an input stand at the
    model's name.
    """
    figure, cells = timed.rows[column].figures[at], timed.table.rows[at]
    if figure is None:
        return None
    return [
        figure.text or units.milliseconds(figure.latency_ms),
        figure.text or figure.latency_ms,
        cells[column + 1].marks,
        int(figure.doubtful),
        units.shape(figure.grid),
        cells[0].marks,
    ]


def _module_data(comparison: ModelComparison, messages: Messages) -> Iterator[Json]:
    for part in comparison.stages:
        yield {
            "cut": "module",
            "label": part_name("stages", part.key, messages),
            "cells": [[module_names(own, messages), 1] if own else None for own in part.modules],
        }


def _tables(messages: Messages) -> Iterator[Json]:
    """What is not of one page: totals, parts by each metric, modules and accuracies."""
    heading = {
        name: messages.text(f"columns.compare.{name}")
        for name in ("metric", "input", "kinds", "stages", "ratio", "accuracy", "gain")
    }
    yield {
        "name": "totals",
        "cut": "total",
        "title": messages.text("compare.totals"),
        "headings": [heading["metric"]],
        "beside": heading["ratio"],
        "input": heading["input"],
    }
    for cut in CUTS:
        for metric in PART_METRICS:
            name = messages.text(f"compare.metrics.{metric}")
            title = messages.text(f"compare.by_{cut.removesuffix('s')}", metric=name)
            yield {
                "name": cut,
                "cut": cut.removesuffix("s"),
                "metric": metric,
                "title": title,
                "headings": [heading[cut]],
                "beside": heading["ratio"],
                "total": messages.text("reasons.total"),
                "bars": messages.text("compare.bars", title=title, models="{models}"),
            }
    yield {
        "name": "modules",
        "cut": "module",
        "title": messages.text("compare.modules"),
        "headings": [heading["stages"]],
        "look": "t",
    }
    yield {
        "name": "accuracies",
        "cut": "accuracy",
        "title": messages.text("compare.accuracies_heading"),
        "headings": [heading["accuracy"]],
        "beside": heading["gain"],
        "tag": "i",
        "missing": messages.text("reasons.not_published"),
    }


def _latency_tables(timed: Sequence[PageLatencies], messages: Messages) -> Iterator[Json]:
    """A table for each page that prints latencies, and one of those that were measured."""
    said = messages.text
    pages = {each.title: each.notes for each in timed if each.is_published}
    if not all(each.is_published for each in timed):
        pages[""] = ()
    for page, notes in pages.items():
        yield {
            "name": f"latencies-{list(pages).index(page)}",
            "cut": "latency",
            "page": page,
            "title": page or said("compare.measured"),
            "headings": [said("columns.compare.conditions"), said("columns.compare.input")],
            "beside": said("columns.compare.ratio"),
            "tag": "i" if page else "b",
            "missing": said("reasons.not_published" if page else "reasons.not_measured"),
            "elsewhere": said("reasons.other_input"),
            "notes": [{"mark": note.mark, "text": note.text} for note in notes],
        }
