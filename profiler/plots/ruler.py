"""Measures text in points, by way of the matplotlib figure it will stand in.

Widths do not depend on the fonts of a machine: a wide character (Chinese, Japanese, Korean, most
emoji) counts as the em that it takes in whichever font draws it in the end.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

#: Height of a line of text, in text sizes.
LINE = 1.35

_POINTS_PER_INCH = 72
_EM = "\N{EM DASH}"


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
        measured = "".join(_EM if is_wide(character) else character for character in text)
        artist = self.figure.text(0, 0, measured, fontsize=size, parse_math=False)
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
            lines += self._wrapped(part, size, room)
        return lines

    def _wrapped(self, text: str, size: float, limit: float) -> list[str]:
        """The text broken between words where it is wider than that."""
        lines: list[str] = []
        for word in text.split(" "):
            joined = f"{lines[-1]} {word}" if lines else word
            if lines and self.size(joined, size)[0] <= limit:
                lines[-1] = joined
            else:
                lines.append(self.shortened(word, size, limit))
        return lines


def is_wide(character: str) -> bool:
    """Whether a character takes the width of an em."""
    return unicodedata.east_asian_width(character) in ("W", "F")
