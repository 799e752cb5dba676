"""Functions of torch: name, kind, signature and rule of each, looked up once per function."""

from __future__ import annotations

import dis
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import FrameType, FunctionType
from typing import Any

import torch
from torch.nn import functional as F

from profiler.tracing.attributes import Describe, description
from profiler.tracing.devices import PLACING
from profiler.tracing.names import base_name, is_reflected, public_name, writes_in_place
from profiler.tracing.ops import KINDS, QUERIES, kind_of
from profiler.tracing.shape_rules import HARMLESS, RULES
from profiler.tracing.shape_rules.rule import Rule


def signature(name: str, base: str) -> tuple[str, ...]:
    """Names of the positional arguments that attributes and shape rules read.

    Args:
        name: the function's public name; some differ from their namesakes in the order.
        base: its bare name.
    """
    if is_reflected(name):  # the tensor whose method it is stands on the right
        return _REFLECTED
    return _SIGNATURES.get(name) or _SIGNATURES.get(base, ())


def bind(names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Name the positional arguments; what products call their operands becomes one name."""
    bound = dict(zip(names, args, strict=False))
    if kwargs:
        renamed = _OPERANDS.get(tuple(names)) or _OPERANDS.get(tuple(names[:2]), {})
        bound.update({renamed.get(name, name): value for name, value in kwargs.items()})
    return bound


_PRODUCT = ("input", "other")
_REFLECTED = ("other", "input")
#: What is added up is the last of them.
_ADDED = ("base", "dim", "index", "input")
_PRODUCT_AND_SUM = ("bias", "input", "other")
_RANK_ONE_UPDATE = ("base", "input", "other")

#: Names of a product's arguments → PyTorch's keywords for them → ours.
_OPERANDS: dict[tuple[str, ...], dict[str, str]] = {
    _ADDED: {"source": "input", "src": "input"},
    _PRODUCT: {
        **dict.fromkeys(("mat2", "vec", "tensor", "y", "x2", "weight"), "other"),
        **dict.fromkeys(("x", "x1"), "input"),
    },
    _REFLECTED: {"other": "input"},
    _RANK_ONE_UPDATE: {"input": "base", "vec1": "input", "vec2": "other"},
    _PRODUCT_AND_SUM: {
        "input": "bias",
        **dict.fromkeys(("mat1", "batch1", "mat"), "input"),
        **dict.fromkeys(("mat2", "batch2", "vec"), "other"),
    },
}


_SCALES = ("scale_a", "recipe_a", "swizzle_a", "scale_b", "recipe_b", "swizzle_b")
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
_CONV_BACKWARD = (
    *("grad_out", "input", "weight", "bias_sizes", "stride", "padding", "dilation"),
    *("transposed", "output_padding", "groups", "output_mask"),
)
_EMBEDDING_BAG = (
    *("input", "weight", "offsets", "max_norm", "norm_type", "scale_grad_by_freq"),
    *("mode", "sparse", "per_sample_weights"),
)
_ATEN_EMBEDDING_BAG = (
    *("weight", "input", "offsets", "scale_grad_by_freq"),
    *("mode", "sparse", "per_sample_weights"),
)
_ATTENTION = ("query", "key", "value")
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
    **{name: _ATTENTION for name, kind in KINDS.items() if kind == "attention"},
    "scaled_dot_product_attention": (*_ATTENTION, "attn_mask", "dropout_p", "is_causal"),
    **{
        name: ("grad_out", "query", "key", "value")
        for name, kind in KINDS.items()
        if kind == "attention_backward"
    },
    **dict.fromkeys(("vecdot", "linalg_vecdot"), (*_PRODUCT, "dim")),
    "addr": _RANK_ONE_UPDATE,
    **{
        name: _PRODUCT
        for name, kind in KINDS.items()
        if kind in ("grouped_matmul", "quantized_matmul")
    },
    "_grouped_mm": (*_PRODUCT, "offs", "bias", "out_dtype"),
    "_scaled_grouped_mm": (
        *(*_PRODUCT, "scale_a", "scale_b"),
        *("offs", "bias", "scale_result", "out_dtype"),
    ),
    "_scaled_grouped_mm_v2": (*_PRODUCT, *_SCALES, "offs", "bias", "out_dtype"),
    "_scaled_mm": (*_PRODUCT, "scale_a", "scale_b", "bias", "scale_result", "out_dtype"),
    "_scaled_mm_v2": (*_PRODUCT, *_SCALES, "bias", "out_dtype"),
    "_weight_int8pack_mm": (*_PRODUCT, "scales"),
    **dict.fromkeys(
        ("_weight_int4pack_mm", "_weight_int4pack_mm_for_cpu"), (*_PRODUCT, "group_size", "scales")
    ),
    "conv_tbc": ("input", "weight", "bias", "pad"),
    **{name: (*_PRODUCT, "p") for name, kind in KINDS.items() if kind == "distance"},
    **dict.fromkeys(("pdist", "_pdist_forward"), ("input", "p")),
    **dict.fromkeys(("affine_grid", "affine_grid_generator"), ("input", "size")),
    **{name: ("input", "grid", "mode") for name, kind in KINDS.items() if kind == "grid_sample"},
    "embedding_bag": _EMBEDDING_BAG,
    **dict.fromkeys(
        ("torch.embedding_bag", "_embedding_bag", "_embedding_bag_forward_only"),
        _ATEN_EMBEDDING_BAG,
    ),
    **dict.fromkeys(("_weight_norm", "_weight_norm_interface"), ("input", "g", "dim")),
    "convolution_backward": _CONV_BACKWARD,
    **dict.fromkeys(("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"), ("input", "n", "dim")),
    **dict.fromkeys(
        ("fft2", "ifft2", "rfft2", "irfft2", "fftn", "ifftn", "rfftn", "irfftn"),
        ("input", "s", "dim"),
    ),
    **dict.fromkeys(("_fft_r2c", "_fft_c2c"), ("input", "dim")),
    "_fft_c2r": ("input", "dim", "normalization", "n"),
    "stft": ("input", "n_fft", "hop_length", "win_length", "window", "center"),
    "istft": ("input", "n_fft"),
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
    "mkldnn_rnn_layer": ("input", "w_ih", "w_hh", "b_ih", "b_hh"),
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

_VIEW_PROPERTIES = frozenset(f"Tensor.{name}.__get__" for name in ("T", "mT", "H", "mH"))


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of torch: its names, its kind, and how its arguments are read.

    ``is_query`` is true for calls that record nothing, ``places`` for those that may name a device
    by position. ``rule`` gives the output without the
    dispatcher, when no keyword beyond ``keywords`` is used.
    """

    name: str
    base: str
    kind: str
    is_query: bool
    places: bool
    in_place: bool
    signature: tuple[str, ...]
    describe: Describe | None
    rule: Rule | None
    keywords: frozenset[str]
    #: Whether other public functions are to be recorded that it calls, and not it.
    is_seen_through: bool = False


_known: dict[Callable[..., Any], Function] = {}


def lookup(func: Callable[..., Any]) -> Function:
    """The facts about ``func``."""
    try:
        return _known[func]
    except KeyError:
        known = _resolve(public_name(func))
        if known.kind == "other" and getattr(func, "__module__", "") == F.__name__:
            asks = isinstance(func, FunctionType) and _QUESTIONS & {*func.__code__.co_names}
            known = replace(known, is_seen_through=bool(asks))
        _known[func] = known
        return known


#: By these a function that is written in Python asks whether a mode wants a say.
_QUESTIONS = frozenset(
    ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic")
)


def body(func: Callable[..., Any]) -> Callable[..., Any]:
    """What a function that is written in Python does when no mode wants a say in it."""
    assert isinstance(func, FunctionType)
    namespace = {**func.__globals__, **dict.fromkeys(_QUESTIONS, _no)}
    same = FunctionType(
        func.__code__, namespace, func.__name__, func.__defaults__, func.__closure__
    )
    same.__kwdefaults__ = func.__kwdefaults__
    return same


def _no(*_: Any) -> bool:
    return False


#: Libraries of ops whose names the vocabulary speaks of.
_KNOWN_LIBRARIES = ("aten", "torchvision")
#: Ops of other libraries that it speaks of.
_KNOWN_OPS = frozenset(
    {
        "torch.ops.transformers.grouped_mm_fallback",
        *(
            f"torch.ops.quantized.linear_{name}"
            for name in ("dynamic", "relu_dynamic", "dynamic_fp16", "relu_dynamic_fp16")
        ),
    }
)


def _is_somebody_elses(name: str) -> bool:
    """Whether it is an op of a library that may call anything ``linear`` or ``add``."""
    library = name.removeprefix("torch.ops.").partition(".")[0]
    if not name.startswith("torch.ops.") or library in _KNOWN_LIBRARIES:
        return False
    return name.removesuffix(".default") not in _KNOWN_OPS


@functools.cache
def aten_function(name: str, below: str) -> Function:
    """The facts about an aten op that runs below a public function, under that one's name."""
    known = _resolve(name)
    is_told = known.kind != "other" or below.startswith(name)
    return replace(known, name=below if is_told else f"{below} → {name}")


def class_function(cls: type) -> Function:
    """The call of a module as an op, where nothing is known of what it does."""
    name = f"{cls.__module__}.{cls.__qualname__}"
    return replace(_resolve(f"torch.ops.{name}"), name=name, base=cls.__name__, is_query=False)


def _resolve(name: str) -> Function:
    base = base_name(name)
    in_place = writes_in_place(name)
    is_property = name.endswith(".__get__")
    if name in _VIEW_PROPERTIES:
        base, is_property = "transpose", False
    is_foreign = _is_somebody_elses(name)
    kind = "other" if is_foreign else kind_of(base)
    names = signature(name, base)
    rule = RULES.get(f"{base}_" if in_place else base)
    return Function(
        name=name,
        base=base,
        kind=kind,
        is_query=is_property or (base in QUERIES and not is_foreign),
        places=base in PLACING,
        in_place=in_place,
        signature=names,
        describe=description(kind),
        rule=None if kind == "other" or name.startswith("torch.special") else rule,
        keywords=HARMLESS.union(names),
    )


_BINARY_OP = dis.opmap["BINARY_OP"]

#: Method → the facts about the operator that arrives under its name.
OPERATORS: dict[Callable[..., Any], Function] = {
    method: replace(lookup(method), name=f"Tensor.{name}")
    for method, name in (
        (torch.Tensor.add, "__add__"),
        (torch.Tensor.sub, "__sub__"),
        (torch.Tensor.mul, "__mul__"),
        (torch.Tensor.div, "__truediv__"),
        (torch.Tensor.matmul, "__matmul__"),
    )
}


def is_operator(caller: FrameType, method: str) -> bool:
    """Whether the frame that called into torch did so by an operator, or had it done (``sum``)."""
    code = caller.f_code
    return (
        code.co_code[caller.f_lasti] == _BINARY_OP
        or method not in code.co_names
        or "operator" in code.co_names
    )
