"""A comparison of models with all that is said beside its counts → CSV or JSON, exact."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from profiler.comparable_figures import AccuracyRow, LatencyRow
from profiler.model_comparison import (
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
from profiler.records import Cell, Column, LayerCounts, Record, Table
from profiler.render.csv_table import render_csv


class ReportedComparison(Record, frozen=True):
    """A comparison with everything that is said beside the counts.

    ``metric`` is what kinds and stages are shown by; ``pages`` and ``devices`` are names by slug.
    """

    comparison: ModelComparison
    metric: str
    accuracies: tuple[AccuracyRow, ...] = ()
    latencies: tuple[LatencyRow, ...] = ()
    pages: Mapping[str, str] = {}
    devices: Mapping[str, str] = {}


def comparison_csv(report: ReportedComparison) -> str:
    """A row for each figure of a total, a kind and a stage of each model; exact numbers."""
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
    names = ("cut", "part", "metric", "model", "value", "ratio")
    columns = tuple(Column(key=name, hint="text") for name in names)
    rows = tuple(
        tuple(
            Cell(value=field, origin="label")
            for field in (cut, part, metric, model.counts.model, value, ratio(value, values[0]))
        )
        for cut, part, metric, values in figures
        for model, value in zip(comparison.models, values, strict=True)
    )
    return render_csv(Table(key="comparison", columns=columns, rows=rows))


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
    base = row.figures[0]
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
        "ratios": [
            ratio(figure.latency_ms, base.latency_ms) if figure and base else None
            for figure in row.figures
        ],
        "missing": [reason or None for reason in row.reasons],
    }
