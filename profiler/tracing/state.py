"""Lend a module to the tracer and give it back as it was."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

_CONTAINERS = (dict, list, set)


@contextmanager
def untouched(model: torch.nn.Module) -> Iterator[None]:
    """Restore every attribute of every submodule afterwards, whatever happened.

    Parameters, buffers, hooks, modes and plain attributes come back as the same objects, and
    containers (the hook dictionaries, say) with the content they had.
    """
    saved = [(module, type(module), _snapshot(vars(module))) for module in model.modules()]
    try:
        yield
    finally:
        for module, cls, attributes in saved:
            module.__class__ = cls
            vars(module).clear()
            for name, (value, content) in attributes.items():
                if content is not None:
                    _refill(value, content)
                vars(module)[name] = value


@contextmanager
def global_state_kept() -> Iterator[None]:
    """Restore torch's default dtype and device and the random generators afterwards."""
    dtype = torch.get_default_dtype()
    device = torch.get_default_device()
    generator = torch.random.get_rng_state()
    python_generator = random.getstate()
    try:
        yield
    finally:
        torch.set_default_dtype(dtype)
        if torch.get_default_device() != device:
            torch.set_default_device(None if device.type == "cpu" else device)
        torch.random.set_rng_state(generator)
        random.setstate(python_generator)


def move_to_meta(model: torch.nn.Module, attributes_too: bool = False) -> None:
    """Stand meta tensors in for parameters and buffers, sharing kept; call inside ``untouched``.

    With ``attributes_too`` tensors that are plain attributes follow.
    """
    stand_ins: dict[int, torch.Tensor] = {}

    def stand_in(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in stand_ins:
            stand_ins[id(tensor)] = _on_meta(tensor)
        return stand_ins[id(tensor)]

    for module in model.modules():
        groups: tuple[dict[str, Any], ...] = (module._parameters, module._buffers)
        for group in groups:
            for name, tensor in group.items():
                if tensor is not None:
                    group[name] = stand_in(tensor)
        if attributes_too:
            for name, value in vars(module).items():
                if isinstance(value, torch.Tensor):
                    vars(module)[name] = stand_in(value)


def _on_meta(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.is_meta or torch.nn.parameter.is_lazy(tensor):
        return tensor
    meta = torch.empty_like(tensor, device="meta")
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(meta, requires_grad=tensor.requires_grad)
    return meta


def _snapshot(attributes: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (value, value.copy() if isinstance(value, _CONTAINERS) else None)
        for name, value in attributes.items()
    }


def _refill(container: Any, content: Any) -> None:
    container.clear()
    if isinstance(container, list):
        container.extend(content)
    else:
        container.update(content)
