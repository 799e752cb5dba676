"""A trace as a tree of modules in execution order, each with the sums of what is inside it.

Leaves are the rows of a count by layer: a layer, or the ops of one kind that a container runs
itself. A module stands where its first op runs, so depth is nesting and order is execution.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from profiler.counting.conventions import TRUE_CONVENTION
from profiler.counting.counts import count, op_groups, tensor_bytes, writes_nothing
from profiler.counting.parts import op_kind
from profiler.records import (
    LayerCounts,
    LayerTimes,
    ModuleCall,
    OpRecord,
    Record,
    Shape,
    Trace,
)

#: What ``LayerNode.kind`` is of a module with others inside.
MODULE = "module"
#: Rows of many layers, or of none: no shape is theirs.
_SHAPELESS = ("rest", "unused")


class LayerNode(Record, frozen=True, gc=False):
    """A module, or ops that a container runs itself; figures are sums over all that is inside."""

    name: str
    path: str
    #: The module's class, for ops the bare function; "" where neither is known, as of a ModuleList,
    #: which is never called.
    class_name: str
    #: "module", or a leaf's by ``op_kind``.
    kind: str
    output_shape: Shape | None
    params: int
    macs: int
    flops: int
    #: Bytes of the output elements of every op but views.
    activation_bytes: int
    #: None where no time was measured for just this. A module's may be more than its children's,
    #: since a call spends some itself.
    time_ms: float | None
    children: tuple[LayerNode, ...] = ()


def layer_tree(
    trace: Trace,
    convention: str = TRUE_CONVENTION,
    *,
    precision: str | None = None,
    times: LayerTimes | None = None,
) -> LayerNode:
    """The tree of one trace under one convention; the root is the model, with its totals.

    Args:
        trace: what was traced.
        convention: the rule behind MACs and FLOPs.
        precision: what bytes are stated at, each tensor's own dtype unless given.
        times: the same network's time by layer. What no module of the tree accounts for stays with
            the nearest one around it, and what is unattributed with the root.
    """
    rows = count(trace, convention, precision=precision).layers
    groups = op_groups(trace, "layer", None)
    root = _Branch("", trace.arch)
    for index, row in enumerate(rows):
        # rows after those of the groups are of no op
        ops = [trace.ops[op] for op in groups[index].ops] if index < len(groups) else []
        lead = next((op for op in ops if op.kind == row.kind), None)
        written = sum(
            tensor_bytes(output, precision)
            for op in ops
            if not writes_nothing(op)
            for output in op.outputs
        )
        root.at(row.path).add(_Own(row, lead, written))
    calls: dict[str, ModuleCall] = {}
    for call in trace.modules:
        calls.setdefault(call.path, call)
    if times is None or not times.spans:
        return root.freeze(calls, None)
    return replace(root.freeze(calls, _own_times(root, times)), time_ms=times.total_ms)


def walk(node: LayerNode, depth: int = 0) -> Iterator[tuple[int, LayerNode]]:
    """The node and all below it with their depths, a module before what is inside it."""
    yield depth, node
    for child in node.children:
        yield from walk(child, depth + 1)


class _Own:
    """A row of the count: a layer, or what a container does itself."""

    def __init__(self, row: LayerCounts, lead: OpRecord | None, written: int) -> None:
        self.row = row
        self.kind = op_kind(lead) if lead else row.kind
        self.function = lead.function.rpartition(".")[2].strip("_") if lead else ""
        self.written = written

    def freeze(self, name: str, class_name: str, time: float | None) -> LayerNode:
        row = self.row
        return LayerNode(
            name=name,
            path=row.path,
            class_name=class_name,
            kind=self.kind,
            output_shape=None if row.kind in _SHAPELESS else row.output_shape,
            params=row.params,
            macs=row.macs,
            flops=row.flops,
            activation_bytes=self.written,
            time_ms=time,
        )


class _Branch:
    """A module while the tree grows: its rows and the modules inside it, in execution order."""

    def __init__(self, path: str, name: str) -> None:
        self.path = path
        self.name = name
        self.own: list[_Own] = []
        self.inside: dict[str, _Branch] = {}
        self.order: list[_Own | _Branch] = []

    def at(self, path: str) -> _Branch:
        """The branch of a dotted path below this one, made where there is none yet."""
        branch = self
        for name in path.split(".") if path else ():
            if name not in branch.inside:
                below = _Branch(f"{branch.path}.{name}" if branch.path else name, name)
                branch.inside[name] = below
                branch.order.append(below)
            branch = branch.inside[name]
        return branch

    def add(self, own: _Own) -> None:
        self.own.append(own)
        self.order.append(own)

    def paths(self) -> Iterator[str]:
        yield self.path
        for branch in self.inside.values():
            yield from branch.paths()

    def freeze(
        self, calls: Mapping[str, ModuleCall], own_times: Mapping[str, float] | None
    ) -> LayerNode:
        call = calls.get(self.path)
        class_name = call.class_name if call else ""
        own_ms = None if own_times is None else own_times.get(self.path)
        if len(self.order) == 1 and self.own:  # a layer
            (own,) = self.own
            return own.freeze(self.name, class_name, own_ms)
        # several rows have one span in common; a single one has it for itself
        single = own_ms if len(self.own) == 1 else None
        children = tuple(
            each.freeze(calls, own_times)
            if isinstance(each, _Branch)
            else each.freeze(each.row.kind, each.function, single)
            for each in self.order
        )
        known = [child.time_ms for child in children if child.time_ms is not None]
        if own_ms is not None and single is None:
            known.append(own_ms)
        return LayerNode(
            name=self.name,
            path=self.path,
            class_name=class_name,
            kind=MODULE,
            output_shape=call.output_shapes[0] if call and call.output_shapes else None,
            params=sum(child.params for child in children),
            macs=sum(child.macs for child in children),
            flops=sum(child.flops for child in children),
            activation_bytes=sum(child.activation_bytes for child in children),
            time_ms=sum(known) if known else None,
            children=children,
        )


def _own_times(root: _Branch, times: LayerTimes) -> dict[str, float]:
    """Each module's own time, under a path of the tree."""
    known = set(root.paths())
    own: dict[str, float] = {}
    for span in times.spans:
        path = span.path
        while path not in known:
            path = path.rpartition(".")[0]
        own[path] = own.get(path, 0.0) + span.span_ms
    return own
