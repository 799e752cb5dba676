"""What a plot shows of measured figures beside their medians: error bars, and doubt.

A bar that its marker would cover is left out, and its ends are no higher than the marker: they
are read as an interval of the cost, never of the accuracy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from profiler.plots.labels import Segment, Spot
from profiler.plots.palette import FamilyStyle, Theme
from profiler.plots.panel import Panel
from profiler.plots.presets import Look
from profiler.records import Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LINE = 1.2


def bars(points: Sequence[Point], panel: Panel) -> list[Segment]:
    """A segment from end to end for each point whose interval is wider than its marker."""
    segments = []
    for point in points:
        if point.low is not None and point.high is not None:
            height = panel.data(point)[1]
            bar = (point.low, height), (point.high, height)
            (left, _), (right, _) = map(panel.on_panel, bar)
            if right - left > panel.look.marker:
                segments.append(bar)
    return segments


def bar_ends(bar: Segment, look: Look) -> list[Segment]:
    """The two strokes across a bar's ends, where that is given in points."""
    half = look.marker / 2
    return [((x, y - half), (x, y + half)) for x, y in bar]


def draw_bars(axes: Axes, segments: Sequence[Segment], style: FamilyStyle, look: Look) -> None:
    """The intervals of a family in its colour, under its markers."""
    for (low, y), (high, _) in segments:
        (bar,) = axes.plot(
            [low, high],
            [y, y],
            color=style.colour,
            linewidth=_LINE * look.unit,
            marker="|",
            markersize=look.marker,
            markeredgewidth=_LINE * look.unit,
            clip_on=False,
            zorder=2.5,
        )
        bar.set_gid("spread")


def draw_doubt(
    axes: Axes, spots: Sequence[Spot], style: FamilyStyle, look: Look, theme: Theme
) -> None:
    """Markers made hollow, at the figures that a flag casts doubt on."""
    (line,) = axes.plot(
        [x for x, _ in spots],
        [y for _, y in spots],
        color=style.colour,
        marker=style.marker,
        markersize=look.marker,
        markerfacecolor=theme.paper,
        markeredgecolor=style.colour,
        markeredgewidth=1.6 * look.unit,
        linestyle="none",
        clip_on=False,
        zorder=3.2,
    )
    line.set_gid("doubtful")
