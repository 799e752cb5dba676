"""The words inside a plot: axis text, foot notes, and labels made safe to draw.

Plots carry English only: one file serves every language's page, and the captions and the text
that stands in for a picture come from the message catalogues.
"""

from __future__ import annotations

import re
import unicodedata

from profiler import units
from profiler.catalog import UNSTATED
from profiler.records import Axis, Point

#: The longest label, family or condition that is drawn whole.
LONGEST = 36

_METRICS = {
    "top1": "Top-1 accuracy",
    "flops": "FLOPs",
    "macs": "MACs",
    "params": "Parameters",
    "latency": "Latency",
}
#: Overrides of the reading direction would reorder the text around a label.
_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Control characters, lone surrogates and non-characters, which XML forbids; private use.
_UNDRAWABLE = frozenset({"Cc", "Cs", "Cn", "Co"})


def clean(text: str, longest: int = LONGEST) -> str:
    """One line that can be drawn and written as XML; what is too long ends in "…"."""
    line = re.sub(r"\s+", " ", text).strip()
    kept = "".join(
        character
        for character in line
        if character not in _DIRECTION and unicodedata.category(character) not in _UNDRAWABLE
    )
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def axis_parts(axis: Axis, log: bool = False) -> list[str]:
    """An axis's text in pieces that a narrow panel may break between."""
    metric = _METRICS.get(axis.metric) or clean(axis.metric)
    parts = [f"{metric} ({clean(axis.unit)})" if axis.unit else metric]
    if axis.hw:
        parts.append("hardware not stated" if axis.hw == UNSTATED else clean(axis.hw))
    if axis.precision:
        parts.append(clean(axis.precision).upper())
    if axis.batch_size is not None:
        parts.append(f"batch size {axis.batch_size}")
    if axis.convention:
        parts.append(f"convention: {clean(axis.convention)}")
    if log:
        parts.append("log scale")
    return parts


def point_label(point: Point, off_scale: bool) -> str:
    """The model's name; where it stands below the axis, with its value and an arrow."""
    label = clean(point.label)
    return f"{label} {units.fixed(point.y, 1, 3)} ↓" if off_scale else label


def missing_parts(missing: tuple[str, ...]) -> list[str]:
    """The note that names the models without a figure, in pieces; empty where there are none."""
    names = [clean(label) for label in missing]
    if not names:
        return []
    return ["No figure for " + names[0], *names[1:]]
