"""A model's layers → sections of its page: the tree with its icicle, and times by layer.

No more timings are shown in full than a page has room for; the rest are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from profiler import units
from profiler.counting import TRUE_CONVENTION, count
from profiler.records import (
    Measurement,
    Report,
    Trace,
)
from profiler.render.cells import graph_name, how_texts, stated_precision
from profiler.render.messages import Messages
from profiler.report.model_plots import roofline_alt
from profiler.report.sections import device_name, flag_notes
from profiler.report.tables.layers import slowest_layer_table
from profiler.timing.latencies.layer_timings import LayerTiming, device_roof, shown_timings
from profiler.timing.latencies.measured import day_of
from profiler.website.content import MOST_TIMINGS, SeriesContent
from profiler.website.layer_tree import GraphLayers
from profiler.website.parts import CaptionedPictures, Part, SiteTable

#: How many layers of each record a table shows.
_MOST_LAYERS = 10


def layers_part(content: SeriesContent, graph: GraphLayers, messages: Messages) -> Part:
    """A model page's part on the layers of one graph; their tree stands below it."""
    trace, record = graph.trace, graph.record
    layers, modules = graph.table.size
    lead = [
        messages.text(
            "model.layers_lead",
            layers=layers,
            modules=modules,
            shape=units.shape(trace.input_shape),
            precision=stated_precision((count(trace, TRUE_CONVENTION),), messages, capital=True),
        )
    ]
    if record:
        lead.append(
            messages.text(
                "model.layers_time",
                device=device_name(content.true, record.device),
                what=_what(record, messages),
            )
        )
    return Part(
        anchor=graph.table.anchor,
        title=messages.text("model.layers", variant=graph_name(trace.variant, messages)),
        lead=tuple(lead),
    )


def roofline_parts(
    content: SeriesContent, trace: Trace, model: str, messages: Messages
) -> Iterator[Part]:
    """A section for each timing by layer that the page has room for; none where none is there."""
    shown, others = shown_timings(content.layer_timings, model, trace.input_shape, MOST_TIMINGS)
    for number, timing in enumerate(shown, start=1):
        part = _roofline(content, timing, f"roofline-{number}", messages)
        if number == 1 and part.figures:
            part = replace(part, lead=_lead(timing.record, messages))
        if number == 1:
            part = replace(part, notes=(*part.notes, *_closing(content.true, others, messages)))
        else:
            part = replace(part, folded=messages.text("roofline.show"))
        yield part


def _roofline(
    content: SeriesContent,
    timing: LayerTiming,
    anchor: str,
    messages: Messages,
) -> Part:
    record = timing.record
    assert record.layers is not None  # that is what makes it a timing
    title = messages.text(
        "roofline.title",
        device=device_name(content.true, record.device),
        precision=record.precision.upper(),
        batch_size=record.batch_size,
    )
    picture = content.model_pictures.get(f"{record.model}/{anchor}")
    caption = messages.text("roofline.caption")
    # its rows are sorted by time, and its last ones are sums: nothing to sort or to filter
    table = SiteTable(
        anchor,
        messages.text("roofline.slowest"),
        slowest_layer_table(record.layers, timing.layers, _MOST_LAYERS),
        sortable=False,
        tight=True,
    )
    return Part(
        anchor=anchor,
        title=title,
        figures=(
            (CaptionedPictures(caption, ((picture, roofline_alt(timing, f"{title}.", messages)),)),)
            if picture
            else ()
        ),
        tables=(table,),
        notes=(_how(record, messages), *flag_notes(record.flags, messages)),
        captioned=True,
    )


def _lead(record: Measurement, messages: Messages) -> tuple[str, ...]:
    roofed = device_roof(record.device, record.precision) is not None
    return (
        messages.text("roofline.lead"),
        *((messages.text("roofline.roofed"),) if roofed else ()),
    )


def _how(record: Measurement, messages: Messages) -> str:
    times = record.layers
    assert times is not None
    return messages.text(
        "roofline.times",
        calls=times.calls,
        what=_what(record, messages),
        method=times.method,
        day=day_of(record),
        total=units.milliseconds(times.total_ms),
        plain=units.milliseconds(times.plain_ms),
        inflation=units.signed_percent(times.inflation),
    )


def _what(record: Measurement, messages: Messages) -> str:
    """Precision, batch, quantity and what else is not as usual."""
    how = record.how
    return messages.join(
        [
            messages.text(
                "measured.batch",
                precision=record.precision.upper(),
                batch_size=record.batch_size,
            ),
            *how_texts(how, messages),
        ]
    )


def _closing(report: Report, others: Sequence[LayerTiming], messages: Messages) -> Iterator[str]:
    """How the figures of all timings are to be read, and which are not shown."""
    yield messages.text("roofline.reading")
    if not others:
        return
    names = [
        messages.text(
            "roofline.other",
            device=device_name(report, each.record.device),
            precision=each.record.precision.upper(),
            batch_size=each.record.batch_size,
        )
        for each in others
    ]
    clauses = messages.text("list.clauses")
    yield messages.text("roofline.others", others=clauses.join(names))
