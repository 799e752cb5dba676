"""The layers of a model's graphs as a tree: what its table and its icicle show in every language.

The page's script draws the icicle from the table itself, so no figure is on the page twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from profiler.counting.conventions import TRUE_CONVENTION
from profiler.counting.layer_tree import MODULE, LayerNode, layer_tree, walk
from profiler.records import DEPLOY, Measurement, Record, Report, Trace
from profiler.timing.latencies.layer_timings import LayerTiming, shown_timings
from profiler.website.downloads import layer_files

#: What a colour stands for → the kinds of op that have it; the rest are "other".
KIND_GROUPS = {
    "conv": ("regular_conv", "deform_conv", "conv_tbc"),
    "pointwise": ("pointwise_conv",),
    "depthwise": ("depthwise_conv", "grouped_conv"),
    "dense": (
        *("linear", "bilinear", "matmul", "attention", "recurrent"),
        *("vecdot", "addr", "grouped_matmul", "quantized_matmul", "distance", "affine_grid"),
    ),
    "norm": ("norm",),
    "activation": ("activation", "softmax"),
    "pool": ("pool", "reduction", "interpolate", "grid_sample"),
    "join": ("elementwise", "concat"),
}
_OTHER = "other"
_GROUP_OF = {kind: group for group, kinds in KIND_GROUPS.items() for kind in kinds}
_ICICLE_METRICS = ("flops", "params", "activation_bytes", "time")
#: A bar below this share of the column's width can't be seen.
_LEAST_BAR = 0.01


class TreeTable(Record, frozen=True):
    """A tree of layers at its place on a page."""

    #: Unique on the page.
    anchor: str
    tree: LayerNode

    @property
    def is_timed(self) -> bool:
        """Whether any layer was measured."""
        return self.tree.time_ms is not None

    @property
    def rows(self) -> tuple[tuple[int, LayerNode], ...]:
        """Every node with its level, a module before what is inside it."""
        return tuple(walk(self.tree))

    @property
    def counts(self) -> tuple[str, ...]:
        """A node's counts shown; MACs, half of the FLOPs, make room for times."""
        return ("params", "flops") if self.is_timed else ("params", "macs", "flops")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, as message keys below "columns.tree"."""
        timed = ("time",) if self.is_timed else ()
        more = ("share", "activation_bytes", *timed)
        return ("layer", "class", "output_shape", *self.counts, *more)

    @property
    def metrics(self) -> tuple[tuple[int, str], ...]:
        """The metrics an icicle's widths can show: a column's place, and its name."""
        names = (name for name in _ICICLE_METRICS if name in self.columns)
        return tuple((self.columns.index(name), name) for name in names)

    @property
    def groups(self) -> tuple[str, ...]:
        """The colours that it has."""
        present = {self.group(node) for _, node in self.rows}
        return tuple(group for group in (*KIND_GROUPS, _OTHER, MODULE) if group in present)

    @property
    def size(self) -> tuple[int, int]:
        """How many layers it has and how many modules around them, the model among these."""
        inner = [bool(node.children) for _, node in self.rows]
        return inner.count(False), inner.count(True)

    def group(self, node: LayerNode) -> str:
        """The name of a node's colour: "module" if it has others inside."""
        return MODULE if node.children else _GROUP_OF.get(node.kind, _OTHER)

    def share(self, node: LayerNode) -> float | None:
        """A node's part of the FLOPs; None where there are none."""
        return node.flops / self.tree.flops if self.tree.flops else None

    def has_bar(self, node: LayerNode) -> bool:
        """Whether a bar can show a node's share."""
        return (self.share(node) or 0) >= _LEAST_BAR


class GraphLayers(Record, frozen=True):
    """The layers of one graph of a model."""

    trace: Trace
    table: TreeTable
    #: Where the times are from, None where there are none.
    record: Measurement | None
    #: The same layers with exact figures, by path from the site's top.
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
    return GraphLayers(trace=trace, table=TreeTable(anchor, tree), record=record, files=files)
