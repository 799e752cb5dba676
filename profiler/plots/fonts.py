"""Which fonts the texts of a picture are drawn with, and how much room they take.

DejaVu Sans comes with matplotlib, so Latin, Greek, Cyrillic and much more look the same everywhere.
It has no Chinese, Japanese or Korean. An SVG names no font for those and the reader's browser takes
its own; PNG and PDF take one that is installed, and where there is none each such character becomes
a box. Positions are the same either way: a wide character (Chinese, Japanese, Korean, most emoji)
counts as the em that it takes in whichever font draws it in the end.
"""

from __future__ import annotations

import functools
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from profiler.plots import plot_text
from profiler.plots.style import Format
from profiler.records import Plot

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

_FONT = "DejaVu Sans"
#: How the files of fonts with Chinese characters are named, the preferred ones first.
_WIDE_FILES = (
    *("NotoSansCJK", "NotoSansSC", "SourceHanSans", "wqy-", "msyh", "PingFang"),
    *("Hiragino Sans GB", "simhei"),
)
#: Below this every character is in DejaVu Sans.
_LATIN_END = "\N{LATIN SMALL LETTER TURNED A}"


def font_names(plots: Sequence[Plot], format: Format) -> list[str]:
    """The fonts for the texts of the plots, each for what those before it do not have."""
    if format == "svg":
        # Verdana is DejaVu's near twin where a reader's machine has no DejaVu.
        return [_FONT, "Verdana", "sans-serif"]
    wide = wide_font(plots, format)
    return [_FONT, wide] if wide else [_FONT]


def wide_font(plots: Sequence[Plot], format: Format) -> str:
    """An installed font for the wide characters of the plots; empty if none is there or needed."""
    if format == "svg" or not any(map(is_wide, plot_text.words(plots))):
        return ""
    return _installed()


def boxes(plots: Sequence[Plot], format: Format) -> str:
    """The characters of the plots that come out as boxes, each once."""
    beyond = sorted({each for each in plot_text.words(plots) if each >= _LATIN_END})
    if format == "svg" or not beyond:
        return ""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    has: set[int] = set()
    for name in font_names(plots, format):
        has.update(get_font(findfont(FontProperties(family=name))).get_charmap())
    return "".join(each for each in beyond if ord(each) not in has)


@functools.cache
def _installed() -> str:
    """Tell matplotlib, whose own list may be older than the font, of the first such font."""
    from matplotlib.font_manager import findSystemFonts, fontManager, get_font

    paths = sorted(map(Path, findSystemFonts()))
    for opening in _WIDE_FILES:
        found = [path for path in paths if path.name.startswith(opening)]
        regular = [path for path in found if "Regular" in path.name] or found
        if regular:
            for path in [*regular[:1], *(path for path in found if "Bold" in path.name)]:
                fontManager.addfont(path)
            return get_font(regular[0]).family_name
    return ""


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
