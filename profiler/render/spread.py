"""What a plot shows of measured figures beside their medians: error bars, and doubt.

An interval is often narrower than the marker that stands on it, so its ends are drawn higher than
a marker: they are seen above and below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from profiler.records import Point
from profiler.render.labels import Segment, Spot
from profiler.render.palette import FamilyStyle

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Height of a bar's ends above and below the marker's edge, in points.
_BEYOND_MARKER = 3.5
_LINE = 1.2


def extremes(points: Sequence[Point]) -> list[float]:
    """Every x that an axis has to show: the figures, and the ends of their intervals."""
    ends = [end for point in points for end in (point.low, point.x, point.high)]
    return [end for end in ends if end is not None]


def bars(points: Sequence[Point], spots: Sequence[Spot]) -> list[Segment]:
    """A segment from end to end for each point whose interval is known, at the point's height."""
    return [
        ((point.low, y), (point.high, y))
        for point, (_, y) in zip(points, spots, strict=True)
        if point.low is not None and point.high is not None
    ]


def draw_bars(axes: Axes, segments: Sequence[Segment], style: FamilyStyle, marker: float) -> None:
    """The intervals of a family in its colour, under its markers."""
    for (low, y), (high, _) in segments:
        (bar,) = axes.plot(
            [low, high],
            [y, y],
            color=style.colour,
            linewidth=_LINE,
            marker="|",
            markersize=marker + 2 * _BEYOND_MARKER,
            markeredgewidth=_LINE,
            clip_on=False,
            zorder=2.5,
        )
        bar.set_gid("spread")


def draw_doubt(axes: Axes, spots: Sequence[Spot], style: FamilyStyle, marker: float) -> None:
    """Markers made hollow, at the figures that a flag casts doubt on."""
    (line,) = axes.plot(
        [x for x, _ in spots],
        [y for _, y in spots],
        color=style.colour,
        marker=style.marker,
        markersize=marker,
        markerfacecolor="white",
        markeredgecolor=style.colour,
        markeredgewidth=1.6,
        linestyle="none",
        clip_on=False,
        zorder=3.2,
    )
    line.set_gid("doubtful")
