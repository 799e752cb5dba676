"""The marks on a panel's axes and what explains them: lines, markers, intervals, a legend.

An interval that its marker would cover is left out, and its ends are no wider than the marker: they
are read as an interval of the one figure, never of the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from profiler.plots import plot_text
from profiler.plots.fonts import LINE, Ruler
from profiler.plots.panel import GAP, Panel
from profiler.plots.placing import Segment, Spot
from profiler.plots.style import MARKERS, FamilyStyle, Look, Theme
from profiler.records import LinePlot, Mark, Plot, Point, ScatterPlot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_NO_POINTS = "no figures to show"
_BAR = 1.2  # the width of an interval's line
_ROOF = 1.4  # and of a roof's
# The diameter of a disc that stands for nothing, and of one that stands for all.
_LEAST_DISC, _LARGEST_DISC = 3.0, 27.0
_FRONTIER = "Pareto frontier"
# In sizes of the text:
_SAMPLE = 2.0  # a sample's length
_SAMPLE_GAP = 0.5  # between it and its name
_COLUMN_GAP = 1.5
_MIDDLE = 0.36  # of a letter, above its base line


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


def draw_marks(axes: Axes, panel: Panel, plot: Plot, styles: Mapping[str, FamilyStyle]) -> None:
    """Everything on the axes but names."""
    if isinstance(plot, ScatterPlot):
        _draw_points(axes, panel, plot, styles)
    else:
        _draw_curves(axes, panel, plot)


def lines(panel: Panel, plot: Plot) -> list[list[Spot]]:
    """The lines of a plot in data coordinates: what a name should keep off where it can."""
    if isinstance(plot, ScatterPlot):
        by_family: dict[str, list[Spot]] = {}
        for point in plot.points:
            by_family.setdefault(point.family, []).append(panel.data(point))
        return [frontier_steps(panel, plot.points), *by_family.values()]
    joined = [[panel.data(mark) for mark in curve if mark.share is None] for curve in plot.curves]
    return [_roof(panel, plot.ridge), *joined] if plot.ridge else joined


def radius(mark: Point | Mark, look: Look) -> float:
    """How far what is drawn at a place reaches."""
    if isinstance(mark, Point) or mark.share is None:
        return look.marker / 2
    share = min(max(mark.share, 0.0), 1.0)
    return (_LEAST_DISC + (_LARGEST_DISC - _LEAST_DISC) * math.sqrt(share)) / 2 * look.unit


def _draw_points(
    axes: Axes, panel: Panel, plot: ScatterPlot, styles: Mapping[str, FamilyStyle]
) -> None:
    """Frontier, intervals, family lines with their markers, and arrows to what is below."""
    look, theme, points = panel.look, panel.theme, plot.points
    if not points:
        notice = axes.text(0.5, 0.5, _NO_POINTS, fontsize=look.text, color=theme.grey)
        notice.set(transform=axes.transAxes, ha="center", va="center")
        return
    _draw_line(axes, frontier_steps(panel, points), frontier_look(look, theme), 1.5, "frontier")
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


def _draw_curves(axes: Axes, panel: Panel, plot: LinePlot) -> None:
    """The roof with its figures, and each curve with its intervals and markers, or its discs."""
    look, theme = panel.look, panel.theme
    if plot.ridge:
        roof = LineLook({"color": theme.ink, "linewidth": _ROOF * look.unit}, {})
        _draw_line(axes, _roof(panel, plot.ridge), roof, 2, "roof")
        said = axes.annotate(
            plot_text.clean(plot.ridge_label),
            xy=(1, 1),
            xycoords="axes fraction",
            xytext=(0, GAP / 4 * look.unit),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=look.small,
            parse_math=False,
        )
        said.set_gid("roof-label")
    for index, curve in enumerate(plot.curves):
        colour = theme.colours[index % len(theme.colours)]
        style = FamilyStyle("", colour, MARKERS[index % len(MARKERS)])
        joined = [mark for mark in curve if mark.share is None]
        draw_bars(axes, bars(joined, panel), style, look)
        if joined:
            plain = family_look(style, look, theme)
            solid = LineLook(plain.line | {"linestyle": "solid"}, plain.markers)
            _draw_line(axes, [panel.data(mark) for mark in joined], solid, 3, "curve")
        doubtful = [panel.data(mark) for mark in joined if mark.doubtful]
        if doubtful:
            draw_doubt(axes, doubtful, style, look, theme)
        discs = sorted(
            (mark for mark in curve if mark.share is not None), key=lambda mark: -(mark.share or 0)
        )
        drawn = axes.scatter(
            [mark.x for mark in discs],
            [mark.y for mark in discs],
            s=[(2 * radius(mark, look)) ** 2 for mark in discs],
            color=colour,
            alpha=0.5,
            linewidths=0,
            clip_on=False,
            zorder=3,
        )
        drawn.set_gid("discs")


def _roof(panel: Panel, ridge: Spot) -> list[Spot]:
    """From the axes' edge up to the ridge, then level to the other edge."""
    rise = ridge[1] / ridge[0]
    start = max(panel.x.low, panel.y.low / rise)
    return [(start, start * rise), ridge, (panel.x.high, ridge[1])]


