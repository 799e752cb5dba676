"""The type of a shape rule, and the questions that rules ask of tensors.

A rule takes an op's named arguments and says what the output is: a new tensor, or the input itself
where the op writes in place; None where it does not apply: an unusual layout, mixed dtypes,
arguments that PyTorch refuses. Then the op's own meta kernel runs, and raises what it has to. The
rules are an optimisation: a trace is the same without.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeGuard

import torch

from profiler.records import Shape


class NewTensor(NamedTuple):
    """An output that aliases nothing: contiguous, unless its strides are given."""

    shape: Shape
    dtype: torch.dtype
    stride: Shape | None = None


Output = NewTensor | torch.Tensor | None
Rule = Callable[[Mapping[str, Any]], Output]

_FLOATS = frozenset({torch.float32, torch.float16, torch.bfloat16, torch.float64})
_TYPES = frozenset({torch.Tensor, torch.nn.Parameter})
_INTEGERS = frozenset({int})


def new(shape: Sequence[int], like: torch.Tensor) -> NewTensor:
    """A contiguous tensor of that shape and of the other's dtype."""
    return NewTensor(tuple(shape), like.dtype)


def new_like(tensor: torch.Tensor) -> NewTensor:
    """A tensor that lies in memory as the other, which is dense, does."""
    return NewTensor(tuple(tensor.shape), tensor.dtype, tuple(tensor.stride()))


def floating(tensor: Any) -> TypeGuard[torch.Tensor]:
    """A floating-point meta tensor with strides, and no subclass."""
    return (
        type(tensor) in _TYPES
        and tensor.is_meta
        and tensor.dtype in _FLOATS
        and tensor.layout is torch.strided
    )


def plain(tensor: Any) -> TypeGuard[torch.Tensor]:
    """A floating-point meta tensor in the default layout, and no subclass."""
    return floating(tensor) and tensor.is_contiguous()


def dense(tensor: Any) -> TypeGuard[torch.Tensor]:
    """A floating-point meta tensor whose elements fill their memory, each in one place."""
    if not floating(tensor):
        return False
    if tensor.is_contiguous():
        return True
    if 0 in tensor.shape:
        return False
    expected = 1
    sides = ((step, size) for step, size in zip(tensor.stride(), tensor.shape, strict=True))
    for step, size in sorted(side for side in sides if side[1] > 1):
        if step != expected:
            return False
        expected *= size
    return True


def same_dtype(tensor: torch.Tensor, *others: Any) -> bool:
    """Whether the others that are there have the tensor's dtype."""
    return all(other is None or other.dtype == tensor.dtype for other in others)


def sizes_of(value: Any, dims: int) -> Shape | None:
    """3 → (3, 3); [3] → (3, 3); None for anything else that is not ``dims`` integers."""
    if type(value) is int:
        return (value,) * dims
    if not isinstance(value, (tuple, list)):
        return None
    sizes = tuple(value)
    if len(sizes) == 1:
        sizes *= dims
    return sizes if len(sizes) == dims and _INTEGERS.issuperset(map(type, sizes)) else None


def fits(small: Sequence[int], whole: Sequence[int]) -> bool:
    """Whether a tensor of shape ``small`` broadcasts to ``whole`` without growing it."""
    if len(small) > len(whole):
        return False
    return all(s in (1, w) for s, w in zip(reversed(small), reversed(whole), strict=False))


def axes_of(value: Any, rank: int) -> tuple[int, ...] | None:
    """One or several dimensions, counted from either end → from the front; None unless distinct."""
    given = (value,) if type(value) is int else value
    if not isinstance(given, (tuple, list)) or not given:
        return None
    if any(type(axis) is not int or not -rank <= axis < rank for axis in given):
        return None
    axes = tuple(axis % rank for axis in given)
    return axes if len(set(axes)) == len(axes) else None
