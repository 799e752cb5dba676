"""Texts that people spell in many ways, brought to one spelling for comparison."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from profiler.docs.lint.vocabulary import words

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
    """What two spellings of one model's name have in common; "" if it names no model.

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
