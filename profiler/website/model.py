"""One model of a series → its page of the site, in one language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from profiler import units
from profiler.catalog import UNSTATED
from profiler.records import (
    DEPLOY,
    Counts,
    Latency,
    MeasuredLatency,
    Record,
    ReportRow,
    Source,
)
from profiler.records.base import distinct
from profiler.render.cells import cell_lines, heading_lines, how_texts, stated_precision
from profiler.render.messages import Messages, load_messages
from profiler.render.templating import relative
from profiler.report.audited import with_notes
from profiler.report.model_plots import VIEWS, curve_alt, curve_caption, model_curves
from profiler.report.sections import (
    Paper,
    count_notes,
    device_name,
    in_language,
    measured_notes,
    model_measured_captions,
    note_texts,
)
from profiler.report.tables.conventions import explanations_table
from profiler.report.tables.layers import totals_table, uncounted_table
from profiler.report.tables.models import model_latencies_table, published_table
from profiler.timing.latencies.measured import has_own_input
from profiler.website.content import SeriesContent
from profiler.website.frame import ASSETS, COUNTING, Link, SitePage, method_link, page_title
from profiler.website.layers import layers_part, roofline_parts
from profiler.website.parts import (
    CaptionedPictures,
    Part,
    SiteTable,
    captioned,
    compare_link,
    in_series,
    paper_words,
)
from profiler.website.series import comparison_tables


def model_page(content: SeriesContent, index: int, language: str) -> SitePage:
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
            messages.text(
                "model.precision", precision=stated_precision((row.counts,), messages, capital=True)
            ),
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
    return SitePage(
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
        scripts=(f"{ASSETS}/layers.js",),
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
    table = SiteTable(
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
    printed = SiteTable(
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
        figures=_curves(content, model, "published", messages),
        tables=tuple(
            SiteTable(f"latencies-{number}", content.series.pages.get(page, page), table, findings)
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
        curves = _curves(content, model, "measured", messages)
        yield Part(
            anchor="measured",
            title=messages.text("model.measured"),
            lead=(messages.text("notes.measured"),),
            figures=curves,
            tables=captioned(tables, "measured", {}),
            notes=(
                *((messages.text("batches.bars"),) if curves else ()),
                *measured_notes(report, own, messages),
            ),
            captioned=True,
            rest_folded=messages.text("model.show_rows"),
        )


def _curves(
    content: SeriesContent, model: str, source: Source, messages: Messages
) -> tuple[CaptionedPictures, ...]:
    """Latency and throughput by batch size, where there are figures for several, if drawn."""
    figures = []
    for curves in model_curves(content.true, model, source):
        if not all(plot.name in content.model_pictures for plot in curves.plots):
            continue
        caption = curve_caption(content.true, curves.batches, messages)
        pictures = tuple(
            (content.model_pictures[plot.name], curve_alt(curves.batches, view, caption, messages))
            for plot, view in zip(curves.plots, VIEWS, strict=True)
        )
        figures.append(CaptionedPictures(caption, pictures))
    return tuple(figures)


def _uncounted(counts: Counts, messages: Messages) -> Sequence[Part]:
    title = messages.text("model.uncounted")
    table = uncounted_table(counts)
    if not table or not table.rows:
        return ()
    lead = messages.text("model.uncounted_lead", convention=counts.convention)
    return (Part("uncounted", title, (lead,), tables=(SiteTable("uncounted", title, table),)),)


def _neighbour(content: SeriesContent, index: int, language: str) -> Link | None:
    models = content.series.models
    if not 0 <= index < len(models):
        return None
    return Link(models[index].label, f"{language}/{content.model_path(models[index].name)}")


# --- the summary: the figures that a model is chosen by

_COUNTED = (
    "params",
    "macs",
    "flops",
    "activations",
    "weight_bytes",
    "peak_activation_bytes",
    "input_shape",
    "variant",
)
#: The precision that a published latency is told at where there are several.
_PLAIN_PRECISION = "fp32"


class SummaryFact(Record, frozen=True):
    """A line of the summary."""

    label: str
    value: str
    #: The exact value, its conditions or where it is from.
    detail: str = ""
    quoted: bool = False
    measured: bool = False


def summary_facts(
    content: SeriesContent, row: ReportRow, messages: Messages
) -> tuple[SummaryFact, ...]:
    """Accuracy and a latency where there are any, then what was counted."""
    return (
        *_accuracy(row, messages),
        *_latency(content, row, messages),
        *_counted(row.counts, messages),
    )


def _accuracy(row: ReportRow, messages: Messages) -> Iterator[SummaryFact]:
    if row.accuracy and row.accuracy.top1:
        top5 = row.accuracy.top5
        yield SummaryFact(
            label=messages.text("columns.top1"),
            value=row.accuracy.top1.text,
            detail=messages.text("model.top5_published", top5=top5.text)
            if top5
            else messages.text("model.published_detail"),
            quoted=True,
        )


def _latency(content: SeriesContent, row: ReportRow, messages: Messages) -> Iterator[SummaryFact]:
    """The one that is founded best: measured without a doubt, else published without a finding."""
    measured, published = _best_measured(content, row), _best_published(content, row)
    timed: MeasuredLatency | Latency
    said: tuple[str, ...]
    if measured is not None:
        timed, value = measured, units.milliseconds(measured.median_ms)
        said = (*how_texts(measured.how, messages), messages.text("model.measured_detail"))
    elif published is not None:
        timed, value = published, published.latency_ms.text
        said = (messages.text("model.published_detail"),)
    else:
        return
    yield SummaryFact(
        label=messages.text("model.latency"),
        value=f"{value} ms",
        detail=messages.join(
            [
                device_name(content.true, timed.hw),
                timed.precision.upper(),
                messages.text("chart.batch_of", batch_size=timed.batch_size),
                *said,
            ]
        ),
        measured=measured is not None,
        quoted=measured is None,
    )


def _best_measured(content: SeriesContent, row: ReportRow) -> MeasuredLatency | None:
    """The first in the order of the tables: the usual conditions, the smallest batch."""
    return next(
        (
            each
            for each in content.true.measured
            if each.model == row.model.name
            and not each.doubtful
            and each.low_ms is not None
            and has_own_input(row.model, each.input_shape)
        ),
        None,
    )


def _best_published(content: SeriesContent, row: ReportRow) -> Latency | None:
    """On the device with the most figures, at the plain precision, at the smallest batch.

    The size is the one that the counts are for, and no finding of the audit is about it.
    """
    found_in = {cell for finding in content.audited.findings for cell in finding.cells}
    sound = [
        each
        for each in row.latencies
        if each.hw != UNSTATED
        and each.crop_size == row.model.crop_size
        and found_in.isdisjoint((each.cell, each.crop_cell))
    ]
    figures = Counter(each.hw for each in sound)
    return min(
        sound,
        key=lambda each: (
            -figures[each.hw],
            each.hw,
            each.precision != _PLAIN_PRECISION,
            each.precision,
            each.batch_size,
        ),
        default=None,
    )


def _counted(counts: Counts, messages: Messages) -> Iterator[SummaryFact]:
    table = totals_table((counts,))
    by_name = {
        column.key.rpartition(".")[2]: (column, cell)
        for column, cell in zip(table.columns, table.rows[0], strict=True)
    }
    for name in _COUNTED:
        column, cell = by_name[name]
        label = " ".join(heading_lines(column, messages))
        shown = " ".join(cell_lines(cell, column, messages))
        if not isinstance(cell.value, int):
            yield SummaryFact(label=label, value=shown)
            continue
        in_bytes = column.hint == "bytes"
        exact = units.byte_count(cell.value) if in_bytes else units.integer(cell.value)
        rounded = shown if in_bytes else units.scaled(cell.value)
        yield SummaryFact(label=label, value=rounded, detail=exact if exact != rounded else "")
