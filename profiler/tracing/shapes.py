"""Shape rules: what a hot op returns, without entering the dispatcher.

A rule takes the op's named arguments and says what the output is: a new tensor in the default
layout, or the input itself where the op writes in place; None where it does not apply: an unusual
layout, mixed dtypes, arguments that PyTorch refuses. Then the op's own meta kernel runs, and raises
what it has to. The rules are an optimisation: a trace is the same without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import torch

from profiler.records import Shape


class NewTensor(NamedTuple):
    """An output that aliases nothing, contiguous."""

    shape: Shape
    dtype: torch.dtype


Output = NewTensor | torch.Tensor | None
Rule = Callable[[Mapping[str, Any]], Output]

_FLOATS = frozenset({torch.float32, torch.float16, torch.bfloat16, torch.float64})
_TYPES = frozenset({torch.Tensor, torch.nn.Parameter})
_INTEGERS = frozenset({int})


def _new(shape: Sequence[int], like: torch.Tensor) -> NewTensor:
    return NewTensor(tuple(shape), like.dtype)


def _plain(tensor: Any) -> bool:
    """A floating-point meta tensor in the default layout, and no subclass."""
    return (
        type(tensor) in _TYPES
        and tensor.is_meta
        and tensor.dtype in _FLOATS
        and tensor.is_contiguous()
    )


def _same_dtype(tensor: torch.Tensor, *others: Any) -> bool:
    return all(other is None or other.dtype == tensor.dtype for other in others)


def _sizes(value: Any, dims: int) -> Shape | None:
    """3 → (3, 3); [3] → (3, 3); None for anything else that is not ``dims`` integers."""
    if type(value) is int:
        return (value,) * dims
    if not isinstance(value, (tuple, list)):
        return None
    sizes = tuple(value)
    if len(sizes) == 1:
        sizes *= dims
    return sizes if len(sizes) == dims and _INTEGERS.issuperset(map(type, sizes)) else None


# --- convolution and linear -------------------------------------------------------------------


def _conv(dims: int) -> Rule:
    def rule(bound: Mapping[str, Any]) -> Output:
        x, weight = bound["input"], bound["weight"]
        if not (_plain(x) and _plain(weight)) or x.dim() != dims + 2:
            return None
        groups, padding = bound.get("groups", 1), bound.get("padding", 0)
        stride = _sizes(bound.get("stride", 1), dims)
        dilation = _sizes(bound.get("dilation", 1), dims)
        if padding == "valid":
            padding = 0
        pads = _sizes(padding, dims)
        if stride is None or dilation is None or pads is None:
            return None
        batch, in_channels, *sides = x.shape
        out_channels, per_group, *kernel = weight.shape
        if in_channels != per_group * groups or out_channels % groups or batch == 0:
            return None
        if x.dtype != weight.dtype or not _fits_bias(bound.get("bias"), out_channels, x):
            return None
        if min(stride) < 1 or min(dilation) < 1 or min(pads) < 0:
            return None
        # out = floor((in + 2p - d (k - 1) - 1) / s) + 1
        sizes = [
            (n + 2 * p - d * (k - 1) - 1) // s + 1
            for n, k, s, p, d in zip(sides, kernel, stride, pads, dilation, strict=True)
        ]
        return _new((batch, out_channels, *sizes), x) if min(sizes) > 0 else None

    return rule


def _conv_transpose(dims: int) -> Rule:
    def rule(bound: Mapping[str, Any]) -> Output:
        x, weight = bound["input"], bound["weight"]
        if not (_plain(x) and _plain(weight)) or x.dim() != dims + 2:
            return None
        stride = _sizes(bound.get("stride", 1), dims)
        pads = _sizes(bound.get("padding", 0), dims)
        dilation = _sizes(bound.get("dilation", 1), dims)
        extra = _sizes(bound.get("output_padding", 0), dims)
        if stride is None or pads is None or dilation is None or extra is None:
            return None
        in_channels, per_group, *kernel = weight.shape
        if x.shape[1] != in_channels or in_channels % bound.get("groups", 1) or x.shape[0] == 0:
            return None
        out_channels = per_group * bound.get("groups", 1)
        if not _fits_bias(bound.get("bias"), out_channels, x) or min(*pads, *extra) < 0:
            return None
        if x.dtype != weight.dtype or min(*stride, *dilation) < 1:
            return None
        if any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
            return None
        # out = (in - 1) s - 2p + d (k - 1) + output padding + 1
        sizes = [
            (n - 1) * s - 2 * p + d * (k - 1) + e + 1
            for n, k, s, p, d, e in zip(
                x.shape[2:], kernel, stride, pads, dilation, extra, strict=True
            )
        ]
        return _new((x.shape[0], out_channels, *sizes), x) if min(sizes) > 0 else None

    return rule


def _fits_bias(bias: torch.Tensor | None, size: int, like: torch.Tensor) -> bool:
    return bias is None or (bias.dtype == like.dtype and tuple(bias.shape) == (size,))


def _linear(bound: Mapping[str, Any]) -> Output:
    x, weight, bias = bound["input"], bound["weight"], bound.get("bias")
    if not (_plain(x) and _plain(weight)) or weight.dim() != 2 or not 1 <= x.dim() <= 4:
        return None
    if x.dtype != weight.dtype or not _fits_bias(bias, weight.shape[0], x):
        return None
    if x.shape[-1] != weight.shape[1]:
        return None
    return _new((*x.shape[:-1], weight.shape[0]), x)


def _product(rank: int) -> Rule:
    """``mm`` and ``bmm``: matmul of exactly that rank."""

    def rule(bound: Mapping[str, Any]) -> Output:
        a, b = bound["input"], bound["other"]
        return _matmul(bound) if a.dim() == b.dim() == rank else None

    return rule


def _matmul(bound: Mapping[str, Any]) -> Output:
    a, b = bound["input"], bound["other"]
    if not (_plain(a) and _plain(b)) or a.dtype != b.dtype:
        return None
    # a: [*batch, m, k] @ b: [*batch, k, n]; a weight of two dimensions serves every batch
    if a.dim() < 2 or b.dim() not in (2, a.dim()) or a.shape[-1] != b.shape[-2]:
        return None
    if b.dim() > 2 and a.shape[:-2] != b.shape[:-2]:
        return None
    return _new((*a.shape[:-1], b.shape[-1]), a)


def _attention(bound: Mapping[str, Any]) -> Output:
    query, key, value = bound["query"], bound["key"], bound["value"]
    if not (_plain(query) and _plain(key) and _plain(value)) or query.dim() != 4:
        return None
    if bound.get("attn_mask") is not None or bound.get("enable_gqa") or bound.get("dropout_p"):
        return None
    if not query.dtype == key.dtype == value.dtype or query.shape[:2] != key.shape[:2]:
        return None
    if key.shape[:3] != value.shape[:3] or query.shape[3] != key.shape[3]:
        return None
    return _new((*query.shape[:3], value.shape[3]), query)


# --- normalisation, activations, softmax ------------------------------------------------------


def _batch_norm(bound: Mapping[str, Any]) -> Output:
    x = bound["input"]
    if bound.get("training") or not _plain(x) or x.dim() < 2:
        return None
    if bound.get("running_mean") is None or bound.get("running_var") is None:
        return None
    shape, dtype = x.shape, x.dtype
    for name in ("running_mean", "running_var", "weight", "bias"):
        tensor = bound.get(name)
        if tensor is not None and (tensor.dtype != dtype or tensor.shape != shape[1:2]):
            return None
    return _new(shape, x)


def _layer_norm(bound: Mapping[str, Any]) -> Output:
    x, weight, bias = bound["input"], bound.get("weight"), bound.get("bias")
    if not _plain(x) or not _same_dtype(x, weight, bias):
        return None
    normalized = tuple(bound["normalized_shape"])
    if not normalized or tuple(x.shape[-len(normalized) :]) != normalized:
        return None
    if any(tensor is not None and tuple(tensor.shape) != normalized for tensor in (weight, bias)):
        return None
    return _new(x.shape, x)


def _group_norm(bound: Mapping[str, Any]) -> Output:
    x, groups = bound["input"], bound["num_groups"]
    affine = (bound.get("weight"), bound.get("bias"))
    if not _plain(x) or x.dim() < 2 or not _same_dtype(x, *affine):
        return None
    if type(groups) is not int or groups < 1 or x.shape[1] % groups or 0 in x.shape:
        return None
    if x.shape[0] * x.shape[1] // groups * prod(x.shape[2:]) <= 1:
        return None
    if any(tensor is not None and tuple(tensor.shape) != (x.shape[1],) for tensor in affine):
        return None
    return _new(x.shape, x)


def _unary(bound: Mapping[str, Any]) -> Output:
    """One output element per input element."""
    x: torch.Tensor = bound["input"]
    if not _plain(x):
        return None
    return x if bound.get("inplace") else _new(x.shape, x)


def _unary_in_place(bound: Mapping[str, Any]) -> Output:
    x: torch.Tensor = bound["input"]
    return x if _plain(x) else None


def _softmax(bound: Mapping[str, Any]) -> Output:
    x, dim = bound["input"], bound.get("dim")
    if bound.get("dtype") is not None or not _plain(x) or type(dim) is not int:
        return None
    return _new(x.shape, x) if -x.dim() <= dim < max(x.dim(), 1) else None


# --- pooling ----------------------------------------------------------------------------------


def _pool(dims: int) -> Rule:
    def rule(bound: Mapping[str, Any]) -> Output:
        x = bound["input"]
        if not _plain(x) or x.dim() != dims + 2 or bound.get("return_indices"):
            return None
        stride_given = bound.get("stride")
        kernel = _sizes(bound["kernel_size"], dims)
        stride = kernel if stride_given in (None, [], ()) else _sizes(stride_given, dims)
        pads = _sizes(bound.get("padding", 0), dims)
        dilation = _sizes(bound.get("dilation", 1), dims)
        if kernel is None or stride is None or pads is None or dilation is None:
            return None
        if min(*kernel, *stride, *dilation) < 1 or 0 in x.shape:
            return None
        if any(p < 0 or 2 * p > k for p, k in zip(pads, kernel, strict=True)):
            return None
        ceil_mode = bool(bound.get("ceil_mode", False))
        sizes = [
            _pooled(n, k, s, p, d, ceil_mode)
            for n, k, s, p, d in zip(x.shape[2:], kernel, stride, pads, dilation, strict=True)
        ]
        return _new((*x.shape[:2], *sizes), x) if min(sizes) > 0 else None

    return rule


def _pooled(size: int, kernel: int, stride: int, pad: int, dilation: int, ceil_mode: bool) -> int:
    """Floor or ceil of (in + 2p - d (k - 1) - 1) / s, + 1; a window must start inside the input."""
    span = size + 2 * pad - dilation * (kernel - 1) - 1
    if span < 0:
        return 0  # the kernel is larger than the input: PyTorch refuses, or has its own idea
    out = (span + (stride - 1 if ceil_mode else 0)) // stride + 1
    if ceil_mode and (out - 1) * stride >= size + pad:
        out -= 1
    return out


def _adaptive_pool(dims: int) -> Rule:
    def rule(bound: Mapping[str, Any]) -> Output:
        x, wanted = bound["input"], bound["output_size"]
        if not _plain(x) or x.dim() != dims + 2 or bound.get("return_indices") or 0 in x.shape:
            return None
        sizes = _sizes(wanted, dims)
        if sizes is None or min(sizes) < 1:
            return None
        return _new((*x.shape[:2], *sizes), x)

    return rule


# --- arithmetic, joins, reductions ------------------------------------------------------------


def _arithmetic(in_place: bool) -> Rule:
    def rule(bound: Mapping[str, Any]) -> Output:
        x, other = bound.get("input"), bound.get("other")
        if not _plain(x):
            return None
        assert isinstance(x, torch.Tensor)
        if type(other) in (int, float):
            return x if in_place else _new(x.shape, x)
        if not _plain(other) or x.dtype != other.dtype:  # type: ignore[union-attr]
            return None
        assert isinstance(other, torch.Tensor)
        if not _fits(other.shape, x.shape):
            if in_place or not _fits(x.shape, other.shape):
                return None
            return _new(other.shape, x)
        return x if in_place else _new(x.shape, x)

    return rule


def _fits(small: Sequence[int], whole: Sequence[int]) -> bool:
    """Whether a tensor of shape ``small`` broadcasts to ``whole`` without growing it."""
    if len(small) > len(whole):
        return False
    return all(s in (1, w) for s, w in zip(reversed(small), reversed(whole), strict=False))


def _cat(bound: Mapping[str, Any]) -> Output:
    tensors, dim = bound.get("tensors"), bound.get("dim", 0)
    if not isinstance(tensors, (tuple, list)) or not tensors or type(dim) is not int:
        return None
    if not all(_plain(tensor) for tensor in tensors):
        return None
    first = tensors[0]
    rank = first.dim()
    if not -rank <= dim < rank or any(
        tensor.dim() != rank or tensor.dtype != first.dtype for tensor in tensors
    ):
        return None
    dim %= rank
    rest = first.shape[:dim], first.shape[dim + 1 :]
    if any((t.shape[:dim], t.shape[dim + 1 :]) != rest for t in tensors):
        return None
    return _new((*rest[0], sum(tensor.shape[dim] for tensor in tensors), *rest[1]), first)


def _mean(bound: Mapping[str, Any]) -> Output:
    x, dim = bound["input"], bound.get("dim")
    if not _plain(x) or bound.get("dtype") is not None or dim is None:
        return None
    given = (dim,) if type(dim) is int else tuple(dim)
    rank = x.dim()
    if not given or any(type(d) is not int or not -rank <= d < rank for d in given):
        return None
    dims = {d % rank for d in given}
    if len(dims) != len(given):
        return None
    keep = bool(bound.get("keepdim", False))
    sizes = [1 if d in dims else n for d, n in enumerate(x.shape) if keep or d not in dims]
    return _new(sizes, x)


_UNARY = (
    "relu relu6 leaky_relu elu selu celu gelu silu mish sigmoid tanh hardtanh hardsigmoid "
    "hardswish softplus".split()
)

#: Keywords that change no shape, beside those a rule reads.
HARMLESS = frozenset(
    "inplace negative_slope alpha beta threshold min_val max_val eps momentum approximate "
    "_stacklevel count_include_pad divisor_override ceil_mode return_indices scale is_causal "
    "dropout_p attn_mask enable_gqa training keepdim dtype dim dilation".split()
)

#: Bare name → rule; a function that writes in place is looked up as name + "_".
RULES: dict[str, Rule] = {
    **{f"conv{dims}d": _conv(dims) for dims in (1, 2, 3)},
    **{f"conv_transpose{dims}d": _conv_transpose(dims) for dims in (1, 2, 3)},
    **{f"{kind}_pool{dims}d": _pool(dims) for dims in (1, 2, 3) for kind in ("max", "avg")},
    **{
        f"adaptive_{kind}_pool{dims}d": _adaptive_pool(dims)
        for dims in (1, 2, 3)
        for kind in ("max", "avg")
    },
    **dict.fromkeys(_UNARY, _unary),
    **{f"{name}_": _unary_in_place for name in _UNARY},
    **dict.fromkeys(("add", "sub", "mul", "div"), _arithmetic(in_place=False)),
    **dict.fromkeys(("add_", "sub_", "mul_", "div_"), _arithmetic(in_place=True)),
    "matmul": _matmul,
    "mm": _product(2),
    "bmm": _product(3),
    **dict.fromkeys(("softmax", "log_softmax"), _softmax),
    "linear": _linear,
    "scaled_dot_product_attention": _attention,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "cat": _cat,
    "mean": _mean,
}
