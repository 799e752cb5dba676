"""A tree of layers → what the template of the tree table and its icicle prints: texts.

The page's script draws the icicle from the table itself, so no figure is on the page twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from profiler import units
from profiler.counting.layer_tree import MODULE, LayerNode, walk
from profiler.records import Record
from profiler.render.cells import LINE_BREAK
from profiler.render.messages import Messages

#: What a colour stands for → the kinds of op that have it; the rest are "other".
KIND_GROUPS = {
    "conv": ("regular_conv", "deform_conv"),
    "pointwise": ("pointwise_conv",),
    "depthwise": ("depthwise_conv", "grouped_conv"),
    "dense": ("linear", "bilinear", "matmul", "attention", "recurrent"),
    "norm": ("norm",),
    "activation": ("activation", "softmax"),
    "pool": ("pool", "reduction", "interpolate"),
    "join": ("elementwise", "concat"),
}
_OTHER = "other"
_GROUP_OF = {kind: group for group, kinds in KIND_GROUPS.items() for kind in kinds}
#: A bar below this share of the column's width can't be seen.
_LEAST_BAR = 0.01
_MISSING = "–"


class HtmlTreeRow(Record, frozen=True):
    """One row: how deep it stands, its name, what it is, its figures as they print.

    ``group`` names its colour, "module" for one with others inside; ``bar`` is the share again
    where a bar can show it.
    """

    level: int
    name: str
    group: str
    class_name: str
    output_shape: str
    counts: tuple[str, ...]
    share: str
    bar: str
    rest: tuple[str, ...]


class HtmlTree(Record, frozen=True):
    """A tree table: its place on the page, headings and rows, every module before its inside."""

    anchor: str
    caption: str
    headings: tuple[tuple[str, ...], ...]
    rows: tuple[HtmlTreeRow, ...]


class HtmlMetric(Record, frozen=True):
    """What an icicle's widths can show: the index of its column, and its name."""

    column: int
    label: str


class HtmlKind(Record, frozen=True):
    """An entry of the legend."""

    group: str
    label: str


class HtmlIcicle(Record, frozen=True):
    """What surrounds an icicle: the metrics to switch between, and the legend."""

    metrics: tuple[HtmlMetric, ...]
    kinds: tuple[HtmlKind, ...]


def html_layer_tree(tree: LayerNode, messages: Messages, *, anchor: str, caption: str) -> HtmlTree:
    """The table of a tree; the column of times is there where any was measured."""
    timed = _is_timed(tree)
    return HtmlTree(
        anchor=anchor,
        caption=caption,
        headings=tuple(
            tuple(messages.text(f"columns.tree.{name}").split(LINE_BREAK))
            for name in _columns(timed)
        ),
        rows=tuple(_row(node, depth, tree, timed) for depth, node in walk(tree)),
    )


def html_icicle(tree: LayerNode, messages: Messages) -> HtmlIcicle:
    """What an icicle of the same tree can show."""
    columns = _columns(_is_timed(tree))
    metrics = [name for name in ("flops", "params", "activation_bytes", "time") if name in columns]
    present = {_group(node) for _, node in walk(tree)}
    return HtmlIcicle(
        metrics=tuple(
            HtmlMetric(column=columns.index(name), label=messages.text(f"icicle.metrics.{name}"))
            for name in metrics
        ),
        kinds=tuple(
            HtmlKind(group=group, label=messages.text(f"icicle.kinds.{group}"))
            for group in (*KIND_GROUPS, _OTHER, MODULE)
            if group in present
        ),
    )


def tree_size(tree: LayerNode) -> tuple[int, int]:
    """How many layers a tree has and how many modules around them, the model among these."""
    inner = [bool(node.children) for _, node in walk(tree)]
    return inner.count(False), inner.count(True)


def _columns(timed: bool) -> tuple[str, ...]:
    """MACs, half of the FLOPs, make room for times."""
    counts = ("params", "flops") if timed else ("params", "macs", "flops")
    more = ("share", "activation_bytes", *(("time",) if timed else ()))
    return ("layer", "class", "output_shape", *counts, *more)


def _is_timed(tree: LayerNode) -> bool:
    return tree.time_ms is not None


def _row(node: LayerNode, depth: int, root: LayerNode, timed: bool) -> HtmlTreeRow:
    share = node.flops / root.flops if root.flops else None
    shown = _MISSING if share is None else units.by_hint(share, "share")
    return HtmlTreeRow(
        level=depth,
        name=node.name if depth else node.class_name or node.name,
        group=_group(node),
        class_name=node.class_name if depth else "",
        output_shape="" if node.output_shape is None else units.shape(node.output_shape),
        counts=tuple(
            units.integer(value)
            for value in (
                (node.params, node.flops) if timed else (node.params, node.macs, node.flops)
            )
        ),
        share=shown,
        bar=shown if share is not None and share >= _LEAST_BAR else "",
        rest=tuple(_rest(node, timed)),
    )


def _rest(node: LayerNode, timed: bool) -> Iterator[str]:
    yield units.integer(node.activation_bytes)
    if timed:
        yield _MISSING if node.time_ms is None else units.milliseconds(node.time_ms)


def _group(node: LayerNode) -> str:
    return MODULE if node.children else _GROUP_OF.get(node.kind, _OTHER)
