"""A comparison of models with all that is said beside its counts → CSV or JSON, exact.

Names are English ones, whatever the language of the page that offers the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from profiler import units
from profiler.counting.model_comparison import (
    CUTS,
    PART_METRICS,
    TOTAL_METRICS,
    Dominance,
    ModelComparison,
    amount,
    dominance,
    ratio,
    total_of,
)
from profiler.records import (
    Cell,
    Column,
    LayerCounts,
    Record,
    Table,
)
from profiler.render.csv_table import render_csv
from profiler.report.comparable_figures import AccuracyRow, LatencyRow, RowConditions
from profiler.report.table_notes import NOT_AUDITED, Audited

#: Cut, part, metric, and each model's value and ratio to the baseline's.
_Line = tuple[str, str, str, Sequence[float | str | None], Sequence[float | None]]

#: What stands between the conditions of a latency, and between inputs that differ.
_SEPARATOR = ", "
_ALTERNATIVES = "/"


class ReportedComparison(Record, frozen=True):
    """A comparison with everything that is said beside the counts.

    ``metric`` is what kinds and stages are shown by; ``pages`` and ``devices`` are names by slug,
    ``audited`` is what is said of published figures.
    """

    comparison: ModelComparison
    metric: str
    accuracies: tuple[AccuracyRow, ...] = ()
    latencies: tuple[LatencyRow, ...] = ()
    pages: Mapping[str, str] = {}
    devices: Mapping[str, str] = {}
    audited: Audited = NOT_AUDITED


def comparison_csv(report: ReportedComparison) -> str:
    """A row for each figure of each model: exact numbers, published ones as they are printed."""
    comparison = report.comparison
    figures: list[tuple[str, str, str, list[float | None]]] = [
        ("total", "", metric, [total_of(model, metric) for model in comparison.models])
        for metric in TOTAL_METRICS
    ]
    for cut in CUTS:
        for part in comparison.parts(cut):
            for metric in PART_METRICS:
                values: list[float | None] = [amount(each, metric) for each in part.counts]
                figures.append((cut.removesuffix("s"), part.key, metric, values))
    lines: list[_Line] = [
        (cut, part, metric, values, [ratio(value, values[0]) for value in values])
        for cut, part, metric, values in figures
    ]
    lines += map(_accuracy_line, report.accuracies)
    lines += map(_latency_line, report.latencies)
    names = ("cut", "part", "metric", "model", "value", "ratio")
    columns = tuple(Column(key=name, hint="text") for name in names)
    rows = tuple(
        tuple(
            Cell(value=field, origin="label")
            for field in (cut, part, metric, model.counts.model, value, times)
        )
        for cut, part, metric, values, ratios in lines
        for model, value, times in zip(comparison.models, values, ratios, strict=True)
    )
    return render_csv(Table(key="comparison", columns=columns, rows=rows))


def conditions_name(conditions: RowConditions) -> str:
    """The conditions of a latency but for the input, in a file: page and table, or "measured"."""
    how = conditions.how
    names = [
        *([conditions.page, conditions.table] if how is None else ["measured"]),
        conditions.hw,
        conditions.precision,
        f"batch {conditions.batch_size}",
    ]
    if how:
        names += [how.quantity, *(f"{name} {value}" for name, value in how.unusual)]
    return _SEPARATOR.join(names)


def _accuracy_line(row: AccuracyRow) -> _Line:
    texts = [figure.text if figure else None for figure in row.figures]
    return ("accuracy", row.page, row.name, texts, [None] * len(texts))


def _latency_line(row: LatencyRow) -> _Line:
    inputs = _ALTERNATIVES.join(map(units.shape, row.grids(range(len(row.figures)))))
    name = _SEPARATOR.join([conditions_name(row.conditions), inputs])
    values = [figure.text or figure.latency_ms if figure else None for figure in row.figures]
    return ("latency", name, "latency_ms", values, _latency_ratios(row))


def _latency_ratios(row: LatencyRow) -> list[float | None]:
    base = row.figures[0]
    return [
        ratio(figure.latency_ms, base.latency_ms) if figure and base else None
        for figure in row.figures
    ]


def comparison_json(report: ReportedComparison) -> str:
    """Everything there is, with exact integers; the first model is the baseline."""
    comparison = report.comparison
    found: dict[str, Any] = {
        "convention": comparison.convention,
        "precision": comparison.models[0].counts.precision,
        "baseline": comparison.models[0].counts.model,
        "models": [_model(comparison, at) for at in range(len(comparison.models))],
        **{
            cut: [
                {
                    "name": part.key,
                    "counts": [_counts(each) for each in part.counts],
                    **(
                        {"modules": [_modules(each) for each in part.modules]}
                        if part.modules
                        else {}
                    ),
                }
                for part in comparison.parts(cut)
            ]
            for cut in CUTS
        },
        "accuracies": [
            {
                "name": row.name,
                "page": row.page,
                "published": [figure and figure.text for figure in row.figures],
            }
            for row in report.accuracies
        ],
        "latencies": [_latency(row) for row in report.latencies],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _model(comparison: ModelComparison, at: int) -> dict[str, Any]:
    model, base = comparison.models[at], comparison.models[0]
    return {
        "model": model.counts.model,
        "label": model.label,
        "input_shape": list(model.counts.input_shape),
        "variant": model.counts.variant,
        "totals": {metric: total_of(model, metric) for metric in TOTAL_METRICS},
        "ratios": {
            metric: ratio(total_of(model, metric), total_of(base, metric))
            for metric in TOTAL_METRICS
        },
        "dominant": {
            metric: {cut: _dominance(dominance(comparison, cut, metric, at)) for cut in CUTS}
            for metric in PART_METRICS
        }
        if at
        else {},
        "uncounted": [
            {"function": op.function, "kind": op.kind, "path": op.path, "calls": op.calls}
            for op in model.counts.uncounted
        ],
    }


def _dominance(found: Dominance) -> dict[str, Any]:
    return {
        "difference": found.difference,
        "parts": [{"name": name, "difference": difference} for name, difference in found.parts],
        "rest": found.rest,
    }


def _counts(row: LayerCounts) -> dict[str, int]:
    return {metric: amount(row, metric) for metric in PART_METRICS}


def _modules(rows: Sequence[LayerCounts]) -> list[dict[str, Any]]:
    return [{"path": row.path, **_counts(row)} for row in rows]


def _latency(row: LatencyRow) -> dict[str, Any]:
    conditions, how = row.conditions, row.conditions.how
    described: dict[str, Any] = {
        "source": "measured" if how else "published",
        "hw": conditions.hw,
        "precision": conditions.precision,
        "batch_size": conditions.batch_size,
        "input": list(row.grid) if row.grid else None,
    }
    if how:
        described |= {
            "quantity": how.quantity,
            "layout": how.layout,
            "engine": how.engine,
            "threads": how.threads,
            "flush_l2": how.flush_l2,
        }
    else:
        described |= {"page": conditions.page, "table": conditions.table}
    return described | {
        "latency_ms": [figure and (figure.text or figure.latency_ms) for figure in row.figures],
        "inputs": [figure and list(figure.grid) for figure in row.figures],
        "ratios": _latency_ratios(row),
        "missing": [reason or None for reason in row.reasons],
    }
