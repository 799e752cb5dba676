"""A series' models side by side → a page of the site, in one language.

The tables of all models need no script. Where there is one, a reader chooses models and a baseline:
every figure comes to it as a text with the exact value beside it, so that it orders and moves what
it finds, and works nothing out. What stands between two models, such as a ratio, is in a script of
its own: see ``series_comparison``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from profiler import units
from profiler.counting.model_comparison import (
    CUTS,
    PART_METRICS,
    TOTAL_METRICS,
    Cut,
    ModelComparison,
    amount,
    ratio,
    total_of,
)
from profiler.records import Cell, Column, Table
from profiler.render.cells import stated_precision
from profiler.render.messages import Messages, load_messages
from profiler.report.comparable_figures import AccuracyRow
from profiler.report.documents.model_comparison import conditions_name, difference_sentences
from profiler.report.sections import in_language
from profiler.report.tables.columns import label, published, traced
from profiler.report.tables.model_comparison import (
    IN_BYTES,
    amount_text,
    conditions_text,
    hardware,
    module_names,
    part_column,
    part_name,
)
from profiler.report.tables.series import input_size
from profiler.website.content import SeriesContent
from profiler.website.frame import ASSETS, Link, SitePage, compare_path, page_title
from profiler.website.parts import Part, SiteTable, model_links
from profiler.website.series_comparison import (
    MOST_PAIRED,
    PageLatencies,
    SeriesComparison,
    count_lines,
    device_texts,
    page_latencies,
)

#: What the tables of kinds and stages show where no script lets a reader choose.
_METRICS = ("flops", "params")
#: The metrics of the table of totals; weights are parameters once more, in bytes.
_TOTALS = tuple(metric for metric in TOTAL_METRICS if metric != "weight_bytes")
#: Those that have a column with the ratio to the baseline.
_WITH_RATIO = ("params", "flops")


def compare_page(content: SeriesContent, compared: SeriesComparison, language: str) -> SitePage:
    """The page on which the models of a series stand side by side."""
    messages = load_messages(language)
    path = compare_path(content.series)
    links = model_links(content, f"{language}/{path}", language)
    series = in_language(content.series.titles, language, content.series.file_stem)
    comparison = compared.comparison
    timed = page_latencies(content, compared.latencies, messages)
    parts = tuple(_parts(content, comparison, timed, messages, links))
    return SitePage(
        path=path,
        title=page_title((messages.text("compare.title"), series), messages),
        description=messages.text("compare.description", series=series),
        template="site/compare.html.j2",
        values={
            "heading": messages.text("compare.heading", series=series),
            "lead": messages.text(
                "compare.lead",
                convention=comparison.convention,
                precision=stated_precision(
                    [each.counts for each in comparison.models], messages, capital=True
                ),
            ),
            "series": content.series,
            "crumb": Link(series, f"{language}/{content.page_path}"),
            "models": [
                {"name": model.name, "label": model.label} for model in content.series.models
            ],
            "has_search": len(content.series.models) > MOST_PAIRED,
            "metrics": [
                {"name": metric, "label": messages.text(f"compare.metrics.{metric}")}
                for metric in sorted(PART_METRICS, key=lambda each: each != comparison.unit)
            ],
            "rules": [
                messages.text("compare.fair_rule"),
                *((messages.text("compare.unpaired"),) if not compared.pairs else ()),
            ],
            "shown": messages.text(
                f"compare.shown_{compared.why}",
                models=messages.text("list.and").join(
                    content.series.model(name).label for name in compared.first
                ),
            ),
            "file_stem": f"{content.series.name}-compared",
            "files": tuple(compared.files),
            "parts_of_page": parts,
        },
        scripts=(*compared.pairs, f"{ASSETS}/compare.js"),
        data={
            "compare-data": {
                "first": compared.first,
                **comparison_data(content, compared, timed, links, messages),
            }
        },
        files={**compared.files, **compared.pairs},
    )


def _parts(
    content: SeriesContent,
    comparison: ModelComparison,
    timed: Sequence[PageLatencies],
    messages: Messages,
    links: Mapping[str, str],
) -> Iterator[Part]:
    baseline = comparison.models[0].label
    to_baseline = messages.text("compare.ratio_note", baseline=baseline)

    def part(anchor: str, title: str, table: Table, *notes: str) -> Part:
        view = SiteTable(anchor, title, table, links=links)
        return Part(anchor=anchor, title=title, tables=(view,), notes=notes)

    yield part(
        "totals",
        messages.text("compare.all_totals"),
        _totals(content, comparison),
        to_baseline,
    )
    yield Part(
        anchor="differences",
        title=messages.text("compare.all_differences", baseline=baseline),
        lead=tuple(difference_sentences(comparison, comparison.unit, messages)),
    )
    titles = {"kinds": "compare.by_kind", "stages": "compare.by_stage"}
    rules = {"kinds": "compare.kind_rule", "stages": "compare.stage_rule"}
    for metric in _METRICS:
        for cut in CUTS:
            name = messages.text(f"compare.metrics.{metric}")
            title = messages.text(titles[cut], metric=name)
            yield part(
                f"{metric}-{cut}",
                messages.text("compare.all_parts", title=title),
                _cut(content, comparison, cut, metric, messages),
                *((messages.text(rules[cut]),) if metric == _METRICS[0] else ()),
            )
    title = messages.text("compare.all_modules")
    yield part("modules", title, _modules(content, comparison, messages))
    if timed:
        yield Part(
            anchor="latencies",
            title=messages.text("compare.all_latencies"),
            tables=tuple(
                SiteTable(f"latencies-{number}", each.title, each.table, each.notes, links)
                for number, each in enumerate(timed, start=1)
            ),
            captioned=True,
        )


def _totals(content: SeriesContent, comparison: ModelComparison) -> Table:
    columns = [_model_column(), Column(key="input_size", hint="text")]
    for metric in _TOTALS:
        hint = "bytes" if metric in IN_BYTES else "scaled"
        hint = "ratio" if metric == "arithmetic_intensity" else hint
        columns.append(Column(key=f"compare.{metric}", hint=hint, align="right"))
        if metric in _WITH_RATIO:
            columns.append(Column(key=f"compare.{metric}_ratio", hint="factor", align="right"))
    columns.append(Column(key="top1", hint="published"))
    base = comparison.models[0]
    rows = []
    for name, row, model in zip(
        _labels(content), content.true.rows, comparison.models, strict=True
    ):
        cells = [name, label(input_size(row))]
        for metric in _TOTALS:
            cells.append(traced(total_of(model, metric)))
            if metric in _WITH_RATIO:
                cells.append(traced(ratio(total_of(model, metric), total_of(base, metric))))
        cells.append(published(row.accuracy.top1 if row.accuracy else None))
        rows.append(tuple(cells))
    return Table(key="totals", columns=tuple(columns), rows=tuple(rows))


def _cut(
    content: SeriesContent,
    comparison: ModelComparison,
    cut: Cut,
    metric: str,
    messages: Messages,
) -> Table:
    """A column per op kind or stage in which any model has some of the metric."""
    parts = [
        part
        for part in comparison.parts(cut)
        if any(amount(counts, metric) for counts in part.counts)
    ]
    columns = (
        _model_column(),
        *(part_column(cut, part.key, messages, "scaled") for part in parts),
        Column(key=f"compare.{metric}", hint="scaled"),
    )
    rows = tuple(
        (
            name,
            *(traced(amount(part.counts[at], metric)) for part in parts),
            traced(amount(comparison.models[at].counts.totals, metric)),
        )
        for at, name in enumerate(_labels(content))
    )
    return Table(key=cut, columns=columns, rows=rows)


def _modules(content: SeriesContent, comparison: ModelComparison, messages: Messages) -> Table:
    columns = (
        _model_column(),
        *(part_column("stages", part.key, messages, "text") for part in comparison.stages),
    )
    rows = tuple(
        (
            name,
            *(label(module_names(part.modules[at], messages)) for part in comparison.stages),
        )
        for at, name in enumerate(_labels(content))
    )
    return Table(key="modules", columns=columns, rows=rows)


def _labels(content: SeriesContent) -> Sequence[Cell]:
    return [label(model.label, model=model.name) for model in content.series.models]


def _model_column() -> Column:
    return Column(key="model", hint="label", align="left")


# --- what the script reads

Json = dict[str, Any]

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
        "precision": comparison.precision,
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
        if cut == "total":
            line["label"] = messages.text(f"compare.metrics.{metric}")
            if metric in PART_METRICS:
                rounded = [amount_text(int(value or 0), metric) for value in values]
                line["rounded"] = rounded
                line["named"] = [
                    messages.text("compare.bar", model=model.label, total=total)
                    for model, total in zip(comparison.models, rounded, strict=True)
                ]
        else:
            line["label"] = part_name(cut, part, messages)
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
    """Tables that are not of one page: totals, parts, modules and accuracies."""
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
