"""Trace x convention → Counts: rows, totals, and the bytes of activations alive at once."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import Concatenate, ParamSpec, TypeVar

from profiler.counting.conventions import TRUE_CONVENTION, Convention
from profiler.counting.conventions import convention as find_convention
from profiler.counting.dtypes import element_bits, is_whole
from profiler.counting.grouping import (
    GROUPINGS,
    Group,
    cut,
    group_ops,
)
from profiler.errors import UncountedError, UsageError
from profiler.records import (
    BYTES_PER_ELEMENT,
    OWN_DTYPES,
    Counts,
    ExtraCounts,
    LayerCounts,
    OpCounts,
    OpRecord,
    Tally,
    TensorRef,
    Totals,
    Trace,
    Uncounted,
)

#: Dtypes that take the same bytes as at "fp32", which is what bytes are then stated at.
_PLAIN = frozenset({"float32", "complex64"})

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def once_a_trace(
    work: Callable[Concatenate[Trace, _Given], _Made],
) -> Callable[Concatenate[Trace, _Given], _Made]:
    """Make a pure function of a trace work once for each trace and other arguments.

    A trace is known by its place in memory, as it never changes and comparing two would take longer
    than counting one. What was made goes when the trace does, so it must not hold the trace.
    """
    kept: dict[int, tuple[weakref.ref[Trace], dict[object, _Made]]] = {}

    @functools.wraps(work)
    def worked(trace: Trace, /, *args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
        place, key = id(trace), (args, *kwargs.items())
        if place not in kept:
            kept[place] = weakref.ref(trace, lambda _: kept.pop(place, None)), {}
        made = kept[place][1]
        if key not in made:
            made[key] = work(trace, *args, **kwargs)
        return made[key]

    return worked


#: The ops behind the first rows of a count; rows after those are of no op.
op_groups = once_a_trace(group_ops)


def count(
    trace: Trace,
    convention: str = TRUE_CONVENTION,
    *,
    by: str = "layer",
    depth: int | None = None,
    precision: str | None = None,
    strict: bool = False,
) -> Counts:
    """Count one trace under one convention.

    Args:
        trace: what ``trace`` returned.
        convention: the counting rule's name.
        by: what a row is: ``layer`` (a leaf module, or what a container does itself), ``module``,
            ``op`` (each op in execution order) or ``kind``.
        depth: roll rows below this many path components up into their ancestor.
        precision: what the bytes of floating-point tensors are stated at, a complex number being
            two; each tensor's own dtype unless given.
        strict: make an op without a counting rule an error.

    Raises:
        UnknownNameError: no convention of that name.
        UsageError: an unknown grouping or precision, or a depth below 1.
        UncountedError: ``strict``, and an op has no rule.
    """
    rule = find_convention(convention)
    _check(by, depth, precision)
    counts = _counts(trace, convention, by, depth, precision)
    if strict and counts.uncounted:
        raise UncountedError(_strict_message(trace, rule, counts.uncounted))
    return counts


def tensor_bytes(tensor: TensorRef, precision: str | None) -> int:
    """Bytes of a tensor at a precision, or at its own dtype."""
    return element_bits(precision).bytes_of(tensor.dtype, tensor.numel)


@once_a_trace
def stated_dtypes(trace: Trace) -> tuple[str, ...]:
    """The dtypes that bytes depend on: of parameters, those of most elements first, then of floats.

    Whole numbers among the activations are indices and masks, which are as wide everywhere.
    """
    elements: dict[str, int] = {}
    for parameter in trace.parameters:
        elements[parameter.dtype] = elements.get(parameter.dtype, 0) + parameter.numel
    made = dict.fromkeys(tensor.dtype for tensor in trace.inputs)
    made |= dict.fromkeys([tensor.dtype for op in trace.ops for tensor in op.outputs])
    floats = (dtype for dtype in made if not is_whole(dtype))
    return tuple(dict.fromkeys((*sorted(elements, key=lambda each: -elements[each]), *floats)))


def writes_nothing(op: OpRecord) -> bool:
    """Whether every output is the input under another shape: a view, or an identity."""
    if op.kind == "view":  # unsqueeze_ and the like change the shape alone
        return True
    if op.in_place or op.kind == "create":
        return False
    for output in op.outputs:
        for source in op.inputs:
            if source.storage == output.storage:
                break
        else:
            return False
    return True


#: Figures of an op, or of a row's ops together: parameters, trainable parameters, MACs, FLOPs,
#: activations and bytes moved, as ``LayerCounts`` has them. One an op: a record would cost.
_Measured = tuple[int, int, int, int, int, int]


@once_a_trace
def _counts(
    trace: Trace, convention: str, by: str, depth: int | None, precision: str | None
) -> Counts:
    rule = find_convention(convention)
    tally = _tally(trace, convention)
    measured = _measure(tally, rule, _op_parameters(trace), _op_traffic(trace, precision))
    rows = [_row(group, measured) for group in op_groups(trace, by, depth)]
    rows.extend(_extra_rows(tally.extra, by, depth))
    if not rule.own_params:
        rows.extend(_unused_rows(trace, by, depth, rule.params == "trainable"))
    stated, dtypes = _stated(trace, precision)
    return Counts(
        model=trace.arch,
        input_shapes=trace.input_shapes,
        variant=trace.variant,
        convention=convention,
        precision=stated,
        grouping=by,
        layers=tuple(rows),
        totals=_totals(trace, rows, precision),
        uncounted=_uncounted(trace.ops, tally.ops),
        values=trace.values,
        until=trace.until,
        dtypes=dtypes,
    )


def _stated(trace: Trace, precision: str | None) -> tuple[str, tuple[str, ...]]:
    """What bytes are stated at by name, and the dtypes where it is the tensors' own."""
    if precision is not None:
        return precision, ()
    dtypes = stated_dtypes(trace)
    return ("fp32", ()) if _PLAIN.issuperset(dtypes) else (OWN_DTYPES, dtypes)


