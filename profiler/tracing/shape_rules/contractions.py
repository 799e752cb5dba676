"""Shape rules of convolutions, products and attention."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import torch

from profiler.records import Shape
from profiler.tracing.shape_rules.rule import (
    NewTensor,
    Output,
    Rule,
    fits,
    floating,
    new,
    plain,
    sizes_of,
)


def conv(dims: int) -> Rule:
    """``conv1d`` to ``conv3d``."""

    def rule(bound: Mapping[str, Any]) -> Output:
        x, weight = bound["input"], bound["weight"]
        if not (floating(x) and plain(weight)) or x.dim() != dims + 2:
            return None
        groups, padding = bound.get("groups", 1), bound.get("padding", 0)
        stride = sizes_of(bound.get("stride", 1), dims)
        dilation = sizes_of(bound.get("dilation", 1), dims)
        if padding == "valid":
            padding = 0
        pads = sizes_of(padding, dims)
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
        if min(sizes) < 1:
            return None
        shape = batch, out_channels, *sizes
        return NewTensor(shape, x.dtype, _channels_last(shape)) if _is_turned(x) else new(shape, x)

    return rule


def _is_turned(x: torch.Tensor) -> bool:
    """Whether a convolution's input has its channels last in memory; its output has them then."""
    form = {4: torch.channels_last, 5: torch.channels_last_3d}.get(x.dim())
    return form is not None and not x.is_contiguous() and x.is_contiguous(memory_format=form)


def _channels_last(shape: Shape) -> Shape:
    """Strides of [n, c, *sides] that lies in memory as [n, *sides, c]."""
    _, channels, *sides = shape
    strides = [channels * prod(sides[at + 1 :]) for at in range(len(sides))]
    return channels * prod(sides), 1, *strides


def conv_transpose(dims: int) -> Rule:
    """``conv_transpose1d`` to ``conv_transpose3d``."""

    def rule(bound: Mapping[str, Any]) -> Output:
        x, weight = bound["input"], bound["weight"]
        if not (floating(x) and plain(weight)) or x.dim() != dims + 2:
            return None
        stride = sizes_of(bound.get("stride", 1), dims)
        pads = sizes_of(bound.get("padding", 0), dims)
        dilation = sizes_of(bound.get("dilation", 1), dims)
        extra = sizes_of(bound.get("output_padding", 0), dims)
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
        return new((x.shape[0], out_channels, *sizes), x) if min(sizes) > 0 else None

    return rule


def _fits_bias(bias: torch.Tensor | None, size: int, like: torch.Tensor) -> bool:
    return bias is None or (bias.dtype == like.dtype and tuple(bias.shape) == (size,))


def linear(bound: Mapping[str, Any]) -> Output:
    """x: [*, in] with weight: [out, in] → [*, out]."""
    x, weight, bias = bound["input"], bound["weight"], bound.get("bias")
    if not (floating(x) and plain(weight)) or weight.dim() != 2 or not 1 <= x.dim() <= 4:
        return None
    if x.dtype != weight.dtype or not _fits_bias(bias, weight.shape[0], x):
        return None
    if x.shape[-1] != weight.shape[1] or (0 in x.shape and not x.is_contiguous()):
        return None
    return new((*x.shape[:-1], weight.shape[0]), x)


def product(rank: int) -> Rule:
    """``mm`` and ``bmm``: matmul of exactly that rank."""

    def rule(bound: Mapping[str, Any]) -> Output:
        a, b = bound["input"], bound["other"]
        if not a.dim() == b.dim() == rank or a.shape[:-2] != b.shape[:-2]:
            return None
        return matmul(bound)

    return rule


def matmul(bound: Mapping[str, Any]) -> Output:
    """a: [*batch, m, k] @ b: [*batch, k, n] → [*batch, m, n], batches broadcast."""
    a, b = bound["input"], bound["other"]
    if not (floating(a) and floating(b)) or a.dtype != b.dtype:
        return None
    if a.dim() < 2 or b.dim() < 2 or a.shape[-1] != b.shape[-2] or 0 in (*a.shape, *b.shape):
        return None
    batch = _broadcast(tuple(a.shape[:-2]), tuple(b.shape[:-2]))
    return None if batch is None else new((*batch, a.shape[-2], b.shape[-1]), a)


