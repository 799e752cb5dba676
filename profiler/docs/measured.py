"""Regions that show what was measured."""

from __future__ import annotations

from msgspec.structs import replace

from profiler.docs.kinds import Content, kind
from profiler.docs.models import series_model, series_name
from profiler.docs.notes import bullets
from profiler.docs.request import Request
from profiler.docs.sources import Sources
from profiler.docs.tables import captioned, report_of, table_content
from profiler.errors import NoDataError
from profiler.render.markdown import inline, paragraph, render_markdown
from profiler.render.messages import Messages
from profiler.report.sections import (
    device_name,
    measured_captions,
    measured_notes,
    model_measured_captions,
)
from profiler.report.tables.layers import layer_time_table, slowest_layer_table
from profiler.report.tables.measured import measured_tables


@kind("table", "measured", "series model hw notes")
def _measured(request: Request, sources: Sources, messages: Messages) -> Content:
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
def _layer_times(request: Request, sources: Sources, messages: Messages) -> Content:
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


@kind("note", "measured", "series")
def _notes(request: Request, sources: Sources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    return bullets(measured_notes(report, report.measured, messages))
