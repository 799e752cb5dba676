"""Lend a module to the tracer and give it back as it was."""

from __future__ import annotations

import gc
import random
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter
from torch.utils import _device

#: Held while torch is patched: patches are the process's, and threads would undo each other's.
ALONE = threading.RLock()
_LAZY = (UninitializedParameter, UninitializedBuffer)
_CONTAINERS = frozenset({dict, OrderedDict, defaultdict, list, set})


def walk(model: torch.nn.Module) -> list[tuple[str, torch.nn.Module]]:
    """Paths and modules in ``named_modules`` order, each module once."""
    found: list[tuple[str, torch.nn.Module]] = []
    seen: set[int] = set()

    def visit(path: str, module: torch.nn.Module) -> None:
        seen.add(id(module))
        found.append((path, module))
        prefix = f"{path}." if path else ""
        for name, child in module._modules.items():
            if child is not None and id(child) not in seen:
                visit(prefix + name, child)

    visit("", model)
    return found


def shared_paths(walked: Sequence[tuple[str, torch.nn.Module]]) -> dict[str, tuple[str, ...]]:
    """First path → the other paths of a module that stands below several parents.

    Its children are shared with it. A second name below the same parent is not a path of its own:
    ``named_children`` gives a child once.
    """
    if sum([len(module._modules) for _, module in walked]) < len(walked):
        return {}  # a tree has one edge less than it has nodes
    first = {id(module): path for path, module in walked}
    others: dict[str, list[str]] = {}

    def visit(path: str, module: torch.nn.Module, above: frozenset[int]) -> None:
        prefix = f"{path}." if path else ""
        for name, child in module.named_children():
            at = prefix + name
            known = first.get(id(child))  # the forward may have added one since
            if known is not None and known != at:
                others.setdefault(known, []).append(at)
            if id(child) not in above:
                visit(at, child, above | {id(child)})

    root = walked[0][1]
    visit("", root, frozenset({id(root)}))
    return {path: tuple(paths) for path, paths in others.items()}


@contextmanager
def untouched(modules: Sequence[torch.nn.Module]) -> Iterator[None]:
    """Restore every attribute of every module afterwards, whatever happened.

    Parameters, buffers, hooks, modes and plain attributes come back as the same objects, and
    containers (the hook dictionaries, say) with the content they had.
    """
    saved = [(module, type(module), vars(module).copy()) for module in modules]
    containers: list[Any] = [
        value
        for _, _, attributes in saved
        for value in attributes.values()
        if type(value) in _CONTAINERS
    ]
    # each once: two attributes may be one list
    full = {id(container): container for container in containers if container}
    filled = [(container, container.copy()) for container in full.values()]
    try:
        yield
    finally:
        for container in containers:
            if container:
                container.clear()
        for container, content in filled:
            if type(container) is list:
                container.extend(content)
            else:
                container.update(content)
        for module, cls, attributes in saved:
            if type(module) is not cls:
                module.__class__ = cls
            own = vars(module)
            own.clear()
            own.update(attributes)


def set_eval_mode(model: torch.nn.Module, modules: Sequence[torch.nn.Module]) -> None:
    """As ``model.eval()``, without its slow attribute access where no class overrides that."""
    plain = torch.nn.Module
    if any(type(m).train is not plain.train or type(m).eval is not plain.eval for m in modules):
        model.eval()
    else:
        for module in modules:
            vars(module)["training"] = False


@contextmanager
def global_state_kept() -> Iterator[None]:
    """Restore torch's default dtype and device and the random generators afterwards."""
    dtype = torch.get_default_dtype()
    chosen = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
    current = _device.CURRENT_DEVICE
    generator = torch.random.get_rng_state()
    python_generator = random.getstate()
    try:
        yield
    finally:
        torch.set_default_dtype(dtype)
        _restore_default_device(chosen)
        _device.CURRENT_DEVICE = current
        torch.random.set_rng_state(generator)
        random.setstate(python_generator)


def _restore_default_device(chosen: _device.DeviceContext | None) -> None:
    """Undo a ``torch.set_default_device`` that happened inside or outside a device context of ours.

    Leaving a context that is off the mode stack already would bring back the one it was entered
    under, which is ours.
    """
    present = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
    if present is chosen:
        return
    depth = torch._C._len_torch_function_stack()
    if any(torch._C._get_function_stack_at(index) is present for index in range(depth)):
        torch.set_default_device(None if chosen is None else chosen.device)
    else:
        torch._GLOBAL_DEVICE_CONTEXT.device_context = chosen


@contextmanager
def collector_paused() -> Iterator[None]:
    """No garbage collection meanwhile: a trace makes many objects, and all live to its end."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def move_to_meta(modules: Sequence[torch.nn.Module], attributes_too: bool = False) -> None:
    """Stand meta tensors in for parameters and buffers, sharing kept; call inside ``untouched``.

    With ``attributes_too`` tensors that are plain attributes follow.
    """
    stand_ins: dict[int, torch.Tensor] = {}

    def stand_in(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in stand_ins:
            stand_ins[id(tensor)] = _on_meta(tensor)
        return stand_ins[id(tensor)]

    for module in modules:
        groups: tuple[dict[str, Any], ...] = (module._parameters, module._buffers)
        for group in groups:
            for name, tensor in group.items():
                if tensor is not None and (not tensor.is_meta or type(tensor) in _LAZY):
                    group[name] = stand_in(tensor)
        if attributes_too:
            for name, value in vars(module).items():
                if isinstance(value, torch.Tensor) and not value.is_meta:
                    vars(module)[name] = stand_in(value)


def _on_meta(tensor: torch.Tensor) -> torch.Tensor:
    if isinstance(tensor, _LAZY):
        # a lazy module decides the shape in place, so it must not get hold of the model's own
        lazy: Any = type(tensor)
        return cast(torch.Tensor, lazy(tensor.requires_grad, device="meta", dtype=tensor.dtype))
    meta = torch.empty_like(tensor, device="meta")
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(meta, requires_grad=tensor.requires_grad)
    return meta
