"""What modules hold beside parameters and buffers: tensors, containers, objects of the user's.

A forward may fill a cache that a module holds in a list, a dict or an object of its own, so what
these have in them is remembered, replaced for the time of a run, and put back.
"""

from __future__ import annotations

import functools
import operator
import sys
import types
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import torch

#: Types of attributes that hold nothing that changes, or in a tuple nothing as a rule.
STATELESS = frozenset(
    {bool, int, float, str, bytes, type(None), tuple, torch.Size, torch.dtype, torch.device}
    | {types.FunctionType, types.BuiltinFunctionType, types.MethodType, type}
)
_FLAT = STATELESS - {tuple}
#: The kinds of containers, a class before its bases.
_BASES: tuple[type, ...] = (OrderedDict, dict, list, deque, set)
_OTHERS = (torch.nn.Module, type, types.ModuleType)


class Held(NamedTuple):
    """A container, or an object with slots, and what it had in it."""

    value: Any
    #: The kind of container that it is; ``object`` for one with slots.
    base: type
    #: Keys of the items, or their indices, or the descriptors of slots.
    keys: Sequence[Any]
    items: tuple[Any, ...]

    def put(self, key: Any, item: Any) -> None:
        """Replace one item; those of a set stay."""
        if self.base is object:
            key.__set__(self.value, item)
        elif self.base is not set:
            _call(self.base, "__setitem__", self.value, key, item)

    def refill(self) -> None:
        """Give it back what it had, past any methods of its own."""
        if self.base is object:
            for slot, item in zip(self.keys, self.items, strict=True):
                slot.__set__(self.value, item)
        elif not self._is_as_it_was():
            _call(self.base, "clear", self.value)
            if issubclass(self.base, dict):
                for key, item in zip(self.keys, self.items, strict=True):
                    _call(self.base, "__setitem__", self.value, key, item)
            else:
                _call(self.base, "update" if self.base is set else "extend", self.value, self.items)

    def _is_as_it_was(self) -> bool:
        keys, items = _content(self.value, self.base)
        return (
            len(items) == len(self.items)
            and all(map(operator.is_, items, self.items))
            and (isinstance(keys, range) or all(map(operator.is_, keys, self.keys)))
        )


def held_in(values: Iterable[Any]) -> list[Held]:
    """The containers in values and within these, as deep as they go, each once.

    The attributes of an object of the user's own are a container too. Modules are not looked into,
    nor what objects of Python and torch hold (pools of threads, loggers).
    """
    found: list[Held] = []
    # the values are kept alive by what they were met in
    seen: set[int] = set()
    pending = list(values)
    while pending:
        value = pending.pop()
        kind = type(value)
        if isinstance(value, tuple):
            pending.extend(value)
        elif kind in STATELESS or id(value) in seen or isinstance(value, (torch.Tensor, *_OTHERS)):
            continue
        else:
            seen.add(id(value))
            for held in _held_by(value, kind):
                found.append(held)
                if not _FLAT.issuperset(map(type, held.items)):
                    pending.extend(held.items)
    return found


def _held_by(value: Any, kind: type) -> Iterator[Held]:
    base = _base_of(kind)
    if base is not None:
        yield Held(value, base, *_content(value, base))
    if _is_users(kind):
        attributes = getattr(value, "__dict__", None)
        if type(attributes) is dict:
            yield Held(attributes, dict, *_content(attributes, dict))
        slots = [slot for slot in _slots_of(kind) if _is_set(slot, value)]
        if slots:
            yield Held(value, object, slots, tuple(slot.__get__(value) for slot in slots))


def _content(value: Any, base: type) -> tuple[Sequence[Any], tuple[Any, ...]]:
    """Keys and items of a container, past any methods of its own."""
    if issubclass(base, dict):
        return tuple(_call(base, "keys", value)), tuple(_call(base, "values", value))
    items = tuple(_call(base, "__iter__", value))
    return range(len(items)), items


def _call(base: type, method: str, *args: Any) -> Any:
    return getattr(base, method)(*args)


@functools.cache
def _base_of(kind: type) -> type | None:
    return next((base for base in _BASES if issubclass(kind, base)), None)


@functools.cache
def _is_users(kind: type) -> bool:
    """Whether a class is neither Python's nor torch's."""
    top = kind.__module__.partition(".")[0]
    return top != "torch" and top not in sys.stdlib_module_names


@functools.cache
def _slots_of(kind: type) -> tuple[Any, ...]:
    return tuple(
        slot
        for cls in kind.__mro__
        if _is_users(cls)
        for slot in vars(cls).values()
        if isinstance(slot, types.MemberDescriptorType)
    )


def _is_set(slot: Any, value: Any) -> bool:
    try:
        slot.__get__(value)
    except AttributeError:
        return False
    return True
