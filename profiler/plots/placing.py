"""Where the labels of a scatter plot go: greedy, deterministic, pure geometry in points.

Every label is tried in eight directions at growing distances. A place costs little when it is
near, and much when it covers a marker, another label, a line or the edge; labels are placed from
the most crowded point outwards, then moved again in turn while that lowers the cost. What stands
around is held in arrays, four numbers a box or a segment, so that a thousand points cost little.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

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


_Numbers = NDArray[np.float64]
_Flags = NDArray[np.bool_]

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


class _Candidates(NamedTuple):
    """Every place of one label with what it costs whatever the other labels do."""

    placements: Sequence[Placement]
    costs: _Numbers

    @classmethod
    def of(cls, label: Label, area: Box, markers: _Numbers, own: int, lines: _Numbers) -> Self:
        """The places of a label whose own marker is the one in row ``own``."""
        rings = [
            (ring, rank) for ring in range(len(_DISTANCES)) for rank in range(len(_DIRECTIONS))
        ]
        placements = [
            placement_of(label, _DIRECTIONS[rank], _DISTANCES[ring], with_leader=ring > 0)
            for ring, rank in rings
        ]
        boxes, leaders = _boxes(placements)[:, None], _leaders(placements)[:, None]
        foreign = np.delete(markers, own, axis=0)
        outside = np.array([not area.holds(placement.box) for placement in placements])
        covered = _overlaps(boxes, markers).sum(axis=1) + outside
        struck = (_crossings(leaders, foreign) > 0).sum(axis=1)
        middles = (foreign[:, :2] + foreign[:, 2:]) / 2
        gaps = middles - middles.clip(boxes[..., :2], boxes[..., 2:])
        reach = [placement.box.distance(label.anchor) + label.radius for placement in placements]
        nearer = np.hypot(gaps[..., 0], gaps[..., 1]) < np.array(reach)[:, None]
        costs = np.array([_PER_RING * ring + _PER_RANK * rank for ring, rank in rings])
        costs += _OVERLAP * covered + _LEADER_OVER * struck
        costs += _crossings(lines, boxes).sum(axis=1) + _NEARER_TO_ANOTHER * nearer.sum(axis=1)
        clear = (covered == 0) & (struck == 0)
        return cls(
            [
                each._replace(clear=bool(is_clear))
                for each, is_clear in zip(placements, clear, strict=True)
            ],
            costs,
        )

    def best(self, others: Sequence[Placement]) -> Placement:
        """The cheapest place where the other labels stand as they do; the first of such."""
        return self.placements[int((self.costs + _conflicts(self.placements, others)).argmin())]


def place(
    labels: Sequence[Label],
    area: Box,
    obstacles: Sequence[Box] = (),
    segments: Sequence[Segment] = (),
) -> tuple[Placement, ...]:
    """Place every label inside ``area``, off the obstacles and, where possible, off the lines.

    The markers of the labels themselves are obstacles without being listed.
    """
    return _placed(tuple(labels), area, tuple(obstacles), tuple(segments))


@functools.lru_cache(maxsize=8)  # a picture is drawn in several formats and themes
def _placed(
    labels: tuple[Label, ...],
    area: Box,
    obstacles: tuple[Box, ...],
    segments: tuple[Segment, ...],
) -> tuple[Placement, ...]:
    markers = _numbers([*(around(each.anchor, each.radius) for each in labels), *obstacles])
    lines = _numbers(segments)
    candidates = [
        _Candidates.of(label, area, markers, index, lines) for index, label in enumerate(labels)
    ]
    order = sorted(range(len(labels)), key=lambda index: (-_crowd(labels, index), index))
    chosen: dict[int, Placement] = {}
    for _ in range(_ROUNDS):
        before = dict(chosen)
        for index in order:
            others = [chosen[other] for other in chosen if other != index]
            chosen[index] = candidates[index].best(others)
        if chosen == before:
            break
    return _cleared([chosen[index] for index in range(len(labels))])


def _cleared(placements: Sequence[Placement]) -> tuple[Placement, ...]:
    """Mark as not clear what is in the way of an earlier label that is clear."""
    done: list[Placement] = []
    for placement in placements:
        rivals = [other for other in done if other.clear]
        clear = placement.clear and not _conflicts([placement], rivals).any()
        done.append(placement._replace(clear=clear))
    return tuple(done)


def crossing_length(segment: Segment, box: Box) -> float:
    """How much of the segment runs inside the box."""
    return float(_crossings(_numbers([segment]), _numbers([box]))[0])


def _conflicts(placements: Sequence[Placement], others: Sequence[Placement]) -> _Numbers:
    """The cost of each placement's conflicts with labels placed already."""
    boxes, leaders = _boxes(placements)[:, None], _leaders(placements)[:, None]
    other_boxes, other_leaders = _boxes(others), _leaders(others)
    struck = (
        (_crossings(other_leaders, boxes) > 0).sum(axis=1)
        + (_crossings(leaders, other_boxes) > 0).sum(axis=1)
        + _cross(leaders, other_leaders).sum(axis=1)
    )
    costs: _Numbers = _OVERLAP * _overlaps(boxes, other_boxes).sum(axis=1) + _LEADER_OVER * struck
    return costs


