"""A series' models side by side → a page of the site, in one language.

The tables of all models need no script. Where there is one, a reader chooses models and a baseline;
what it reads is made in ``compare_data``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
from profiler.render.messages import Messages, load_messages
from profiler.report.documents.model_comparison import difference_sentences
from profiler.report.sections import in_language
from profiler.report.tables.columns import label, published, traced
from profiler.report.tables.model_comparison import (
    IN_BYTES,
    module_names,
    part_column,
)
from profiler.report.tables.series import input_size
from profiler.website.compare_data import comparison_data
from profiler.website.compare_latencies import PageLatencies, page_latencies
from profiler.website.content import SeriesContent
from profiler.website.frame import Link, Page, compare_path, page_title
from profiler.website.parts import PageTable, Part, model_links
from profiler.website.series_comparison import SeriesComparison

#: What the tables of kinds and stages show where no script lets a reader choose.
_METRICS = ("flops", "params")
#: The metrics of the table of totals; weights are parameters once more, in bytes.
_TOTALS = tuple(metric for metric in TOTAL_METRICS if metric != "weight_bytes")
#: Those that have a column with the ratio to the baseline.
_WITH_RATIO = ("params", "flops")
_SCRIPTS = tuple(
    f"compare{part}.js" for part in ("_figures", "_words", "_bars", "_tables", "_files", "")
)

#: With more models a reader can search for those to choose.
_MOST_WITHOUT_SEARCH = 20


def compare_page(content: SeriesContent, compared: SeriesComparison, language: str) -> Page:
    """The page on which the models of a series stand side by side."""
    messages = load_messages(language)
    path = compare_path(content.series)
    links = model_links(content, f"{language}/{path}", language)
    series = in_language(content.series.titles, language, content.series.file_stem)
    comparison = compared.comparison
    timed = page_latencies(content, compared.latencies, messages)
    parts = tuple(_parts(content, comparison, timed, messages, links))
    first = comparison.models[0].counts
    return Page(
        path=path,
        title=page_title((messages.text("compare.title"), series), messages),
        description=messages.text("compare.description", series=series),
        template="site/compare.html.j2",
        values={
            "heading": messages.text("compare.heading", series=series),
            "lead": messages.text(
                "compare.lead", convention=first.convention, precision=first.precision.upper()
            ),
            "series": content.series,
            "crumb": Link(series, f"{language}/{content.page_path}"),
            "models": [
                {"name": model.name, "label": model.label} for model in content.series.models
            ],
            "has_search": len(content.series.models) > _MOST_WITHOUT_SEARCH,
            "metrics": [
                {"name": metric, "label": messages.text(f"compare.metrics.{metric}")}
                for metric in sorted(PART_METRICS, key=lambda each: each != comparison.unit)
            ],
            "rule": messages.text("compare.fair_rule"),
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
        scripts=_SCRIPTS,
        data={
            "compare-data": {
                "first": compared.first,
                **comparison_data(content, compared, timed, links, messages),
            }
        },
        files=compared.files,
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
        view = PageTable(anchor, title, table, links=links)
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
                PageTable(f"latencies-{number}", each.title, each.table, each.notes, links)
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
