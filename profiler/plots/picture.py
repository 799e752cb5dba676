"""A whole picture: title, legend, panels in rows, and the notes below them.

Sizes are worked out in points from measured text, top to bottom, before anything is placed; the
figure is then made as high as that needs, so nothing can be cut off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from profiler.plots import plot_text
from profiler.plots.fonts import LINE, Ruler
from profiler.plots.marks import draw_legend, draw_marks, planned_legend
from profiler.plots.panel import (
    GAP,
    PANEL_GAP,
    TICK,
    Panel,
    draw_axes,
    planned,
)
from profiler.plots.point_names import (
    PlacedName,
    draw_names,
    placed_names,
    unnamed,
)
from profiler.plots.scales import y_scale
from profiler.plots.style import FamilyStyle, Look, Theme, family_styles
from profiler.records import Plot, ScatterPlot

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.text import Text

# Lengths, for text of the usual size; see ``Look.unit``.
_MARGIN = 10.0
_POINTS_PER_INCH = 72
#: How much of a width measured in regular type may be filled with bold type.
_BOLD = 0.85


class _Tile(NamedTuple):
    """A plot's panel with the names at its points and the lines below it."""

    plot: Plot
    panel: Panel
    names: list[PlacedName]
    note: list[str]


def compose(figure: Figure, plots: Sequence[Plot], look: Look, theme: Theme) -> None:
    """Fill the figure with the plots, in rows from left to right, under one title and legend."""
    ruler = Ruler(figure)
    unit = look.unit
    margin, gap = _MARGIN * unit, GAP * unit
    scatter = [plot for plot in plots if isinstance(plot, ScatterPlot)]
    points = [point for plot in scatter for point in plot.points]
    styles = family_styles([family for plot in scatter for family in plot.families], points, theme)
    y = y_scale(plots)

    left = margin + look.text * LINE + gap + TICK * unit
    left += ruler.widest(y.tick_labels, look.small)
    columns = min(look.columns, len(plots))
    step = (look.width - left) / columns
    room = look.width - 2 * margin
    shown = {point.family for point in points}
    legend = planned_legend(
        [styles[slug] for slug in styles if slug in shown], look, theme, room, ruler
    )
    title = ruler.shortened(plot_text.clean(plots[0].title, 200), look.text, room * _BOLD)
    head = 2 * margin + (look.text * LINE + gap / 2 if title else 0.0)
    head += legend.height + gap

    panels = [
        (plot, planned(plot, y, look, theme, step - PANEL_GAP * unit, ruler)) for plot in plots
    ]
    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    below = sum(
        max(_below(panel, _note(plot, panel, ruler)) for plot, panel in row) for row in rows
    )
    spare = (look.height - head - below - gap * (len(rows) - 1)) / len(rows)
    tiled = [
        [
            _tile(plot, panel._replace(height=max(look.panel_height, spare)), ruler)
            for plot, panel in row
        ]
        for row in rows
    ]
    heights = [
        row[0].panel.height + max(_below(tile.panel, tile.note) for tile in row) for row in tiled
    ]
    height = head + sum(heights) + gap * (len(rows) - 1)
    figure.set_size_inches(look.width / _POINTS_PER_INCH, height / _POINTS_PER_INCH)

    top = height - margin
    if title:
        _text(figure, title, margin, top, look.text).set_fontweight("bold")
        top -= look.text * LINE + gap / 2
    draw_legend(figure, legend, margin, top)
    top -= legend.height + gap
    for row, row_height in zip(tiled, heights, strict=True):
        for index, tile in enumerate(row):
            _draw_tile(figure, tile, styles, left + index * step, top, first=index == 0)
        top -= row_height + gap


def _tile(plot: Plot, panel: Panel, ruler: Ruler) -> _Tile:
    names = placed_names(panel, plot, ruler)
    note = _note(plot, panel, ruler, unnamed(panel, plot, names))
    return _Tile(plot, panel, names, note)


def _note(plot: Plot, panel: Panel, ruler: Ruler, unnamed: Sequence[str] = ()) -> list[str]:
    """The lines that stand below a plot."""
    return [
        line
        for parts, joint in plot_text.notes(plot, unnamed)
        for line in ruler.lines(parts, joint, panel.look.small, panel.width)
    ]


def _below(panel: Panel, note: Sequence[str]) -> float:
    return panel.note_top + panel.look.small * LINE * len(note)


def _draw_tile(
    figure: Figure,
    tile: _Tile,
    styles: Mapping[str, FamilyStyle],
    left: float,
    top: float,
    first: bool,
) -> None:
    panel = tile.panel
    width, height = (_POINTS_PER_INCH * inches for inches in figure.get_size_inches())
    bottom = top - panel.height
    axes = figure.add_axes(
        (left / width, bottom / height, panel.width / width, panel.height / height)
    )
    draw_axes(axes, panel, first)
    draw_marks(axes, panel, tile.plot, styles)
    draw_names(axes, panel, tile.names)
    for number, line in enumerate(tile.note):
        note_top = bottom - panel.note_top - panel.look.small * LINE * number
        _text(figure, line, left, note_top, panel.look.small).set_color(panel.theme.grey)


def _text(figure: Figure, text: str, left: float, top: float, size: float) -> Text:
    width, height = (_POINTS_PER_INCH * inches for inches in figure.get_size_inches())
    return figure.text(
        left / width, top / height, text, fontsize=size, ha="left", va="top", parse_math=False
    )
