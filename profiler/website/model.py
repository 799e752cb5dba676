"""One model of a series → its page of the site, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from profiler.plots.batch_drawings import curve_drawings
from profiler.records import DEPLOY, Counts, ReportRow
from profiler.records.base import distinct
from profiler.render.messages import Messages, load_messages
from profiler.report.measured_sections import measured_notes, model_measured_captions
from profiler.report.notes import count_notes
from profiler.report.sections import Paper, in_language, note_texts
from profiler.report.table_notes import with_notes
from profiler.report.tables.conventions import explanations_table
from profiler.report.tables.layers import uncounted_table
from profiler.report.tables.models import model_latencies_table, published_table
from profiler.timing.latencies.batch_curves import measured_curves, published_curves
from profiler.website.content import SeriesContent
from profiler.website.frame import HtmlPage, page_title, relative
from profiler.website.layers import layers_part, roofline_parts
from profiler.website.model_summary import summary_facts
from profiler.website.parts import (
    HtmlLink,
    HtmlPart,
    captioned,
    compare_link,
    html_paper,
    html_sources,
    single,
)
from profiler.website.series import comparison_tables, counting_link
from profiler.website.table import HtmlRows, HtmlTable, html_table


def model_page(content: SeriesContent, index: int, language: str) -> HtmlPage:
    """The page of the series' model number ``index``."""
    messages = load_messages(language)
    row = content.true.rows[index]
    model = row.model
    path = content.model_path(model.name)
    here = f"{language}/{path}"
    series_title = in_language(content.series.titles, language, content.series.file_stem)
    summary = HtmlPart(
        anchor="summary",
        title=messages.text("model.summary"),
        notes=(
            messages.text("model.precision", precision=row.counts.precision.upper()),
            *note_texts(count_notes(replace(content.true, rows=(row,))), messages),
        ),
    )
    latencies = tuple(_latency_parts(content, row, messages))
    graphs = content.layers[model.name]
    layers, *folded = (layers_part(content, graph, here, messages) for graph in graphs)
    uncounted = tuple(_uncounted(row.counts, messages))
    counts = (
        _published(content, model.name, here, messages),
        _conventions(content, model.name, here, messages),
    )
    return HtmlPage(
        path=path,
        title=page_title((model.label, series_title), messages),
        description=messages.text("model.description", model=model.label),
        template="site/model.html.j2",
        values={
            "heading": model.label,
            "series": HtmlLink(
                label=series_title, href=relative(here, f"{language}/{content.page_path}")
            ),
            "paper": html_paper(
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
            "compare": compare_link(content, here, messages, model),
            "summary": summary,
            "facts": summary_facts(content, row, messages),
            "latencies": latencies,
            "layers": layers,
            "uncounted": uncounted,
            "folded": folded,
            "counts": counts,
            "sections": (summary, *latencies, layers, *uncounted, *folded, *counts),
            "previous": _neighbour(content, index - 1, here, language),
            "next": _neighbour(content, index + 1, here, language),
        },
        scripts=("layers.js", "tree.js", "icicle.js"),
        files={path: text for graph in graphs for path, text in graph.files.items()},
    )


def _latency_parts(
    content: SeriesContent, row: ReportRow, messages: Messages
) -> Iterator[HtmlPart]:
    """How long it takes, what inprof measured before what pages print."""
    name = row.model.name
    yield from _measured(content, name, messages)
    yield from roofline_parts(content, content.traces[name][DEPLOY], name, messages)
    yield _latencies(content, name, messages)


def _conventions(content: SeriesContent, model: str, here: str, messages: Messages) -> HtmlPart:
    """Every rule's figure: the deployed graph first, our own rules first, then by unit."""
    explained = sorted(
        content.explanations[model],
        key=lambda each: (each.variant != DEPLOY, bool(each.tool), each.unit, each.convention),
    )
    title = messages.text("model.conventions")
    tables = single(explanations_table(explained, with_graph=True), "conventions", title, messages)
    return HtmlPart(
        anchor="conventions",
        title=title,
        lead=(messages.text("model.conventions_lead"),),
        more=counting_link(here, messages, "the-conventions"),
        tables=tuple(_explained(each, here, messages) for each in tables),
    )


def _explained(table: HtmlTable, here: str, messages: Messages) -> HtmlTable:
    """The table with each rule's name as a link to what is said of it."""
    bodies = tuple(
        HtmlRows(
            rows=tuple(
                (replace(name, href=counting_link(here, messages, name.lines[0]).href), *rest)
                for name, *rest in body.rows
            )
        )
        for body in table.bodies
    )
    return replace(table, bodies=bodies)


def _published(content: SeriesContent, model: str, here: str, messages: Messages) -> HtmlPart:
    title = messages.text("model.published")
    printed = single(
        published_table(content.series, model),
        "printed",
        messages.text("model.as_printed"),
        messages,
    )
    compared = comparison_tables(content, messages, {}, (model,))
    return HtmlPart(
        anchor="published",
        title=title,
        lead=(messages.text("compared.lead" if compared else "model.unpublished"),)
        if compared or not printed
        else (),
        more=counting_link(here, messages, "paddle_static") if compared else None,
        tables=(*compared, *printed),
    )


def _latencies(content: SeriesContent, model: str, messages: Messages) -> HtmlPart:
    """A table for each page that prints any."""
    pages = distinct(each.page for each in content.series.latencies if each.model == model)
    return HtmlPart(
        anchor="latencies",
        title=messages.text("model.latencies"),
        lead=() if pages else (messages.text("model.no_latencies"),),
        drawings=curve_drawings(content.true, published_curves(content.true, model), messages),
        tables=tuple(
            html_table(
                table,
                messages,
                anchor=f"latencies-{number}",
                caption=content.series.pages.get(page, page),
                notes=findings,
            )
            for number, page in enumerate(pages, start=1)
            for table, findings in (
                with_notes(
                    model_latencies_table(content.true, model, page), content.audited, messages
                ),
            )
        ),
        notes=(messages.text("notes.latencies"),) if pages else (),
        sources=html_sources(content.series, pages, "notes.sources_here", messages),
    )


def _measured(content: SeriesContent, model: str, messages: Messages) -> Iterator[HtmlPart]:
    report = content.true
    tables = model_measured_captions(report, model, messages)
    if tables:
        own = [each for each in report.measured if each.model == model]
        curves = curve_drawings(report, measured_curves(report, model), messages)
        yield HtmlPart(
            anchor="measured",
            title=messages.text("model.measured"),
            lead=(messages.text("notes.measured"),),
            drawings=curves,
            tables=captioned(tables, "measured", messages),
            notes=(
                *((messages.text("batches.bars"),) if curves else ()),
                *measured_notes(report, own, messages),
            ),
            captioned=True,
            rest_folded=messages.text("model.show_rows"),
        )


def _uncounted(counts: Counts, messages: Messages) -> Sequence[HtmlPart]:
    title = messages.text("model.uncounted")
    tables = single(uncounted_table(counts), "uncounted", title, messages)
    if not tables:
        return ()
    lead = messages.text("model.uncounted_lead", convention=counts.convention)
    return (HtmlPart(anchor="uncounted", title=title, lead=(lead,), tables=tables),)


def _neighbour(content: SeriesContent, index: int, here: str, language: str) -> HtmlLink | None:
    models = content.series.models
    if not 0 <= index < len(models):
        return None
    address = f"{language}/{content.model_path(models[index].name)}"
    return HtmlLink(label=models[index].label, href=relative(here, address))
