import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.plots.placing import Box, Label, crossing_length, place

AREA = Box(0, 0, 400, 250)
spots = st.tuples(st.floats(20, 380), st.floats(20, 230))


def labels_at(anchors, width=60.0):
    return [Label(anchor, width, 10.0, 4.0) for anchor in anchors]


def test_a_lone_label_stands_up_and_to_the_right():
    (only,) = place(labels_at([(100, 100)]), AREA)

    assert (only.horizontal, only.vertical, only.leader) == ("left", "bottom", None)
    assert only.box.left > 100
    assert only.box.bottom > 100
    assert only.clear


@pytest.mark.parametrize("corner", [(8, 8), (8, 242), (392, 8), (392, 242)], ids=str)
def test_labels_stay_inside(corner):
    (only,) = place(labels_at([corner]), AREA)

    assert AREA.holds(only.box)
    assert only.clear


def test_a_line_is_avoided():
    rising = ((50.0, 50.0), (150.0, 150.0))

    (only,) = place(labels_at([(100, 100)]), AREA, segments=[rising])

    assert crossing_length(rising, only.box) == 0


def test_an_obstacle_is_avoided():
    wall = Box(105, 0, 400, 250)

    (only,) = place(labels_at([(100, 100)]), AREA, [wall])

    assert not only.box.overlaps(wall)


@settings(max_examples=40, deadline=None)
@given(st.lists(spots, min_size=1, max_size=8))
def test_clear_labels_cover_nothing(anchors):
    labels = labels_at(anchors)
    placements = place(labels, AREA)

    assert placements == place(labels, AREA)
    clear = [placement for placement in placements if placement.clear]
    for one, other in itertools.combinations(clear, 2):
        assert not one.box.overlaps(other.box)
    for placement in clear:
        assert AREA.holds(placement.box)
        for x, y in anchors:
            assert not placement.box.overlaps(Box(x - 4, y - 4, x + 4, y + 4))


@given(spots, spots)
def test_crossing_length_agrees_with_walking_the_segment(start, end):
    box = Box(100, 80, 260, 170)
    steps = 4000
    inside = sum(
        box.left <= start[0] + (end[0] - start[0]) * index / steps <= box.right
        and box.bottom <= start[1] + (end[1] - start[1]) * index / steps <= box.top
        for index in range(steps)
    )
    length = math.dist(start, end)

    assert crossing_length((start, end), box) == pytest.approx(length * inside / steps, abs=0.5)
