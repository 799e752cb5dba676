"""While tracing every device is the one device: what a forward says about another is heard as it.

A tensor that a forward makes itself keeps its values, on the CPU and as long as it is small, since
Python may look at them; met by a tensor without values it becomes one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Self

import torch

from profiler.tracing.inputs import map_tensors, tensors_in

Func = Callable[..., Any]

_META = torch.device("meta")
_CPU = torch.device("cpu")
#: Methods that are named after a device.
_DEVICES = frozenset({"cpu", "cuda", "xpu", "mps", "hpu", "ipu"})
#: Bare names of functions that take a device by position.
PLACING = _DEVICES | {"to", "type"}
#: Functions that are handed values, which are not to be lost.
_OF_VALUES = frozenset({"tensor", "as_tensor", "asarray", "from_numpy"})
#: The most elements of a tensor that a forward makes on a device it names, and that keeps values.
_MOST_KEPT = 2**16


def at_home(
    func: Func, base: str, args: tuple[Any, ...], kwargs: dict[str, Any], home: torch.device
) -> tuple[Func, tuple[Any, ...], dict[str, Any]]:
    """The same call with every device it names replaced.

    Args:
        func: the function that is called.
        base: its bare name.
        args: its positional arguments.
        kwargs: its keyword arguments.
        home: where tensors are: ``meta``, or ``cpu`` in a run with values.
    """
    if base in PLACING and args and isinstance(args[0], torch.Tensor):
        return _moved(func, base, args, kwargs)
    wanted = kwargs.get("device")
    if wanted is None or (_is_meta(wanted) and base not in _OF_VALUES):
        return func, args, kwargs
    given = tensors_in([args, {name: value for name, value in kwargs.items() if name != "device"}])
    if home == _CPU or base in _OF_VALUES:
        place = _CPU
    elif any(tensor.is_meta for tensor in given):
        place = _META
    else:
        shaped = func(*args, **{**kwargs, "device": _META})
        is_small = sum(tensor.numel() for tensor in tensors_in(shaped)) <= _MOST_KEPT
        place = _CPU if is_small else _META
    return func, args, {**kwargs, "device": place}


def _moved(
    func: Func, base: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Func, tuple[Any, ...], dict[str, Any]]:
    """``x.to``, ``x.cuda``, ``x.type``: where ``x`` is, it stays."""
    tensor, *rest = args
    if base in _DEVICES:
        return torch.Tensor.to, (tensor, tensor.device), {}
    if base == "type":
        dtype = _dtype_of(rest[0] if rest else kwargs.get("dtype"))
        return (func, args, kwargs) if dtype is None else (torch.Tensor.to, (tensor, dtype), {})
    if "device" in kwargs:
        kwargs = {**kwargs, "device": tensor.device}
    stays = [
        tensor.device
        if isinstance(value, (str, int, torch.device)) and not isinstance(value, bool) and at == 0
        else value.dtype
        if isinstance(value, torch.Tensor) and tensor.is_meta
        else value
        for at, value in enumerate(rest)
    ]
    return func, (tensor, *stays), kwargs


def _dtype_of(kind: Any) -> torch.dtype | None:
    """The dtype of ``torch.cuda.FloatTensor`` and its like, or of its name."""
    if isinstance(kind, str):
        kind = getattr(torch, kind.rpartition(".")[2], None)
    dtype = getattr(kind, "dtype", None)
    return dtype if isinstance(dtype, torch.dtype) else None


def _is_meta(device: Any) -> bool:
    return str(device).partition(":")[0] == "meta"


def met_on_meta(func: Func, args: tuple[Any, ...], kwargs: dict[str, Any], writes: bool) -> Any:
    """What a call gives; again with every tensor on meta where it fails as some are not.

    Args:
        func: what is called.
        args: its positional arguments.
        kwargs: its keyword arguments.
        writes: whether it writes into one of them, which then can't be replaced.
    """
    try:
        return func(*args, **kwargs)
    except (RuntimeError, NotImplementedError):
        places = {tensor.is_meta for tensor in tensors_in([args, kwargs])}
        if writes or len(places) < 2:
            raise
        args, kwargs = map_tensors((args, kwargs), _on_meta)
        return func(*args, **kwargs)


def _on_meta(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.is_meta else tensor.to("meta")


class _Inert:
    """A stream or an event where there is nothing to queue: whatever it is asked does nothing."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None: ...

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_args, **_kwargs: None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None: ...


#: Functions and classes of torch.cuda → what stands in for them.
_INERT: dict[str, Any] = {
    "synchronize": lambda *_args, **_kwargs: None,
    "set_stream": lambda *_args, **_kwargs: None,
    "current_device": lambda: 0,
    **dict.fromkeys(("Stream", "Event", "current_stream", "default_stream", "stream"), _Inert),
}


@contextlib.contextmanager
def devices_heard() -> Iterator[None]:
    """Let ``torch.autocast(x.device.type)`` find a device it knows; shapes follow no autocast.

    Nothing is there to wait for.
    """
    original = torch.autocast.__init__
    of_cuda = {name: getattr(torch.cuda, name) for name in _INERT}

    def init(self: Any, device_type: str, *args: Any, **kwargs: Any) -> None:
        original(self, "cpu" if device_type == "meta" else device_type, *args, **kwargs)

    torch.autocast.__init__ = init  # type: ignore[method-assign]
    for name, inert in _INERT.items():
        setattr(torch.cuda, name, inert)
    try:
        yield
    finally:
        torch.autocast.__init__ = original  # type: ignore[method-assign]
        for name, own in of_cuda.items():
            setattr(torch.cuda, name, own)
