"""Layouts of tensors (shape, strides, dtype), each one object, which plans are keyed by."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import torch

from profiler.records import Shape
from profiler.tracing.shape_rules.rule import NewTensor

_MOST_LAYOUTS = 20_000
_DTYPE_NAMES: dict[torch.dtype, str] = {}


class Layout:
    """Shape, dtype, strides and whether values are there; two are equal where they are one.

    As part of a key it costs a fraction of what it stands for, and equals no argument beside it.
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: Shape, dtype: str) -> None:
        self.shape = shape
        self.dtype = dtype


class Made(NamedTuple):
    """A new tensor, as a shape rule makes it."""

    shape: Shape
    stride: Shape
    dtype: torch.dtype
    dtype_name: str
    layout: Layout


_layouts: dict[Hashable, Layout] = {}


def layout_of(tensor: torch.Tensor) -> Layout:
    """The layout of a tensor; that of a sparse or nested one is nobody else's."""
    try:
        facts = (tensor.shape, tensor.dtype, tensor.stride(), tensor.is_meta)
        return _layouts.get(facts) or _new(facts)
    except (NotImplementedError, RuntimeError, TypeError):  # a symbolic size has no hash
        return Layout(_sides(tensor), dtype_name(tensor.dtype))


def _new(facts: tuple[Shape, torch.dtype, Shape, bool]) -> Layout:
    if len(_layouts) >= _MOST_LAYOUTS:
        _layouts.clear()
    layout = _layouts[facts] = Layout(tuple(facts[0]), dtype_name(facts[1]))
    return layout


def _sides(tensor: torch.Tensor) -> Shape:
    try:
        return tuple(tensor.shape)
    except RuntimeError:  # one that a lazy module has not made yet
        return ()


def made_new(tensor: NewTensor) -> Made:
    """The description of a tensor that a shape rule gives."""
    shape, dtype, stride = tensor
    if stride is None:
        strides = [1] * len(shape)
        for at in range(len(shape) - 1, 0, -1):
            strides[at - 1] = strides[at] * max(shape[at], 1)
        stride = tuple(strides)
    facts = (shape, dtype, stride, True)
    return Made(shape, stride, dtype, dtype_name(dtype), _layouts.get(facts) or _new(facts))


def dtype_name(dtype: torch.dtype) -> str:
    """The bare name: float32 for torch.float32."""
    name = _DTYPE_NAMES.get(dtype)
    if name is None:
        name = _DTYPE_NAMES[dtype] = str(dtype).removeprefix("torch.")
    return name
