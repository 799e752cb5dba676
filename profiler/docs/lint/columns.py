"""A table's heading cell → what its column holds: a name, a metric in a unit, a condition, text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from profiler.docs.lint.conditions import stated, without_conditions
from profiler.docs.lint.vocabulary import (
    END,
    START,
    folded,
    form,
    forms,
    words,
)
from profiler.records import Record

#: Metrics. Counts are in ones, accuracies in per cent, times in milliseconds.
FLOPS, MACS, PARAMS = "flops", "macs", "params"
TOP1, TOP5, ACCURACY = "top1", "top5", "accuracy"
LATENCY, THROUGHPUT = "latency", "throughput"
COUNTS = (FLOPS, MACS, PARAMS)
ACCURACIES = (TOP1, TOP5, ACCURACY)
#: Kinds of columns that hold no metric.
NAME, TEXT, IGNORED = "name", "text", "ignored"
#: The size to which images are brought before they are cropped.
RESIZE = "resize"

#: A name with one of these headings is that of a recipe or of a part.
_PARTS = frozenset(("method", "backbone"))

_METRICS = forms("metrics")
_CONDITIONS = forms("conditions")
_NAMES = forms("names")
_NO_METRIC = form("headings", "no_metric")
_LINKS = form("headings", "links")
_REFERENCE = form("headings", "reference")
_PER_IMAGE = form("headings", "per_image")
_FILLERS = words("fillers") | {"pretrained", "zoo", "预训练"}
_UNIT = re.compile(
    r"(?P<percent>%)|(?P<ms>" + START + r"(?:ms|msec|milliseconds?|毫秒)" + END + r"|毫秒)"
    r"|(?P<us>" + START + r"(?:us|μs|µs)" + END + r"|微秒)"
    r"|(?P<s>(?<=[(\[])\s*(?:s|sec|secs|seconds?)\s*(?=[)\]/])|秒)"
    r"|(?:10\^|1e|10\*\*|e)(?P<power>3|6|9|12)" + END
    + r"|" + START + r"(?:x\s*)?(?:1)?(?P<scale>[kmgtb]|million|billion|bn|mil)s?" + END
    + r"|(?P<hundred_million>亿)|(?P<chinese_million>百万)|(?P<ten_thousand>万)"
)  # fmt: skip
_SCALES = {"k": 3, "m": 6, "mil": 6, "million": 6, "g": 9, "b": 9, "bn": 9, "billion": 9, "t": 12}
_PREFIXED = re.compile(START + r"(?P<scale>[kmgtb])(?:flops?|macs?|madds?|params?)" + END)
_WORD = re.compile(r"[^\W_]+")


class TableColumn(Record, frozen=True):
    """A column as its heading tells of it."""

    #: A metric, a condition, ``RESIZE``, ``NAME``, ``TEXT`` or ``IGNORED``.
    kind: str
    heading: str
    #: How unlikely a heading of names it is.
    rank: int = 0
    #: A figure in the column's unit is multiplied by it; None where the heading gives no unit.
    scale: Fraction | None = None
    is_percent: bool = False
    #: Those that the heading states.
    conditions: Mapping[str, str] = {}
    #: The heading's other words, which set its figures apart from others of the metric.
    words: frozenset[str] = frozenset()
    #: Of names, the heading where it is not one of models; of text, the heading.
    role: str = ""


@lru_cache(maxsize=1 << 12)
def column(heading: str) -> TableColumn:
    """The column under a heading; one that could be two things is plain text, or nothing at all."""
    shown = " ".join(heading.split())
    text = folded(heading)
    conditions = stated(heading)
    bare = " ".join(without_conditions(text).split())
    reference = bool(_REFERENCE.search(bare))
    metric, rest = _metric(_REFERENCE.sub(" ", bare) if reference else bare)
    if metric is None:
        return _no_metric(shown, bare)
    if metric == IGNORED or (_NO_METRIC.search(bare)):
        return TableColumn(IGNORED, shown)
    scale, is_percent, rest = _unit(metric, text, rest)
    words = frozenset(_WORD.findall(_PER_IMAGE.sub(" ", rest))) - _FILLERS
    if reference:
        words |= {"reference"}
    if metric == LATENCY and _PER_IMAGE.search(bare):
        words |= {"per image"}
    if (metric == LATENCY and scale is None and not _METRICS[LATENCY].search(bare)) or (
        metric == PARAMS and _METRICS[LATENCY].search(rest)
    ):
        return TableColumn(IGNORED, shown)
    return TableColumn(metric, shown, 0, scale, is_percent, conditions, words)


def _metric(text: str) -> tuple[str | None, str]:
    """The one metric that a heading names, and what is left without it; IGNORED if several."""
    found: list[tuple[str, str]] = []
    for metric, wording in _METRICS.items():
        rest = wording.sub(" ", text)
        if rest != text:
            found.append((metric, rest))
    names = {metric for metric, _ in found}
    if len(found) > 1 and ACCURACY in names and names <= {TOP1, TOP5, ACCURACY}:
        found = [each for each in found if each[0] != ACCURACY]
        found = [(metric, _METRICS[ACCURACY].sub(" ", rest)) for metric, rest in found]
    elif names == {LATENCY, THROUGHPUT}:
        found = [each for each in found if each[0] == THROUGHPUT]
    if not found:
        return None, text
    return found[0] if len(found) == 1 else (IGNORED, text)


def _no_metric(heading: str, text: str) -> TableColumn:
    """A column of conditions, names or text."""
    for kind, wording in _CONDITIONS.items():
        if wording.search(text) and not _WORD.findall(wording.sub(" ", text)):
            return TableColumn(kind, heading)
    for rank, (name, wording) in enumerate(_NAMES.items()):
        # "Model type" is a name, "model zoo link" is none
        if wording.search(text) and not set(_WORD.findall(wording.sub(" ", text))) - _FILLERS:
            return TableColumn(NAME, heading, rank, role=name if name in _PARTS else "")
    return TableColumn(IGNORED if _LINKS.search(text) else TEXT, heading, role=text)


def _unit(metric: str, text: str, rest: str) -> tuple[Fraction | None, bool, str]:
    """Scale, whether in per cent, and the rest of the heading without the unit."""
    if metric in COUNTS:
        scale: Fraction | None = None
        prefixed = _PREFIXED.search(text)
        if prefixed:
            scale = Fraction(10 ** _SCALES[prefixed["scale"]])
        for match in _UNIT.finditer(rest):
            scale = _count_scale(match) or scale
        return scale, False, _UNIT.sub(" ", rest)
    if metric == LATENCY:
        for match in _UNIT.finditer(text):
            if match["ms"]:
                return Fraction(1), False, _UNIT.sub(" ", rest)
            if match["us"]:
                return Fraction(1, 1000), False, _UNIT.sub(" ", rest)
            if match["s"]:
                return Fraction(1000), False, _UNIT.sub(" ", rest)
        return None, False, rest
    return None, "%" in text, rest.replace("%", " ")


def _count_scale(match: re.Match[str]) -> Fraction | None:
    if match["power"]:
        return Fraction(10 ** int(match["power"]))
    if match["scale"]:
        return Fraction(10 ** _SCALES[match["scale"]])
    for group, scale in (("hundred_million", 8), ("chinese_million", 6), ("ten_thousand", 4)):
        if match[group]:
            return Fraction(10**scale)
    return None
