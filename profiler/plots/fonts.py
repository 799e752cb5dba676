"""Which fonts the texts of a picture are drawn with.

DejaVu Sans comes with matplotlib, so Latin, Greek, Cyrillic and much more look the same everywhere.
It has no Chinese, Japanese or Korean. An SVG names no font for those and the reader's browser takes
its own; PNG and PDF take one that is installed, and where there is none each such character becomes
a box. Positions are the same either way, see ``ruler``.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

from profiler.plots import plot_text
from profiler.plots.presets import Format
from profiler.plots.ruler import is_wide
from profiler.records import ScatterPlot

_FONT = "DejaVu Sans"
#: How the files of fonts with Chinese characters are named, the preferred ones first.
_WIDE_FILES = (
    *("NotoSansCJK", "NotoSansSC", "SourceHanSans", "wqy-", "msyh", "PingFang"),
    *("Hiragino Sans GB", "simhei"),
)
#: Below this every character is in DejaVu Sans.
_LATIN_END = "\N{LATIN SMALL LETTER TURNED A}"


def font_names(plots: Sequence[ScatterPlot], format: Format) -> list[str]:
    """The fonts for the texts of the plots, each for what those before it do not have."""
    if format == "svg":
        # Verdana is DejaVu's near twin where a reader's machine has no DejaVu.
        return [_FONT, "Verdana", "sans-serif"]
    wide = wide_font(plots, format)
    return [_FONT, wide] if wide else [_FONT]


def wide_font(plots: Sequence[ScatterPlot], format: Format) -> str:
    """An installed font for the wide characters of the plots; empty if none is there or needed."""
    if format == "svg" or not any(map(is_wide, plot_text.words(plots))):
        return ""
    return _installed()


def boxes(plots: Sequence[ScatterPlot], format: Format) -> str:
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
