"""Ops that take functions: ``torch.cond``, ``while_loop``, ``scan``, ``map``, ``flex_attention``.

PyTorch compiles the functions first, even in an eager forward. Here they are run as the Python they
are, so that what they call is recorded where it happens: a body as often as it runs, of two
branches the one that is taken. Where a tensor without values decides, it is the first branch of
``torch.cond``, and the body of ``while_loop`` once, which is then listed as uncounted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch._C import DispatchKey

#: How often a loop went round, or which branch was taken; None where the values decide.
Told = Callable[[str], None]

_FLEX = "torch.nn.attention.flex_attention"


@contextmanager
def uncompiled() -> Iterator[None]:
    """Have ``torch.compile`` hand back what it is given, and flex attention take any device.

    That spares importing the compiler, which takes seconds. Undone whatever happens.
    """
    compile_ = torch.compile

    def as_it_is(model: Any = None, **options: Any) -> Any:
        return (lambda function: function) if model is None else model

    flex: Any = sys.modules.get(_FLEX)
    before = {name: getattr(flex, name) for name in _FLEX_MEANWHILE if hasattr(flex, name)}
    torch.compile = as_it_is
    try:
        for name in before:
            setattr(flex, name, _FLEX_MEANWHILE[name])
        yield
    finally:
        torch.compile = compile_
        for name, value in before.items():
            setattr(flex, name, value)


#: What flex attention's module holds instead, so that it takes any device and compiles nothing.
_FLEX_MEANWHILE: dict[str, Any] = {
    "_validate_device": lambda *_: None,
    "_FLEX_ATTENTION_DISABLE_COMPILE_DEBUG": True,
}


def is_higher_order(func: Callable[..., Any]) -> bool:
    """Whether it is an op that takes functions."""
    return isinstance(func, torch._ops.HigherOrderOperator)


def in_python(func: Any, told: Told) -> Callable[..., Any] | None:
    """The Python that does what a higher-order op does, calling its functions; None if unknown.

    Args:
        func: the op.
        told: called with what could only be guessed, in a few words.
    """
    name = func.name()
    if name == "cond":
        return lambda *args: _cond(told, *args)
    if name == "while_loop":
        return lambda *args: _while_loop(told, *args)
    if name == "scan":
        return _scan
    kernel: Callable[..., Any] | None = func.py_kernels.get(DispatchKey.CompositeExplicitAutograd)
    return kernel


def _truth(condition: Any) -> bool | None:
    """Whether it holds; None for a tensor that has no values."""
    if isinstance(condition, torch.Tensor) and (
        condition.is_meta or getattr(condition, "fake_mode", None) is not None
    ):
        return None
    return bool(condition)


def _cond(
    told: Told,
    condition: Any,
    true: Callable[..., Any],
    false: Callable[..., Any],
    operands: Sequence[Any] = (),
) -> Any:
    holds = _truth(condition)
    if holds is None:
        told("its first branch")
    return (false if holds is False else true)(*operands)


def _while_loop(
    told: Told,
    condition: Callable[..., Any],
    body: Callable[..., Any],
    carried: Sequence[Any],
    additional: Sequence[Any] = (),
) -> Any:
    while (holds := _truth(condition(*carried, *additional))) is not False:
        carried = body(*carried, *additional)
        if holds is None:
            told("its body once")
            break
    return tuple(carried)


def _scan(
    step: Callable[..., Sequence[torch.Tensor]],
    start: Sequence[torch.Tensor],
    over: Sequence[torch.Tensor],
    *rest: Any,
) -> list[torch.Tensor]:
    """A step for each slice; its results are what it carries on, and what is stacked."""
    dim = rest[0] if len(rest) > 1 else 0  # older versions of torch do not move it to the front
    carried, stacked = list(start), []
    for index in range(over[0].shape[dim]):
        results = step(*carried, *[each.select(dim, index) for each in over], *rest[-1])
        carried = list(results[: len(start)])
        stacked.append(results[len(start) :])
    return [*carried, *[torch.stack(column, dim) for column in zip(*stacked, strict=True)]]
