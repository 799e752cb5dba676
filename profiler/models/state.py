"""Lend a module to the tracer and give it back as it was."""

from __future__ import annotations

import gc
import operator
import random
import sys
import threading
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any, cast

import torch
from torch.jit._fuser import optimized_execution
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter
from torch.utils import _device

from profiler.errors import UsageError, one_line
from profiler.models.held import STATELESS, Held, held_in
from profiler.models.scripted import scripted_attributes, scripted_kept

#: Held while torch is patched: patches are the process's, and threads would undo each other's.
ALONE = threading.RLock()
_LAZY = (UninitializedParameter, UninitializedBuffer)
_PLAIN_TENSORS = frozenset({torch.Tensor, torch.nn.Parameter})
_CONTAINERS = frozenset({dict, OrderedDict, defaultdict, list, set})
#: What a module has its parameters, buffers and children in.
_REGISTERED = frozenset({"_parameters", "_buffers", "_modules"})
#: The containers that every module has.
_TORCHS = tuple(
    name for name, value in vars(torch.nn.Module()).items() if type(value) in _CONTAINERS
)
_torchs_containers = operator.itemgetter(*_TORCHS)
#: Class of torch's own layers → how many attributes those have that hold no more than these, as
#: their first instance did: with so many a layer has none of somebody else's.
_stateless: dict[type[torch.nn.Module], int] = {}


def walk(model: torch.nn.Module) -> list[tuple[str, torch.nn.Module]]:
    """Paths and modules in ``named_modules`` order, each module once.

    In the place of one that ``torch.compile`` made stands the module that it was made of.
    """
    found: list[tuple[str, torch.nn.Module]] = []
    seen: set[int] = set()
    compiled = _compiled_class()

    def visit(path: str, module: torch.nn.Module) -> None:
        seen.add(id(module))
        found.append((path, module))
        prefix = f"{path}." if path else ""
        for name, child in module._modules.items():
            if compiled is not None and isinstance(child, compiled):
                child = eager(child)
            if child is not None and id(child) not in seen:
                visit(prefix + name, child)

    visit("", eager(model))
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
        here: set[int] = set()
        for name, child in module.named_children():
            child = eager(child)
            if id(child) in here:  # it, and what was compiled of it
                continue
            here.add(id(child))
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
def untouched(modules: Sequence[torch.nn.Module]) -> Iterator[list[Held]]:
    """Restore every attribute of every module afterwards, whatever happened.

    Parameters, buffers, hooks, modes and plain attributes come back as the same objects, and
    containers (the hook dictionaries, say) and objects with the content they had. Yields what
    holds tensors that are neither parameters nor buffers, or may.
    """
    modules = [*modules, *_compiled_children(modules)]
    saved = [(module, type(module), vars(module).copy()) for module in modules]
    containers: list[Any] = []
    others: list[Any] = []
    direct: list[Held] = []
    for module, cls, attributes in saved:
        if len(attributes) == _stateless.get(cls):
            containers.extend(_torchs_containers(attributes))
            continue
        holds = False
        for name, value in attributes.items():
            kind = type(value)
            if kind in STATELESS:
                continue
            if kind in _CONTAINERS:
                containers.append(value)
                if name not in _REGISTERED:
                    holds = holds or name not in _TORCHS
                    if value:
                        others.append(value)
                continue
            holds = True
            if isinstance(value, torch.Tensor):
                direct.append(Held(vars(module), dict, (name,), (value,)))
            else:
                others.append(value)
        if not holds and cls.__module__.startswith("torch.nn.modules."):
            _stateless[cls] = len(attributes)
    held = held_in(others)
    # each once: two attributes may be one list
    full = {id(container): container for container in filter(None, containers)}
    filled = [(container, container.copy()) for container in full.values()]
    try:
        with scripted_kept(modules):
            yield direct + held
    finally:
        for each in held:
            each.refill()
        for container in filter(None, containers):
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


def _compiled_class() -> type[torch.nn.Module] | None:
    """The class of what ``torch.compile`` makes of a module; None before anything was compiled."""
    dynamo = sys.modules.get("torch._dynamo.eval_frame")
    return getattr(dynamo, "OptimizedModule", None)


def eager(module: torch.nn.Module) -> torch.nn.Module:
    """The module itself, or the one that ``torch.compile`` made it of."""
    cls = _compiled_class()
    while cls is not None and isinstance(module, cls):
        module = cast(torch.nn.Module, module._modules["_orig_mod"])
    return module


