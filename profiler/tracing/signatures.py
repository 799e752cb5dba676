"""Names of positional arguments, as far as attributes and shape rules read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from profiler.tracing.ops import KINDS


def signature(name: str, base: str) -> tuple[str, ...]:
    """Names of the positional arguments that attributes and shape rules read.

    Args:
        name: the function's public name; some differ from their namesakes in the order.
        base: its bare name.
    """
    return _SIGNATURES.get(name) or _SIGNATURES.get(base, ())


def bind(names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Name the positional arguments; what products call their operands becomes one name."""
    bound = dict(zip(names, args, strict=False))
    if kwargs:
        renamed = _OPERANDS.get(tuple(names), {})
        bound.update({renamed.get(name, name): value for name, value in kwargs.items()})
    return bound


_PRODUCT = ("input", "other")
#: What is added up is the last of them.
_ADDED = ("base", "dim", "index", "input")
_PRODUCT_AND_SUM = ("bias", "input", "other")

#: Names of a product's arguments → PyTorch's keywords for them → ours.
_OPERANDS: dict[tuple[str, ...], dict[str, str]] = {
    _ADDED: {"source": "input", "src": "input"},
    _PRODUCT: {"mat2": "other", "vec": "other", "tensor": "other"},
    _PRODUCT_AND_SUM: {
        "input": "bias",
        **dict.fromkeys(("mat1", "batch1", "mat"), "input"),
        **dict.fromkeys(("mat2", "batch2", "vec"), "other"),
    },
}


_NORM = ("input", "num_groups", "weight", "bias")
_CONV = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_CONV_TRANSPOSE = (*_CONV[:5], "output_padding", "groups", "dilation")
_ATEN_CONV = (*_CONV[:6], "transposed", "output_padding", "groups")
#: As torchvision's schema has it.
_DEFORM_CONV = (
    *("input", "weight", "offset", "mask", "bias"),
    *("stride_h", "stride_w", "pad_h", "pad_w", "dil_h", "dil_w"),
    *("groups", "offset_groups", "use_mask"),
)
_BATCH_NORM = ("input", "running_mean", "running_var", "weight", "bias", "training")
_ATEN_BATCH_NORM = ("input", "weight", "bias", "running_mean", "running_var", "training")
_POOL = ("input", "kernel_size", "stride", "padding")
_MAX_POOL = (*_POOL, "dilation", "ceil_mode")
_AVG_POOL = (*_POOL, "ceil_mode", "count_include_pad", "divisor_override")
_RECURRENT = ("input", "hx", "weights", "packed_weights")

_SIGNATURES: dict[str, tuple[str, ...]] = {
    **{f"conv{d}d": _CONV for d in (1, 2, 3)},
    **{f"conv_transpose{d}d": _CONV_TRANSPOSE for d in (1, 2, 3)},
    **dict.fromkeys(
        ("convolution", "_convolution", "cudnn_convolution", "mkldnn_convolution"), _ATEN_CONV
    ),
    "deform_conv2d": _DEFORM_CONV,
    "linear": ("input", "weight", "bias"),
    "bilinear": ("input", "input2", "weight", "bias"),
    **dict.fromkeys(("addmm", "addmv", "baddbmm", "addbmm"), _PRODUCT_AND_SUM),
    **dict.fromkeys(("matmul", "mm", "bmm", "mv", "dot", "vdot", "inner"), _PRODUCT),
    **{name: ("query", "key", "value") for name, kind in KINDS.items() if kind == "attention"},
    "batch_norm": _BATCH_NORM,
    "torch.batch_norm": _ATEN_BATCH_NORM,
    "instance_norm": ("input", "running_mean", "running_var", "weight", "bias"),
    "torch.instance_norm": _ATEN_BATCH_NORM,
    **{
        name: _ATEN_BATCH_NORM
        for name, kind in KINDS.items()
        if kind == "batch_norm" and name != "batch_norm"
    },
    "layer_norm": ("input", "normalized_shape", "weight", "bias"),
    "native_layer_norm": ("input", "normalized_shape", "weight", "bias"),
    "rms_norm": ("input", "normalized_shape", "weight"),
    "group_norm": _NORM,
    "native_group_norm": ("input", "weight", "bias"),
    "embedding": ("input", "weight"),
    **{name: _MAX_POOL for name in KINDS if name.startswith("max_pool")},
    **{name: _AVG_POOL for name in KINDS if name.startswith("avg_pool")},
    **{name: ("input", "output_size") for name in KINDS if "adaptive_" in name},
    **{
        name: ("input", "norm_type", "kernel_size", "stride") for name in KINDS if "lp_pool" in name
    },
    **dict.fromkeys(("interpolate", "upsample"), ("input", "size", "scale_factor", "mode")),
    **dict.fromkeys(("lstm", "gru", "rnn_tanh", "rnn_relu"), _RECURRENT),
    **dict.fromkeys(
        ("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell"),
        ("input", "hx", "w_ih", "w_hh", "b_ih", "b_hh"),
    ),
    **{name: ("input",) for name, kind in KINDS.items() if kind == "activation"},
    **dict.fromkeys(("add", "sub", "mul", "div"), _PRODUCT),
    **{name: ("input", "dim") for name, kind in KINDS.items() if kind == "softmax"},
    **dict.fromkeys(
        ("exp", "log", "sqrt", "rsqrt", "square", "reciprocal", "neg", "abs", "sin", "cos", "erf"),
        ("input",),
    ),
    **dict.fromkeys(("clamp", "clip"), ("input", "min", "max")),
    "pow": ("input", "exponent"),
    "roll": ("input", "shifts", "dims"),
    "pad": ("input", "pad", "mode", "value"),
    "cat": ("tensors", "dim"),
    **{name: ("input",) for name, kind in KINDS.items() if kind == "reduction"},
    **dict.fromkeys(("mean", "sum"), ("input", "dim", "keepdim")),
    **dict.fromkeys(("index_add", "scatter_add"), _ADDED),
}
