"""Regions that are text: what a model comes to in a line, and notes on a series' figures."""

from __future__ import annotations

from profiler import units
from profiler.counting.conventions import TRUE_CONVENTION, convention
from profiler.counting.counts import count
from profiler.docs.kinds import ANY, Content, kind
from profiler.docs.models import (
    MODEL_ATTRIBUTES,
    NamedModel,
    named_model,
    series_of,
)
from profiler.docs.request import Request
from profiler.docs.sources import Sources
from profiler.docs.tables import convention_of, notes_markdown, report_of
from profiler.records import Published
from profiler.render.markdown import inline, paragraph
from profiler.render.messages import Messages
from profiler.report.page import model_lines, source_lines
from profiler.report.sections import (
    Section,
    counts_section,
    crop_notes,
    in_language,
    latency_notes,
    note_texts,
    page_commands,
)
from profiler.report.tables.series import latencies

_REPORT = "series convention"


@kind("summary", ANY, f"convention {MODEL_ATTRIBUTES}")
def _summary(request: Request, sources: Sources, messages: Messages) -> Content:
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
def _counts(request: Request, sources: Sources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    return bullets(counts_section(report, "full", messages).notes)


@kind("note", "latency", _REPORT)
def _latency(request: Request, sources: Sources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    shown = latencies(report)
    notes = (*latency_notes(shown), *crop_notes(report, shown))
    return bullets(note_texts(notes, messages))


@kind("note", "series", "series")
def _series(request: Request, sources: Sources, messages: Messages) -> Content:
    series = series_of(request, sources)
    summary = in_language(series.summaries, messages.language, "")
    notes = bullets(in_language(series.notes, messages.language, ())).markdown
    return Content("\n\n".join(part for part in (paragraph(summary), notes) if part))


@kind("note", "papers", "series")
def _papers(request: Request, sources: Sources, messages: Messages) -> Content:
    lines = model_lines(report_of(request, sources, messages), messages)
    return Content("\n".join(f"- {line}" for line in lines))


@kind("note", "sources", "series")
def _sources(request: Request, sources: Sources, messages: Messages) -> Content:
    return Content("\n".join(source_lines(report_of(request, sources, messages), messages)))


@kind("note", "commands", _REPORT)
def _commands(request: Request, sources: Sources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    lines = page_commands(report, messages.language, "full")
    return Content("\n".join(("```sh", *lines, "```")))


def _top1(model: NamedModel, request: Request, sources: Sources) -> Published | None:
    """The published accuracy of a series' model."""
    if model.listed is None:
        return None
    series = series_of(request, sources)
    rows = (row for row in series.counts if row.model == model.listed.name)
    return next((row.top1 for row in rows if row.top1), None)


def bullets(texts: tuple[str, ...]) -> Content:
    """Texts as a list."""
    return Content(notes_markdown(Section(anchor="", title="", notes=texts)))