#: Rows of a grouped product begin at multiples of this many bytes.
_ROW_BYTES = 16


def grouped_matmul(bound: Mapping[str, Any]) -> Output:
    """Products by group; ``offs`` [g] says where each group ends on the side that is cut.

    a: [rows, k] @ b: [g, k, n] → [rows, n]; a: [g, m, k] @ b: [k, cols] → [m, cols];
    a: [m, k] @ b: [k, n] → [g, m, n]; a: [g, m, k] @ b: [g, k, n] → [g, m, n].
    """
    a, b, offs = bound["input"], bound["other"], bound.get("offs")
    if not {a.dim(), b.dim()} <= {2, 3} or a.shape[-1] != b.shape[-2]:
        return None
    shape: Shape = (a.shape[-2], b.shape[-1])
    if a.dim() == b.dim() == 3:
        if a.shape[0] != b.shape[0] or offs is not None:
            return None
        shape = (a.shape[0], *shape)
    elif offs is None:
        return None
    elif a.dim() == b.dim():
        shape = (offs.shape[0], *shape)
    elif offs.shape[0] != (a if a.dim() == 3 else b).shape[0]:
        return None
    dtype = bound.get("out_dtype") or a.dtype
    unit = max(_ROW_BYTES // dtype.itemsize, 1)
    row = -(-shape[-1] // unit) * unit
    return NewTensor(shape, dtype, (shape[-2] * row, row, 1)[-len(shape) :])


def int_matmul(bound: Mapping[str, Any]) -> Output:
    """a: int8 [m, k] @ b: int8 [k, n] → int32 [m, n]."""
    a, b = bound["input"], bound["other"]
    if not a.dim() == b.dim() == 2 or a.shape[1] != b.shape[0]:
        return None
    return NewTensor((a.shape[0], b.shape[1]), torch.int32) if a.dtype is torch.int8 else None


def packed_matmul(scaled_side: int) -> Rule:
    """x: [m, k] with packed weights → [m, n]; ``scales`` has n elements along ``scaled_side``."""

    def rule(bound: Mapping[str, Any]) -> Output:
        x, scales = bound["input"], bound["scales"]
        if x.dim() != 2 or scales.dim() <= scaled_side:
            return None
        return new((x.shape[0], scales.shape[scaled_side]), x)

    return rule


def _broadcast(one: Shape, other: Shape) -> Shape | None:
    rank = max(len(one), len(other))
    pairs = zip((1,) * (rank - len(one)) + one, (1,) * (rank - len(other)) + other, strict=True)
    sizes = []
    for a, b in pairs:
        if a != b and 1 not in (a, b):
            return None
        sizes.append(max(a, b))
    return tuple(sizes)


def attention(bound: Mapping[str, Any]) -> Output:
    """query: [batch, heads, L, d], key: [batch, heads, S, d], value: [batch, heads, S, e]."""
    query, key, value = bound["query"], bound["key"], bound["value"]
    if not (floating(query) and floating(key) and floating(value)) or query.dim() != 4:
        return None
    if bound.get("enable_gqa") or bound.get("dropout_p"):
        return None
    if not query.dtype == key.dtype == value.dtype or query.shape[:2] != key.shape[:2]:
        return None
    if key.shape[:3] != value.shape[:3] or query.shape[3] != key.shape[3]:
        return None
    if 0 in (*query.shape, *key.shape, *value.shape):
        return None
    scores = (*query.shape[:3], key.shape[2])
    mask = bound.get("attn_mask")
    if mask is not None and (bound.get("is_causal") or not _masks(mask, query, scores)):
        return None
    return new((*query.shape[:3], value.shape[3]), query)


def _masks(mask: Any, query: torch.Tensor, scores: Shape) -> bool:
    """Whether it is a mask of the scores: where to look, or what to add to them."""
    return (
        type(mask) in (torch.Tensor, torch.nn.Parameter)
        and mask.is_meta
        and mask.dtype in (torch.bool, query.dtype)
        and mask.dim() >= 2
        and fits(mask.shape, scores)
    )
