"""One model of a series → its page of the site, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from profiler import units
from profiler.batch_curves import measured_curves, published_curves
from profiler.convention_tables import explanations_table
from profiler.layer_tables import totals_table, uncounted_table
from profiler.model_tables import model_latencies_table, published_table
from profiler.notes import count_notes
from profiler.records import Counts, Record, ReportRow
from profiler.render.cells import cell_lines, heading_lines
from profiler.render.drawing.batch_drawings import curve_drawings
from profiler.render.measured_sections import measured_notes, model_measured_captions
from profiler.render.messages import Messages, load_messages
from profiler.render.sections import Paper, distinct, in_language, note_texts, source_texts
from profiler.render.site.content import SeriesContent
from profiler.render.site.frame import HtmlPage, page_title, relative
from profiler.render.site.layers import layers_part, roofline_parts
from profiler.render.site.parts import (
    HtmlLink,
    HtmlPart,
    captioned,
    compare_link,
    html_paper,
    single,
)
from profiler.render.site.series import comparison_tables, counting_link
from profiler.render.site.table import html_table
from profiler.render.table_notes import with_notes
from profiler.report import DEPLOY

_OF_THE_SUMMARY = (
    "params",
    "macs",
    "flops",
    "activations",
    "weight_bytes",
    "peak_activation_bytes",
    "input_shape",
    "variant",
)


class _Fact(Record, frozen=True):
    """A line of the summary: a rounded value, and the exact one where that is another."""

    label: str
    value: str
    detail: str = ""


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
    figures = tuple(_figures(content, row, here, messages))
    traces = content.traces[model.name]
    layers = layers_part(content, traces[DEPLOY], model.name, "layers", messages)
    uncounted = tuple(_uncounted(row.counts, messages))
    folded = tuple(
        layers_part(content, trace, model.name, f"layers-{variant}", messages)
        for variant, trace in traces.items()
        if variant != DEPLOY
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
            "facts": _facts(row.counts, messages),
            "figures": figures,
            "layers": layers,
            "uncounted": uncounted,
            "folded": folded,
            "sections": (summary, *figures, layers, *uncounted, *folded),
            "previous": _neighbour(content, index - 1, here, language),
            "next": _neighbour(content, index + 1, here, language),
        },
        scripts=("tree.js", "icicle.js"),
    )


def _facts(counts: Counts, messages: Messages) -> tuple[_Fact, ...]:
    table = totals_table((counts,))
    by_name = {
        column.key.rpartition(".")[2]: (column, cell)
        for column, cell in zip(table.columns, table.rows[0], strict=True)
    }
    facts = []
    for name in _OF_THE_SUMMARY:
        column, cell = by_name[name]
        label = " ".join(heading_lines(column, messages))
        shown = " ".join(cell_lines(cell, column, messages))
        if not isinstance(cell.value, int):
            facts.append(_Fact(label=label, value=shown))
            continue
        in_bytes = column.hint == "bytes"
        exact = units.byte_count(cell.value) if in_bytes else units.integer(cell.value)
        rounded = shown if in_bytes else units.scaled(cell.value)
        facts.append(_Fact(label=label, value=rounded, detail=exact if exact != rounded else ""))
    return tuple(facts)


def _figures(
    content: SeriesContent, row: ReportRow, here: str, messages: Messages
) -> Iterator[HtmlPart]:
    name = row.model.name
    traces = content.traces[name]
    title = messages.text("model.conventions")
    yield HtmlPart(
        anchor="conventions",
        title=title,
        lead=(messages.text("model.conventions_lead"),),
        more=counting_link(here, messages, "the-rules"),
        tables=single(
            explanations_table(content.explanations[name], with_graph=True),
            "conventions",
            title,
            messages,
        ),
    )
    yield _published(content, name, here, messages)
    yield _latencies(content, name, messages)
    yield from _measured(content, name, messages)
    yield from roofline_parts(content, traces[DEPLOY], name, messages)


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
        notes=(messages.text("notes.latencies"), *source_texts(content.true, messages))
        if pages
        else (),
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
