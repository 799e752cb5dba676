"""Inputs as people give them (shapes, tensors, tuples or dicts of these) → meta tensors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import torch

from profiler.errors import TraceError, UsageError
from profiler.records import Input

Inputs = Any

#: Types of arguments that hold no tensor.
SCALARS = frozenset({int, float, bool, str, type(None), slice, torch.dtype, torch.device})


def meta_inputs(inputs: Inputs, dtype: torch.dtype) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return positional and keyword arguments for the forward.

    Args:
        inputs: a shape; a tensor; a tuple or list of shapes, tensors, ``Input`` records and other
            values; or a mapping from argument names to these.
        dtype: dtype of tensors that are given as shapes.

    Raises:
        UsageError: a size that is not positive, or something that is neither shape nor tensor.
    """
    if isinstance(inputs, Mapping):
        return (), {str(name): _meta(value, dtype) for name, value in inputs.items()}
    if isinstance(inputs, torch.Tensor) or _is_shape(inputs):
        return (_meta(inputs, dtype),), {}
    if isinstance(inputs, (tuple, list)):
        named = {each.name: each for each in inputs if isinstance(each, Input) and each.name}
        positional = [each for each in inputs if not (isinstance(each, Input) and each.name)]
        return (
            tuple(_meta(value, dtype) for value in positional),
            {name: _meta(value, dtype) for name, value in named.items()},
        )
    raise UsageError(f"inputs must be a shape, tensors or a mapping of these, not {inputs!r}")


def floating_dtype(model: torch.nn.Module) -> torch.dtype:
    """The dtype of the model's first floating-point parameter, torch's default without one."""
    for parameter in model.parameters():
        if parameter.is_floating_point():
            return parameter.dtype
    return torch.get_default_dtype()


def tensors_in(value: Any) -> list[torch.Tensor]:
    """Every tensor in nested tuples, lists, mappings and dataclass instances, in order."""
    found: list[torch.Tensor] = []
    _collect(value, found)
    return found


def _collect(value: Any, found: list[torch.Tensor]) -> None:
    cls = type(value)
    if cls is torch.Tensor or cls is torch.nn.Parameter:
        found.append(value)
    elif cls is tuple or cls is list:
        for item in value:
            _collect(item, found)
    elif cls in SCALARS:
        pass
    elif isinstance(value, torch.Tensor):
        found.append(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            _collect(item, found)
    elif isinstance(value, (tuple, list)):
        for item in value:
            _collect(item, found)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            _collect(getattr(value, field.name), found)


def _is_shape(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and all(type(size) is int for size in value)


def _meta(value: Any, dtype: torch.dtype) -> Any:
    if isinstance(value, torch.Tensor):
        return value if value.is_meta else torch.empty_like(value, device="meta")
    if isinstance(value, Input):
        return _meta(value.shape, torch.int64 if value.kind == "tokens" else dtype)
    if _is_shape(value):
        if any(size < 1 for size in value):
            raise UsageError(f"input shape {tuple(value)} has a size below 1")
        try:
            return torch.empty(tuple(value), dtype=dtype, device="meta")
        except RuntimeError as error:
            raise TraceError(f"input shape {tuple(value)} is too large for a tensor") from error
    return value
