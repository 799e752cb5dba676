"""Rows of a count: which ops make one, in which order they stand, and how many are kept."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from profiler.counting.conventions.contractions import MACS
from profiler.errors import UsageError
from profiler.records import (
    Counts,
    LayerCounts,
    ModuleCall,
    OpRecord,
    Record,
    Shape,
    Trace,
)

#: What a row of a count can be.
GROUPINGS = ("layer", "module", "op", "kind")


class Group(Record, frozen=True, gc=False):
    """The ops of one row."""

    path: str
    kind: str
    #: Indices into the trace, in execution order.
    ops: tuple[int, ...]
    #: Shapes of the row's first call.
    input_shape: Shape
    output_shape: Shape
    #: How often its ops or module ran.
    calls: int


def group_ops(trace: Trace, by: str, depth: int | None) -> tuple[Group, ...]:
    """Partition the ops of a trace into rows, in order of first execution.

    Rows hold every op exactly once. Views stand in the row of the layer they run in; a row
    of nothing but views is kept only where each op has its own.
    """
    members: dict[tuple[object, ...], list[int]] = {}
    rolled_up: set[str] = set()
    if depth is not None:
        rolled_up = {cut(op.path, depth) for op in trace.ops if cut(op.path, depth) != op.path}
    for index, op in enumerate(trace.ops):
        key = _key(trace, index, op, by, depth, rolled_up)
        members.setdefault(key, []).append(index)
    ops = trace.ops
    return tuple(
        [
            _group(trace, tuple(indices), by, depth, rolled_up)
            for indices in members.values()
            if by == "op"
            or ops[indices[0]].kind != "view"
            or any(ops[index].kind != "view" for index in indices)
        ]
    )


def _key(
    trace: Trace, index: int, op: OpRecord, by: str, depth: int | None, rolled_up: set[str]
) -> tuple[object, ...]:
    path = cut(op.path, depth)
    if by == "op":
        return (index,)
    if by == "kind":
        return (op.kind,)
    if by == "module" or path in rolled_up or _is_builtin_leaf(trace.modules[op.module]):
        return (path,)
    # what a container, or a layer of the user's own, does itself: a row per kind
    return (path, op.kind)


def _group(
    trace: Trace, indices: tuple[int, ...], by: str, depth: int | None, rolled_up: set[str]
) -> Group:
    ops = [trace.ops[index] for index in indices]
    first = ops[0]
    if by == "kind":
        return Group("", first.kind, indices, (), (), len(indices))
    path = cut(first.path, depth)
    if by == "module" or (by == "layer" and path in rolled_up):
        return _module_group(trace, path, indices)
    lead = _leading(ops)
    return Group(
        path,
        lead.kind,
        indices,
        lead.input_shape,
        lead.outputs[0].shape if lead.outputs else (),
        1 if len(ops) == 1 else sum(op.kind == lead.kind for op in ops),
    )


def _module_group(trace: Trace, path: str, indices: tuple[int, ...]) -> Group:
    calls = [call for call in trace.modules if call.path == path]
    if not calls:  # a ModuleList or the like, whose members are called in its stead
        ops = [trace.ops[index] for index in indices]
        return Group(
            path=path,
            kind="container",
            ops=indices,
            input_shape=ops[0].input_shape,
            output_shape=ops[-1].outputs[0].shape if ops[-1].outputs else (),
            calls=len(indices),
        )
    first = calls[0]
    return Group(
        path=path,
        kind=first.class_name,
        ops=indices,
        input_shape=first.input_shapes[0] if first.input_shapes else (),
        output_shape=first.output_shapes[0] if first.output_shapes else (),
        calls=len(calls),
    )


def _leading(ops: list[OpRecord]) -> OpRecord:
    """The op a layer is named after: the first that contracts, else the first that is no view."""
    if len(ops) == 1:
        return ops[0]
    contracting = (op for op in ops if op.kind in MACS)
    working = (op for op in ops if op.kind != "view")
    return next(contracting, None) or next(working, ops[0])


def _is_builtin_leaf(call: ModuleCall) -> bool:
    return call.is_leaf and call.class_module.startswith("torch.nn.")


def cut(path: str, depth: int | None) -> str:
    """The first ``depth`` components of a dotted path, all of them without a depth."""
    return path if depth is None else ".".join(path.split(".")[:depth])


#: What rows can be sorted by; "order" is execution order.
SORT_KEYS = ("order", "path", "params", "macs", "flops", "activations", "bytes_moved")


def rank(counts: Counts, sort: str = "order", top: int | None = None) -> Counts:
    """Return the counts with rows sorted (largest first) and, with ``top``, the rest folded.

    Without a sort key ``top`` keeps the rows with the most FLOPs, in execution order. The rows of
    the result still add up to the totals.

    Raises:
        UsageError: an unknown key, or ``top`` below 1.
    """
    if sort not in SORT_KEYS:
        raise UsageError(f"sort={sort!r}: choose from {', '.join(SORT_KEYS)}")
    if top is not None and top < 1:
        raise UsageError(f"top={top}: at least one row must remain")
    rows = list(counts.layers)
    if sort == "path":
        rows.sort(key=lambda row: row.path)
    elif sort != "order":
        rows.sort(key=lambda row: -getattr(row, sort))
    if top is not None and top < len(rows):
        kept = rows[:top]
        if sort == "order":
            largest = sorted(range(len(rows)), key=lambda index: -rows[index].flops)[:top]
            kept = [rows[index] for index in sorted(largest)]
        others = [row for row in rows if not any(row is one for one in kept)]
        rows = [*kept, summed(f"({len(others)} more)", "rest", others)]
    return replace(counts, layers=tuple(rows))


def summed(path: str, kind: str, rows: Sequence[LayerCounts]) -> LayerCounts:
    """One row for several: their sums, without shapes."""
    return LayerCounts(
        path=path,
        kind=kind,
        input_shape=(),
        output_shape=(),
        params=sum(row.params for row in rows),
        trainable_params=sum(row.trainable_params for row in rows),
        macs=sum(row.macs for row in rows),
        flops=sum(row.flops for row in rows),
        activations=sum(row.activations for row in rows),
        bytes_moved=sum(row.bytes_moved for row in rows),
        calls=sum(row.calls for row in rows),
    )
