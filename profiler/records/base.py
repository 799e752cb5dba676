"""The base of every record, and the order of values."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

import msgspec

Shape = tuple[int, ...]
Attribute = bool | int | float | str | tuple[int, ...] | None

#: Bytes of one element at each precision a total can be stated for.
BYTES_PER_ELEMENT = {"fp32": 4, "tf32": 4, "fp16": 2, "bf16": 2, "int8": 1}
#: Stands for a precision where every tensor takes the bytes of its own dtype.
OWN_DTYPES = "own"


def precision_rank(precision: str) -> tuple[int, str]:
    """A key that sorts precisions: wider ones first, those without a known width last."""
    return -BYTES_PER_ELEMENT.get(precision, 0), precision


class Record(msgspec.Struct, frozen=True, gc=False):
    """A value: compared by content, changed only by making another.

    Records form trees, never cycles, so the garbage collector need not know them.
    """


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
