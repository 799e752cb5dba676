"""The legend of a picture: one entry per family that is shown and the frontier's, in rows.

It is laid out here, in as many columns as the width allows, so that it can't be cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from profiler.plots import plot_text
from profiler.plots.marks import LineLook, family_look, frontier_look
from profiler.plots.palette import FamilyStyle, Theme
from profiler.plots.presets import Look
from profiler.plots.ruler import LINE, Ruler

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FRONTIER = "Pareto frontier"
# In sizes of the text:
_SAMPLE = 2.0  # a sample's length
_SAMPLE_GAP = 0.5  # between it and its name
_COLUMN_GAP = 1.5
_MIDDLE = 0.36  # of a letter, above its base line


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
        _draw_line(figure, [start, end], middle, sample.line)
        if sample.markers:
            _draw_line(figure, [(start + end) / 2], middle, sample.markers)
        width, height = (72 * inches for inches in figure.get_size_inches())
        text = figure.text(
            (end + _SAMPLE_GAP * legend.text) / width,
            (middle - _MIDDLE * legend.text) / height,
            name,
            fontsize=legend.text,
            parse_math=False,
        )
        text.set_gid("legend")


def _draw_line(figure: Figure, xs: list[float], y: float, look: dict[str, object]) -> None:
    from matplotlib.lines import Line2D

    width, height = (72 * inches for inches in figure.get_size_inches())
    line = Line2D([x / width for x in xs], [y / height] * len(xs), transform=figure.transFigure)
    line.set(**look)
    line.set_gid("legend-sample")
    figure.add_artist(line)