def frontier_steps(panel: Panel, points: Sequence[Point]) -> list[Spot]:
    """Corners of the frontier's step from its cheapest point to the right edge."""
    spots = sorted({panel.data(point) for point in points if point.on_frontier})
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


def bars(marks: Sequence[Point | Mark], panel: Panel) -> list[Segment]:
    """A segment from end to end for each figure whose interval is longer than its marker.

    Intervals of a point are those of its x, of a mark those of its y.
    """
    segments = []
    for mark in marks:
        if mark.low is not None and mark.high is not None:
            x, y = panel.data(mark)
            level = isinstance(mark, Point)
            bar = ((mark.low, y), (mark.high, y)) if level else ((x, mark.low), (x, mark.high))
            if math.dist(*map(panel.on_panel, bar)) > panel.look.marker:
                segments.append(bar)
    return segments


def bar_ends(bar: Segment, look: Look) -> list[Segment]:
    """The two strokes across a bar's ends, where that is given in points."""
    half = look.marker / 2
    across, up = (0.0, half) if bar[0][1] == bar[1][1] else (half, 0.0)
    return [((x - across, y - up), (x + across, y + up)) for x, y in bar]


def draw_bars(axes: Axes, segments: Sequence[Segment], style: FamilyStyle, look: Look) -> None:
    """The intervals of a family in its colour, under its markers."""
    for (left, low), (right, high) in segments:
        (bar,) = axes.plot(
            [left, right],
            [low, high],
            color=style.colour,
            linewidth=_BAR * look.unit,
            marker="|" if low == high else "_",
            markersize=look.marker,
            markeredgewidth=_BAR * look.unit,
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


class Legend(NamedTuple):
    """Entries in reading order, and where each column begins."""

    entries: tuple[tuple[LineLook, str], ...]
    starts: tuple[float, ...]
    text: float

    @property
    def height(self) -> float:
        """Of all rows; 0 of a legend without entries."""
        return -(-len(self.entries) // len(self.starts)) * self.text * LINE if self.starts else 0.0


def planned_legend(
    styles: Sequence[FamilyStyle], look: Look, theme: Theme, room: float, ruler: Ruler
) -> Legend:
    """The entries in as many columns as fit the width."""
    if not styles:
        return Legend((), (), look.small)
    samples = [family_look(style, look, theme) for style in styles]
    samples.append(frontier_look(look, theme))
    before = (_SAMPLE + _SAMPLE_GAP) * look.small
    names = [
        ruler.shortened(plot_text.clean(name), look.small, room - before)
        for name in [*(style.name for style in styles), _FRONTIER]
    ]
    widths = [before + ruler.size(name, look.small)[0] for name in names]
    gap = _COLUMN_GAP * look.small
    entries = tuple(zip(samples, names, strict=True))
    starts: tuple[float, ...] = (0.0,)
    rows = 0
    for columns in range(len(entries), 0, -1):
        taken = [max(widths[column::columns]) + gap for column in range(columns)]
        if sum(taken) - gap > room:
            continue
        if rows and -(-len(entries) // columns) > rows:
            break
        # of the columns that give as few rows, the fewest: the last row is then as full as others
        rows = -(-len(entries) // columns)
        starts = tuple(accumulate(taken[:-1], initial=0.0))
    return Legend(entries, starts, look.small)


def draw_legend(figure: Figure, legend: Legend, left: float, top: float) -> None:
    """Draw it with its upper left corner there, in points from the figure's lower left one."""
    for index, (sample, name) in enumerate(legend.entries):
        row, column = divmod(index, len(legend.starts))
        start = left + legend.starts[column]
        middle = top - (row + 0.5) * legend.text * LINE
        end = start + _SAMPLE * legend.text
        _draw_sample(figure, [start, end], middle, sample.line)
        if sample.markers:
            _draw_sample(figure, [(start + end) / 2], middle, sample.markers)
        width, height = (72 * inches for inches in figure.get_size_inches())
        text = figure.text(
            (end + _SAMPLE_GAP * legend.text) / width,
            (middle - _MIDDLE * legend.text) / height,
            name,
            fontsize=legend.text,
            parse_math=False,
        )
        text.set_gid("legend")


def _draw_sample(figure: Figure, xs: list[float], y: float, look: dict[str, object]) -> None:
    from matplotlib.lines import Line2D

    width, height = (72 * inches for inches in figure.get_size_inches())
    line = Line2D([x / width for x in xs], [y / height] * len(xs), transform=figure.transFigure)
    line.set(**look)
    line.set_gid("legend-sample")
    figure.add_artist(line)
