"""All models of a series held against each other: what their page shows in every language."""

from __future__ import annotations

from collections.abc import Mapping

from profiler.counting.conventions import TRUE_CONVENTION
from profiler.counting.model_comparison import ModelComparison, compare_models, model_parts
from profiler.records import DEPLOY, Record
from profiler.render.renderers import render
from profiler.report.comparable_figures import (
    AccuracyRow,
    LatencyRow,
    accuracy_rows,
    figures_of,
    latency_rows,
)
from profiler.report.documents.model_comparison import ReportedComparison, comparison_document
from profiler.report.scatter import frontier
from profiler.website.content import SeriesContent
from profiler.website.frame import DATA


class SeriesComparison(Record, frozen=True):
    """All models of a series side by side, the same in every language.

    ``accuracies`` and ``latencies`` are what may be compared beside the counts. ``first`` are the
    names of those that a reader sees before choosing, ``why`` the end of the message key that says
    so: "frontier" or "extremes". ``files`` are all of it as the command writes it, by path from the
    site's top.
    """

    comparison: ModelComparison
    accuracies: tuple[AccuracyRow, ...]
    latencies: tuple[LatencyRow, ...]
    first: tuple[str, str]
    why: str
    files: Mapping[str, str]


def series_comparison(content: SeriesContent) -> SeriesComparison:
    """Compare the deployed graphs of a series, each at the input that its counts are stated at."""
    models = content.series.models
    traces = [content.traces[model.name][DEPLOY] for model in models]
    comparison = compare_models(
        [
            model_parts(trace, model.label, TRUE_CONVENTION)
            for trace, model in zip(traces, models, strict=True)
        ]
    )
    figures = [
        figures_of(content.series, model, trace.input_shape[2:], content.true.measured)
        for trace, model in zip(traces, models, strict=True)
    ]
    report = ReportedComparison(
        comparison=comparison,
        metric=comparison.unit,
        accuracies=accuracy_rows(figures),
        latencies=latency_rows(figures),
    )
    document = comparison_document(report)
    first, why = _worth_a_look(content, comparison)
    # in a folder, as the series' own file beside it may have any name
    stem = f"{DATA}/{content.series.name}/compare/all-models"
    return SeriesComparison(
        comparison=comparison,
        accuracies=report.accuracies,
        latencies=report.latencies,
        first=first,
        why=why,
        files={
            f"{stem}.csv": render(document, "csv"),
            f"{stem}.json": render(document, "json"),
        },
    )


def _worth_a_look(
    content: SeriesContent, comparison: ModelComparison
) -> tuple[tuple[str, str], str]:
    """The two cheapest models of the frontier, else the cheapest and the dearest, and which."""
    rows = [
        (model.counts.totals.flops, at, row)
        for at, (model, row) in enumerate(zip(comparison.models, content.true.rows, strict=True))
    ]
    rated = sorted(
        (flops, at, row.model.name, float(row.accuracy.top1.text))
        for flops, at, row in rows
        if row.accuracy and row.accuracy.top1
    )
    best = frontier([(flops, top1) for flops, _, _, top1 in rated])
    names = [name for (_, _, name, _), kept in zip(rated, best, strict=True) if kept]
    if len(names) > 1:
        return (names[0], names[1]), "frontier"
    by_cost = [row.model.name for _, _, row in sorted(rows, key=lambda each: each[:2])]
    return (by_cost[0], by_cost[-1]), "extremes"
