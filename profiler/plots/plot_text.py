"""The words inside a plot: axis text, foot notes, and labels made safe to draw.

Plots carry English only: one file serves every language's page, and the captions and the text
that stands in for a picture come from the message catalogues.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from profiler import units
from profiler.catalog import UNSTATED
from profiler.records import (
    Axis,
    Basis,
    Mark,
    Plot,
    Point,
    ScatterPlot,
)

#: The longest label, family or condition that is drawn whole.
LONGEST = 36
#: A note names so many models without a figure.
_MOST_NAMES = 5

_METRICS = {
    "top1": "Top-1 accuracy",
    "flops": "FLOPs",
    "macs": "MACs",
    "params": "Parameters",
    "latency": "Latency",
    "throughput": "Throughput",
    "batch_size": "Batch size",
    "flops_per_s": "Rate",
    "arithmetic_intensity": "Arithmetic intensity",
}
_LATENCIES = {"published": "Published latency", "measured": "Measured {quantity} time"}
_CONDITIONS = {"threads": "threads: {}", "l2": "L2 {}"}
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
    if axis.source:
        metric = _LATENCIES[axis.source].format(quantity=axis.quantity)
    parts = [f"{metric} ({clean(axis.unit)})" if axis.unit else metric]
    if axis.hw:
        parts.append("hardware not stated" if axis.hw == UNSTATED else clean(axis.hw))
    if axis.precision:
        parts.append(clean(axis.precision).upper())
    if axis.batch_size is not None:
        parts.append(f"batch size {axis.batch_size}")
    parts += [_CONDITIONS.get(name, "{}").format(clean(value)) for name, value in axis.conditions]
    if axis.convention:
        parts.append(f"convention: {clean(axis.convention)}")
    if log:
        parts.append("log scale")
    return parts


def point_label(point: Point | Mark, off_scale: bool) -> str:
    """The model's name; where it stands below the axis, with its value and an arrow."""
    label = clean(point.label)
    return f"{label} {units.fixed(point.y, 1, 3)} ↓" if off_scale else label


def notes(plot: Plot, unnamed: Sequence[str] = ()) -> list[tuple[list[str], str]]:
    """The notes below a plot: each in pieces, with the text joining them.

    ``unnamed`` are the labels of points that had no room for them.
    """
    no_room = (_names("No room to name ", unnamed), ", ")
    if not isinstance(plot, ScatterPlot):
        return [no_room] if unnamed else []
    doubtful = tuple(point.label for point in plot.points if point.doubtful)
    named = [
        (_names("Hollow, because a flag casts doubt on it: ", doubtful), ", "),
        no_room,
        (_names("No figure for ", _some(plot.missing)), ", "),
    ]
    basis = [(_basis_parts(plot.basis, plot.points), " · ")] if plot.basis else []
    return [(parts, joint) for parts, joint in (*basis, *named) if parts]


def words(plots: Sequence[Plot]) -> str:
    """Everything in the pictures that the series and the catalogue word, in one text."""
    texts = []
    for plot in plots:
        axis = plot.x_axis
        texts += [clean(plot.title, 200), axis.metric, axis.unit, axis.hw, axis.convention]
        if not isinstance(plot, ScatterPlot):
            texts += [plot.ridge_label, *(mark.label for mark in plot.marks)]
            continue
        texts += [value for _, value in axis.conditions]
        texts += [family.name for family in plot.families]
        texts += [point.label for point in plot.points]
        texts += [point.family for point in plot.points]
        texts += plot.missing
    return " ".join(clean(text, 200) for text in texts)


def _names(opening: str, labels: Sequence[str]) -> list[str]:
    names = [clean(label) for label in labels]
    return [opening + names[0], *names[1:]] if names else []


def _some(labels: Sequence[str]) -> Sequence[str]:
    """A few labels and how many more there are, instead of a list that grows with the series."""
    if len(labels) <= _MOST_NAMES + 1:  # "and 1 more" is no shorter than the name
        return labels
    *kept, last = labels[:_MOST_NAMES]
    return [*kept, f"{clean(last)} and {len(labels) - _MOST_NAMES} more"]


def _basis_parts(basis: Basis, points: tuple[Point, ...]) -> list[str]:
    """Such as "n ≥ 600 in 3 processes", "measured 2026-01-02", "bars: interval of the median"."""
    fewest, most = basis.samples
    samples = f"n {'=' if fewest == most else '≥'} {fewest}"
    processes = "process" if basis.runs[1] == 1 else "processes"
    parts = [
        f"{samples} in {units.span(basis.runs)} {processes}",
        f"measured {units.span(basis.days, ' – ')}",
    ]
    bounded = any(point.low is not None and point.high is not None for point in points)
    return [*parts, "bars: interval of the median"] if bounded else parts
