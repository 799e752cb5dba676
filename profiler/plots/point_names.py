"""The names at the points of a panel: whose is wanted, where each goes, and how it is drawn.

Only names with a clear place are drawn. Where every point is to be named the others are listed
below the plot.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from profiler.plots import plot_text
from profiler.plots.fonts import Ruler
from profiler.plots.marks import bar_ends, bars, lines, radius
from profiler.plots.panel import GAP, PANEL_GAP, Panel
from profiler.plots.placing import (
    Box,
    Label,
    Placement,
    Segment,
    Spot,
    around,
    place,
)
from profiler.records import Mark, Plot, Point, ScatterPlot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Above this many points only the frontier, the ends of families and what is off the scale are
#: named.
_NAME_ALL = 16
_LONGEST = 0.6  # of the panel's width
#: What is left free between names at the least, so that rounding makes none touch.
_APART = 0.5
#: How much of the gaps to the right of a panel and above it a name may take.
_INTO_GAP = 0.75


class PlacedName(NamedTuple):
    """A point's name as it is drawn, and where."""

    point: Point | Mark
    text: str
    placement: Placement


def placed_names(panel: Panel, plot: Plot, ruler: Ruler) -> list[PlacedName]:
    """The names that have a clear place.

    Where they are in each other's way the later ones give way: the frontier comes first, after
    what lies below the scale, whose value only its name gives.
    """
    look = panel.look
    wanted = _wanted(panel, plot)
    texts = [
        ruler.shortened(
            plot_text.point_label(point, panel.is_below(point)),
            look.small,
            _LONGEST * panel.width,
        )
        for point in wanted
    ]
    # The distances that ``place`` tries are for text of the usual size.
    unit = look.unit
    labels = []
    for point, text in zip(wanted, texts, strict=True):
        width, height = ruler.size(text, look.small)
        size = width / unit + _APART, height / unit + _APART
        labels.append(Label(_anchor(panel, point), *size, _reach(panel, point)))
    others = [point for point in _points(plot) if point not in wanted and not _is_disc(point)]
    obstacles = [around(_anchor(panel, point), _reach(panel, point)) for point in others]
    placements = place(
        labels,
        Box(
            0, 0, panel.width / unit + _INTO_GAP * PANEL_GAP, panel.height / unit + _INTO_GAP * GAP
        ),
        obstacles,
        _lines(panel, plot),
    )
    return [
        PlacedName(point, text, placement)
        for point, text, placement in zip(wanted, texts, placements, strict=True)
        if placement.clear
    ]


def unnamed(panel: Panel, plot: Plot, names: Sequence[PlacedName]) -> list[str]:
    """Labels that found no place where every point, or what is below the scale, is to be named."""
    named = [name.point for name in names]
    points = _points(plot)
    every = len(points) <= _NAME_ALL or not isinstance(plot, ScatterPlot)
    return [
        plot_text.point_label(point, panel.is_below(point))
        for point in points
        if point.label and point not in named and (every or panel.is_below(point))
    ]


def draw_names(axes: Axes, panel: Panel, names: Sequence[PlacedName]) -> None:
    """Each name at its place, with a leader line where that is not right at the marker."""
    unit, theme = panel.look.unit, panel.theme
    for point, text, placement in names:
        anchor = _anchor(panel, point)
        label = axes.annotate(
            text,
            xy=panel.data(point),
            xytext=(
                (placement.spot[0] - anchor[0]) * unit,
                (placement.spot[1] - anchor[1]) * unit,
            ),
            textcoords="offset points",
            ha=placement.horizontal,
            va=placement.vertical,
            fontsize=panel.look.small,
            parse_math=False,
            zorder=4,
            annotation_clip=False,
            bbox={
                "boxstyle": "square,pad=0",
                "facecolor": theme.strip if panel.is_below(point) else theme.paper,
                "edgecolor": "none",
                "alpha": 0.75,
            },
            arrowprops=_leader(panel, point, placement) if placement.leader else None,
        )
        label.set_gid("label")


def _points(plot: Plot) -> Sequence[Point | Mark]:
    return plot.points if isinstance(plot, ScatterPlot) else plot.marks


def _wanted(panel: Panel, plot: Plot) -> Sequence[Point | Mark]:
    """Points and marks to name, most important first."""
    if not isinstance(plot, ScatterPlot):
        return [mark for mark in plot.marks if mark.label]
    return sorted(
        (point for point in plot.points if _is_wanted(panel, plot.points, point)),
        key=lambda point: (not panel.is_below(point), not point.on_frontier),
    )


def _is_disc(point: Point | Mark) -> bool:
    return isinstance(point, Mark) and point.share is not None


def _is_wanted(panel: Panel, points: Sequence[Point], point: Point) -> bool:
    if len(points) <= _NAME_ALL or point.on_frontier or panel.is_below(point):
        return True
    family = [other for other in points if other.family == point.family]
    return point in (family[0], family[-1])


def _anchor(panel: Panel, point: Point | Mark) -> Spot:
    x, y = panel.on_panel(panel.data(point))
    return x / panel.look.unit, y / panel.look.unit


def _reach(panel: Panel, point: Point | Mark) -> float:
    return radius(point, panel.look) / panel.look.unit + 0.5


def _lines(panel: Panel, plot: Plot) -> list[Segment]:
    """Every line that a name should keep off, where the text is of the usual size."""
    unit, points = panel.look.unit, _points(plot)
    intervals = bars(points, panel)
    on_panel = [
        [panel.on_panel(spot) for spot in line] for line in (*lines(panel, plot), *intervals)
    ]
    segments = [segment for line in on_panel for segment in pairwise(line)]
    for low, high in intervals:
        segments += bar_ends((panel.on_panel(low), panel.on_panel(high)), panel.look)
    for disc in filter(_is_disc, points):  # a crowd of them leaves no place that is off all
        (x, y), half = panel.on_panel(panel.data(disc)), radius(disc, panel.look)
        segments.append(((x - half, y), (x + half, y)))
    return [((x0 / unit, y0 / unit), (x1 / unit, y1 / unit)) for (x0, y0), (x1, y1) in segments]


def _leader(panel: Panel, point: Point | Mark, placement: Placement) -> dict[str, object]:
    """A thin line from the marker's edge to the nearest place of the name."""
    assert placement.leader
    x, y = placement.leader[1]
    box = placement.box
    return {
        "arrowstyle": "-",
        "color": panel.theme.grey,
        "linewidth": 0.7 * panel.look.unit,
        "shrinkA": 0,
        "shrinkB": radius(point, panel.look),
        "relpos": (
            (x - box.left) / (box.right - box.left),
            (y - box.bottom) / (box.top - box.bottom),
        ),
    }
