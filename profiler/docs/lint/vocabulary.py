"""Words and spellings of pages: vocabulary.toml as regular expressions, and folded texts."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "vocabulary.toml"

#: The edges of a word in ASCII. No \b: a Chinese character beside one is a word character too.
START, END = r"(?<![a-z0-9])", r"(?![a-z0-9])"


def pattern(section: str, name: str) -> str:
    """An expression for any form of an entry."""
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


_TEX = {
    r"\times": "x",
    r"\cdot": "x",
    r"\%": "%",
    r"\#": "#",
    "$": "",
    "×": "x",
    "–": "-",
    "—": "-",
}
_TEX_FORM = re.compile("|".join(map(re.escape, _TEX)))
_BETWEEN_DIGITS = re.compile(r"(?<=[0-9])[\s_-]+(?=[0-9])")
_SEPARATORS = re.compile(r"[\s-]+|(?<![0-9])_+|_+(?![0-9])")
_NO_NAMES = words("no_names")
#: What begins the name of a variant of a row above: "- from scratch", "+ longer".
_VARIANT = re.compile(r"[-+└├↳→•·]")
_SAYS_NOTHING = words("nothing") | {""}


@lru_cache(maxsize=1 << 14)
def folded(text: str) -> str:
    """In small letters, half-width, on one line, without TeX."""
    text = _TEX_FORM.sub(lambda match: _TEX[match[0]], text)
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


@lru_cache(maxsize=1 << 14)
def model_key(name: str) -> str:
    """The text that two spellings of one model's name have in common; "" if it names no model.

    Case, spaces, line breaks, hyphens and underscores make no difference, except between two
    digits, where there has to be one of them; everything else does.
    """
    name = folded(name)
    if name in _NO_NAMES or says_nothing(name) or not any(map(str.isalpha, name)):
        return ""
    if _VARIANT.match(name):
        return ""
    return _SEPARATORS.sub("", _BETWEEN_DIGITS.sub("_", name))


def says_nothing(text: str) -> bool:
    """Whether a cell is one of those that stand for no figure."""
    return folded(text) in _SAYS_NOTHING
