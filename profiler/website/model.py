"""One model of a series → its page of the site, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from profiler.plots.batch_drawings import curve_drawings
from profiler.records import DEPLOY, Counts, ReportRow
from profiler.records.base import distinct
from profiler.render.messages import Messages, load_messages
from profiler.render.templating import relative
from profiler.report.audited import with_notes
from profiler.report.sections import (
    Paper,
    count_notes,
    in_language,
    measured_notes,
    model_measured_captions,
    note_texts,
)
from profiler.report.tables.conventions import explanations_table
from profiler.report.tables.layers import uncounted_table
from profiler.report.tables.models import model_latencies_table, published_table
from profiler.timing.latencies.batch_curves import measured_curves, published_curves
from profiler.website.content import SeriesContent
from profiler.website.frame import COUNTING, Link, Page, method_link, page_title
from profiler.website.layers import layers_part, roofline_parts
from profiler.website.model_summary import summary_facts
from profiler.website.parts import (
    PageTable,
    Part,
    captioned,
    compare_link,
    in_series,
    paper_words,
)
from profiler.website.series import comparison_tables


def model_page(content: SeriesContent, index: int, language: str) -> Page:
    """The page of the series' model number ``index``."""
    messages = load_messages(language)
    row = content.true.rows[index]
    model = row.model
    path = content.model_path(model.name)
    series_title = in_language(content.series.titles, language, content.series.file_stem)
    summary = Part(
        anchor="summary",
        title=messages.text("model.summary"),
        notes=(
            messages.text("model.precision", precision=row.counts.precision.upper()),
            *note_texts(count_notes(replace(content.true, rows=(row,))), messages),
        ),
    )
    latencies = tuple(_latency_parts(content, row, messages))
    graphs = content.layers[model.name]
    layers, *folded = ((layers_part(content, graph, messages), graph) for graph in graphs)
    uncounted = tuple(_uncounted(row.counts, messages))
    counts = (
        _published(content, model.name, messages),
        _conventions(content, model.name, messages),
    )
    return Page(
        path=path,
        title=page_title((model.label, series_title), messages),
        description=messages.text("model.description", model=model.label),
        template="site/model.html.j2",
        values={
            "heading": model.label,
            "series": content.series,
            "crumb": Link(series_title, f"{language}/{content.page_path}"),
            "paper": paper_words(
                Paper(
                    models=(model.label,),
                    address=model.paper,
                    title=model.paper_title,
                    year=model.year,
                ),
                "model.paper",
                messages,
            )
            if model.paper or model.paper_title
            else None,
            "compare": compare_link(content, messages, model),
            "summary": summary,
            "facts": summary_facts(content, row, messages),
            "latencies": latencies,
            "layers": layers,
            "uncounted": uncounted,
            "folded": folded,
            "counts": counts,
            "sections": (
                *(summary, *latencies, layers[0], *uncounted),
                *(part for part, _ in folded),
                *counts,
            ),
            "previous": _neighbour(content, index - 1, language),
            "next": _neighbour(content, index + 1, language),
        },
        scripts=("layers.js", "tree.js", "icicle.js"),
        files={path: text for graph in graphs for path, text in graph.files.items()},
    )


def _latency_parts(content: SeriesContent, row: ReportRow, messages: Messages) -> Iterator[Part]:
    """How long it takes, what inprof measured before what pages print."""
    name = row.model.name
    yield from _measured(content, name, messages)
    yield from roofline_parts(content, content.traces[name][DEPLOY], name, messages)
    yield _latencies(content, name, messages)


def _conventions(content: SeriesContent, model: str, messages: Messages) -> Part:
    """Every rule's figure: the deployed graph first, our own rules first, then by unit."""
    explained = sorted(
        content.explanations[model],
        key=lambda each: (each.variant != DEPLOY, bool(each.tool), each.unit, each.convention),
    )
    title = messages.text("model.conventions")
    here = f"{messages.language}/{content.model_path(model)}"
    rules = relative(method_link(COUNTING, messages).path, here)
    table = PageTable(
        "conventions",
        title,
        explanations_table(explained, with_graph=True),
        explained={each.convention: f"{rules}#{each.convention}" for each in explained},
    )
    return Part(
        anchor="conventions",
        title=title,
        lead=(messages.text("model.conventions_lead"),),
        more=method_link(COUNTING, messages, "the-conventions"),
        tables=(table,),
    )


def _published(content: SeriesContent, model: str, messages: Messages) -> Part:
    title = messages.text("model.published")
    printed = PageTable(
        "printed", messages.text("model.as_printed"), published_table(content.series, model)
    )
    compared = comparison_tables(content, messages, {}, (model,))
    return Part(
        anchor="published",
        title=title,
        lead=(messages.text("compared.lead" if compared else "model.unpublished"),)
        if compared or not printed.table.rows
        else (),
        more=method_link(COUNTING, messages, "paddle_static") if compared else None,
        tables=(*compared, *((printed,) if printed.table.rows else ())),
    )


def _latencies(content: SeriesContent, model: str, messages: Messages) -> Part:
    """A table for each page that prints any."""
    pages = distinct(each.page for each in content.series.latencies if each.model == model)
    return Part(
        anchor="latencies",
        title=messages.text("model.latencies"),
        lead=() if pages else (messages.text("model.no_latencies"),),
        drawings=curve_drawings(content.true, published_curves(content.true, model), messages),
        tables=tuple(
            PageTable(f"latencies-{number}", content.series.pages.get(page, page), table, findings)
            for number, page in enumerate(pages, start=1)
            for table, findings in (
                with_notes(
                    model_latencies_table(content.true, model, page), content.audited, messages
                ),
            )
        ),
        notes=(messages.text("notes.latencies"),) if pages else (),
        quoted=in_series(content.series, pages),
    )


def _measured(content: SeriesContent, model: str, messages: Messages) -> Iterator[Part]:
    report = content.true
    tables = model_measured_captions(report, model, messages)
    if tables:
        own = [each for each in report.measured if each.model == model]
        curves = curve_drawings(report, measured_curves(report, model), messages)
        yield Part(
            anchor="measured",
            title=messages.text("model.measured"),
            lead=(messages.text("notes.measured"),),
            drawings=curves,
            tables=captioned(tables, "measured", {}),
            notes=(
                *((messages.text("batches.bars"),) if curves else ()),
                *measured_notes(report, own, messages),
            ),
            captioned=True,
            rest_folded=messages.text("model.show_rows"),
        )


def _uncounted(counts: Counts, messages: Messages) -> Sequence[Part]:
    title = messages.text("model.uncounted")
    table = uncounted_table(counts)
    if not table or not table.rows:
        return ()
    lead = messages.text("model.uncounted_lead", convention=counts.convention)
    return (Part("uncounted", title, (lead,), tables=(PageTable("uncounted", title, table),)),)


def _neighbour(content: SeriesContent, index: int, language: str) -> Link | None:
    models = content.series.models
    if not 0 <= index < len(models):
        return None
    return Link(models[index].label, f"{language}/{content.model_path(models[index].name)}")
