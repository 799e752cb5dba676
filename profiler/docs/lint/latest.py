"""What was last worked out, for rules that ask for the same one after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Latest(Generic[_Item, _Result]):
    """A function of a sequence of immutable objects that keeps its latest result.

    The objects are told apart by identity: to compare pages by content takes longer than to lint.
    """

    def __init__(self, work_out: Callable[[Sequence[_Item]], _Result]) -> None:
        self._work_out = work_out
        self._latest: tuple[tuple[_Item, ...], _Result] | None = None

    def __call__(self, items: Sequence[_Item]) -> _Result:
        """The result for these objects."""
        if self._latest is not None:
            known, result = self._latest
            if len(known) == len(items) and all(a is b for a, b in zip(known, items, strict=True)):
                return result
        result = self._work_out(items)
        self._latest = tuple(items), result
        return result
