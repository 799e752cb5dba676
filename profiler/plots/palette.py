"""The colours of a plot on light and on dark paper, and the look of a family in it.

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
