"""Formulas that several tools have in common: elements, einsum, norms, recurrent layers.

einsum is counted by the text that ``numpy.einsum_path`` prints; ``add`` and ``mul`` by shapes that
are aligned at the wrong end; a norm by fvcore's table, which deepspeed and calflops share.
"""

from __future__ import annotations

import functools
from itertools import zip_longest
from math import prod

from profiler.counting.conventions.contractions import MACS, number
from profiler.counting.conventions.ledger import Call
from profiler.records import ModuleCall, OpRecord, Trace


def input_elements(call: Call) -> int:
    """X: elements of the first input."""
    return prod(call.input_shape)


def output_elements(call: Call) -> int:
    """Y: elements of the first output."""
    return prod(call.output_shape)


def is_affine(norm: Call) -> bool:
    """Whether a normalisation scales as well, by a weight under whatever name."""
    return any(op.attributes.get("affine") for op in norm.ops)


def has_batch(conv: OpRecord) -> bool:
    """Whether a convolution's input has a batch side, as its formulas take for granted."""
    return len(conv.outputs[0].shape) == len(conv.weight_shape or ())


def linear_products(call: Call) -> int | None:
    """in_features * Y, without bias."""
    op = call.op("linear")
    if op is None or op.weight_shape is None:
        return None
    return op.weight_shape[1] * output_elements(call)


def is_einsum(op: OpRecord) -> bool:
    """Whether the op runs below ``torch.einsum``."""
    return "equation" in op.attributes


def einsums(trace: Trace) -> dict[int, OpRecord | None]:
    """Index of each op below an einsum → the op, if it stands for the call; the others are None.

    The one that contracts does, else the first that is no view. Views have no row: where there is
    nothing else, the figure of the call stands beside the ops.
    """
    calls: dict[object, list[int]] = {}
    for index, op in enumerate(trace.ops):
        if is_einsum(op):
            calls.setdefault(op.attributes.get("einsum"), []).append(index)
    told: dict[int, OpRecord | None] = {}
    for indices in calls.values():
        told.update(dict.fromkeys(indices))
        kinds = [trace.ops[at].kind for at in indices]
        working = next((at for at, kind in enumerate(kinds) if kind != "view"), 0)
        leading = indices[next((at for at, kind in enumerate(kinds) if kind in MACS), working)]
        told[leading] = trace.ops[leading]
    return told


def einsum_flops(op: OpRecord) -> float | None:
    """What ``numpy.einsum_path`` prints as the "optimized FLOP count", which has four digits.

    None where numpy refuses the equation.
    """
    equation, operands = op.attributes["equation"], op.attributes["operands"]
    assert isinstance(equation, str)
    assert isinstance(operands, str)
    return _einsum_flops(remapped(equation), operands)


def remapped(equation: str) -> str:
    """The equation without blanks, in the letters a, b, c … by their first appearance."""
    equation = equation.replace(" ", "")
    letters = dict.fromkeys(filter(str.isalpha, equation))
    return equation.translate({ord(old): 97 + at for at, old in enumerate(letters)})


@functools.cache
def _einsum_flops(equation: str, operands: str) -> float | None:
    import numpy as np

    shapes = [tuple(map(int, shape.split("x"))) if shape else () for shape in operands.split(" ")]
    try:
        path = np.einsum_path(
            equation, *(np.broadcast_to(0.0, shape) for shape in shapes), optimize="optimal"
        )
    except (ValueError, TypeError):
        return None
    printed = next(line for line in path[1].split("\n") if "optimized flop" in line.lower())
    return float(printed.rpartition(":")[2])


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


def power_pool_elements(op: OpRecord) -> int:
    """What a power pool calls: an average pool of its input, relu and mul of its output."""
    return op.inputs[0].numel + 2 * op.outputs[0].numel


#: Gates of a layer by its mode.
_GATES = {"lstm": 4, "gru": 3, "rnn": 1}


def positions(call: Call) -> int | None:
    """Time steps * sequences as tools read them: the input's first two sides, of a cell the first.

    None where they fail: at a packed sequence, and at a cell without batch.
    """
    given = call.input_shape
    if call.record.class_name.endswith("Cell"):
        return given[0] if len(given) == 2 else None
    return None if call.record.options.get("packed") else prod(given[:2])


def recurrent_figure(
    call: Call,
    positions: int | None,
    weight_factor: int,
    per_unit: dict[str, int],
    per_gate_unit: int = 0,
    sees_projections: bool = True,
) -> int | None:
    """At each position: factor * weights + biases + hidden units * what each costs.

    Args:
        call: a call of a recurrent layer or cell of ``torch.nn``.
        positions: time steps * sequences; None makes the figure None.
        weight_factor: 1 for a tool that counts MACs, 2 for FLOPs.
        per_unit: mode ("lstm", "gru", "rnn") → cost of a hidden unit beside its weights.
        per_gate_unit: cost of a hidden unit in each gate.
        sees_projections: whether weights have the sides that a projection gives them.
    """
    op = call.op("recurrent")
    if op is None or positions is None:
        return None
    mode = str(op.attributes["mode"])
    mode = mode if mode in _GATES else "rnn"
    unit = per_unit[mode] + _GATES[mode] * per_gate_unit
    if call.record.options:
        figure = _layers_figure(call.record, mode, weight_factor, unit, sees_projections)
        return positions * figure
    return positions * (
        weight_factor * number(op, "weights")
        + number(op, "biases")
        + unit * number(op, "hidden_units")
    )


def _layers_figure(
    layer: ModuleCall, mode: str, weight_factor: int, unit: int, sees_projections: bool
) -> int:
    """Figure of all layers and directions at one position."""
    sizes = ("input_size", "hidden_size", "proj_size", "num_layers", "directions")
    given, hidden, projected, layers, directions = [int_option(layer, name) for name in sizes]
    carried = projected if projected and sees_projections else hidden
    rows = _GATES[mode] * hidden
    figure = 0
    for _ in range(layers):
        figure += weight_factor * rows * (given + carried) + unit * hidden
        figure += 2 * rows if layer.options["bias"] else 0
        given = carried * directions
    return figure * directions


def packed_positions(layer: ModuleCall) -> int:
    """Time steps * sequences of a packed input, as if all were as long as the longest."""
    steps = layer.input_shapes[1][0]
    # after the output's data, its batch sizes and maybe their order: the last hidden state
    state = next(shape for shape in layer.output_shapes if len(shape) == 3)
    return steps * state[1]


def int_option(call: ModuleCall, name: str) -> int:
    """An option that is an integer by construction."""
    value = call.options[name]
    assert isinstance(value, int)
    return value
