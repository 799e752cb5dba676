"""Reads one TOML file key by key, so that an error can name the file, the key and the cure."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from profiler.catalog.faults import fault, read_text, shown
from profiler.errors import CatalogError, nearest, one_line

_LARGEST = 10**9


class TomlTable:
    """One table of a TOML file: every key is asked for by type, and ``finish`` refuses the rest.

    ``where`` is the table's place in the file ("models[2]"), empty for the top.
    """

    def __init__(self, path: Path, values: dict[str, object], where: str = "") -> None:
        self.path = path
        self.where = where
        self._values = values
        self._asked: set[str] = set()

    @classmethod
    def read(cls, path: Path) -> TomlTable:
        """Read the file; CatalogError where it can't be read or is no TOML."""
        text = read_text(path)
        try:
            return cls(path, tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise fault(path, "", f"not valid TOML: {one_line(error)}", "mend that line") from None
        except (ValueError, RecursionError):
            # tomllib lets these two through: an integer of thousands of digits, endless nesting.
            raise fault(
                path, "", "a number is too long or brackets nest too deep", "shorten it"
            ) from None

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        self._asked.add(key)
        return key in self._values

    def text(self, key: str, default: str | None = None) -> str:
        """The key's text, kept verbatim; it may not be blank where the key is there."""
        if default is not None and not self.has(key):
            return default
        value = self._required(key, "text in quotes")
        if not isinstance(value, str):
            raise self.fault(key, f"{shown(value)} is no text", "put it in quotes")
        if not value.strip():
            raise self.fault(key, "the text is empty", "write something or remove the key")
        return value

    def integer(self, key: str, low: int = 1, high: int = _LARGEST) -> int:
        """The key's whole number within bounds."""
        value = self._required(key, "a whole number")
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.fault(key, f"{shown(value)} is no whole number", "write digits only")
        if not low <= value <= high:
            raise self.fault(
                key, f"{shown(value)} is out of range", f"write a number from {low} to {high}"
            )
        return value

    def optional_integer(self, key: str, low: int = 1, high: int = _LARGEST) -> int | None:
        """The key's whole number, None where the key is absent."""
        return self.integer(key, low, high) if self.has(key) else None

    def optional_number(self, key: str) -> float | None:
        """The key's number, above zero and finite; None where the key is absent."""
        if not self.has(key):
            return None
        value = self._values[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fault(key, f"{shown(value)} is no number", "write it without quotes")
        if not 0 < value <= _LARGEST:  # NaN fails this too
            raise self.fault(
                key, f"{shown(value)} is out of range", "write a number above zero, or leave it out"
            )
        return float(value)

    def date(self, key: str) -> str:
        """The key's day as "YYYY-MM-DD"."""
        text = self.text(key)
        with suppress(ValueError):
            if datetime.date.fromisoformat(text).isoformat() == text:
                return text
        raise self.fault(key, f"{shown(text)} is no day", 'write it as "2026-12-31"')

    def texts(self, key: str) -> tuple[str, ...]:
        """The key's list of texts, empty where the key is absent."""
        if not self.has(key):
            return ()
        value = self._values[key]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.fault(key, f"{shown(value)} is no list of texts", 'write ["…", "…"]')
        return tuple(value)

    def has_table(self, key: str) -> bool:
        """Whether the key is there and holds a table."""
        return self.has(key) and isinstance(self._values[key], dict)

    def table(self, key: str) -> TomlTable:
        """The sub-table, empty where the key is absent."""
        value = self._values[key] if self.has(key) else {}
        if not isinstance(value, dict):
            raise self.fault(key, f"{shown(value)} is no table", f"write a [{key}] section")
        return TomlTable(self.path, value, self._place(key))

    def tables(self, key: str) -> tuple[TomlTable, ...]:
        """The array of tables, empty where the key is absent."""
        value = self._values[key] if self.has(key) else []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.fault(key, f"{shown(value)} is no list of tables", f"write [[{key}]]")
        place = self._place(key)
        return tuple(
            TomlTable(self.path, item, f"{place}[{index}]") for index, item in enumerate(value, 1)
        )

    def names(self) -> tuple[str, ...]:
        """The keys of a table whose keys are the data, such as languages."""
        return tuple(self._values)

    def finish(self) -> None:
        """Refuse keys that nothing asked for: a misspelt key must not pass in silence."""
        for key in self._values:
            if key not in self._asked:
                raise self.fault(key, "unknown key", nearest(key, sorted(self._asked)))

    def fault(self, key: str, problem: str, cure: str) -> CatalogError:
        """The CatalogError for one of this table's keys."""
        return fault(self.path, self._place(key), problem, cure)

    def _place(self, key: str) -> str:
        name = key if key.replace("_", "").isalnum() else repr(key)
        return f"{self.where}.{name}" if self.where else name

    def _required(self, key: str, what: str) -> object:
        if not self.has(key):
            raise self.fault(key, "the key is missing", f"add it: {what}")
        return self._values[key]


def no_duplicates(tables: Iterable[TomlTable], key: str) -> None:
    """Refuse two tables that agree in ``key``, upper and lower case alike."""
    seen: dict[str, str] = {}
    for table in tables:
        value = table.text(key)
        if value.casefold() in seen:
            raise table.fault(
                key, f"{value!r} is there twice, first in {seen[value.casefold()]}", "rename one"
            )
        seen[value.casefold()] = table.where
