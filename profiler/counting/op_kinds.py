"""Kinds of op as networks are compared by: convolutions by what they connect, norms as one."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from profiler.records import OpRecord

REGULAR_CONV = "regular_conv"
POINTWISE_CONV = "pointwise_conv"
DEPTHWISE_CONV = "depthwise_conv"
GROUPED_CONV = "grouped_conv"

#: Kinds of the tracer that are one here.
_MERGED = {
    "batch_norm": "norm",
    "layer_norm": "norm",
    "group_norm": "norm",
    "instance_norm": "norm",
    "rms_norm": "norm",
    "add": "elementwise",
    "sub": "elementwise",
    "mul": "elementwise",
    "div": "elementwise",
}
#: The order in which kinds are shown; a kind that is not here comes after these.
_ORDER = (
    REGULAR_CONV,
    POINTWISE_CONV,
    DEPTHWISE_CONV,
    GROUPED_CONV,
    "deform_conv",
    "linear",
    "matmul",
    "attention",
    "norm",
    "activation",
    "pool",
    "elementwise",
    "concat",
)


def op_kind(op: OpRecord) -> str:
    """What kind of op it is in a comparison."""
    return _conv_kind(op) if op.kind == "conv" else _MERGED.get(op.kind, op.kind)


def ordered(kinds: Iterable[str]) -> tuple[str, ...]:
    """Each of the kinds once, in the order they are shown in."""
    places = {kind: place for place, kind in enumerate(_ORDER)}
    return tuple(sorted(set(kinds), key=lambda kind: (places.get(kind, len(places)), kind)))


def _conv_kind(op: OpRecord) -> str:
    """A convolution by its weight: [Cout, Cin/g, *k], transposed [Cin, Cout/g, *k].

    Depthwise: a group per input channel, g = Cin. Grouped: 1 < g < Cin. Pointwise: g = 1 and a
    kernel of one cell.
    """
    weight, groups = op.weight_shape or (), op.attributes.get("groups")
    if groups == 1 or len(weight) < 2:
        return POINTWISE_CONV if len(weight) > 2 and prod(weight[2:]) == 1 else REGULAR_CONV
    alone = weight[0] == groups if op.attributes.get("transposed") else weight[1] == 1
    return DEPTHWISE_CONV if alone else GROUPED_CONV
