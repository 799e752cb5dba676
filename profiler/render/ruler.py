"""Measures text in points, by way of the matplotlib figure it will stand in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

_POINTS_PER_INCH = 72


class Ruler(NamedTuple):
    """How wide and high text comes out in a figure, and what fits into a width."""

    figure: Figure

    def extent(self, artist: Artist) -> tuple[float, float]:
        """Width and height of something in the figure."""
        box = artist.get_window_extent()
        scale = _POINTS_PER_INCH / self.figure.dpi
        return box.width * scale, box.height * scale

    def size(self, text: str, size: float) -> tuple[float, float]:
        """Width and height of one line of text."""
        artist = self.figure.text(0, 0, text, fontsize=size, parse_math=False)
        extent = self.extent(artist)
        artist.remove()
        return extent

    def widest(self, texts: Iterable[str], size: float) -> float:
        """Width of the widest of the texts, 0 of none."""
        return max((self.size(text, size)[0] for text in texts), default=0.0)

    def shortened(self, text: str, size: float, limit: float) -> str:
        """The text, or as much of it as fits the width with "…" behind it."""
        if self.size(text, size)[0] <= limit:
            return text
        cuts = range(len(text))
        fitting = bisect_right(cuts, limit, key=lambda end: self.size(text[:end] + "…", size)[0])
        return text[: max(fitting - 1, 0)].rstrip() + "…"

    def lines(self, parts: Sequence[str], joint: str, size: float, limit: float) -> list[str]:
        """The parts joined into as few lines as the width allows."""
        room = limit - self.size(joint.rstrip() or joint, size)[0]
        lines: list[str] = []
        for part in parts:
            joined = f"{lines[-1]}{joint}{part}" if lines else part
            if lines and self.size(joined, size)[0] <= room:
                lines[-1] = joined
                continue
            if lines:
                lines[-1] += joint.rstrip()
            lines.append(self.shortened(part, size, room))
        return lines
