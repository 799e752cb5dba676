"""The names at the points of a panel: whose is wanted, where each goes, and how it is drawn.

Only names with a clear place are drawn. Where every point is to be named the others are listed
below the plot.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from profiler.plots import plot_text
from profiler.plots.labels import (
    Box,
    Label,
    Placement,
    Segment,
    Spot,
)
from profiler.plots.marks import frontier_steps
from profiler.plots.panel import GAP, PANEL_GAP, Panel
from profiler.plots.ruler import Ruler
from profiler.plots.spread import bar_ends, bars
from profiler.records import Point

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

    point: Point
    text: str
    placement: Placement


def placed_names(panel: Panel, ruler: Ruler) -> list[PlacedName]:
    """The names that have a clear place.

    Where they are in each other's way the later ones give way: the frontier comes first, after
    what lies below the scale, whose value only its name gives.
    """
    from profiler.plots.placing import place  # with numpy, which --help need not wait for

    look, points = panel.look, panel.plot.points
    wanted = sorted(
        (point for point in points if _is_wanted(panel, point)),
        key=lambda point: (not panel.is_below(point), not point.on_frontier),
    )
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
    radius = look.marker / 2 / unit + 0.5
    labels = []
    for point, text in zip(wanted, texts, strict=True):
        width, height = ruler.size(text, look.small)
        size = width / unit + _APART, height / unit + _APART
        labels.append(Label(_anchor(panel, point), *size, radius))
    anchors = [_anchor(panel, point) for point in points if point not in wanted]
    placements = place(
        labels,
        Box(
            0, 0, panel.width / unit + _INTO_GAP * PANEL_GAP, panel.height / unit + _INTO_GAP * GAP
        ),
        [Box(x - radius, y - radius, x + radius, y + radius) for x, y in anchors],
        _lines(panel),
    )
    return [
        PlacedName(point, text, placement)
        for point, text, placement in zip(wanted, texts, placements, strict=True)
        if placement.clear
    ]


def unnamed(panel: Panel, names: Sequence[PlacedName]) -> list[str]:
    """Labels that found no place where every point, or what is below the scale, is to be named."""
    named = [name.point for name in names]
    return [
        plot_text.point_label(point, panel.is_below(point))
        for point in panel.plot.points
        if point not in named and (len(panel.plot.points) <= _NAME_ALL or panel.is_below(point))
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
            arrowprops=_leader(panel, placement) if placement.leader else None,
        )
        label.set_gid("label")


def _is_wanted(panel: Panel, point: Point) -> bool:
    points = panel.plot.points
    if len(points) <= _NAME_ALL or point.on_frontier or panel.is_below(point):
        return True
    family = [other for other in points if other.family == point.family]
    return point in (family[0], family[-1])


def _anchor(panel: Panel, point: Point) -> Spot:
    x, y = panel.on_panel(panel.data(point))
    return x / panel.look.unit, y / panel.look.unit


def _lines(panel: Panel) -> list[Segment]:
    """Every line that a name should keep off, where the text is of the usual size."""
    unit = panel.look.unit
    by_family: dict[str, list[Point]] = {}
    for point in panel.plot.points:
        by_family.setdefault(point.family, []).append(point)
    lines: list[Sequence[Spot]] = [frontier_steps(panel)]
    for own in by_family.values():
        lines += [[panel.data(point) for point in own], *bars(own, panel)]
    on_panel = [[panel.on_panel(spot) for spot in line] for line in lines]
    segments = [segment for line in on_panel for segment in pairwise(line)]
    for low, high in bars(panel.plot.points, panel):
        segments += bar_ends((panel.on_panel(low), panel.on_panel(high)), panel.look)
    return [((x0 / unit, y0 / unit), (x1 / unit, y1 / unit)) for (x0, y0), (x1, y1) in segments]


def _leader(panel: Panel, placement: Placement) -> dict[str, object]:
    """A thin line from the marker's edge to the nearest place of the name."""
    assert placement.leader
    x, y = placement.leader[1]
    box = placement.box
    return {
        "arrowstyle": "-",
        "color": panel.theme.grey,
        "linewidth": 0.7 * panel.look.unit,
        "shrinkA": 0,
        "shrinkB": panel.look.marker / 2,
        "relpos": (
            (x - box.left) / (box.right - box.left),
            (y - box.bottom) / (box.top - box.bottom),
        ),
    }
