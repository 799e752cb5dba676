"""What a region asks for: its attributes, read with errors that say what to write."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from profiler.errors import NoDataError, UnknownNameError, UsageError
from profiler.records.base import distinct

_YES = {"yes": True, "no": False}


class RegionRequest:
    """The attributes of one region; an attribute that is not known is refused at once.

    Args:
        asked_by: the attribute that names the kind, ``table``.
        value: its value, ``accuracy``; for messages ``what`` has both as written.
        attributes: every attribute but the one that names the kind.
        known: the attributes that the kind takes.

    Raises:
        UnknownNameError: an attribute that the kind does not take.
    """

    def __init__(
        self, asked_by: str, value: str, attributes: Mapping[str, str], known: Collection[str]
    ) -> None:
        self.value = value
        self.what = f"{asked_by}={value}"
        self._attributes = attributes
        for key in attributes:
            if key not in known:
                raise UnknownNameError(f"attribute of {self.what}", key, known)

    def text(self, key: str, default: str = "") -> str:
        """The attribute as it stands."""
        return self._attributes.get(key, default)

    def needed(self, key: str, example: str) -> str:
        """An attribute that has to be there; UsageError with the example where it is not."""
        if not self._attributes.get(key):
            raise UsageError(f"{self.what} needs {key}=, for example {key}={example}")
        return self._attributes[key]

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        """One of several names; UnknownNameError where it is none of them."""
        value = self._attributes.get(key, default)
        if value not in choices:
            raise UnknownNameError(key, value, choices)
        return value

    def among(self, key: str, known: Iterable[str]) -> str:
        """One of what there is; it may be left out where there is one only."""
        names = distinct(known)
        if not names:
            raise NoDataError(f"{self.what}: there is nothing to show, no {key} is known")
        if key not in self._attributes and len(names) > 1:
            raise UsageError(f"{self.what} needs {key}=, one of {', '.join(names)}")
        return self.choice(key, names, names[0])

    def flag(self, key: str) -> bool:
        """``yes`` or ``no``; no where it is left out."""
        return _YES[self.choice(key, tuple(_YES), "no")]

    def number(self, key: str, high: int = 1_000_000) -> int | None:
        """A whole number from 1; None where it is left out."""
        value = self._attributes.get(key)
        if value is None:
            return None
        if not (value.isascii() and value.isdigit() and 1 <= int(value) <= high):
            raise UsageError(f"{key}={value} is no whole number from 1 to {high}")
        return int(value)

    def names(self, key: str, example: str) -> tuple[str, ...]:
        """Names with commas between them, at least one."""
        parts = tuple(part.strip() for part in self.needed(key, example).split(","))
        if not all(parts):
            raise UsageError(
                f"{key}={self.text(key)} lacks a name beside a comma: write {key}={example}"
            )
        return parts
