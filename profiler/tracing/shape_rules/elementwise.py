"""Shape rules of normalisation, activations, arithmetic, joins and reductions."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import torch

from profiler.tracing.shape_rules.rule import (
    Output,
    Rule,
    axes_of,
    dense,
    fits,
    floating,
    new,
    new_like,
    plain,
    same_dtype,
)

_NUMBERS = (int, float)


def batch_norm(bound: Mapping[str, Any]) -> Output:
    """At inference by running statistics, in training by those of the batch."""
    x = bound["input"]
    if not dense(x) or x.dim() < 2:
        return None
    shape, dtype = x.shape, x.dtype
    if bound.get("training"):
        if prod(shape) <= shape[1]:  # one value per channel, which PyTorch refuses
            return None
    elif bound.get("running_mean") is None or bound.get("running_var") is None:
        return None
    for name in ("running_mean", "running_var", "weight", "bias"):
        tensor = bound.get(name)
        if tensor is not None and (tensor.dtype != dtype or tensor.shape != shape[1:2]):
            return None
    return new_like(x)


def layer_norm(bound: Mapping[str, Any]) -> Output:
    """Over the last dimensions; contiguous whatever the input is."""
    x, weight, bias = bound["input"], bound.get("weight"), bound.get("bias")
    if not floating(x) or not same_dtype(x, weight, bias):
        return None
    normalized = tuple(bound["normalized_shape"])
    if not normalized or tuple(x.shape[-len(normalized) :]) != normalized:
        return None
    if any(tensor is not None and tuple(tensor.shape) != normalized for tensor in (weight, bias)):
        return None
    return new(x.shape, x)


def group_norm(bound: Mapping[str, Any]) -> Output:
    """Over groups of channels."""
    x, groups = bound["input"], bound["num_groups"]
    affine = (bound.get("weight"), bound.get("bias"))
    if not plain(x) or x.dim() < 2 or not same_dtype(x, *affine):
        return None
    if type(groups) is not int or groups < 1 or x.shape[1] % groups or 0 in x.shape:
        return None
    if x.shape[0] * x.shape[1] // groups * prod(x.shape[2:]) <= 1:
        return None
    if any(tensor is not None and tuple(tensor.shape) != (x.shape[1],) for tensor in affine):
        return None
    return new(x.shape, x)


def unary(bound: Mapping[str, Any]) -> Output:
    """One output element per input element."""
    x = bound["input"]
    if not dense(x):
        return None
    return x if bound.get("inplace") else new_like(x)


def unary_in_place(bound: Mapping[str, Any]) -> Output:
    """One element for another."""
    x = bound["input"]
    return x if dense(x) else None


def clamp(bound: Mapping[str, Any]) -> Output:
    """Numbers for limits, at least one."""
    limits = [bound.get(name) for name in ("min", "max") if bound.get(name) is not None]
    if not limits or any(type(limit) not in _NUMBERS for limit in limits):
        return None
    return unary(bound)


def power(bound: Mapping[str, Any]) -> Output:
    """A number for exponent."""
    return unary(bound) if type(bound.get("exponent")) in _NUMBERS else None


def softmax(bound: Mapping[str, Any]) -> Output:
    """Along one dimension; contiguous whatever the input is."""
    x, dim = bound["input"], bound.get("dim")
    if bound.get("dtype") is not None or not floating(x) or type(dim) is not int:
        return None
    return new(x.shape, x) if -x.dim() <= dim < max(x.dim(), 1) else None


def arithmetic(in_place: bool) -> Rule:
    """Two operands, the first of which may be written into."""

    def rule(bound: Mapping[str, Any]) -> Output:
        x, other = bound.get("input"), bound.get("other")
        if not dense(x):
            return None
        if type(other) in _NUMBERS:
            return x if in_place else new_like(x)
        if not floating(other) or x.dtype != other.dtype:
            return None
        if fits(other.shape, x.shape):
            # of operands that lie differently, the one that is not broadcast, and first, decides
            return x if in_place else new_like(x)
        if in_place or not fits(x.shape, other.shape) or not (plain(x) and plain(other)):
            return None
        return new(other.shape, x)

    return rule


def cat(bound: Mapping[str, Any]) -> Output:
    """Tensors end to end along one dimension."""
    tensors, dim = bound.get("tensors"), bound.get("dim", 0)
    if not isinstance(tensors, (tuple, list)) or not tensors or type(dim) is not int:
        return None
    if not all(plain(tensor) for tensor in tensors):
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
    return new((*rest[0], sum(tensor.shape[dim] for tensor in tensors), *rest[1]), first)


def reduction(bound: Mapping[str, Any]) -> Output:
    """Over some dimensions, which go or stay with length 1; contiguous whatever the input is."""
    x: torch.Tensor = bound["input"]
    if not floating(x) or bound.get("dtype") is not None or 0 in x.shape:
        return None
    dims = axes_of(bound.get("dim"), x.dim())
    if dims is None:
        return None
    keep = bool(bound.get("keepdim", False))
    sizes = [1 if d in dims else n for d, n in enumerate(x.shape) if keep or d not in dims]
    return new(sizes, x)
