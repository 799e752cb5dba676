"""``deepspeed`` and ``calflops``: patched public functions, FLOPs and MACs of each.

``deepspeed.profiling.flops_profiler.get_model_profile`` (0.19.6), source
``deepspeed/profiling/flops_profiler/profiler.py``, and ``calflops.calculate_flops`` (0.3.2), source
``calflops/pytorch_ops.py`` and ``calculate_pipline.py``.

calflops began as a copy of deepspeed's profiler, so most of the formulas are the same: with X the
input's elements, 2 per MAC of a linear layer without its bias; of a convolution with it; norms X or
2X at inference, 5X or 4X for layer, group and instance norm; activations, softmax and every pool X;
add and mul their elements; the rest nothing. Only functions called by the patched name are seen: an
operator, ``torch.conv2d``, ``torch.relu`` or a fused kernel is not, nor a function that was found
before: an activation that a layer was given when it was built, ``from torch.nn.functional import
relu``. ``torch.nn.MultiheadAttention`` calls linear, softmax, bmm and baddbmm or attention by the
patched names; one that is frozen runs a kernel of its own, of which nothing is seen.

deepspeed alone: mm, bmm and ``a @ b`` count as matmul does; attention counts its two products,
without softmax and whatever the mask; interpolation counts the sides of the size asked for, or the
output's elements.

calflops alone: mm and bmm are not patched, nor are attention and ``a @ b``; interpolation to a size
counts the product of the sides, without batch and channels; by a factor it counts the input's
elements, as the result of the multiplication is dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from profiler.counting.conventions import register
from profiler.counting.conventions.contractions import RARE, number, op_macs, operand_products
from profiler.counting.conventions.fused_attention import fused_attention
from profiler.counting.conventions.ledger import (
    Call,
    Ledger,
    is_below_function,
    is_hidden_python,
)
from profiler.counting.conventions.tool_formulas import (
    broadcast_from_the_left,
    einsum_flops,
    einsums,
    has_batch,
    per_element,
    positions,
    power_pool_elements,
    recurrent_figure,
)
from profiler.records import OpRecord, Tally, Trace

#: FLOPs and MACs of one op.
Figures = tuple[int, int]
Formula = Callable[[OpRecord], Figures]

_PER_UNIT = {"rnn": 1, "gru": 7, "lstm": 10}
_ACTIVATIONS = ("relu", "prelu", "elu", "leaky_relu", "relu6", "silu", "gelu", "softmax")


def _input(op: OpRecord) -> Figures:
    return (op.inputs[0].numel if op.inputs else 0), 0


def _linear(op: OpRecord) -> Figures:
    macs = op_macs(op)
    return 2 * macs, macs


def _conv(op: OpRecord) -> Figures:
    """MACs at output sides worked out anew: "same" padding of an even kernel loses a row."""
    shape, weight = op.inputs[0].shape, op.weight_shape or ()
    positions = shape[0] * prod(_sides(op))
    macs = prod(weight[2:]) * shape[1] * (weight[0] // number(op, "groups")) * positions
    return 2 * macs + (weight[0] * positions if op.bias_shape else 0), macs


def _conv_transpose(op: OpRecord) -> Figures:
    """Output channels per group are divided by the groups again; the bias is counted at the sides
    that a convolution of these settings would give.
    """
    shape, weight = op.inputs[0].shape, op.weight_shape or ()
    macs = (
        prod(weight[2:])
        * shape[1]
        * (weight[1] // number(op, "groups"))
        * shape[0]
        * prod(shape[2:])
    )
    bias = weight[1] * shape[0] * prod(_sides(op)) if op.bias_shape else 0
    return 2 * macs + bias, macs


def _sides(op: OpRecord) -> list[int]:
    """Output sides from the third side of the input on, which has no batch for all they know."""
    shape, kernel = op.inputs[0].shape[2:], (op.weight_shape or ())[2:]
    stride, dilation = _per_side(op, "stride"), _per_side(op, "dilation")
    padding = op.attributes["padding"]
    if padding == "same":
        pads = [d * (k - 1) // 2 for d, k in zip(dilation, kernel, strict=True)]
    else:
        pads = [0] * len(shape) if padding == "valid" else list(_per_side(op, "padding"))
    return [
        (n + 2 * p - (d * (k - 1) + 1)) // s + 1
        for n, k, s, p, d in zip(shape, kernel, stride, pads, dilation, strict=False)
    ]


def _per_side(op: OpRecord, name: str) -> tuple[int, ...]:
    value = op.attributes[name]
    assert isinstance(value, tuple)
    return value


def _norm(op: OpRecord) -> Figures:
    return per_element(op) * _input(op)[0], 0


def _product(op: OpRecord) -> Figures:
    """matmul, mm, bmm: the left operand's elements times the right one's last side."""
    macs = operand_products(op)
    return 2 * macs, macs


def _product_and_sum(op: OpRecord) -> Figures:
    flops, macs = _product(op)
    return flops + prod(op.bias_shape or ()), macs


def _elementwise(op: OpRecord) -> Figures:
    return broadcast_from_the_left(op), 0


def _power_pool(op: OpRecord) -> Figures:
    """It calls an average pool, then relu and mul."""
    return power_pool_elements(op), 0


_F = "torch.nn.functional"

#: Public function → its formula, as far as both tools patch it.
_PATCHED: dict[str, Formula] = {
    f"{_F}.linear": _linear,
    **{f"{_F}.conv{dims}d": _conv for dims in (1, 2, 3)},
    **{f"{_F}.conv_transpose{dims}d": _conv_transpose for dims in (1, 2, 3)},
    **{f"{_F}.{name}": _input for name in _ACTIVATIONS},
    **{f"{_F}.{kind}_norm": _norm for kind in ("batch", "layer", "group", "instance")},
    **{
        f"{_F}.{kind}_pool{dims}d": _input
        for kind in ("max", "avg", "adaptive_max", "adaptive_avg")
        for dims in (1, 2, 3)
    },
    **{f"{_F}.lp_pool{dims}d": _power_pool for dims in (1, 2, 3)},
    "torch.matmul": _product,
    "Tensor.__rmatmul__": _product,  # calls torch.matmul
    "Tensor.matmul": _product,
    "torch.addmm": _product_and_sum,
    "Tensor.addmm": _product_and_sum,
    "torch.baddbmm": _product_and_sum,
    **{f"{owner}.{name}": _elementwise for owner in ("torch", "Tensor") for name in ("add", "mul")},
}


#: Why the figure of a kind departs from ``flops``, as far as both agree.
_REASONS = {
    "conv": "bias adds; transposed ones divided by their groups twice",
    "matmul": "products that are not called by a patched name not seen",
    "recurrent": "biases and gates added, one addition per gate left out",
    "batch_norm": "1 per element, 2 with an affine",
    "layer_norm": "4 per element, 5 with an affine",
    "group_norm": "4 per element, 5 with an affine",
    "instance_norm": "4 per element, 5 with an affine",
    "activation": "1 per input element",
    "softmax": "1 per input element",
    "pool": "1 per input element",
    "add": "called as a function: 1 per element",
    "mul": "called as a function: 1 per element",
}


def _resizing(formula: Formula) -> dict[str, Formula]:
    """``interpolate`` by a tool's formula, and ``upsample``, which calls it.

    By averaging areas it calls an adaptive pool, which is patched as well.
    """

    def interpolate(op: OpRecord) -> Figures:
        pooled = _input(op)[0] if op.attributes["mode"] == "area" else 0
        return formula(op)[0] + pooled, 0

    def upsample(op: OpRecord) -> Figures:
        return formula(op)[0] + interpolate(op)[0], 0

    return {f"{_F}.interpolate": interpolate, f"{_F}.upsample": upsample}


#: Classes whose calls are hooked: what is called below them is not looked at.
_HOOKED = frozenset({"RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell"})


def _patched_tally(trace: Trace, patched: dict[str, Formula]) -> Tally:
    """Every call of a patched function, at each path of the module that calls it.

    Recurrent layers are hooked as modules: 2 per weight, less one per gate row and matrix, plus the
    biases and the gates' arithmetic; no MACs. Nothing is seen of the kernel that a frozen attention
    module runs.
    """
    ledger = Ledger(trace, "flops")
    fused, equations, calls = fused_attention(trace), einsums(trace), ledger.calls()
    for index, op in enumerate(trace.ops):
        figures: Figures | None
        if index in fused.possible:
            figures = None
        elif index in fused.certain:
            figures = 0, 0
        elif op.kind == "recurrent":
            figures = _recurrent(calls[op.module])
        elif index in equations:
            figures = _einsum(equations[index])
        else:
            figures = _patched_figures(op, patched)
        if figures is None:
            ledger.add_unknown(index)
        flops, macs = figures or (0, 0)
        if flops and op.kind == "view":  # of an einsum
            ledger.add_path(op.path, "einsum", flops)
        else:
            ledger.add_op(index, flops, macs)
        for path in trace.modules[op.module].shared_with if trace.modules else ():
            if flops:
                ledger.add_path(path, "shared", flops, macs=macs)
    return ledger.tally()


def _patched_figures(op: OpRecord, patched: dict[str, Formula]) -> Figures | None:
    """None where the tools fail, and below a function that may call patched ones."""
    formula = patched.get(op.function.removesuffix("_with_indices"))
    if is_hidden_python(op) or (formula is not None and is_below_function(op)):
        return None
    if formula is None or op.alias:
        return 0, 0
    return None if formula is _conv and not has_batch(op) else formula(op)


def _recurrent(call: Call) -> Figures | None:
    if call.torch_class not in _HOOKED:
        return 0, 0
    flops = recurrent_figure(call, positions(call), 2, _PER_UNIT, -2)
    return None if flops is None else (flops, 0)


def _einsum(op: OpRecord | None) -> Figures | None:
    if op is None:
        return 0, 0
    flops = einsum_flops(op)
    return None if flops is None else (int(flops), 0)


def _calflops_resized(op: OpRecord) -> Figures:
    size = op.attributes["size"]
    if isinstance(size, tuple):
        return prod(size), 0
    return size if isinstance(size, int) else op.inputs[0].numel, 0


_CALFLOPS = {**_PATCHED, **_resizing(_calflops_resized)}


@register(
    "calflops",
    unit="flops",
    tool="calflops.calculate_flops",
    summary="2 x MACs and bias of patched functions, plus norms, activations and pools",
    params="trainable",
    reasons={
        **_REASONS,
        **dict.fromkeys(RARE, "not seen"),
        "attention": "not seen",
        "interpolate": "the sides of the size asked for, or the input's elements",
    },
)
def calflops(trace: Trace) -> Tally:
    """Patched functions at every path of the module that calls them."""
    return _patched_tally(trace, _CALFLOPS)


def _deepspeed_resized(op: OpRecord) -> Figures:
    size, scale = op.attributes["size"], op.attributes["scale"]
    if isinstance(size, tuple):
        return prod(size), 0
    if isinstance(size, int):
        return size, 0
    return int(op.inputs[0].numel * (scale if isinstance(scale, (int, float)) else 1)), 0


_DEEPSPEED = {
    **_PATCHED,
    **_resizing(_deepspeed_resized),
    f"{_F}.scaled_dot_product_attention": _linear,
    **{f"{owner}.{name}": _product for owner in ("torch", "Tensor") for name in ("mm", "bmm")},
    "Tensor.__matmul__": _product,
}


@register(
    "deepspeed",
    unit="flops",
    tool="deepspeed.profiling.flops_profiler.get_model_profile",
    summary="2 x MACs and bias of patched functions, plus norms, activations and pools",
    reasons={
        **_REASONS,
        **dict.fromkeys(RARE, "not seen"),
        "interpolate": "the sides of the size asked for, or the output's elements",
    },
)
def deepspeed(trace: Trace) -> Tally:
    """Patched functions at every path of the module that calls them."""
    return _patched_tally(trace, _DEEPSPEED)
