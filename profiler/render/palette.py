"""The look of a family in a plot: one colour and one marker shape each.

The colours are Okabe and Ito's, told apart under the common colour deficiencies, without their
yellow (contrast 1.3 on white). Shape says the same again, for grey print; colours come back after
seven families and shapes after twelve, so 84 families differ.
"""

from __future__ import annotations

from collections.abc import Iterable

from profiler.records import Family, Point, Record

INK, GREY, GRID, STRIP = "#222222", "#6E6E6E", "#E3E3E3", "#F4F4F4"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#333333")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "h", "*", "<", ">")


class FamilyStyle(Record, frozen=True):
    """How one family is drawn and what the legend calls it."""

    name: str
    colour: str
    marker: str


def family_styles(families: Iterable[Family], points: Iterable[Point]) -> dict[str, FamilyStyle]:
    """A style for every family by slug, by its place in the series.

    Families that only a point names come after the listed ones, under their slug.
    """
    names = {family.slug: family.name for family in families}
    for point in points:
        names.setdefault(point.family, point.family)
    return {
        slug: FamilyStyle(
            name=name,
            colour=COLOURS[index % len(COLOURS)],
            marker=MARKERS[index % len(MARKERS)],
        )
        for index, (slug, name) in enumerate(names.items())
    }
