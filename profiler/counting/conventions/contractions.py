"""Multiply-accumulates of the ops that contract: the part every convention builds on.

Formulas are pure functions of the shapes and attributes in a record. MACs are independent of
bias, activation and normalisation.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from profiler.records import OpRecord


def conv_macs(op: OpRecord) -> int:
    """Convolution: every output element takes Cin/groups x kernel products.

    weight: [Cout, Cin/g, *k], output: [n, Cout, *out] → numel(output) * Cin/g * prod(k).
    Transposed, counted from the input side: weight [Cin, Cout/g, *k] →
    numel(input) * Cout/g * prod(k).
    """
    weight = op.weight_shape or ()
    elements = number(op, "input_elements") if op.attributes["transposed"] else op.outputs[0].numel
    return elements * prod(weight[1:])


def deform_conv_macs(op: OpRecord) -> int:
    """Deformable convolution: a convolution of values that are read between the cells of its input.

    weight: [Cout, Cin/g, *k], output: [n, Cout, *out] → numel(output) * Cin/g * prod(k), as any
    convolution with that kernel. Reading a value (bilinear, from four cells) and scaling it by a
    mask are elementwise and left out here; the offsets come from a layer of their own, which is
    counted where it stands. Source: Dai et al., Deformable Convolutional Networks, ICCV 2017, eq. 2
    and 3; with a mask Zhu et al., Deformable ConvNets v2, CVPR 2019, eq. 1.
    """
    return op.outputs[0].numel * prod((op.weight_shape or ())[1:])


def contracted_macs(op: OpRecord) -> int:
    """Linear, matmul, bilinear: every output element is a sum over the contracted size.

    [*, k] x [k, n] → numel(output) * k; bilinear contracts both inputs, in1 * in2.
    """
    return op.outputs[0].numel * number(op, "contracted")


def attention_macs(op: OpRecord) -> int:
    """Scaled dot-product attention as its two matmuls; masks and causality are not deducted.

    q [*, l, e] @ k [*, s, e] → rows of q * s * e; scores [*, l, s] @ v [*, s, ev] → rows * s * ev.
    """
    rows = number(op, "query_rows") * number(op, "key_length")
    return rows * (number(op, "head_dim") + number(op, "value_dim"))


def recurrent_macs(op: OpRecord) -> int:
    """LSTM, GRU, RNN: every weight matrix is applied once at each time step and sequence."""
    return number(op, "positions") * number(op, "weights")


def operand_products(op: OpRecord) -> int:
    """A product as tools count it from its operands: elements of the left * last side of the right.

    That is not the MACs where the left operand is broadcast.
    """
    left, right = op.attributes["input_shape"], op.attributes["other_shape"]
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    return prod(left) * right[-1]


#: Kind → MACs. Kinds that are not here contract nothing.
MACS: dict[str, Callable[[OpRecord], int]] = {
    "conv": conv_macs,
    "deform_conv": deform_conv_macs,
    "linear": contracted_macs,
    "matmul": contracted_macs,
    "bilinear": contracted_macs,
    "attention": attention_macs,
    "recurrent": recurrent_macs,
}

#: Kinds that no convention of ours has a rule for: they are reported, never counted as nothing.
UNKNOWN = frozenset({"other", "fft"})


def op_macs(op: OpRecord) -> int:
    """MACs of one op, 0 for kinds that contract nothing."""
    formula = MACS.get(op.kind)
    return formula(op) if formula else 0


def number(op: OpRecord, key: str) -> int:
    """An attribute that is an integer by construction."""
    value = op.attributes[key]
    assert isinstance(value, int)
    return value