def _compiled_children(modules: Sequence[torch.nn.Module]) -> list[torch.nn.Module]:
    """What ``torch.compile`` made of children, which ``walk`` passes over."""
    cls = _compiled_class()
    if cls is None:
        return []
    return [child for each in modules for child in each._modules.values() if isinstance(child, cls)]


@contextmanager
def compiled_as_eager() -> Iterator[None]:
    """Run what ``torch.compile`` has made as the code that it was made of.

    And TorchScript as it is written: what it makes of that depends on how often it ran before.
    """
    forced = _forced_eager() if _compiled_class() is not None else nullcontext()
    with optimized_execution(False), forced:
        yield


@contextmanager
def _forced_eager() -> Iterator[None]:
    cls: Any = _compiled_class()
    call = cls.__call__

    def call_eager(module: Any, *args: Any, **kwargs: Any) -> Any:
        # hooks of its own, beside those of the module that it was made of
        if module._forward_hooks or module._forward_pre_hooks:
            return call(module, *args, **kwargs)
        return eager(module)(*args, **kwargs)

    own = "__call__" in vars(cls)
    cls.__call__ = call_eager
    try:
        with torch.compiler.set_stance("force_eager"):
            yield
    finally:
        if own:
            cls.__call__ = call
        else:
            del cls.__call__


def set_eval_mode(model: torch.nn.Module, modules: Sequence[torch.nn.Module]) -> None:
    """As ``model.eval()``, without its slow attribute access where no class overrides that."""
    plain = torch.nn.Module
    if any(type(m).train is not plain.train or type(m).eval is not plain.eval for m in modules):
        model.eval()
    else:
        for module in modules:
            vars(module)["training"] = False
    for scripted in scripted_attributes(modules):
        scripted.set_eval_mode()


@contextmanager
def global_state_kept() -> Iterator[None]:
    """Restore torch's defaults and settings and the random generators afterwards."""
    dtype = torch.get_default_dtype()
    settings = _settings()
    chosen = getattr(torch._GLOBAL_DEVICE_CONTEXT, "device_context", None)
    current = _device.CURRENT_DEVICE
    generator = torch.random.get_rng_state()
    python_generator = random.getstate()
    numpy_random = sys.modules.get("numpy.random")
    numpy_generator = numpy_random and numpy_random.get_state()
    try:
        yield
    finally:
        for (_, give_back), was, now in zip(_SETTINGS, settings, _settings(), strict=True):
            if now != was:
                give_back(was)
        torch.set_default_dtype(dtype)
        _restore_default_device(chosen)
        _device.CURRENT_DEVICE = current
        torch.random.set_rng_state(generator)
        random.setstate(python_generator)
        if numpy_random is not None:
            numpy_random.set_state(numpy_generator)


