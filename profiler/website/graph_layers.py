"""The layers of a model's graphs: what their sections show in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from profiler.counting.conventions import TRUE_CONVENTION
from profiler.counting.layer_tree import LayerNode, layer_tree
from profiler.records import (
    DEPLOY,
    Measurement,
    Record,
    Report,
    Trace,
)
from profiler.timing.latencies.layer_timings import LayerTiming, shown_timings
from profiler.website.downloads import layer_files


class GraphLayers(Record, frozen=True):
    """The layers of one graph.

    ``anchor`` is where they stand on the model's page; ``record`` is where the times are from, None
    where there are none; ``files`` are the same layers with exact figures, by path from the site's
    top.
    """

    trace: Trace
    anchor: str
    tree: LayerNode
    record: Measurement | None
    files: Mapping[str, str]


def model_layers(
    report: Report, model: str, traces: Mapping[str, Trace], timings: Sequence[LayerTiming]
) -> tuple[GraphLayers, ...]:
    """The layers of each graph of a model, those of the deployed one first.

    Args:
        report: the series that it is of.
        model: its name.
        traces: its graphs by variant.
        timings: what was measured by layer of any model.
    """
    ordered = sorted(traces.values(), key=lambda trace: trace.variant != DEPLOY)
    return tuple(_graph_layers(report, model, trace, timings) for trace in ordered)


def _graph_layers(
    report: Report, model: str, trace: Trace, timings: Sequence[LayerTiming]
) -> GraphLayers:
    """Only the deployed graph has times, where there are any."""
    deployed = trace.variant == DEPLOY
    anchor = "layers" if deployed else f"layers-{trace.variant}"
    shown = shown_timings(timings, model, trace.input_shape, 1)[0] if deployed else ()
    record = shown[0].record if shown else None
    tree = layer_tree(trace, TRUE_CONVENTION, times=record.layers if record else None)
    name = f"{model}.{anchor}"
    files = layer_files(tree, name, report, trace.input_shape, trace.variant, record)
    return GraphLayers(trace=trace, anchor=anchor, tree=tree, record=record, files=files)
