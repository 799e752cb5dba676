"""Regions that are tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from msgspec.structs import replace

from profiler.counting import TRUE_CONVENTION, count
from profiler.counting.explain import explain_all
from profiler.counting.grouping import GROUPINGS, SORT_KEYS, rank
from profiler.counting.model_comparison import (
    CUTS,
    PART_METRICS,
    ModelComparison,
    compare_models,
    model_parts,
)
from profiler.docs.content import Content, kind, registered_kinds
from profiler.docs.lint.config import Config, selection
from profiler.docs.lint.report import rules_table
from profiler.docs.request import (
    MODEL_ATTRIBUTES,
    NamedModel,
    RegionRequest,
    RegionSources,
    audited_of,
    convention_of,
    named_model,
    report_of,
    series_model,
    series_name,
    series_of,
)
from profiler.errors import NoDataError, UsageError
from profiler.records import (
    DEPLOY,
    Cell,
    Column,
    Latency,
    Metric,
    Table,
)
from profiler.render.cells import graph_name
from profiler.render.markdown import inline, paragraph, render_markdown
from profiler.render.messages import Messages
from profiler.render.templating import render_template
from profiler.report.layouts import localised_series
from profiler.report.sections import (
    Section,
    counts_section,
    device_name,
    measured_captions,
    model_measured_captions,
    noted_section,
    precision_title,
    speed_title,
)
from profiler.report.tables import model_comparison as model_comparison_tables
from profiler.report.tables.audit import causes_table, checked_counts_table, findings_table
from profiler.report.tables.conventions import (
    element_cost_table,
    explanations_table,
    tools_apart_table,
)
from profiler.report.tables.layers import (
    layer_table,
    layer_time_table,
    slowest_layer_table,
    totals_table,
)
from profiler.report.tables.measured import measured_tables
from profiler.report.tables.models import model_latencies_table, published_table
from profiler.report.tables.series import accuracy_table, latency_table, speed_table

_METRICS: tuple[Metric, ...] = get_args(Metric)
_TOTALS, _MODULES = "totals", "modules"


@kind("table", "accuracy", "series convention notes")
def _accuracy(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    if not request.flag("notes"):
        return table_content(accuracy_table(report), messages)
    return _noted(
        counts_section(report, "full", messages, audited_of(request, sources, messages)), messages
    )


@kind("table", "latency", "series convention hw page notes caption")
def _latency(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    hw = request.among("hw", (each.hw for each in report.series.latencies))
    page = _page(request, [each for each in report.series.latencies if each.hw == hw])
    title = speed_title(report, hw, messages)
    return _quoted(title, latency_table(report, hw, page), request, sources, messages)


@kind("table", "speed", "series convention hw precision page notes caption")
def _speed(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    hw = request.among("hw", (each.hw for each in report.series.latencies))
    on_it = [each for each in report.series.latencies if each.hw == hw]
    precision = request.among("precision", (each.precision for each in on_it))
    page = _page(request, [each for each in on_it if each.precision == precision])
    title = precision_title(report, hw, precision, messages)
    table = speed_table(report, hw, precision, page)
    return _quoted(title, table, request, sources, messages)


@kind("table", "totals", "series models convention variant size")
def _totals(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
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
def _layers(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
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
def _conventions(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    model = named_model(request.needed("model", "googlenet"), request, sources)
    table = table_content(explanations_table(explain_all(model.trace)), messages)
    return captioned(request, _model_caption(model, messages), table)


@kind("table", "tools-apart", "series")
def _tools_apart(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    series = series_of(request, sources)
    traces = {
        model.label: sources.trace(model.address, DEPLOY, model.crop_size)
        for model in series.models
    }
    return table_content(
        tools_apart_table((label, explain_all(trace)) for label, trace in traces.items()), messages
    )


@kind("table", "element-costs", "")
def _element_costs(_request: RegionRequest, _sources: RegionSources, messages: Messages) -> Content:
    return table_content(element_cost_table(), messages)


@kind("table", "published", "model series")
def _published_counts(
    request: RegionRequest, sources: RegionSources, messages: Messages
) -> Content:
    series = localised_series(series_of(request, sources), messages.language)
    return table_content(published_table(series, series_model(request, series).name), messages)


@kind("table", "latencies", "model series page")
def _model_latencies(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    name = series_model(request, report.series).name
    own = [each for each in report.series.latencies if each.model == name]
    return table_content(model_latencies_table(report, name, _page(request, own)), messages)


@kind("table", "kinds", "")
def _kinds(_request: RegionRequest, _sources: RegionSources, messages: Messages) -> Content:
    columns = tuple(
        Column(key=f"regions.{key}", hint="text", align="left")
        for key in ("kind", "shows", "attributes")
    )
    rows = tuple(
        tuple(
            Cell(value=text, origin="label")
            for text in (each.marker, each.about(messages), " ".join(each.attributes))
        )
        for each in registered_kinds()
    )
    return table_content(Table(key="regions", columns=columns, rows=rows), messages)


@kind("table", "findings", "series")
def _findings(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    series = localised_series(series_of(request, sources), messages.language)
    audited = audited_of(request, sources, messages)
    if not audited.findings:
        return no_findings(series.name, messages)
    table = findings_table(audited.findings, audited.names, messages, series.pages)
    return table_content(table, messages)


@kind("table", "causes", "series")
def _causes(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    audited = audited_of(request, sources, messages)
    labelled = [(audited.names.models[each.model], each) for each in audited.findings]
    table = causes_table(labelled, messages)
    if not table.rows:
        raise NoDataError(f"{request.what}: no published FLOPs differ from the true ones")
    return table_content(table, messages)


@kind("table", "checked", "series metric")
def _checked(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    asked = request.choice("metric", _METRICS, _METRICS[0])
    metric = next(each for each in _METRICS if each == asked)
    table = checked_counts_table(audited_of(request, sources, messages).checks, metric)
    if not table.rows:
        raise NoDataError(f"{request.what}: no {metric} are published in the series")
    return table_content(table, messages)


@kind("table", "comparison", f"models by metric convention caption {MODEL_ATTRIBUTES}")
def _comparison(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    compared = compared_models(request, sources)
    places = range(len(compared.models))
    by = request.choice("by", (_TOTALS, *CUTS, _MODULES), _TOTALS)
    if by == _TOTALS:
        return table_content(
            model_comparison_tables.compared_totals_table(compared, places, messages), messages
        )
    if by == _MODULES:
        table = model_comparison_tables.modules_table(compared, places, messages)
        caption = messages.text("compare.modules")
    else:
        cut = next(each for each in CUTS if each == by)
        metric = request.choice("metric", PART_METRICS, compared.unit)
        table = model_comparison_tables.parts_table(compared, cut, metric, places, messages)
        caption = messages.text(
            f"compare.by_{cut.removesuffix('s')}", metric=messages.text(f"compare.metrics.{metric}")
        )
    caption = f"{caption[0].upper()}{caption[1:]}"
    return captioned(request, caption, table_content(table, messages))


@kind("table", "measured", "series model hw notes")
def _measured(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    name = series_model(request, report.series).name if request.text("model") else ""
    concerned = [each for each in report.measured if name in ("", each.model)]
    if not concerned:
        raise NoDataError(
            f"nothing was measured of {name or f'the series {report.series.name!r}'}: "
            "see inprof time --help"
        )
    if name and not request.text("hw"):
        tables = model_measured_captions(report, name, messages)
    else:
        hw = request.among("hw", (each.hw for each in concerned))
        there = replace(
            report,
            measured=tuple(each for each in concerned if each.hw == hw),
            failed=tuple(each for each in report.failed if each.device == hw),
        )
        tables = (
            model_measured_captions(there, name, messages)
            if name
            else measured_captions(report, measured_tables(there, hw), messages)
        )
    blocks = []
    for each in tables:
        blocks += [f"**{inline(each.caption)}**", render_markdown(each.table, messages)]
        blocks += [paragraph(note) for note in each.notes if request.flag("notes")]
    return Content("\n\n".join(block.strip("\n") for block in blocks))


@kind("table", "layer-times", "series model hw precision bs top caption")
def _layer_times(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    model = series_model(request, report.series)
    timings = [
        each
        for each in sources.layer_timings(series_name(request))
        if each.record.model == model.name
    ]
    if not timings:
        raise NoDataError(f"no layer of {model.name} was measured: see inprof time layers --help")
    hw = request.among("hw", (each.record.device for each in timings))
    timings = [each for each in timings if each.record.device == hw]
    precision = request.among("precision", (each.record.precision for each in timings))
    timings = [each for each in timings if each.record.precision == precision]
    batch_size = request.among("bs", (str(each.record.batch_size) for each in timings))
    timing = next(each for each in timings if str(each.record.batch_size) == batch_size)
    times = timing.record.layers
    assert times is not None  # that is what makes it a timing
    top = request.number("top")
    table = (
        slowest_layer_table(times, timing.layers, top)
        if top
        else layer_time_table(times, timing.layers)
    )
    title = messages.text(
        "roofline.title",
        device=device_name(report, hw),
        precision=precision.upper(),
        batch_size=batch_size,
    )
    caption = messages.text("list.separator").join((model.label, title))
    return captioned(request, caption, table_content(table, messages))


@kind("table", "lint-rules", "")
def _rules(_request: RegionRequest, _sources: RegionSources, messages: Messages) -> Content:
    return Content(render_markdown(rules_table(selection(Config()), messages), messages).strip())


def compared_models(request: RegionRequest, sources: RegionSources) -> ModelComparison:
    """The models that a region names, at least two, against the first of them."""
    names = request.names("models", "googlenet,inceptionv3")
    if len(names) < 2:
        raise UsageError(f"{request.what} compares two models or more: models={names[0]} is one")
    named = [named_model(name, request, sources) for name in names]
    convention = convention_of(request)
    return compare_models([model_parts(each.trace, each.label, convention) for each in named])


def no_findings(series: str, messages: Messages) -> Content:
    """A page does not break for its figures having been put right."""
    return Content(paragraph(messages.text("audit.report.clean", series=series)))


def notes_markdown(section: Section) -> str:
    """The texts below a section's table, as a list."""
    return render_template(
        template="pages/notes.md.j2",
        values={"texts": (*section.legend, *section.notes), "findings": section.findings},
    ).strip("\n")


def _page(request: RegionRequest, latencies: Sequence[Latency]) -> str:
    """The page whose latencies are shown."""
    return request.among("page", (each.page for each in latencies))


def _quoted(
    title: str, table: Table, request: RegionRequest, sources: RegionSources, messages: Messages
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


def captioned(request: RegionRequest, caption: str, content: Content) -> Content:
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
