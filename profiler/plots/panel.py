"""One plot on one set of axes: its scales and texts worked out, and the axes drawn.

Positions are in points from the panel's lower left corner, so every output format gets the same
placement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from profiler.plots import plot_text
from profiler.plots.fonts import LINE, Ruler
from profiler.plots.placing import Spot
from profiler.plots.scales import Scale, x_scale
from profiler.plots.style import Look, Theme
from profiler.records import Mark, Plot, Point

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Lengths, for text of the usual size; see ``Look.unit``.
TICK = 3.5
GAP = 8.0
PANEL_GAP = 16.0


class Panel(NamedTuple):
    """The axes of one plot with everything that is decided before they are drawn."""

    look: Look
    theme: Theme
    width: float
    height: float
    x: Scale
    y: Scale
    x_text: list[str]
    y_text: str

    @property
    def note_top(self) -> float:
        """How far below the axes a note begins: under tick labels and axis text."""
        axis_text = self.look.text * LINE * len(self.x_text)
        return (TICK + GAP) * self.look.unit + self.look.small * LINE + axis_text

    def is_below(self, point: Point | Mark) -> bool:
        """Whether the point lies below the scale."""
        return self.y.is_below(point.y)

    def data(self, point: Point | Mark) -> Spot:
        """Where a point is drawn: at its values, or in the strip at its x."""
        return point.x, self.y.strip_middle if self.is_below(point) else point.y

    def on_panel(self, spot: Spot) -> Spot:
        """Data coordinates in points from the panel's lower left corner."""
        return self.x.fraction(spot[0]) * self.width, self.y.fraction(spot[1]) * self.height


def planned(plot: Plot, y: Scale, look: Look, theme: Theme, width: float, ruler: Ruler) -> Panel:
    """Decide the x scale and break the axis text to the panel's width."""
    x = x_scale(plot)
    while len(x.ticks) > 2 and _total_width(x.tick_labels, look, ruler) > 0.8 * width:
        x = x.thinned()
    x = _inside(x, look, width, ruler)
    axis_text = plot_text.axis_parts(plot.x_axis, x.log)
    return Panel(
        look=look,
        theme=theme,
        width=width,
        height=look.panel_height,
        x=x,
        y=y,
        x_text=ruler.lines(axis_text, " · ", look.text, width),
        y_text=" · ".join(plot_text.axis_parts(plot.y_axis, y.log)),
    )


def draw_axes(axes: Axes, panel: Panel, first: bool) -> None:
    """Limits, ticks, grid, axis texts and the strip; the y axis is written on a row's first."""
    look, theme, y = panel.look, panel.theme, panel.y
    unit = look.unit
    if panel.x.log:
        axes.set_xscale("log")
    if y.log:
        axes.set_yscale("log")
    if panel.x.log or y.log:
        axes.minorticks_off()
    axes.set_xlim(panel.x.low, panel.x.high)
    axes.set_ylim(y.low, y.high)
    axes.set_xticks(panel.x.ticks, panel.x.tick_labels)
    axes.set_yticks(y.ticks, y.tick_labels if first else [""] * len(y.ticks))
    axes.tick_params(labelsize=look.small, length=TICK * unit, pad=2 * unit, width=0.8 * unit)
    axes.grid(visible=True, linewidth=0.7 * unit)
    for spine in axes.spines.values():
        spine.set_linewidth(0.8 * unit)
    x_text = "\n".join(panel.x_text)
    axes.set_xlabel(x_text, fontsize=look.text, labelpad=GAP / 2 * unit, parse_math=False)
    if first:
        axes.set_ylabel(panel.y_text, fontsize=look.text, labelpad=GAP / 2 * unit, parse_math=False)
    else:
        axes.tick_params(axis="y", length=0)
    if y.floor > y.low:
        axes.axhspan(y.low, y.floor, facecolor=theme.strip, zorder=0.4)
        dashes = (0, (4, 3))
        axes.axhline(y.floor, color=theme.line, linewidth=0.8 * unit, linestyle=dashes, zorder=0.6)


def _inside(x: Scale, look: Look, width: float, ruler: Ruler) -> Scale:
    """The scale without the ticks whose text would hang over half of the gap to a neighbour."""
    half_gap = PANEL_GAP * look.unit / 2

    def hangs_over(tick: float, text: str) -> bool:
        middle, half = x.fraction(tick) * width, ruler.size(text, look.small)[0] / 2
        return half - middle > half_gap or middle + half - width > half_gap

    ticks = zip(x.ticks, x.tick_labels, strict=True)
    return x.with_ticks([each for each in ticks if not hangs_over(*each)])


def _total_width(texts: Sequence[str], look: Look, ruler: Ruler) -> float:
    return sum(ruler.size(text, look.small)[0] for text in texts)
