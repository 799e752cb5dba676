"""The label of a point in a scatter plot: its box, and the places it may go; points as unit."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

Horizontal = Literal["left", "center", "right"]
Vertical = Literal["bottom", "center", "top"]
Spot = tuple[float, float]
Segment = tuple[Spot, Spot]


class Box(NamedTuple):
    """An upright rectangle."""

    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than an edge."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def holds(self, other: Box) -> bool:
        """Whether ``other`` lies wholly inside."""
        return (
            self.left <= other.left
            and self.bottom <= other.bottom
            and self.right >= other.right
            and self.top >= other.top
        )

    def distance(self, spot: Spot) -> float:
        """How far the spot is from the box, 0 inside."""
        nearest = self.nearest(spot)
        return math.hypot(nearest[0] - spot[0], nearest[1] - spot[1])

    def nearest(self, spot: Spot) -> Spot:
        """The place in the box that is closest to the spot."""
        return (
            min(max(spot[0], self.left), self.right),
            min(max(spot[1], self.bottom), self.top),
        )


class Label(NamedTuple):
    """A text to place: the point it belongs to, its size, and the radius of the marker there."""

    anchor: Spot
    width: float
    height: float
    radius: float


class Placement(NamedTuple):
    """Where a label goes: the corner or side that stands at ``spot``, and its leader if any.

    ``clear`` is false where it or its leader covers a marker, the edge or an earlier clear label.
    """

    spot: Spot
    horizontal: Horizontal
    vertical: Vertical
    box: Box
    leader: Segment | None
    clear: bool


def placement_of(
    label: Label, direction: tuple[int, int], distance: float, with_leader: bool
) -> Placement:
    """The label's place in one direction from its point, whatever it covers there."""
    across, up = direction
    reach = label.radius + distance
    if across and up:
        reach *= math.sqrt(0.5)
    spot = (label.anchor[0] + across * reach, label.anchor[1] + up * reach)
    left = spot[0] - label.width * (1 - across) / 2
    bottom = spot[1] - label.height * (1 - up) / 2
    box = Box(left, bottom, left + label.width, bottom + label.height)
    horizontal: tuple[Horizontal, ...] = ("center", "left", "right")
    vertical: tuple[Vertical, ...] = ("center", "bottom", "top")
    leader = (label.anchor, box.nearest(label.anchor)) if with_leader else None
    return Placement(spot, horizontal[across], vertical[up], box, leader, clear=True)