def _crossings(segments: _Numbers, boxes: _Numbers) -> _Numbers:
    """How much of each segment runs inside each box (Liang and Barsky's clipping)."""
    starts, deltas = segments[..., :2], segments[..., 2:] - segments[..., :2]
    lows, highs = boxes[..., :2], boxes[..., 2:]
    with np.errstate(divide="ignore", invalid="ignore"):  # a segment may run along an axis
        first, last = (lows - starts) / deltas, (highs - starts) / deltas
    along, within = deltas == 0, (lows <= starts) & (starts <= highs)
    enter = np.where(along, ~within, np.minimum(first, last)).max(axis=-1).clip(min=0)
    leave = np.where(along, within, np.maximum(first, last)).min(axis=-1).clip(max=1)
    lengths: _Numbers = np.hypot(deltas[..., 0], deltas[..., 1]) * (leave - enter).clip(min=0)
    return lengths


def _cross(ones: _Numbers, others: _Numbers) -> _Flags:
    """Which segments cross each other, not only touch."""

    def sides(segments: _Numbers, spots: _Numbers) -> _Numbers:
        starts, deltas = segments[..., :2], segments[..., 2:] - segments[..., :2]
        away = spots - starts
        turns: _Numbers = deltas[..., 0] * away[..., 1] - deltas[..., 1] * away[..., 0]
        return turns

    apart = sides(ones, others[..., :2]) * sides(ones, others[..., 2:]) < 0
    crossed: _Flags = apart & (sides(others, ones[..., :2]) * sides(others, ones[..., 2:]) < 0)
    return crossed


def _overlaps(boxes: _Numbers, others: _Numbers) -> _Flags:
    """Which boxes share more than an edge."""
    shared = (boxes[..., :2] < others[..., 2:]) & (others[..., :2] < boxes[..., 2:])
    both: _Flags = shared[..., 0] & shared[..., 1]
    return both


def _boxes(placements: Sequence[Placement]) -> _Numbers:
    return _numbers([placement.box for placement in placements])


def _leaders(placements: Sequence[Placement]) -> _Numbers:
    """The leaders; one that is not there is not a number, and so meets nothing."""
    nowhere = ((math.nan, math.nan), (math.nan, math.nan))
    return _numbers([placement.leader or nowhere for placement in placements])


def _numbers(shapes: Sequence[Box | Segment]) -> _Numbers:
    """A row of four numbers for each shape."""
    return np.array(shapes, dtype=np.float64).reshape(-1, 4)


def _crowd(labels: Sequence[Label], index: int) -> int:
    x, y = labels[index].anchor
    return sum(math.hypot(other.anchor[0] - x, other.anchor[1] - y) < _CROWD for other in labels)


def around(spot: Spot, radius: float) -> Box:
    """The square around a marker."""
    return Box(spot[0] - radius, spot[1] - radius, spot[0] + radius, spot[1] + radius)
