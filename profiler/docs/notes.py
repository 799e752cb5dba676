"""Regions that are text: what a model comes to in a line, and notes on a series' figures."""

from __future__ import annotations

from profiler import units
from profiler.counting.conventions import TRUE_CONVENTION, convention
from profiler.counting.counts import count
from profiler.counting.model_comparison import (
    PART_METRICS,
)
from profiler.docs.content import ANY, Content, kind
from profiler.docs.plots import CONDITIONS, MEASURED, every_plot
from profiler.docs.request import (
    MODEL_ATTRIBUTES,
    NamedModel,
    RegionRequest,
    RegionSources,
    audited_of,
    convention_of,
    named_model,
    report_of,
    series_name,
    series_of,
)
from profiler.docs.tables import compared_models, no_findings, notes_markdown
from profiler.errors import NoDataError
from profiler.records import Published
from profiler.records.base import grouped
from profiler.render.markdown import inline, paragraph
from profiler.render.messages import Messages
from profiler.report.audited import note_key, note_text
from profiler.report.conclusion import conclusions
from profiler.report.documents.model_comparison import difference_sentences
from profiler.report.page import model_lines, source_lines
from profiler.report.sections import (
    Section,
    counts_section,
    crop_notes,
    in_language,
    latency_notes,
    measured_notes,
    note_texts,
    page_commands,
)
from profiler.report.tables.series import latencies

_REPORT = "series convention"


@kind("summary", ANY, f"convention {MODEL_ATTRIBUTES}")
def _summary(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    model = named_model(request.value, request, sources)
    rule = convention(convention_of(request))
    true = count(model.trace, TRUE_CONVENTION).totals
    clauses = [
        messages.text("regions.params", value=units.scaled(true.params)),
        messages.text("regions.macs", value=units.scaled(true.macs)),
        messages.text("regions.flops", value=units.scaled(true.flops)),
    ]
    if rule.name != TRUE_CONVENTION:
        figure = rule.figure(count(model.trace, rule.name).totals)
        clauses.append(messages.text("regions.by_rule", rule=rule.name, value=units.scaled(figure)))
    clauses.append(model.input_text(messages))
    top1 = _top1(model, request, sources)
    if top1:
        clauses.append(messages.text("regions.top1", value=top1.text))
    said = messages.text("list.separator").join(clauses)
    before, after = messages.around("regions.summary", "model", figures=said)
    return Content(f"{inline(before)}**{inline(model.label)}**{inline(after)}")


@kind("note", "counts", _REPORT)
def _counts(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    return bullets(counts_section(report, "full", messages).notes)


@kind("note", "latency", _REPORT)
def _latency(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    shown = latencies(report)
    notes = (*latency_notes(shown), *crop_notes(report, shown))
    return bullets(note_texts(notes, messages))


@kind("note", "series", "series")
def _series(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    series = series_of(request, sources)
    summary = in_language(series.summaries, messages.language, "")
    notes = bullets(in_language(series.notes, messages.language, ())).markdown
    return Content("\n\n".join(part for part in (paragraph(summary), notes) if part))


@kind("note", "papers", "series")
def _papers(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    lines = model_lines(report_of(request, sources, messages), messages)
    return Content("\n".join(f"- {line}" for line in lines))


@kind("note", "sources", "series")
def _sources(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    return Content("\n".join(source_lines(report_of(request, sources, messages), messages)))


@kind("note", "commands", _REPORT)
def _commands(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    lines = page_commands(report, messages.language, "full")
    return Content("\n".join(("```sh", *lines, "```")))


@kind("note", "findings", "series")
def _finding_notes(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    audited = audited_of(request, sources, messages)
    if not audited.findings:
        return no_findings(series_name(request), messages)
    alike = grouped(
        audited.findings,
        lambda each: (frozenset(cell.page for cell in each.cells), note_key(each)),
    )
    return bullets(tuple(note_text(each, audited.names, messages) for each in alike.values()))


@kind("note", "comparison", f"models metric convention {MODEL_ATTRIBUTES}")
def _differences(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    compared = compared_models(request, sources)
    metric = request.choice("metric", PART_METRICS, compared.unit)
    said = difference_sentences(compared, metric, messages)
    return Content("\n\n".join(paragraph(text) for text in said))


@kind("note", "measured", "series")
def _measured(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    return bullets(measured_notes(report, report.measured, messages))


@kind("note", "conclusions", f"{CONDITIONS} {MEASURED}")
def _conclusions(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    labels = {row.model.name: row.model.label for row in report.rows}
    said = conclusions(every_plot(request, report), labels, messages)
    if not said:
        raise NoDataError(f"{request.what}: fewer than two models have an accuracy")
    return Content(paragraph(messages.text("list.sentences").join(said)))


def _top1(model: NamedModel, request: RegionRequest, sources: RegionSources) -> Published | None:
    """The published accuracy of a series' model."""
    if model.listed is None:
        return None
    series = series_of(request, sources)
    rows = (row for row in series.counts if row.model == model.listed.name)
    return next((row.top1 for row in rows if row.top1), None)


def bullets(texts: tuple[str, ...]) -> Content:
    """Texts as a list."""
    return Content(notes_markdown(Section(anchor="", title="", notes=texts)))
