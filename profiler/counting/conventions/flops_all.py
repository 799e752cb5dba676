"""``flops_all``: ``flops`` plus bias adds, normalisation, activations, pools and elementwise ops.

What one element costs stands in the tables below. Data movement and dropout at inference, the
downscaling kind included, are 0.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from profiler.counting.conventions import per_op, register
from profiler.counting.conventions.contractions import UNKNOWN, number, op_macs
from profiler.records import OpCounts, OpRecord

#: FLOPs per output element of an activation or elementwise op; 1 where the name is not listed.
COST = {
    "sigmoid": 4, "expit": 4, "tanh": 4, "gelu": 4, "silu": 4,
    "relu": 1, "exp": 1, "log": 1, "sqrt": 1, "div": 1,
}  # fmt: skip

#: FLOPs per input element of a reduction; 1 (mean, sum, max …) where not listed.
REDUCTION_COST = {
    "var": 4, "std": 4, "var_mean": 4, "std_mean": 4, "norm": 2, "vector_norm": 2,
    "linalg_vector_norm": 2,
}  # fmt: skip

#: Interpolation: FLOPs per output element, a multiply and an add for each neighbour.
INTERPOLATION_COST = {
    "nearest": 0, "nearest-exact": 0, "linear": 4, "bilinear": 8, "trilinear": 16, "bicubic": 32,
}  # fmt: skip

#: Kinds that cost nothing, and why.
ZERO = {
    "view": "no data is touched",
    "concat": "data movement",
    "copy": "data movement",
    "create": "writes constants or random numbers",
    "embedding": "a table look-up",
    "dropout": "identity at inference, or one fixed scale that folds into the next layer",
    "sort": "comparisons and data movement",
}


def _bias(op: OpRecord) -> int:
    return op.outputs[0].numel if op.bias_shape else 0


def _deform_conv(op: OpRecord) -> int:
    """Bias adds, and for each value that is read a multiply and an add a neighbour, 1 for a mask.

    Between cells a value has 2 neighbours in each dimension: 8 FLOPs in two.
    """
    kernel = op.attributes["kernel"]
    assert isinstance(kernel, tuple)
    per_value = (2 << len(kernel)) + bool(op.attributes["masked"])
    return _bias(op) + per_value * number(op, "sampled")


def _batch_norm(op: OpRecord) -> int:
    """2 per element at inference, 4 with an affine: y = (x - mean) / std, then * w + b."""
    return (4 if op.attributes["affine"] else 2) * op.outputs[0].numel


def _layer_norm(op: OpRecord) -> int:
    """5 per element (mean, centre, square, sum, scale), 7 with an affine."""
    return (7 if op.attributes["affine"] else 5) * op.outputs[0].numel


def _pool(op: OpRecord) -> int:
    """Window size per output element; a global pool's window is the whole map."""
    if op.attributes.get("adaptive"):
        return number(op, "visited")
    kernel = op.attributes["kernel"]
    assert isinstance(kernel, tuple)
    return prod(kernel) * op.outputs[0].numel


def _recurrent(op: OpRecord) -> int:
    """Bias adds and the gates' arithmetic, per time step, sequence and hidden unit.

    lstm: 4 joins of input and hidden + 3 sigmoids and 2 tanh at 4 + 3 products + 1 sum = 28;
    gru: 3 joins + 2 sigmoids and 1 tanh at 4 + 3 products + 2 sums = 20; rnn: 1 join + 1 tanh = 5
    (relu: 2).
    """
    per_unit = {"lstm": 28, "gru": 20, "rnn_relu": 2}.get(str(op.attributes["mode"]), 5)
    per_position = number(op, "biases") + per_unit * number(op, "hidden_units")
    return number(op, "positions") * per_position


def _attention(op: OpRecord) -> int:
    """Softmax over the scores: 5 per score."""
    return 5 * number(op, "query_rows") * number(op, "key_length")


def _elementwise(op: OpRecord) -> int:
    return COST.get(op.aten, 1) * op.outputs[0].numel


def _is_unknown_mode(op: OpRecord) -> bool:
    """Interpolation by averaging areas has no cost in the table."""
    return op.kind == "interpolate" and op.attributes["mode"] not in INTERPOLATION_COST


#: Kind → FLOPs beside the contraction.
EXTRA: dict[str, Callable[[OpRecord], int]] = {
    "conv": _bias,
    "deform_conv": _deform_conv,
    "linear": _bias,
    "matmul": _bias,
    "bilinear": _bias,
    "attention": _attention,
    "recurrent": _recurrent,
    "batch_norm": _batch_norm,
    "instance_norm": _layer_norm,
    "layer_norm": _layer_norm,
    "group_norm": _layer_norm,
    "rms_norm": lambda op: (4 if op.attributes["affine"] else 3) * op.outputs[0].numel,
    "activation": _elementwise,
    "softmax": lambda op: 5 * op.outputs[0].numel,
    "pool": _pool,
    **dict.fromkeys(("add", "sub", "mul", "div", "elementwise"), _elementwise),
    "reduction": lambda op: REDUCTION_COST.get(op.aten, 1) * number(op, "input_elements"),
    "interpolate": lambda op: (
        INTERPOLATION_COST.get(str(op.attributes["mode"]), 0) * op.outputs[0].numel
    ),
}


@register(
    "flops_all",
    unit="flops",
    summary="flops plus bias adds, normalisation, activation, pooling, softmax and elementwise ops",
    reasons={
        "conv": "bias adds",
        "deform_conv": "bias adds; 8 per value read between cells, 9 with a mask",
        "linear": "bias adds",
        "matmul": "bias adds",
        "batch_norm": "2 per element, 4 with an affine",
        "layer_norm": "5 per element, 7 with an affine",
        "group_norm": "5 per element, 7 with an affine",
        "instance_norm": "5 per element, 7 with an affine",
        "rms_norm": "3 per element, 4 with a scale",
        **dict.fromkeys(("add", "sub", "mul", "div", "elementwise"), "1 per output element"),
        "reduction": "1 per input element, 4 for a variance",
        "interpolate": "a multiply and an add for each neighbour",
        "recurrent": "biases and gates",
        "activation": "1 per output element, 4 for sigmoid, tanh, GELU and SiLU",
        "pool": "window size per output element",
        "softmax": "5 per element",
        "attention": "5 per score, for the softmax",
    },
)
@per_op
def flops_all(op: OpRecord) -> OpCounts:
    """Contractions at 2 per MAC, and the rest by the tables of this module."""
    macs = op_macs(op)
    extra = EXTRA.get(op.kind)
    return OpCounts(
        macs=macs,
        flops=2 * macs + (extra(op) if extra else 0),
        uncounted=(extra is None and op.kind not in ZERO) or _is_unknown_mode(op),
    )


assert not UNKNOWN & (EXTRA.keys() | ZERO.keys())
