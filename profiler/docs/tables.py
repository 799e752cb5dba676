"""Regions that are tables."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from profiler.counting import TRUE_CONVENTION, count, list_conventions
from profiler.counting.explain import explain_all
from profiler.counting.grouping import GROUPINGS, SORT_KEYS, rank
from profiler.docs.kinds import Content, every_kind, kind
from profiler.docs.models import (
    MODEL_ATTRIBUTES,
    NamedModel,
    named_model,
    series_model,
    series_name,
    series_of,
)
from profiler.docs.request import Request
from profiler.docs.sources import Sources
from profiler.records import (
    DEPLOY,
    Cell,
    Column,
    Latency,
    Report,
    Table,
)
from profiler.render.cells import graph_name
from profiler.render.markdown import inline, render_markdown
from profiler.render.messages import Messages
from profiler.render.templating import render_template
from profiler.report.audited import Audited
from profiler.report.layouts import localised_audit, localised_report, localised_series
from profiler.report.sections import (
    Section,
    counts_section,
    noted_section,
    precision_title,
    speed_title,
)
from profiler.report.tables.conventions import (
    element_cost_table,
    explanations_table,
    tools_apart_table,
)
from profiler.report.tables.layers import layer_table, totals_table
from profiler.report.tables.models import model_latencies_table, published_table
from profiler.report.tables.series import accuracy_table, latency_table, speed_table


def convention_of(request: Request) -> str:
    """The counting rule that a region asks for."""
    return request.choice("convention", list_conventions(), TRUE_CONVENTION)


def report_of(request: Request, sources: Sources, messages: Messages) -> Report:
    """The series that a region asks for, counted, with the names of its language."""
    report = sources.report(series_name(request), convention_of(request))
    return localised_report(report, messages.language)


def audited_of(request: Request, sources: Sources, messages: Messages) -> Audited:
    """What an audit finds in the series that a region asks for."""
    found = sources.audited(series_name(request))
    return localised_audit(found, series_of(request, sources), messages.language)


@kind("table", "accuracy", "series convention notes")
def _accuracy(request: Request, sources: Sources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    if not request.flag("notes"):
        return table_content(accuracy_table(report), messages)
    return _noted(
        counts_section(report, "full", messages, audited_of(request, sources, messages)), messages
    )


@kind("table", "latency", "series convention hw page notes caption")
def _latency(request: Request, sources: Sources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    hw = request.among("hw", (each.hw for each in report.series.latencies))
    page = _page(request, [each for each in report.series.latencies if each.hw == hw])
    title = speed_title(report, hw, messages)
    return _quoted(title, latency_table(report, hw, page), request, sources, messages)


@kind("table", "speed", "series convention hw precision page notes caption")
def _speed(request: Request, sources: Sources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    hw = request.among("hw", (each.hw for each in report.series.latencies))
    on_it = [each for each in report.series.latencies if each.hw == hw]
    precision = request.among("precision", (each.precision for each in on_it))
    page = _page(request, [each for each in on_it if each.precision == precision])
    title = precision_title(report, hw, precision, messages)
    table = speed_table(report, hw, precision, page)
    return _quoted(title, table, request, sources, messages)


@kind("table", "totals", "series models convention variant size")
def _totals(request: Request, sources: Sources, messages: Messages) -> Content:
    names = (
        request.names("models", "googlenet,inceptionv3")
        if request.text("models")
        else [model.name for model in series_of(request, sources).models]
    )
    models = [named_model(name, request, sources) for name in names]
    counted = [
        replace(count(model.trace, convention_of(request)), model=model.label) for model in models
    ]
    return table_content(totals_table(counted), messages)


@kind("table", "layers", f"model convention by depth sort top caption {MODEL_ATTRIBUTES}")
def _layers(request: Request, sources: Sources, messages: Messages) -> Content:
    model = named_model(request.needed("model", "googlenet"), request, sources)
    counted = count(
        model.trace,
        convention_of(request),
        by=request.choice("by", GROUPINGS, GROUPINGS[0]),
        depth=request.number("depth"),
    )
    ranked = rank(counted, request.choice("sort", tuple(SORT_KEYS), "order"), request.number("top"))
    caption = _model_caption(model, messages)
    if ranked.convention != TRUE_CONVENTION:
        rule = messages.text("regions.rule", rule=ranked.convention)
        caption = messages.text("list.separator").join((caption, rule))
    return captioned(request, caption, table_content(layer_table(ranked), messages))


@kind("table", "conventions", f"model caption {MODEL_ATTRIBUTES}")
def _conventions(request: Request, sources: Sources, messages: Messages) -> Content:
    model = named_model(request.needed("model", "googlenet"), request, sources)
    table = table_content(explanations_table(explain_all(model.trace)), messages)
    return captioned(request, _model_caption(model, messages), table)


@kind("table", "tools-apart", "series")
def _tools_apart(request: Request, sources: Sources, messages: Messages) -> Content:
    series = series_of(request, sources)
    traces = {
        model.label: sources.trace(model.address, DEPLOY, model.crop_size)
        for model in series.models
    }
    return table_content(
        tools_apart_table((label, explain_all(trace)) for label, trace in traces.items()), messages
    )


@kind("table", "element-costs", "")
def _element_costs(_request: Request, _sources: Sources, messages: Messages) -> Content:
    return table_content(element_cost_table(), messages)


@kind("table", "published", "model series")
def _published_counts(request: Request, sources: Sources, messages: Messages) -> Content:
    series = localised_series(series_of(request, sources), messages.language)
    return table_content(published_table(series, series_model(request, series).name), messages)


@kind("table", "latencies", "model series page")
def _model_latencies(request: Request, sources: Sources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    name = series_model(request, report.series).name
    own = [each for each in report.series.latencies if each.model == name]
    return table_content(model_latencies_table(report, name, _page(request, own)), messages)


@kind("table", "kinds", "")
def _kinds(_request: Request, _sources: Sources, messages: Messages) -> Content:
    columns = tuple(
        Column(key=f"regions.{key}", hint="text", align="left")
        for key in ("kind", "shows", "attributes")
    )
    rows = tuple(
        tuple(
            Cell(value=text, origin="label")
            for text in (each.marker, each.about(messages), " ".join(each.attributes))
        )
        for each in every_kind()
    )
    return table_content(Table(key="regions", columns=columns, rows=rows), messages)


def notes_markdown(section: Section) -> str:
    """What is said below a section's table, as a list."""
    return render_template(
        template="pages/notes.md.j2",
        values={"texts": (*section.legend, *section.notes), "findings": section.findings},
    ).strip("\n")


