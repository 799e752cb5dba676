"""Values in order of first appearance: each once, or those of one key together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

_T = TypeVar("_T")
_Key = TypeVar("_Key", bound=Hashable)


def distinct(values: Iterable[_T]) -> tuple[_T, ...]:
    """Each value once."""
    return tuple(dict.fromkeys(values))


def grouped(values: Iterable[_T], key: Callable[[_T], _Key]) -> dict[_Key, list[_T]]:
    """The values of each key; groups and what is in them keep the order."""
    groups: dict[_Key, list[_T]] = {}
    for value in values:
        groups.setdefault(key(value), []).append(value)
    return groups