@once_a_trace
def _tally(trace: Trace, convention: str) -> Tally:
    return find_convention(convention).rule(trace)


def _check(by: str, depth: int | None, precision: str | None) -> None:
    if by not in GROUPINGS:
        raise UsageError(f"by={by!r}: choose from {', '.join(GROUPINGS)}")
    if depth is not None and depth < 1:
        raise UsageError(f"depth={depth}: the smallest depth is 1")
    if precision is not None and precision not in BYTES_PER_ELEMENT:
        raise UsageError(f"precision={precision!r}: choose from {', '.join(BYTES_PER_ELEMENT)}")


@once_a_trace
def _first_use(trace: Trace) -> dict[str, int]:
    """Parameter → the op that uses it first. A view of a parameter is no use yet."""
    owners: dict[str, int] = {}
    for index, op in enumerate(trace.ops):
        if op.kind != "view":
            for name in op.parameters:
                owners.setdefault(name, index)
    return owners


@once_a_trace
def _op_parameters(trace: Trace) -> list[tuple[int, int]]:
    """Every op's parameters and trainable parameters; one counts where it is used first."""
    parameters = {parameter.name: parameter for parameter in trace.parameters}
    owners = _first_use(trace)
    measured: list[tuple[int, int]] = []
    for index, op in enumerate(trace.ops):
        own = [parameters[name] for name in op.parameters if owners.get(name) == index]
        params = sum([each.numel for each in own])
        measured.append((params, sum([each.numel for each in own if each.trainable])))
    return measured


@once_a_trace
def _op_traffic(trace: Trace, precision: str | None) -> list[tuple[int, int]]:
    """Every op's activations and bytes moved: an unfused run reads inputs and parameters."""
    bits = element_bits(precision)
    sizes = {each.name: bits.bytes_of(each.dtype, each.numel) for each in trace.parameters}
    measured: list[tuple[int, int]] = []
    for op in trace.ops:
        activations = moved = 0
        if not writes_nothing(op):
            moved = sum([sizes[name] for name in op.parameters])
            for tensor in op.inputs:
                if not tensor.state:
                    moved += (prod(tensor.shape) * bits[tensor.dtype] + 7) // 8
            for tensor in op.outputs:
                elements = prod(tensor.shape)
                activations += elements
                moved += (elements * bits[tensor.dtype] + 7) // 8
        measured.append((activations, moved))
    return measured


def _measure(
    tally: Tally,
    rule: Convention,
    parameters: Sequence[tuple[int, int]],
    traffic: Sequence[tuple[int, int]],
) -> list[_Measured]:
    """Every op's figures under one rule."""
    if rule.own_params:
        parameters = [(cost.params or 0, cost.params or 0) for cost in tally.ops]
    elif rule.params == "trainable":
        parameters = [(trainable, trainable) for _, trainable in parameters]
    return [
        (params, trainable, cost.macs, cost.flops, activations, moved)
        for cost, (params, trainable), (activations, moved) in zip(
            tally.ops, parameters, traffic, strict=True
        )
    ]


def _row(group: Group, measured: Sequence[_Measured]) -> LayerCounts:
    params, trainable_params, macs, flops, activations, bytes_moved = (
        measured[group.ops[0]]
        if len(group.ops) == 1
        else map(sum, zip(*[measured[index] for index in group.ops], strict=True))
    )
    return LayerCounts(
        group.path,
        group.kind,
        group.input_shape,
        group.output_shape,
        params,
        trainable_params,
        macs,
        flops,
        activations,
        bytes_moved,
        group.calls,
    )


