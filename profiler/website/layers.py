"""A model's layers → sections of its page: the tree with its icicle, and times by layer.

No more timings are shown in full than a page has room for; the rest are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from profiler import units
from profiler.plots.line_drawing import CaptionedDrawings
from profiler.plots.roofline_drawing import roofline_drawing
from profiler.records import (
    DEPLOY,
    Measurement,
    Record,
    Report,
    Trace,
)
from profiler.render.cells import graph_name, how_texts
from profiler.render.messages import Messages
from profiler.report.measured_sections import flag_notes
from profiler.report.sections import device_name
from profiler.report.tables.layer_times import slowest_layer_table, slowest_layers
from profiler.timing.latencies.layer_timings import LayerTiming, shown_timings
from profiler.timing.latencies.measured import day_of
from profiler.timing.latencies.roofline import device_roof
from profiler.website.content import SeriesContent
from profiler.website.graph_layers import GraphLayers
from profiler.website.layer_tree import (
    HtmlIcicle,
    HtmlTree,
    html_icicle,
    html_layer_tree,
    tree_size,
)
from profiler.website.parts import (
    HtmlLink,
    HtmlPart,
    file_links,
    single,
)

#: How many records with layers a page shows, and how many layers of each in a table.
_MOST_TIMINGS = 3
_MOST_LAYERS = 10


class LayersPart(Record, frozen=True):
    """A section with a tree of layers; ``icicle`` is None where the tree goes without one.

    ``downloads`` are links to files of the same layers with exact figures.
    """

    anchor: str
    title: str
    lead: tuple[str, ...]
    tree: HtmlTree
    icicle: HtmlIcicle | None
    downloads: tuple[HtmlLink, ...]


def layers_part(
    content: SeriesContent, graph: GraphLayers, here: str, messages: Messages
) -> LayersPart:
    """The layers of one graph; the deployed one has an icicle."""
    trace, record = graph.trace, graph.record
    layers, modules = tree_size(graph.tree)
    title = messages.text("model.layers", variant=graph_name(trace.variant, messages))
    lead = [
        messages.text(
            "model.layers_lead",
            layers=layers,
            modules=modules,
            shape=units.shape(trace.input_shape),
            precision=content.true.rows[0].counts.precision.upper(),
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
    return LayersPart(
        anchor=graph.anchor,
        title=title,
        lead=tuple(lead),
        tree=html_layer_tree(graph.tree, messages, anchor=graph.anchor, caption=title),
        icicle=html_icicle(graph.tree, messages) if trace.variant == DEPLOY else None,
        downloads=file_links(graph.files, here),
    )


def roofline_parts(
    content: SeriesContent, trace: Trace, model: str, messages: Messages
) -> Iterator[HtmlPart]:
    """A section for each timing by layer that the page has room for; none where none is there."""
    shown, others = shown_timings(content.layer_timings, model, trace.input_shape, _MOST_TIMINGS)
    for number, timing in enumerate(shown, start=1):
        part = _roofline(content.true, timing, f"roofline-{number}", messages)
        if number == 1 and part.drawings:
            part = replace(part, lead=_lead(timing.record, messages))
        if number == 1:
            part = replace(part, notes=(*part.notes, *_closing(content.true, others, messages)))
        else:
            part = replace(part, folded=messages.text("roofline.show"))
        yield part


def _roofline(
    report: Report,
    timing: LayerTiming,
    anchor: str,
    messages: Messages,
) -> HtmlPart:
    record = timing.record
    assert record.layers is not None  # that is what makes it a timing
    title = messages.text(
        "roofline.title",
        device=device_name(report, record.device),
        precision=record.precision.upper(),
        batch_size=record.batch_size,
    )
    slowest = {layer.path for layer in slowest_layers(timing.layers, _MOST_LAYERS)}
    drawing = roofline_drawing(timing, slowest, f"{title}.", messages)
    tables = single(
        slowest_layer_table(record.layers, timing.layers, _MOST_LAYERS),
        anchor,
        messages.text("roofline.slowest"),
        messages,
    )
    return HtmlPart(
        anchor=anchor,
        title=title,
        drawings=(
            CaptionedDrawings(
                caption=messages.text("roofline.caption"), drawings=(drawing,), wide=True
            ),
        )
        if drawing
        else (),
        # its rows are sorted by time, and its last ones are sums: nothing to sort or to filter
        tables=tuple(replace(each, tools=None, dense=True) for each in tables),
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
