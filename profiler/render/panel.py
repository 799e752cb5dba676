"""One plot on one set of axes: its scales and texts worked out, then drawn.

Positions for the labels are in points from the panel's lower left corner, so every output format
gets the same placement.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from profiler.records import Point, Record, ScatterPlot
from profiler.render import plot_text
from profiler.render.labels import Box, Label, Placement, Segment, Spot, place
from profiler.render.palette import GREY, INK, STRIP, FamilyStyle
from profiler.render.ruler import Ruler
from profiler.render.scales import Scale, cost_scale
from profiler.render.spread import bars, draw_bars, draw_doubt, extremes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D


class Look(Record, frozen=True):
    """Sizes of one kind of picture, in points."""

    panel_width: float
    panel_height: float
    text: float
    small: float
    marker: float


#: Above this many points only the frontier, the ends of families and what is off the scale are
#: labelled, and a label without a clear place is left out.
LABEL_ALL = 16
TICK = 3.5
GAP = 8.0
#: Height of a line of text, in text sizes.
LINE = 1.35

_LONGEST_LABEL = 0.6  # of the panel's width
_NO_POINTS = "no figures to show"


class Panel(NamedTuple):
    """One plot with everything that is decided before it is drawn."""

    plot: ScatterPlot
    look: Look
    x: Scale
    y: Scale
    x_text: list[str]
    note: list[str]

    @property
    def below(self) -> float:
        """Height of what stands under the axes: tick labels, axis text, note."""
        return self.note_top + self.look.small * LINE * len(self.note)

    @property
    def note_top(self) -> float:
        """How far below the axes the note begins."""
        axis_text = self.look.text * LINE * len(self.x_text)
        gaps = GAP if self.note else GAP / 2
        return TICK + self.look.small * LINE + axis_text + gaps

    def is_below(self, point: Point) -> bool:
        """Whether the point lies below the scale."""
        return self.y.is_below(point.y)

    def data(self, point: Point) -> Spot:
        """Where a point is drawn: at its values, or in the strip at its x."""
        return point.x, self.y.strip_middle if self.is_below(point) else point.y

    def on_panel(self, spot: Spot) -> Spot:
        """Data coordinates in points from the panel's lower left corner."""
        return (
            self.x.fraction(spot[0]) * self.look.panel_width,
            self.y.fraction(spot[1]) * self.look.panel_height,
        )

    def is_labelled(self, point: Point) -> bool:
        """Whether the point's name is wanted beside it."""
        points = self.plot.points
        if len(points) <= LABEL_ALL or point.on_frontier or self.is_below(point):
            return True
        family = [other for other in points if other.family == point.family]
        return point in (family[0], family[-1])


def planned(plot: ScatterPlot, y: Scale, look: Look, ruler: Ruler) -> Panel:
    """Decide the x scale and break the texts to the panel's width."""
    x = cost_scale(extremes(plot.points))
    while len(x.ticks) > 2 and _total_width(x.tick_labels, look, ruler) > 0.8 * look.panel_width:
        x = x.thinned()
    axis_text = plot_text.axis_parts(plot.x_axis, x.log)
    return Panel(
        plot=plot,
        look=look,
        x=x,
        y=y,
        x_text=ruler.lines(axis_text, " · ", look.text, look.panel_width),
        note=[
            line
            for parts, joint in plot_text.notes(plot)
            for line in ruler.lines(parts, joint, look.small, look.panel_width)
        ],
    )


def draw_axes(axes: Axes, panel: Panel, first: bool) -> None:
    """Limits, ticks, grid, axis texts and the strip; the y axis is written on the first panel."""
    look, y = panel.look, panel.y
    if panel.x.log:
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_xlim(panel.x.low, panel.x.high)
    axes.set_ylim(y.low, y.high)
    axes.set_xticks(panel.x.ticks, panel.x.tick_labels)
    axes.set_yticks(y.ticks, y.tick_labels if first else [""] * len(y.ticks))
    axes.tick_params(labelsize=look.small, length=TICK, pad=2)
    axes.grid(visible=True)
    x_text = "\n".join(panel.x_text)
    axes.set_xlabel(x_text, fontsize=look.text, labelpad=GAP / 2, parse_math=False)
    if first:
        y_text = " · ".join(plot_text.axis_parts(panel.plot.y_axis))
        axes.set_ylabel(y_text, fontsize=look.text, labelpad=GAP / 2, parse_math=False)
    else:
        axes.tick_params(axis="y", length=0)
    if y.floor > y.low:
        axes.axhspan(y.low, y.floor, facecolor=STRIP, zorder=0.4)
        axes.axhline(y.floor, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0.6)


