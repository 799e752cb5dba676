"""How a picture looks: the sizes that suit what it is made for, and its colours.

A family has one colour and one marker shape. The colours follow Okabe and Ito's in hue, without
their yellow; they are shifted until each has a contrast of 3 with its paper and no two of them come
close under deuteranopia. Shape says the same again, for grey print; colours come back after seven
families and shapes after twelve, so 84 families differ. On dark paper a family keeps its shape and
about its hue.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from profiler.records import Family, Point, Record

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
        """The factor that scales lengths and strokes to the text size."""
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
#: One of several figures on a page of the site; a phone has just the room for it.
FIGURE = Preset(
    name="figure",
    single=Look(width=246, panel_height=150, text=9, small=8.25),
    several=Look(width=246, panel_height=150, text=9, small=8.25),
    format="svg",
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

ThemeName = Literal["light", "dark"]
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "h", "*", "<", ">")


class Theme(Record, frozen=True):
    """A paper and what is drawn on it.

    ``ink`` is for text, ``grey`` for what is said aside, ``line`` for what has no family, ``grid``
    and ``strip`` for what stands behind the points, ``edge`` for the outline of a marker.
    """

    name: ThemeName
    paper: str
    ink: str
    grey: str
    line: str
    grid: str
    strip: str
    edge: str
    colours: tuple[str, ...]


LIGHT = Theme(
    name="light",
    paper="#FFFFFF",
    ink="#222222",
    grey="#6A6A6A",
    line="#8C8C8C",
    grid="#E3E3E3",
    strip="#F4F4F4",
    edge="#222222",
    colours=("#005A9C", "#B84300", "#007D5A", "#CC79A7", "#3C9ACC", "#DA7C00", "#333333"),
)
#: The paper is that of GitHub's dark pages. It is filled, not left open: hollow markers and labels
#: need to know what they stand on, and other dark pages are of other colours.
DARK = Theme(
    name="dark",
    paper="#0D1117",
    ink="#E6EDF3",
    grey="#9AA4AE",
    line="#6A737D",
    grid="#252B33",
    strip="#161B22",
    edge="#0D1117",
    colours=("#3F82FF", "#D9592A", "#109A74", "#F7A8B0", "#8FB6FF", "#F7CB45", "#F0F3F6"),
)
THEMES: dict[ThemeName, Theme] = {"light": LIGHT, "dark": DARK}


class FamilyStyle(Record, frozen=True):
    """How one family is drawn and what the legend calls it."""

    name: str
    colour: str
    marker: str


def family_styles(
    families: Iterable[Family], points: Iterable[Point], theme: Theme = LIGHT
) -> dict[str, FamilyStyle]:
    """A style for every family by slug, by its place in the series.

    Families that only a point names come after the listed ones, under their slug.
    """
    names = {family.slug: family.name for family in families}
    for point in points:
        names.setdefault(point.family, point.family)
    return {
        slug: FamilyStyle(
            name=name,
            colour=theme.colours[index % len(theme.colours)],
            marker=MARKERS[index % len(MARKERS)],
        )
        for index, (slug, name) in enumerate(names.items())
    }
