"""Layouts of tensors (shape, strides, dtype) as the numbers that plans are keyed by."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from typing import NamedTuple

import torch

from profiler.records import Shape
from profiler.tracing.shape_rules.rule import NewTensor

_MOST_LAYOUTS = 20_000
_DTYPE_NAMES: dict[torch.dtype, str] = {}


class Made(NamedTuple):
    """A new tensor, as a shape rule makes it."""

    shape: Shape
    stride: Shape
    dtype: torch.dtype
    dtype_name: str
    layout: int


#: Layout → the number it goes by: as part of a key a number costs a fraction of the layout.
_layouts: dict[Hashable, int] = {}
#: That number → shape and dtype, as records have them.
described: dict[int, tuple[Shape, str]] = {}
# beyond what an argument can be, which stands beside them in a key: x + 1 is not x + layout 1
_numbers = itertools.count(1 << 64)


def layout_of(tensor: torch.Tensor) -> int:
    """A number for shape, dtype, strides and whether values are there; equal where these are.

    No number is used twice, and nothing is equal to a sparse or nested tensor.
    """
    try:
        layout = (tensor.shape, tensor.dtype, tensor.stride(), tensor.is_meta)
        return _layouts.get(layout) or _number(layout)
    except (NotImplementedError, RuntimeError, TypeError):  # a symbolic size has no hash
        return next(_numbers)


def _number(layout: tuple[Shape, torch.dtype, Shape, bool]) -> int:
    if len(_layouts) >= _MOST_LAYOUTS:
        _layouts.clear()
        described.clear()
    number = _layouts[layout] = next(_numbers)
    described[number] = tuple(layout[0]), dtype_name(layout[1])
    return number


def made_new(tensor: NewTensor) -> Made:
    """The description of a tensor that a shape rule gives."""
    shape, dtype, stride = tensor
    if stride is None:
        strides = [1] * len(shape)
        for at in range(len(shape) - 1, 0, -1):
            strides[at - 1] = strides[at] * max(shape[at], 1)
        stride = tuple(strides)
    layout = (shape, dtype, stride, True)
    return Made(shape, stride, dtype, dtype_name(dtype), _layouts.get(layout) or _number(layout))


def dtype_name(dtype: torch.dtype) -> str:
    """The bare name: float32 for torch.float32."""
    name = _DTYPE_NAMES.get(dtype)
    if name is None:
        name = _DTYPE_NAMES[dtype] = str(dtype).removeprefix("torch.")
    return name
