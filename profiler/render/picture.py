"""A whole picture: title, legend, panels side by side, and the notes below them.

Sizes are worked out in points from measured text, top to bottom, before anything is placed; the
figure is then made as high as that needs, so nothing can be cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from profiler.records import ScatterPlot
from profiler.render import plot_text
from profiler.render.palette import GREY, FamilyStyle, family_styles
from profiler.render.panel import (
    GAP,
    LINE,
    TICK,
    Look,
    draw_axes,
    draw_points,
    family_line,
    frontier_line,
    planned,
)
from profiler.render.ruler import Ruler
from profiler.render.scales import accuracy_scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.text import Text

SINGLE = Look(panel_width=420, panel_height=262, text=10, small=9, marker=8)
COMBINED = Look(panel_width=244, panel_height=290, text=10, small=9, marker=8)

_MARGIN = 10.0
_PANEL_GAP = 16.0
_POINTS_PER_INCH = 72
_FRONTIER = "Pareto frontier"
#: How much of a width measured in regular type may be filled with bold type.
_BOLD = 0.85


def compose(figure: Figure, plots: Sequence[ScatterPlot], look: Look) -> None:
    """Fill the figure with the plots, side by side, under one title and legend."""
    ruler = Ruler(figure)
    points = [point for plot in plots for point in plot.points]
    families = [family for plot in plots for family in plot.families]
    styles = family_styles(families, points)
    y = accuracy_scale([point.y for point in points])
    panels = [planned(plot, y, look, ruler) for plot in plots]

    left = _MARGIN + look.text * LINE + GAP + TICK + ruler.widest(y.tick_labels, look.small)
    width = left + len(panels) * (look.panel_width + _PANEL_GAP)
    room = width - 2 * _MARGIN
    shown = {point.family for point in points}
    legend = _legend(figure, [styles[slug] for slug in styles if slug in shown], look, room)
    legend_height = ruler.extent(legend)[1] + GAP if legend else 0.0
    title = ruler.shortened(plot_text.clean(plots[0].title, 200), look.text, room * _BOLD)
    title_height = look.text * LINE + GAP / 2 if title else 0.0
    bottom = _MARGIN + max(panel.below for panel in panels)
    height = bottom + look.panel_height + GAP + legend_height + title_height + _MARGIN
    figure.set_size_inches(width / _POINTS_PER_INCH, height / _POINTS_PER_INCH)

    top = height - _MARGIN
    if title:
        _text(figure, title, _MARGIN / width, top / height, look.text).set_fontweight("bold")
    if legend:
        legend.set_bbox_to_anchor((_MARGIN / width, (top - title_height) / height))
    for index, panel in enumerate(panels):
        start = left + index * (look.panel_width + _PANEL_GAP)
        axes = figure.add_axes(
            (
                start / width,
                bottom / height,
                look.panel_width / width,
                look.panel_height / height,
            )
        )
        draw_axes(axes, panel, first=index == 0)
        draw_points(axes, panel, styles, ruler)
        for number, line in enumerate(panel.note):
            note_top = bottom - panel.note_top - look.small * LINE * number
            _text(figure, line, start / width, note_top / height, look.small).set_color(GREY)


def _text(figure: Figure, text: str, x: float, y: float, size: float) -> Text:
    return figure.text(x, y, text, fontsize=size, ha="left", va="top", parse_math=False)


def _legend(
    figure: Figure, styles: Sequence[FamilyStyle], look: Look, width: float
) -> Legend | None:
    """One entry per family that is shown and the frontier's, in as many columns as fit."""
    if not styles:
        return None
    axes = figure.add_axes((0, 0, 1, 1))  # only to make the entries' sample lines on
    samples = [family_line(axes, style, [], look) for style in styles]
    samples.append(frontier_line(axes, []))
    axes.remove()
    names = [*(plot_text.clean(style.name) for style in styles), _FRONTIER]
    for columns in range(len(samples), 0, -1):
        legend = figure.legend(
            samples,
            # matplotlib leaves out entries whose label begins with "_": the names follow below.
            ["entry"] * len(samples),
            loc="upper left",
            ncols=columns,
            frameon=False,
            fontsize=look.small,
            borderpad=0,
            borderaxespad=0,
            handlelength=2,
            handletextpad=0.5,
            columnspacing=1.3,
        )
        for text, name in zip(legend.get_texts(), names, strict=True):
            text.set_parse_math(False)
            text.set_text(name)
        if columns == 1 or Ruler(figure).extent(legend)[0] <= width:
            return legend
        legend.remove()
    return None
