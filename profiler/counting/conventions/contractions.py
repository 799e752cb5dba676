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

    [*, k] x [k, n] → numel(output) * k; bilinear contracts both inputs, in1 * in2. The same where
    weights are quantised or packed, whatever their own shape.
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


def grouped_macs(op: OpRecord) -> int:
    """Grouped products: every row of the left meets the matrix of its own group alone.

    [rows, k] x [g, k, n] → rows * k * n, however the rows are shared out; [g, m, k] x [k, cols] →
    m * k * cols; [m, k] x [k, n] with k cut into groups → m * k * n; [g, m, k] x [g, k, n] →
    g * m * k * n.
    """
    left, right = op.attributes["input_shape"], op.attributes["other_shape"]
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    batches = left[0] if len(left) == len(right) == 3 else 1
    return batches * left[-2] * number(op, "contracted") * right[-1]


def embedding_bag_macs(op: OpRecord) -> int:
    """A bag with weights is a product with a sparse matrix: one for each number that is gathered.

    A plain sum, mean or maximum multiplies nothing.
    """
    return number(op, "gathered") if op.attributes["weighted"] else 0


def conv_backward_macs(op: OpRecord) -> int:
    """Gradients of a convolution: of the input, and of the weight, as many as the forward each."""
    wanted = bool(op.attributes["input_gradient"]) + bool(op.attributes["weight_gradient"])
    return wanted * number(op, "forward")


def attention_backward_macs(op: OpRecord) -> int:
    """Gradients of fused attention, which works its scores out again: five products.

    Scores q k' and the gradients of q and k: rows * s * e each; of the scores' weights and of v:
    rows * s * ev each. Source: ``sdpa_backward_flop_count`` in ``torch/utils/flop_counter.py``.
    """
    rows = number(op, "query_rows") * number(op, "key_length")
    return rows * (3 * number(op, "head_dim") + 2 * number(op, "value_dim"))


#: Kind → MACs. Kinds that are not here contract nothing.
MACS: dict[str, Callable[[OpRecord], int]] = {
    "conv": conv_macs,
    "deform_conv": deform_conv_macs,
    "linear": contracted_macs,
    "matmul": contracted_macs,
    "bilinear": contracted_macs,
    "vecdot": contracted_macs,
    "quantized_matmul": contracted_macs,
    "grouped_matmul": grouped_macs,
    "conv_tbc": contracted_macs,  # weight [k, Cin, Cout]: numel(output) * k * Cin
    "distance": contracted_macs,  # a difference, squared and added up, for each coordinate
    "affine_grid": contracted_macs,  # a position [x, y, 1] @ theta' for each cell
    "addr": lambda op: op.outputs[0].numel,  # BLAS's ger: u v' added to what is there
    "embedding_bag": embedding_bag_macs,
    "conv_backward": conv_backward_macs,
    "attention_backward": attention_backward_macs,
    "attention": attention_macs,
    "recurrent": recurrent_macs,
}

#: Kinds that contract, and that most of the tools people quote do not see.
RARE = (
    *("vecdot", "addr", "grouped_matmul", "quantized_matmul", "conv_tbc", "distance"),
    *("affine_grid", "embedding_bag", "conv_backward", "attention_backward"),
)

#: Kinds that ``macs`` has no rule for: they are reported, never counted as nothing.
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
