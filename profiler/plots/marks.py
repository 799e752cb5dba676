"""What stands on a panel's axes: the frontier, each family's line and markers, and arrows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from profiler.plots.labels import Spot
from profiler.plots.palette import FamilyStyle, Theme
from profiler.plots.panel import Panel
from profiler.plots.presets import Look
from profiler.plots.spread import bars, draw_bars, draw_doubt
from profiler.records import Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NO_POINTS = "no figures to show"


class LineLook(NamedTuple):
    """How a line and the markers on it are drawn, on the axes and as a sample in the legend."""

    line: dict[str, object]
    markers: dict[str, object]


def family_look(style: FamilyStyle, look: Look, theme: Theme) -> LineLook:
    """The markers of a family, joined by a dotted line."""
    return LineLook(
        line={"color": style.colour, "linestyle": (0, (1, 2)), "linewidth": 1.1 * look.unit},
        markers={
            "marker": style.marker,
            "markersize": look.marker,
            "markerfacecolor": style.colour,
            "markeredgecolor": theme.edge,
            "markeredgewidth": 0.7 * look.unit,
        },
    )


def frontier_look(look: Look, theme: Theme) -> LineLook:
    """The frontier as a step: the best accuracy that a cost buys."""
    line = {"color": theme.line, "linewidth": 1.6 * look.unit, "solid_joinstyle": "miter"}
    return LineLook(line=line, markers={})


def draw_marks(axes: Axes, panel: Panel, styles: Mapping[str, FamilyStyle]) -> None:
    """Frontier, intervals, family lines with their markers, and arrows to what is below."""
    look, theme, points = panel.look, panel.theme, panel.plot.points
    if not points:
        notice = axes.text(0.5, 0.5, _NO_POINTS, fontsize=look.text, color=theme.grey)
        notice.set(transform=axes.transAxes, ha="center", va="center")
        return
    _draw_line(axes, frontier_steps(panel), frontier_look(look, theme), 1.5, "frontier")
    for slug, style in styles.items():
        own = [point for point in points if point.family == slug]
        spots = [panel.data(point) for point in own]
        if spots:
            draw_bars(axes, bars(own, panel), style, look)
            _draw_line(axes, spots, family_look(style, look, theme), 3, "family")
            doubtful = [panel.data(point) for point in own if point.doubtful]
            if doubtful:
                draw_doubt(axes, doubtful, style, look, theme)
    for point in points:
        if panel.is_below(point):
            _draw_arrow(axes, panel, point)


def frontier_steps(panel: Panel) -> list[Spot]:
    """Corners of the frontier's step from its cheapest point to the right edge."""
    spots = sorted({panel.data(point) for point in panel.plot.points if point.on_frontier})
    corners = spots[:1]
    for x, y in spots[1:]:
        corners += [(x, corners[-1][1]), (x, y)]
    return [*corners, (panel.x.high, corners[-1][1])] if corners else []


def _draw_line(
    axes: Axes, spots: Sequence[Spot], line_look: LineLook, zorder: float, gid: str
) -> None:
    (line,) = axes.plot([x for x, _ in spots], [y for _, y in spots], zorder=zorder)
    line.set(**line_look.line, **line_look.markers, clip_on=not line_look.markers)
    line.set_gid(gid)


def _draw_arrow(axes: Axes, panel: Panel, point: Point) -> None:
    """An arrow from a marker in the strip to the axis: its value is further down."""
    spot, unit = panel.data(point), panel.look.unit
    height = panel.on_panel(spot)[1] - panel.look.marker / 2
    arrow = axes.annotate(
        "",
        xy=(spot[0], 0),
        xycoords=("data", "axes fraction"),
        xytext=(0, height),
        textcoords="offset points",
        arrowprops={
            "arrowstyle": "-|>",
            "color": panel.theme.ink,
            "linewidth": 0.9 * unit,
            "mutation_scale": 7 * unit,
            "shrinkA": 0,
            "shrinkB": 0.5 * unit,
        },
    )
    arrow.set_gid("arrow")