def _unused_rows(
    trace: Trace, by: str, depth: int | None, trainable_only: bool
) -> Iterable[LayerCounts]:
    """Parameters no op of this forward uses, a row per module, so that rows add up to the total."""
    owners = _first_use(trace)
    unused: dict[str, list[int]] = {}
    for parameter in trace.parameters:
        if parameter.name not in owners and (parameter.trainable or not trainable_only):
            path = "" if by == "kind" else cut(parameter.name.rpartition(".")[0], depth)
            entry = unused.setdefault(path, [0, 0])
            entry[0] += parameter.numel
            entry[1] += parameter.numel if parameter.trainable else 0
    for path, (params, trainable) in unused.items():
        yield LayerCounts(
            path=path,
            kind="unused",
            input_shape=(),
            output_shape=(),
            params=params,
            trainable_params=trainable,
            macs=0,
            flops=0,
            activations=0,
            bytes_moved=0,
            calls=0,
        )


def _extra_rows(extra: Sequence[ExtraCounts], by: str, depth: int | None) -> Iterable[LayerCounts]:
    """Entries beside the ops, a row per path (or kind)."""
    sums: dict[tuple[str, str], list[int]] = {}
    for entry in extra:
        path = "" if by == "kind" else cut(entry.path, depth)
        amounts = sums.setdefault((path, entry.kind), [0, 0, 0, 0])
        for at, amount in enumerate((entry.params, entry.macs, entry.flops, 1)):
            amounts[at] += amount
    for (path, kind), (params, macs, flops, calls) in sums.items():
        yield LayerCounts(path, kind, (), (), params, params, macs, flops, 0, 0, calls)


def _totals(trace: Trace, rows: Sequence[LayerCounts], precision: str | None) -> Totals:
    bytes_of = element_bits(precision).bytes_of
    return Totals(
        params=sum(row.params for row in rows),
        trainable_params=sum(row.trainable_params for row in rows),
        macs=sum(row.macs for row in rows),
        flops=sum(row.flops for row in rows),
        activations=sum(row.activations for row in rows),
        bytes_moved=sum(row.bytes_moved for row in rows),
        weight_bytes=sum(bytes_of(each.dtype, each.numel) for each in trace.parameters),
        peak_activation_bytes=_peak(trace, precision),
    )


@once_a_trace
def _peak(trace: Trace, precision: str | None) -> int:
    return peak_activation_bytes(trace, lambda tensor: tensor_bytes(tensor, precision))


def _uncounted(ops: Sequence[OpRecord], per_op: Sequence[OpCounts]) -> tuple[Uncounted, ...]:
    calls: dict[tuple[str, str, str], int] = {}
    for op, cost in zip(ops, per_op, strict=True):
        if cost.uncounted:
            key = (op.function, op.kind, op.path)
            calls[key] = calls.get(key, 0) + 1
    return tuple(Uncounted(*key, calls=number) for key, number in calls.items())


def _strict_message(trace: Trace, rule: Convention, uncounted: Sequence[Uncounted]) -> str:
    first = uncounted[0]
    where = f"module {first.path!r}" if first.path else "the model's own forward"
    more = f", and {len(uncounted) - 1} more" if len(uncounted) > 1 else ""
    return (
        f"{trace.arch}: convention {rule.name!r} has no rule for {first.function} in "
        f"{where}{more}; without --strict it is listed as uncounted"
    )


def peak_activation_bytes(trace: Trace, size: Callable[[TensorRef], int]) -> int:
    """The most bytes of inputs, intermediates and outputs alive at any op.

    A storage comes to life at the op that first returns it (the model's inputs at the start) and
    dies after the last op that touches it through any alias; the model's outputs live to the end.
    While an op runs, its inputs and its outputs are alive together. Storages of parameters and
    buffers are not counted.

    Args:
        trace: the forward.
        size: bytes of a tensor.
    """
    sizes, births, deaths = _lifetimes(trace, size)
    changes = [0] * (len(trace.ops) + 2)
    for storage, birth in births.items():
        changes[birth] += sizes[storage]
        changes[deaths[storage] + 1] -= sizes[storage]
    alive = peak = 0
    for change in changes:
        alive += change
        peak = max(peak, alive)
    return peak


def _lifetimes(
    trace: Trace, size: Callable[[TensorRef], int]
) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
    """Storage → bytes, index of the op that makes it, index of the last op that touches it."""
    sizes = {tensor.storage: size(tensor) for tensor in trace.inputs}
    births = dict.fromkeys(sizes, 0)
    deaths = dict.fromkeys(sizes, 0)
    for index, op in enumerate(trace.ops):
        for tensor in op.inputs + op.outputs:
            storage = tensor.storage
            if storage in births:
                deaths[storage] = index
            elif not tensor.state:
                births[storage] = deaths[storage] = index
                # as large as the tensor that was made on it; later ones are views, or expanded
                sizes[storage] = size(tensor)
    for tensor in trace.outputs:
        if tensor.storage in deaths:
            deaths[tensor.storage] = len(trace.ops)
    return sizes, births, deaths
