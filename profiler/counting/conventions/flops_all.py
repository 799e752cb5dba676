"""``flops_all``: ``flops`` plus bias adds, normalisation, activations, pools and elementwise ops.

What one element costs stands in the tables below. Data movement and dropout at inference, the
downscaling kind included, are 0.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log2, prod

from profiler.counting.conventions import per_op, register
from profiler.counting.conventions.contractions import number, op_macs
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

#: Kinds that cost nothing beside their MACs, and why.
ZERO = {
    "view": "no data is touched",
    "concat": "data movement",
    "copy": "data movement",
    "create": "writes constants or random numbers",
    "embedding": "a table look-up",
    "dropout": "identity at inference, or one fixed scale that folds into the next layer",
    "sort": "comparisons and data movement",
    "vecdot": "products and their sum, counted as MACs",
    "addr": "products and their sum, counted as MACs",
    "affine_grid": "products and their sum, counted as MACs",
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
    window = prod(kernel) * op.outputs[0].numel
    if op.attributes.get("power"):  # x ** p once an input, and a root an output
        return window + sum(given.numel for given in op.inputs[:1]) + op.outputs[0].numel
    return window


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


def _attention_backward(op: OpRecord) -> int:
    """9 per score: softmax again, 5, and its gradient P * (dP - sum of P * dP), 4."""
    return 9 * number(op, "query_rows") * number(op, "key_length")


def _distance(op: OpRecord) -> int:
    """Beside a multiply and an add, a difference for each coordinate, and a root for each pair."""
    return op.outputs[0].numel * (number(op, "contracted") + 1)


def _embedding_bag(op: OpRecord) -> int:
    """1 per number gathered (its weight is counted beside), 1 more per output of a mean."""
    if op.attributes["weighted"]:
        return 0
    mean = op.outputs[0].numel if op.attributes["mode"] == "mean" else 0
    return number(op, "gathered") + mean


def _weight_norm(op: OpRecord) -> int:
    """Weight g * v / norm: 2 per element for the norm, 1 for the scale; g / norm once a norm."""
    return 3 * op.outputs[0].numel + number(op, "norms")


def _fft(op: OpRecord) -> int:
    """5 N log2(N) for each complex transform of N points, half of that for a real one.

    Source: the figure by which FFTW states its speed, https://www.fftw.org/speed/method.html.
    Rounded to a whole number where N is no power of 2.
    """
    length = number(op, "length")
    per_point = 2.5 if op.attributes["real"] else 5
    return number(op, "transforms") * round(per_point * length * log2(length))


def _elementwise(op: OpRecord) -> int:
    return COST.get(op.aten, 1) * op.outputs[0].numel


def _is_unknown_mode(op: OpRecord) -> bool:
    """Interpolation by averaging areas has no cost in the table."""
    return op.kind in _READS_BETWEEN and op.attributes["mode"] not in INTERPOLATION_COST


#: Kinds that read values between the cells of their input.
_READS_BETWEEN = frozenset({"interpolate", "grid_sample"})


def _interpolated(op: OpRecord) -> int:
    return INTERPOLATION_COST.get(str(op.attributes["mode"]), 0) * op.outputs[0].numel


#: Kind → FLOPs beside the contraction.
EXTRA: dict[str, Callable[[OpRecord], int]] = {
    "conv": _bias,
    "deform_conv": _deform_conv,
    "linear": _bias,
    "matmul": _bias,
    "bilinear": _bias,
    "grouped_matmul": _bias,
    "quantized_matmul": _bias,
    "conv_tbc": _bias,
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
    **dict.fromkeys(_READS_BETWEEN, _interpolated),
    "distance": _distance,
    "embedding_bag": _embedding_bag,
    "weight_norm": _weight_norm,
    "fft": _fft,
    "conv_backward": lambda op: number(op, "bias_gradient"),
    "attention_backward": _attention_backward,
}


@register(
    "flops_all",
    unit="flops",
    summary="flops plus bias adds, normalisation, activation, pooling, softmax and elementwise ops",
    reasons={
        "conv": "bias adds",
        "deform_conv": "bias adds; 8 per value read between cells, 9 with a mask",
        **dict.fromkeys(
            ("linear", "matmul", "grouped_matmul", "quantized_matmul", "conv_tbc"), "bias adds"
        ),
        "batch_norm": "2 per element, 4 with an affine",
        "layer_norm": "5 per element, 7 with an affine",
        "group_norm": "5 per element, 7 with an affine",
        "instance_norm": "5 per element, 7 with an affine",
        "rms_norm": "3 per element, 4 with a scale",
        **dict.fromkeys(("add", "sub", "mul", "div", "elementwise"), "1 per output element"),
        "reduction": "1 per input element, 4 for a variance",
        **dict.fromkeys(_READS_BETWEEN, "a multiply and an add for each neighbour"),
        "distance": "a difference for each coordinate, a root for each pair",
        "embedding_bag": "1 per number that is looked up, a division for a mean",
        "weight_norm": "norms and scales",
        "fft": "5 N log2 N, half of that for real numbers",
        "conv_backward": "sums for the bias",
        "attention_backward": "9 per score, for the softmax and its gradient",
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
    if op.cost is not None:  # the user's own rule
        return OpCounts(macs=op.cost.macs, flops=op.cost.flops_all or 0)
    macs = op_macs(op)
    extra = EXTRA.get(op.kind)
    return OpCounts(
        macs=macs,
        flops=2 * macs + (extra(op) if extra else 0),
        uncounted=(extra is None and op.kind not in ZERO) or _is_unknown_mode(op),
    )


assert not {"other"} & (EXTRA.keys() | ZERO.keys())
