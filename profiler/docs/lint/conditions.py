"""Under what a figure holds: hardware, precision, batch size and input size, as texts name them.

The names of devices are those that pages use; which of them has known peaks is the catalog's
matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from profiler.docs.lint.vocabulary import (
    START,
    folded,
    form,
    forms,
    pattern,
)

#: What a figure can hold under.
HARDWARE, PRECISION, BATCH, SIZE = "hardware", "precision", "batch", "size"

_DEVICE = re.compile(
    rf"(?:{START}(?:{pattern('stated', 'makers')})[\s-]+)*(?P<name>{pattern('stated', 'devices')})"
)
#: Kinds of hardware, which say less than a device does.
_VAGUE = form("stated", "vague")
_PRECISION = re.compile(
    "|".join(f"(?P<{name}>{wording.pattern})" for name, wording in forms("precisions").items())
)
_BATCH = form("stated", "batches")
_SIZE = re.compile(
    r"(?<![\d.x])(?:\(?\s*(?:1|3)\s*[x*,]\s*){0,2}"
    r"(\d{2,4})\s*[x*]\s*(\d{2,4})(?![\d.]|\s*[x*]\s*\d)"
    r"|(?:@|(?:crop|input|img|image)(?:[\s_-]?size)?|resolution|输入尺寸|分辨率)"
    r"\s*[=:为]?\s*(\d{2,4})(?![\d.%x*])"
    r"|(?<![\d.])(\d{2,4})\s?(?:px|pixels|像素)"
)
_REGIME = re.compile("|".join(wording.pattern for wording in forms("apart").values()))


@lru_cache(maxsize=1 << 13)
def stated(text: str) -> Mapping[str, str]:
    """The conditions that a text states, each in one spelling; what it has two of is left out."""
    text = folded(text)
    found = {
        HARDWARE: _devices(text),
        PRECISION: {str(match.lastgroup) for match in _PRECISION.finditer(text)},
        BATCH: {(match[1] or match[2]).lstrip("0") for match in _BATCH.finditer(text)},
        SIZE: {_size(match) for match in _SIZE.finditer(text)},
    }
    return {kind: values.pop() for kind, values in found.items() if len(values) == 1}


def without_conditions(text: str) -> str:
    """A folded text with the conditions that it states taken out."""
    for condition in (_SIZE, _BATCH, _PRECISION, _DEVICE):
        text = condition.sub(" ", text)
    return text


def stated_above(headings: Iterable[str]) -> Mapping[str, str]:
    """Conditions in titles and the paragraph above a table: the nearest one that does wins.

    One that names several values of a condition is about all of them, and none counts then.
    """
    result: dict[str, str] = {}
    unclear: set[str] = set()
    for heading in reversed(tuple(headings)):
        found = stated(heading)
        for kind in (HARDWARE, PRECISION, BATCH, SIZE):
            if kind in result or kind in unclear:
                continue
            if kind in found:
                result[kind] = found[kind]
            elif _FORMS[kind].search(folded(heading)):
                unclear.add(kind)
    return result


@lru_cache(maxsize=1 << 12)
def regimes(text: str) -> frozenset[str]:
    """The words of a title that set its figures apart: quantized, distilled, another data set."""
    return frozenset(match[0] for match in _REGIME.finditer(folded(text)))


@lru_cache(maxsize=1 << 12)
def size_of(text: str) -> str:
    """An input size as a cell of its own column gives it: "224" and "3x224x224" → "224x224"."""
    plain = re.sub(r"[()\[\]\s]|px|pixels", "", folded(text)).replace(",", "x").replace("*", "x")
    sides = plain.split("x")
    if not all(side.isascii() and side.isdigit() for side in sides) or len(sides) > 4:
        return folded(text)
    return f"{sides[-2] if len(sides) > 1 else sides[-1]}x{sides[-1]}"


def _devices(text: str) -> set[str]:
    found = {re.sub(r"[\s-]+", "", match["name"]) for match in _DEVICE.finditer(text)}
    return {name for name in found if not _VAGUE.fullmatch(name)} or found


def _size(match: re.Match[str]) -> str:
    sides = [side for side in match.groups() if side]
    return f"{sides[0]}x{sides[-1]}"


_FORMS = {HARDWARE: _DEVICE, PRECISION: _PRECISION, BATCH: _BATCH, SIZE: _SIZE}