def _page(request: Request, latencies: Sequence[Latency]) -> str:
    """The page whose latencies are shown."""
    return request.among("page", (each.page for each in latencies))


def _quoted(
    title: str, table: Table, request: Request, sources: Sources, messages: Messages
) -> Content:
    """A table of published latencies, with notes where they are asked for."""
    if not request.flag("notes"):
        return captioned(request, title, table_content(table, messages))
    audited = audited_of(request, sources, messages)
    section = noted_section("", title, table, messages, audited, marked=True)
    return captioned(request, title, _noted(section, messages))


def _noted(section: Section, messages: Messages) -> Content:
    table = render_markdown(section.table, messages) if section.table else ""
    return Content(f"{table}\n{notes_markdown(section)}".strip("\n"))


def table_content(table: Table, messages: Messages) -> Content:
    """A table and nothing else."""
    return Content(render_markdown(table, messages).strip("\n"))


def captioned(request: Request, caption: str, content: Content) -> Content:
    """The table under what its headings don't say; ``caption=no`` leaves that to the page."""
    if request.choice("caption", ("yes", "no"), "yes") == "no":
        return content
    return replace(content, markdown=f"**{inline(caption)}**\n\n{content.markdown}")


def _model_caption(model: NamedModel, messages: Messages) -> str:
    """The model, its input and, where it is not the deployed one, its graph."""
    parts = [model.label, model.input_text(messages)]
    if model.trace.variant != DEPLOY:
        parts.append(
            messages.text("regions.graph", graph=graph_name(model.trace.variant, messages))
        )
    return messages.text("list.separator").join(parts)
