"""All models of a series held against each other: what their page shows in every language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec.structs import replace

from profiler import units
from profiler.catalog import LANGUAGES
from profiler.counting.conventions import TRUE_CONVENTION
from profiler.counting.model_comparison import (
    CUTS,
    PART_METRICS,
    TOTAL_METRICS,
    Cut,
    ModelComparison,
    amount,
    compare_models,
    model_parts,
    ratio,
    total_of,
)
from profiler.records import DEPLOY, Cell, CellRef, Column, Record, Table
from profiler.records.base import distinct, grouped
from profiler.render.cells import how_texts
from profiler.render.messages import Messages, load_messages
from profiler.render.renderers import render
from profiler.render.templating import inline_json
from profiler.report.audited import TableNote, with_notes
from profiler.report.comparable_figures import (
    AccuracyRow,
    LatencyRow,
    accuracy_rows,
    figures_of,
    latency_rows,
)
from profiler.report.documents.model_comparison import (
    ReportedComparison,
    comparison_document,
    difference_sentences,
)
from profiler.report.scatter import frontier
from profiler.report.tables.model_comparison import (
    IN_BYTES,
    accuracy_gain,
    hardware,
    signed_text,
    timed,
)
from profiler.website.content import SeriesContent
from profiler.website.frame import ASSETS, DATA, language_tag

#: What stands between a line's figures of two models: texts, such as a ratio, with exact values.
Beside = list[Any] | None

#: With more models a reader can search for those to choose, and there are too many pairs of them
#: to write down what stands between each two.
MOST_PAIRED = 20


class SeriesComparison(Record, frozen=True):
    """All models of a series side by side, the same in every language."""

    comparison: ModelComparison
    #: What may be compared beside the counts.
    accuracies: tuple[AccuracyRow, ...]
    latencies: tuple[LatencyRow, ...]
    #: The names of those that a reader sees before choosing.
    first: tuple[str, str]
    #: The end of the message key that says why those: "frontier" or "extremes".
    why: str
    #: All of it as the command writes it, by path from the site's top.
    files: Mapping[str, str]
    #: The script that holds what stands between every two models; none where there are too many.
    pairs: Mapping[str, str] = {}


class PageLatencies(Record, frozen=True):
    """Latencies printed on one page or measured on one device, with the audit's notes."""

    title: str
    rows: tuple[LatencyRow, ...]
    #: A row for each model and, after its name, a column for each of ``rows``.
    table: Table
    notes: tuple[TableNote, ...]

    @property
    def is_published(self) -> bool:
        """Whether a page prints them."""
        return bool(self.rows[0].conditions.page)


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
    compared = SeriesComparison(
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
    if len(models) > MOST_PAIRED:
        return compared
    # marks are the same letters in every language
    timed = page_latencies(content, report.latencies, load_messages(LANGUAGES[0]))
    path = f"{ASSETS}/{content.series.name}/pairs.js"
    return replace(compared, pairs={path: _pairs_script(compared, timed)})


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


def count_lines(
    comparison: ModelComparison,
) -> Iterator[tuple[Cut | Literal["total"], str, str, list[int | float | None]]]:
    """Cut, part, metric and each model's value, in the order of the command's files."""
    for metric in TOTAL_METRICS:
        yield "total", "", metric, [total_of(model, metric) for model in comparison.models]
    for cut in CUTS:
        for part in comparison.parts(cut):
            for metric in PART_METRICS:
                yield cut, part.key, metric, [amount(each, metric) for each in part.counts]


def _pairs_script(compared: SeriesComparison, timed: Sequence[PageLatencies]) -> str:
    """A script that holds, for each baseline and each model, what stands between the two.

    That is a cell for each line of figures in the page's data (counts, accuracies and latencies),
    and for each metric of parts a sentence in every language.
    """
    comparison = compared.comparison
    models = comparison.models
    lines = [(metric, values) for _, _, metric, values in count_lines(comparison)]
    totals = {metric: values for _, part, metric, values in count_lines(comparison) if not part}
    places = range(len(models))
    pairs = []
    for base in places:
        others = [at for at in places if at != base]
        ordered = compare_models([models[base], *(models[at] for at in others)])
        said = {
            language_tag(language): [
                list(difference_sentences(ordered, each, load_messages(language)))
                for each in PART_METRICS
            ]
            for language in LANGUAGES
        }
        pairs.append(
            [
                {
                    "cells": [
                        *(_beside(name, each, totals[name], at, base) for name, each in lines),
                        *(_gain(row, at, base) for row in compared.accuracies),
                        *(
                            _latency_ratio(each, column, at, base)
                            for each in timed
                            for column in range(len(each.rows))
                        ),
                    ],
                    "said": {
                        tag: [texts[others.index(at)] for texts in by_metric] if at != base else []
                        for tag, by_metric in said.items()
                    },
                }
                for at in places
            ]
        )
    return f"window.inprofPairs = {inline_json(pairs)};\n"


def _beside(
    metric: str,
    values: Sequence[int | float | None],
    totals: Sequence[int | float | None],
    at: int,
    base: int,
) -> Beside:
    """Ratio, exact ratio, and of what has parts the difference and its share of the whole one."""
    value, own = values[base], values[at]
    if not value and not own:
        return None
    times = ratio(own, value)
    found: list[Any] = [None if times is None else units.by_hint(times, "factor"), times]
    if metric in PART_METRICS and at != base:
        difference = int(own or 0) - int(value or 0)
        whole = int(totals[at] or 0) - int(totals[base] or 0)
        in_bytes = metric in IN_BYTES
        found += [
            signed_text(difference, metric) if in_bytes else units.signed_integer(difference),
            units.by_hint(difference / whole, "share") if whole else None,
        ]
    return found


def _gain(row: AccuracyRow, at: int, base: int) -> Beside:
    own, other = row.figures[at], row.figures[base]
    return [accuracy_gain(own.text, other.text)] if own and other and at != base else None


def _latency_ratio(timed: PageLatencies, column: int, at: int, base: int) -> Beside:
    own, other = (timed.rows[column].figures[each] for each in (at, base))
    times = ratio(own.latency_ms, other.latency_ms) if own and other else None
    if own is None or other is None or times is None:
        return None
    marks = sorted(
        {*(mark for each in (at, base) for mark in timed.table.rows[each][column + 1].marks)}
    )
    return [units.by_hint(times, "factor"), times, marks, int(own.doubtful or other.doubtful)]


def page_latencies(
    content: SeriesContent, latencies: Sequence[LatencyRow], messages: Messages
) -> tuple[PageLatencies, ...]:
    """The latencies by where they are from: published ones first.

    Args:
        content: the series.
        latencies: those of its models.
        messages: the language.
    """
    groups = grouped(latencies, _where_from)
    found = []
    for (page, hw), rows in groups.items():
        name = (
            content.series.pages.get(page, page)
            if page
            else hardware(rows[0].conditions, device_texts(hw, content), messages)
        )
        kind = messages.text("compare.published" if page else "compare.measured")
        table, notes = with_notes(_table(content, rows, messages), content.audited, messages)
        found.append(PageLatencies(f"{kind}: {name}", tuple(rows), table, notes))
    return tuple(found)


def _where_from(row: LatencyRow) -> tuple[str, str]:
    """The page, or the device that it was measured on."""
    page = row.conditions.page
    return page, "" if page else row.conditions.hw


def device_texts(hw: str, content: SeriesContent) -> Mapping[str, str]:
    """The device's name by its slug, nothing where it has none."""
    name = content.true.device_name(hw)
    return {} if name == hw else {hw: name}


def _table(content: SeriesContent, rows: Sequence[LatencyRow], messages: Messages) -> Table:
    lines = []
    for at, model in enumerate(content.series.models):
        label = Cell(value=model.label, origin="label", model=model.name, at=_crops(rows, at))
        lines.append((label, *(timed(row.figures[at], row.reasons[at]) for row in rows)))
    columns = (
        Column(key="model", hint="label", align="left"),
        *(_column(row, content, messages) for row in rows),
    )
    return Table(key="latencies", columns=columns, rows=tuple(lines))


def _column(row: LatencyRow, content: SeriesContent, messages: Messages) -> Column:
    conditions, how = row.conditions, row.conditions.how
    told: dict[str, str | int] = {
        "hardware": hardware(conditions, device_texts(conditions.hw, content), messages),
        "precision": conditions.precision.upper(),
        "batch": messages.text("compare.batch", batch_size=conditions.batch_size),
    }
    if how:
        told["how"] = messages.join(how_texts(how, messages))
    inputs = map(units.shape, row.grids(range(len(row.figures))))
    return Column(
        key="compare.timed_how" if how else "compare.timed",
        hint="measured_ms" if how else "published",
        align="right",
        placeholders={**told, "input": messages.text("list.alternatives").join(inputs)},
    )


def _crops(rows: Sequence[LatencyRow], model: int) -> tuple[CellRef, ...]:
    """Where the inputs of the model's figures are printed."""
    figures = (row.figures[model] for row in rows)
    return distinct(each.crop_cell for each in figures if each and each.crop_cell)
