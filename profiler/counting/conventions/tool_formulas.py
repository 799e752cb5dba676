"""Formulas that several tools have in common: elements, einsum, norms, recurrent layers.

einsum is counted by the text that ``numpy.einsum_path`` prints; ``add`` and ``mul`` by shapes that
are aligned at the wrong end; a norm by fvcore's table, which deepspeed and calflops share.
"""

from __future__ import annotations

from itertools import zip_longest
from math import prod

from profiler.counting.conventions.contractions import number, op_macs
from profiler.counting.conventions.ledger import Call
from profiler.records import OpRecord, Shape


def input_elements(call: Call) -> int:
    """X: elements of the first input."""
    return prod(call.input_shape)


def output_elements(call: Call) -> int:
    """Y: elements of the first output."""
    return prod(call.output_shape)


def has_batch(conv: OpRecord) -> bool:
    """Whether a convolution's input has a batch side, as its formulas take for granted."""
    return len(conv.outputs[0].shape) == len(conv.weight_shape or ())


def linear_products(call: Call) -> int | None:
    """in_features * Y, without bias."""
    op = call.op("linear")
    if op is None or op.weight_shape is None:
        return None
    return op.weight_shape[1] * output_elements(call)


#: Below einsum these move data and cost a tool nothing.
_FREE = frozenset({"view", "copy"})


def is_einsum(op: OpRecord) -> bool:
    """Whether the op runs below ``torch.einsum``."""
    return "equation" in op.attributes


def einsum_flops(op: OpRecord) -> int | None:
    """2 per MAC and one, to four digits, as numpy prints its "optimized FLOP count".

    Figures are known for two operands that contract; None for any other number of them, and for
    two that only multiply.
    """
    equation = op.attributes["equation"]
    assert isinstance(equation, str)
    if equation.partition("->")[0].count(",") != 1:
        return None
    if op.kind in _FREE:
        return 0
    if op.kind != "matmul":
        return None
    return int(float(f"{2 * op_macs(op) + 1:.3e}"))


def broadcast_from_the_left(op: OpRecord) -> int:
    """Elements of the result if shapes were aligned at their first side; a number broadcasts.

    PyTorch aligns at the last: [8, 3, 5, 5] and [3, 1, 1] make 8 * 3 * 5 * 5 elements there.
    """
    shapes = [
        shape
        for shape in (op.attributes["input_shape"], op.attributes["other_shape"])
        if isinstance(shape, tuple)
    ]
    return prod(map(max, zip_longest(*shapes, fillvalue=1)))


def per_element(op: OpRecord) -> int:
    """5 with an affine and 4 without; a batch norm at inference, by its statistics, 2 and 1."""
    affine = bool(op.attributes["affine"])
    if op.kind == "batch_norm" and not op.attributes["training"]:
        return 2 if affine else 1
    return 5 if affine else 4


def recurrent_figure(
    op: OpRecord,
    given: Shape,
    weight_factor: int,
    per_unit: dict[str, int],
    per_gate_unit: int = 0,
) -> int | None:
    """At each position: factor * weights + biases + hidden units * what each costs.

    None for a layer with projections, and for sequences without batch or packed ones, whose sides
    tools take for others.

    Args:
        op: a recurrent op; its hidden units are summed over layers and directions.
        given: shape of the input that the layer was given.
        weight_factor: 1 for a tool that counts MACs, 2 for FLOPs.
        per_unit: mode ("lstm", "gru", "rnn") → cost of a hidden unit beside its weights.
        per_gate_unit: cost of a hidden unit in each gate.
    """
    if op.attributes["projected"] or len(given) != (2 if op.aten.endswith("_cell") else 3):
        return None
    mode = str(op.attributes["mode"])
    mode = mode if mode in {"lstm", "gru"} else "rnn"
    gates = {"lstm": 4, "gru": 3}.get(mode, 1)
    units = number(op, "hidden_units")
    per_position = (
        weight_factor * number(op, "weights")
        + number(op, "biases")
        + (per_unit[mode] + gates * per_gate_unit) * units
    )
    return number(op, "positions") * per_position
