"""What a picture is made for: its size, the size of its text, and the file format that suits."""

from __future__ import annotations

from typing import Literal

from profiler.records import Record

Format = Literal["png", "svg", "pdf"]
FORMATS: tuple[Format, ...] = ("png", "svg", "pdf")

_INCH = 72.0
_PIXELS_PER_INCH = 96
#: The small text that the lengths and strokes of a drawing are given for.
_USUAL_TEXT = 9.0


class Look(Record, frozen=True):
    """Sizes of one kind of picture, in points.

    ``panel_height`` is the least there is; where the picture has a ``height`` the panels fill it.
    The picture grows beyond that only where texts would otherwise be cut.
    """

    width: float
    panel_height: float
    text: float
    small: float
    columns: int = 1
    height: float = 0.0

    @property
    def unit(self) -> float:
        """What lengths and strokes are multiplied with, to go with the text."""
        return self.small / _USUAL_TEXT

    @property
    def pixels(self) -> int:
        """The width on a page, in its pixels of 1/96 inch."""
        return round(self.width * _PIXELS_PER_INCH / _INCH)

    @property
    def marker(self) -> float:
        """The size of a marker."""
        return 8 * self.unit


class Preset(Record, frozen=True):
    """One use of plots: how one stands alone, how several share a picture, and what is usual."""

    name: str
    single: Look
    several: Look
    format: Format
    combined: bool = False

    def look(self, plots: int) -> Look:
        """The sizes for a picture of so many plots."""
        return self.single if plots == 1 else self.several


README = Preset(
    name="readme",
    single=Look(width=500, panel_height=262, text=10, small=9),
    several=Look(width=840, panel_height=290, text=10, small=9, columns=3),
    format="png",
)
#: What the site shows on a phone: drawn at the width that is left there, one above the other.
NARROW = Preset(
    name="narrow",
    single=Look(width=246, panel_height=205, text=9, small=8.25),
    several=Look(width=246, panel_height=180, text=9, small=8.25),
    format="svg",
)
#: A column of the usual two-column paper, 3.5 inches; several plots stand one above the other.
_COLUMN = Preset(
    name="paper-column",
    single=Look(width=3.5 * _INCH, panel_height=165, text=8, small=7),
    several=Look(width=3.5 * _INCH, panel_height=140, text=8, small=7),
    format="pdf",
)
#: Both columns of such a paper, 7.16 inches.
_PAGE = Preset(
    name="paper-page",
    single=Look(width=7.16 * _INCH, panel_height=230, text=8, small=7),
    several=Look(width=7.16 * _INCH, panel_height=190, text=8, small=6.5, columns=3),
    format="pdf",
    combined=True,
)
#: A screen of 16:9, 13.33 by 7.5 inches.
_SLIDE = Preset(
    name="slide",
    single=Look(width=960, height=540, panel_height=200, text=20, small=17),
    several=Look(width=960, height=540, panel_height=200, text=16, small=14, columns=3),
    format="png",
)
PRESETS = {preset.name: preset for preset in (README, _COLUMN, _PAGE, _SLIDE)}
