"""Functions with a gradient of their own: which one runs now."""

from __future__ import annotations

import contextlib
import functools
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any, cast

import torch


@contextlib.contextmanager
def forwards_told(enter: Callable[[str], None], leave: Callable[[], None]) -> Iterator[None]:
    """Call ``enter`` with the name of every ``torch.autograd.Function`` whose forward begins.

    It is ``forward`` that is wrapped: ``apply`` has often been given another name long before.
    """
    thread = threading.get_ident()

    def told(cls: type, forward: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(forward)
        def run(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != thread:
                return forward(*args, **kwargs)
            enter(cls.__name__)
            try:
                return forward(*args, **kwargs)
            finally:
                leave()

        return run

    wrapped: list[tuple[Any, staticmethod[..., Any]]] = []
    try:
        for cls in _functions():
            forward = vars(cls).get("forward")
            if isinstance(forward, staticmethod):
                cast(Any, cls).forward = staticmethod(told(cls, forward.__func__))
                wrapped.append((cls, forward))
        yield
    finally:
        for cls, forward in wrapped:
            cls.forward = forward


#: Of torch's own functions a forward meets this file's alone; the many others are not looked at.
_OWN = "torch.utils.checkpoint"
#: How many such functions there were when they were last looked for, and those that were found.
_made = ""
_found: list[weakref.ref[type]] = []


def _functions() -> list[type]:
    """The functions of autograd that a forward may meet, looked for again when more are made."""
    global _made
    counter = getattr(torch.autograd.function, "AUTOGRAD_FUNCTION_COUNTER", None)
    made = repr(counter)  # which tells the number without taking it
    if counter is None or made != _made:
        _made = made
        _found[:] = map(weakref.ref, _subclasses(torch.autograd.Function))
    return [cls for each in _found if (cls := each()) is not None]


def _subclasses(cls: type) -> list[type]:
    found: list[type] = []
    waiting: list[type] = type.__subclasses__(cls)
    for subclass in waiting:
        waiting += type.__subclasses__(subclass)
        module = subclass.__module__
        if not module.startswith("torch.") or module == _OWN:
            found.append(subclass)
    return found
