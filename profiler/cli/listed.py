"""Options that take several values in one word, separated by commas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


class _Listed(click.ParamType[tuple[Any, ...]]):
    """The type of such an option; the command gets each value once, in the order given.

    Args:
        read: text → a value; ValueError where it is none.
        expected: what the values are, as a message would say it.
    """

    name = "LIST"

    def __init__(self, read: Callable[[str], Any], expected: str) -> None:
        self._read = read
        self._expected = expected

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Any, ...]:
        if isinstance(value, tuple):
            return value
        try:
            return tuple(dict.fromkeys(self._read(part.strip()) for part in value.split(",")))
        except ValueError:
            self.fail(f"{value!r}: expected {self._expected}, separated by commas", param, ctx)


def one_of(names: tuple[str, ...]) -> _Listed:
    """Values that are one of some names each, in whatever case."""

    def read(text: str) -> str:
        if text.lower() not in names:
            raise ValueError
        return text.lower()

    return _Listed(read, f"names from {', '.join(names)}")


def positive(what: str) -> _Listed:
    """Whole numbers from 1, called ``what``."""

    def read(text: str) -> int:
        number = int(text)
        if not 1 <= number <= 1_000_000:
            raise ValueError
        return number

    return _Listed(read, f"{what} from 1")
