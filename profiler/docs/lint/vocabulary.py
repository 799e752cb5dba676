"""How pages word things: vocabulary.toml, as regular expressions."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "vocabulary.toml"

#: The edges of a word in ASCII. No \b: a Chinese character beside one is a word character too.
START, END = r"(?<![a-z0-9])", r"(?![a-z0-9])"


def pattern(section: str, name: str) -> str:
    """What matches any form of an entry."""
    return _any(_entries(section)[name])


def form(section: str, name: str) -> re.Pattern[str]:
    """The same, ready for use on a folded text."""
    return re.compile(pattern(section, name))


def forms(section: str) -> Mapping[str, re.Pattern[str]]:
    """Every entry of a section, in the order of the file."""
    return {name: form(section, name) for name in _entries(section)}


def words(name: str) -> frozenset[str]:
    """A list of words."""
    return frozenset(word for line in _entries("words")[name] for word in line.split())


@cache
def _read() -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _entries(section: str) -> Mapping[str, list[str]]:
    return _read()[section]


def _any(expressions: Iterable[str]) -> str:
    parts = [
        f"{START}(?:{expression}){END}" if expression.isascii() else f"(?:{expression})"
        for expression in expressions
    ]
    return "|".join(parts)