#: How to ask for a setting of torch that a forward may change, and how to set it.
_SETTINGS: tuple[tuple[Callable[[], Any], Callable[[Any], object]], ...] = (
    (torch.get_num_threads, torch.set_num_threads),
    (torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode),
    (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    *(
        (partial(ask, device), partial(set_to, device))
        for device in ("cpu", "cuda")
        for ask, set_to in (
            (torch.is_autocast_enabled, torch.set_autocast_enabled),
            (torch.get_autocast_dtype, torch.set_autocast_dtype),
        )
    ),
)


def _settings() -> list[Any]:
    return [ask() for ask, _ in _SETTINGS]


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
def fast_paths_off() -> Iterator[None]:
    """Run attention and encoders op by op, as they are without the fused kernels of inference."""
    enabled = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(enabled)


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


def stand_in(
    modules: Sequence[torch.nn.Module],
    made_of: Callable[[torch.Tensor], torch.Tensor],
    held: Iterable[Held] = (),
    *,
    attributes_too: bool = False,
    meta_too: bool = False,
) -> None:
    """Stand other tensors in for parameters and buffers, sharing kept; call inside ``untouched``.

    Args:
        modules: those of the model.
        made_of: a tensor → the one to stand in for it.
        held: what else they hold, as ``untouched`` yields it. A parameter or buffer that is met
            there again is the same there, and of any other tensor there is a copy.
        attributes_too: whether those others are stood in for like parameters.
        meta_too: whether those that are on the meta device do.
    """
    stand_ins: dict[int, torch.Tensor] = {}

    def one(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in stand_ins:
            stand_ins[id(tensor)] = made_of(tensor)
        return stand_ins[id(tensor)]

    for module in modules:
        groups: tuple[dict[str, Any], ...] = (module._parameters, module._buffers)
        for group in groups:
            for name, tensor in group.items():
                if tensor is not None and (meta_too or not tensor.is_meta or type(tensor) in _LAZY):
                    group[name] = one(tensor)
    for scripted in scripted_attributes(modules):
        scripted.stand_in(one, meta_too)
    for each in held:
        for key, value in zip(each.keys, each.items, strict=True):
            if not isinstance(value, torch.Tensor):
                continue
            if id(value) in stand_ins or (attributes_too and (meta_too or not value.is_meta)):
                each.put(key, one(value))
            elif type(value) is torch.Tensor and not value.requires_grad:
                stand_ins[id(value)] = value.clone()  # a forward may write into it
                each.put(key, stand_ins[id(value)])


def lazy_like(tensor: torch.Tensor, device: str) -> torch.Tensor | None:
    """A parameter or buffer without a shape yet, as the other is; None where that has one."""
    if not isinstance(tensor, _LAZY):
        return None
    lazy: Any = type(tensor)
    return cast(torch.Tensor, lazy(tensor.requires_grad, device=device, dtype=tensor.dtype))


def meta_like(tensor: torch.Tensor) -> torch.Tensor:
    """A tensor on the meta device that looks like another one, of any class; it is never the same.

    Raises:
        UsageError: no tensor of its kind can be without values.
    """
    # a lazy module decides the shape in place, so it must not get hold of the model's own
    lazy = lazy_like(tensor, "meta")
    if lazy is not None:
        return lazy
    if type(tensor) in _PLAIN_TENSORS and not tensor.is_nested:
        try:
            meta = _plain_on_meta(tensor)
        except (NotImplementedError, RuntimeError) as error:  # a quantized one, say
            raise UsageError(_no_stand_in(tensor, error)) from error
    else:
        meta = _unusual_on_meta(tensor)
    if isinstance(tensor, torch.nn.Parameter):
        return torch.nn.Parameter(meta, requires_grad=tensor.requires_grad)
    return meta.requires_grad_() if tensor.requires_grad else meta


def _plain_on_meta(tensor: torch.Tensor) -> torch.Tensor:
    if tensor.layout is torch.strided and tensor.is_contiguous():
        # empty_like says the same, in Python
        return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")
    return torch.empty_like(tensor, device="meta")


def _unusual_on_meta(tensor: torch.Tensor) -> torch.Tensor:
    """The stand-in for a nested tensor or an instance of a subclass."""
    if tensor.is_nested:
        raise UsageError(
            "a nested tensor has rows of several lengths and no one shape to count at: give a "
            "padded tensor, or one of its rows"
        )
    from torch._subclasses.fake_tensor import FakeTensor  # which most traces do without

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a class thinks of being asked is ours to know
        if isinstance(tensor, FakeTensor):  # belongs to a mode that is not on
            return torch.empty_strided(
                _whole(tensor.shape), _whole(tensor.stride()), dtype=tensor.dtype, device="meta"
            )
        try:
            return torch.empty_like(tensor, device="meta")
        except Exception as error:
            cls: Any = type(tensor)
            if not hasattr(cls, "__tensor_flatten__"):
                raise UsageError(_no_stand_in(tensor, error)) from error
            # a wrapper says which tensors it is made of
            try:
                names, context = cast(Any, tensor).__tensor_flatten__()
                inner = {name: meta_like(getattr(tensor, name)) for name in names}
                made = cls.__tensor_unflatten__(inner, context, tensor.shape, tensor.stride())
            except Exception as again:
                raise UsageError(_no_stand_in(tensor, again)) from again
            return cast(torch.Tensor, made)


def _no_stand_in(tensor: torch.Tensor, error: Exception) -> str:
    return (
        f"a {type(tensor).__name__} of this kind can't be without values "
        f"({one_line(error).rstrip(' :')}): give a plain tensor"
    )


def _whole(sizes: Sequence[Any]) -> list[int]:
    """Sizes as plain numbers: a symbolic one is what it was made from."""
    whole = [size if isinstance(size, int) else size.node.maybe_as_int() or size.node.hint
             for size in sizes]  # fmt: skip
    if None in whole:
        raise UsageError("an input has a size that is a symbol without a value: give a number")
    return whole