def draw_points(axes: Axes, panel: Panel, styles: dict[str, FamilyStyle], ruler: Ruler) -> None:
    """Frontier, family lines, markers, arrows and labels."""
    look, points = panel.look, panel.plot.points
    if not points:
        notice = axes.text(0.5, 0.5, _NO_POINTS, fontsize=look.text, color=GREY)
        notice.set(transform=axes.transAxes, ha="center", va="center")
        return
    frontier = _steps(panel)
    frontier_line(axes, frontier)
    lines: list[Sequence[Spot]] = [frontier]
    for slug, style in styles.items():
        own = [point for point in points if point.family == slug]
        spots = [panel.data(point) for point in own]
        if spots:
            intervals = bars(own, spots)
            draw_bars(axes, intervals, style, look.marker)
            family_line(axes, style, spots, look)
            doubtful = [panel.data(point) for point in own if point.doubtful]
            if doubtful:
                draw_doubt(axes, doubtful, style, look.marker)
            lines += [spots, *intervals]
    for point in points:
        if panel.is_below(point):
            _draw_arrow(axes, panel, point)

    # Where labels are in each other's way the later ones give way: the frontier comes first.
    labelled = sorted(
        (point for point in points if panel.is_labelled(point)),
        key=lambda point: not point.on_frontier,
    )
    texts = [
        ruler.shortened(
            plot_text.point_label(point, panel.is_below(point)),
            look.small,
            _LONGEST_LABEL * look.panel_width,
        )
        for point in labelled
    ]
    anchors = [panel.on_panel(panel.data(point)) for point in labelled]
    radius = look.marker / 2 + 0.5
    placements = place(
        [
            Label(anchor, *ruler.size(text, look.small), radius)
            for anchor, text in zip(anchors, texts, strict=True)
        ],
        Box(0, 0, look.panel_width, look.panel_height),
        [
            Box(x - radius, y - radius, x + radius, y + radius)
            for x, y in (panel.on_panel(panel.data(p)) for p in points if p not in labelled)
        ],
        [segment for line in lines for segment in _segments(panel, line)],
    )
    for point, text, placement in zip(labelled, texts, placements, strict=True):
        if placement.clear or len(points) <= LABEL_ALL or panel.is_below(point):
            _draw_label(axes, panel, point, text, placement)


def family_line(axes: Axes, style: FamilyStyle, spots: Sequence[Spot], look: Look) -> Line2D:
    """The markers of a family, joined by a dotted line in the order given."""
    (line,) = axes.plot(
        [x for x, _ in spots],
        [y for _, y in spots],
        color=style.colour,
        marker=style.marker,
        markersize=look.marker,
        markeredgecolor=INK,
        markeredgewidth=0.7,
        linestyle=(0, (1, 2)),
        linewidth=1.1,
        clip_on=False,
        zorder=3,
    )
    line.set_gid("family")
    return line


def frontier_line(axes: Axes, spots: Sequence[Spot]) -> Line2D:
    """The frontier as a step: the best accuracy that a cost buys."""
    (line,) = axes.plot(
        [x for x, _ in spots],
        [y for _, y in spots],
        color=GREY,
        alpha=0.55,
        linewidth=1.6,
        solid_joinstyle="miter",
        zorder=1.5,
    )
    line.set_gid("frontier")
    return line


def _steps(panel: Panel) -> list[Spot]:
    """Corners of the frontier's step from its cheapest point to the right edge."""
    spots = sorted({panel.data(point) for point in panel.plot.points if point.on_frontier})
    corners = spots[:1]
    for x, y in spots[1:]:
        corners += [(x, corners[-1][1]), (x, y)]
    return [*corners, (panel.x.high, corners[-1][1])] if corners else []


def _segments(panel: Panel, line: Sequence[Spot]) -> list[Segment]:
    spots = [panel.on_panel(spot) for spot in line]
    return list(pairwise(spots))


def _draw_arrow(axes: Axes, panel: Panel, point: Point) -> None:
    """An arrow from a marker in the strip to the axis: its value is further down."""
    spot = panel.data(point)
    height = panel.on_panel(spot)[1] - panel.look.marker / 2
    arrow = axes.annotate(
        "",
        xy=(spot[0], 0),
        xycoords=("data", "axes fraction"),
        xytext=(0, height),
        textcoords="offset points",
        arrowprops={
            "arrowstyle": "-|>",
            "color": INK,
            "linewidth": 0.9,
            "mutation_scale": 7,
            "shrinkA": 0,
            "shrinkB": 0.5,
        },
    )
    arrow.set_gid("arrow")


def _draw_label(axes: Axes, panel: Panel, point: Point, text: str, placement: Placement) -> None:
    spot = panel.data(point)
    anchor = panel.on_panel(spot)
    label = axes.annotate(
        text,
        xy=spot,
        xytext=(placement.spot[0] - anchor[0], placement.spot[1] - anchor[1]),
        textcoords="offset points",
        ha=placement.horizontal,
        va=placement.vertical,
        fontsize=panel.look.small,
        parse_math=False,
        zorder=4,
        annotation_clip=False,
        bbox={
            "boxstyle": "square,pad=0",
            "facecolor": STRIP if panel.is_below(point) else "white",
            "edgecolor": "none",
            "alpha": 0.75,
        },
        arrowprops=_leader(panel, placement) if placement.leader else None,
    )
    label.set_gid("label")


def _leader(panel: Panel, placement: Placement) -> dict[str, object]:
    """A thin line from the marker's edge to the nearest place of the label."""
    assert placement.leader
    x, y = placement.leader[1]
    box = placement.box
    return {
        "arrowstyle": "-",
        "color": GREY,
        "linewidth": 0.7,
        "shrinkA": 0,
        "shrinkB": panel.look.marker / 2,
        "relpos": (
            (x - box.left) / (box.right - box.left),
            (y - box.bottom) / (box.top - box.bottom),
        ),
    }


def _total_width(texts: Sequence[str], look: Look, ruler: Ruler) -> float:
    return sum(ruler.size(text, look.small)[0] for text in texts)
