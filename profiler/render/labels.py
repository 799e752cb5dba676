"""Where the labels of a scatter plot go: greedy, deterministic, pure geometry in points.

Every label is tried in eight directions at growing distances. A place costs little when it is
near, and much when it covers a marker, another label, a line or the edge; labels are placed from
the most crowded point outwards, then moved again in turn while that lowers the cost.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Horizontal = Literal["left", "center", "right"]
Vertical = Literal["bottom", "center", "top"]
Spot = tuple[float, float]
Segment = tuple[Spot, Spot]

#: Direction of the label from its point, the preferred ones first.
_DIRECTIONS = ((1, 1), (1, 0), (0, 1), (-1, 1), (1, -1), (-1, 0), (0, -1), (-1, -1))
#: Gap between marker and label; beyond the first, a leader line joins them.
_DISTANCES = (3.0, 11.0, 20.0, 31.0, 44.0, 60.0, 80.0)
_ROUNDS = 12
_CROWD = 70.0
# What a place costs, in points of line that would run through the label.
_OVERLAP = 1000.0
_LEADER_OVER = 150.0
_PER_RING = 14.0
_PER_RANK = 0.8
_NEARER_TO_ANOTHER = 25.0


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


class _Candidate(NamedTuple):
    placement: Placement
    cost: float


def place(
    labels: Sequence[Label],
    area: Box,
    obstacles: Sequence[Box] = (),
    segments: Sequence[Segment] = (),
) -> tuple[Placement, ...]:
    """Place every label inside ``area``, off the obstacles and, where possible, off the lines.

    The markers of the labels themselves are obstacles without being listed.
    """
    markers = [_around(label.anchor, label.radius) for label in labels]
    every = [*markers, *obstacles]
    candidates = [
        _candidates(label, area, every, index, segments) for index, label in enumerate(labels)
    ]
    order = sorted(range(len(labels)), key=lambda index: (-_crowd(labels, index), index))
    chosen: dict[int, _Candidate] = {}
    for _ in range(_ROUNDS):
        before = dict(chosen)
        for index in order:
            others = [chosen[other].placement for other in chosen if other != index]
            chosen[index] = min(
                candidates[index],
                key=lambda candidate: candidate.cost + _conflict(candidate.placement, others),
            )
        if chosen == before:
            break
    return _cleared([chosen[index].placement for index in range(len(labels))])


def _cleared(placements: Sequence[Placement]) -> tuple[Placement, ...]:
    """Mark as not clear what is in the way of an earlier label that is clear."""
    done: list[Placement] = []
    for placement in placements:
        rivals = [other for other in done if other.clear]
        clear = placement.clear and _conflict(placement, rivals) == 0
        done.append(placement._replace(clear=clear))
    return tuple(done)


def crossing_length(segment: Segment, box: Box) -> float:
    """How much of the segment runs inside the box (Liang and Barsky's clipping)."""
    (x0, y0), (x1, y1) = segment
    enter, leave = 0.0, 1.0
    for start, delta, low, high in (
        (x0, x1 - x0, box.left, box.right),
        (y0, y1 - y0, box.bottom, box.top),
    ):
        if delta == 0:
            if not low <= start <= high:
                return 0.0
            continue
        first, last = sorted(((low - start) / delta, (high - start) / delta))
        enter, leave = max(enter, first), min(leave, last)
        if enter >= leave:
            return 0.0
    return (leave - enter) * math.hypot(x1 - x0, y1 - y0)


def _candidates(
    label: Label, area: Box, markers: Sequence[Box], own: int, segments: Iterable[Segment]
) -> list[_Candidate]:
    """Every place of one label with what it costs whatever the other labels do."""
    reach = _around(label.anchor, _DISTANCES[-1] + label.radius + label.width + label.height)
    near = [index for index, marker in enumerate(markers) if marker.overlaps(reach)]
    markers, own = [markers[index] for index in near], near.index(own)
    foreign = markers[:own] + markers[own + 1 :]
    lines = [line for line in segments if crossing_length(line, reach)]
    found = []
    for ring, distance in enumerate(_DISTANCES):
        for rank, direction in enumerate(_DIRECTIONS):
            placement = _placement(label, direction, distance, with_leader=ring > 0)
            box = placement.box
            covered = sum(box.overlaps(marker) for marker in markers) + (not area.holds(box))
            struck = 0
            if placement.leader:
                struck = sum(crossing_length(placement.leader, marker) > 0 for marker in foreign)
            cost = _PER_RING * ring + _PER_RANK * rank
            cost += _OVERLAP * covered + _LEADER_OVER * struck
            cost += sum(crossing_length(line, box) for line in lines)
            own_distance = box.distance(label.anchor)
            cost += _NEARER_TO_ANOTHER * sum(
                box.distance(_middle(marker)) < own_distance + label.radius for marker in foreign
            )
            clear = covered == 0 and struck == 0
            found.append(_Candidate(placement._replace(clear=clear), cost))
    return found


def _placement(
    label: Label, direction: tuple[int, int], distance: float, with_leader: bool
) -> Placement:
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


def _conflict(placement: Placement, others: Iterable[Placement]) -> float:
    """What a place costs because of the labels that are placed already."""
    cost = 0.0
    for other in others:
        cost += _OVERLAP * placement.box.overlaps(other.box)
        if other.leader:
            cost += _LEADER_OVER * (crossing_length(other.leader, placement.box) > 0)
        if placement.leader:
            cost += _LEADER_OVER * (crossing_length(placement.leader, other.box) > 0)
        if placement.leader and other.leader:
            cost += _LEADER_OVER * _cross(placement.leader, other.leader)
    return cost


def _cross(one: Segment, other: Segment) -> bool:
    def side(segment: Segment, spot: Spot) -> float:
        (x0, y0), (x1, y1) = segment
        return (x1 - x0) * (spot[1] - y0) - (y1 - y0) * (spot[0] - x0)

    return (
        side(one, other[0]) * side(one, other[1]) < 0
        and side(other, one[0]) * side(other, one[1]) < 0
    )


def _crowd(labels: Sequence[Label], index: int) -> int:
    x, y = labels[index].anchor
    return sum(math.hypot(other.anchor[0] - x, other.anchor[1] - y) < _CROWD for other in labels)


def _around(spot: Spot, radius: float) -> Box:
    return Box(spot[0] - radius, spot[1] - radius, spot[0] + radius, spot[1] + radius)


def _middle(box: Box) -> Spot:
    return (box.left + box.right) / 2, (box.bottom + box.top) / 2
