"""Shape rules of what looks at windows of an image: pools, resizing, padding."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from profiler.records import Shape
from profiler.tracing.shape_rules.rule import (
    Output,
    Rule,
    new,
    plain,
    sizes_of,
)


def pool(dims: int) -> Rule:
    """Max and average pools."""

    def rule(bound: Mapping[str, Any]) -> Output:
        x = bound["input"]
        if not plain(x) or x.dim() != dims + 2 or bound.get("return_indices"):
            return None
        stride_given = bound.get("stride")
        kernel = sizes_of(bound["kernel_size"], dims)
        stride = kernel if stride_given in (None, [], ()) else sizes_of(stride_given, dims)
        pads = sizes_of(bound.get("padding", 0), dims)
        dilation = sizes_of(bound.get("dilation", 1), dims)
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
        return new((*x.shape[:2], *sizes), x) if min(sizes) > 0 else None

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


def adaptive_pool(dims: int) -> Rule:
    """Pools that are told the size of their output."""

    def rule(bound: Mapping[str, Any]) -> Output:
        x, wanted = bound["input"], bound["output_size"]
        if not plain(x) or x.dim() != dims + 2 or bound.get("return_indices") or 0 in x.shape:
            return None
        sizes = sizes_of(wanted, dims)
        if sizes is None or min(sizes) < 1:
            return None
        return new((*x.shape[:2], *sizes), x)

    return rule


#: Mode → how many sides the image has; None for any.
_MODES = {"nearest": None, "nearest-exact": None, "area": None}
_SMOOTH_MODES = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


def interpolate(bound: Mapping[str, Any]) -> Output:
    """Resizing to a size, or by a factor: floor(in * factor)."""
    x, mode = bound["input"], bound.get("mode", "nearest")
    if not plain(x) or not 3 <= x.dim() <= 5 or 0 in x.shape or bound.get("antialias"):
        return None
    if mode in _SMOOTH_MODES:
        if _SMOOTH_MODES[mode] != x.dim() - 2:
            return None
    elif mode not in _MODES or bound.get("align_corners") is not None:
        return None
    sizes = _resized(tuple(x.shape[2:]), bound)
    return new((*x.shape[:2], *sizes), x) if sizes and min(sizes) > 0 else None


def _resized(sides: Shape, bound: Mapping[str, Any]) -> Shape | None:
    size, factor = bound.get("size"), bound.get("scale_factor")
    if size is not None:
        if factor is not None or bound.get("recompute_scale_factor"):
            return None
        return sizes_of(size, len(sides))
    factors: tuple[Any, ...] = (
        tuple(factor) if isinstance(factor, (tuple, list)) else (factor,) * len(sides)
    )
    if len(factors) != len(sides) or any(type(each) not in (int, float) for each in factors):
        return None
    if any(not 0 < each < math.inf for each in factors):
        return None
    return tuple(math.floor(side * each) for side, each in zip(sides, factors, strict=True))


def pad(bound: Mapping[str, Any]) -> Output:
    """Constant padding, given from the last dimension forwards, two numbers each."""
    x, amounts = bound["input"], bound.get("pad")
    if bound.get("mode", "constant") != "constant" or not plain(x) or 0 in x.shape:
        return None
    if type(bound.get("value")) not in (type(None), int, float):
        return None
    if not isinstance(amounts, (tuple, list)) or not 0 < len(amounts) <= 2 * x.dim():
        return None
    if len(amounts) % 2 or any(type(each) is not int or each < 0 for each in amounts):
        return None
    sizes = list(x.shape)
    for at in range(len(amounts) // 2):
        sizes[-1 - at] += amounts[2 * at] + amounts[2 * at + 1]
    return new(sizes, x)


def roll(bound: Mapping[str, Any]) -> Output:
    """The input's shape, as it is: values only change places."""
    x: torch.Tensor = bound["input"]
    shifts, dims = bound.get("shifts"), bound.get("dims")
    if not plain(x) or 0 in x.shape:
        return None
    shifts, dims = ((each,) if type(each) is int else each for each in (shifts, dims))
    if not (isinstance(shifts, (tuple, list)) and isinstance(dims, (tuple, list))):
        return None
    if not dims or len(shifts) != len(dims) or any(type(each) is not int for each in shifts):
        return None
    if any(type(each) is not int or not -x.dim() <= each < x.dim() for each in dims):
        return None
    return new(x.shape, x)
