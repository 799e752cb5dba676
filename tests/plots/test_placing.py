import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiler.plots.placing import Box, Label, around, crossing_length, place

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


@settings(max_examples=40)
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


# What the costs weigh, in points of line through a label. Of a label of 60 by 10 at (200, 125) with
# a marker of radius 4 the nearest place to the right is 207 to 267 in x, to the left 133 to 193.
# In an area as high as the label these two and those further off are the only directions, and a
# line that stands upright in a place costs 10.


def placed(area, lines=(), obstacles=()):
    upright = [((x, 100.0), (x, 150.0)) for x in lines]
    (only,) = place(labels_at([(200, 125)]), area, obstacles, upright)
    return only


def side(left, **others):
    return "right" if placed(Box(left, 119.9, 400, 130.1), **others).box.left > 200 else "left"


def test_a_place_further_off_costs_14():
    one_way = Box(190, 119.9, 400, 130.1)

    # the next place begins at 215, and needs a leader
    assert placed(one_way, [210]).leader is None  # 10 < 14
    assert placed(one_way, [210, 212]).box.left == pytest.approx(215)  # 20 > 14


def test_a_direction_costs_eight_tenths_more_than_the_one_before():
    def direction(length):
        short = ((250.0, 135.0), (250 + length, 135.0))  # within the place up to the right alone
        (only,) = place(labels_at([(200, 125)]), AREA, segments=[short])
        return only.horizontal, only.vertical

    assert direction(0.5) == ("left", "bottom")
    assert direction(1.0) == ("left", "center")


def test_a_place_that_is_nearer_to_another_marker_costs_25():
    other = around((272, 125), 1)  # 5 from the place to the right, whose own marker's edge is 7 off

    # to the left is the fifth direction, 3.2 more than to the right: 23.2 < 25 < 33.2
    assert side(100, lines=[150, 155], obstacles=[other]) == "left"
    assert side(100, lines=[150, 155, 160], obstacles=[other]) == "right"


def test_a_leader_over_a_marker_costs_150():
    between = Box(208, 124, 209, 126)  # in the first place, under the leaders to all others

    # 14 for the second place, 25 as the other is nearer, less 3.2 for the direction: 185.8
    assert (
        side(100, lines=[150 + 0.5 * index for index in range(18)], obstacles=[between]) == "left"
    )
    assert (
        side(100, lines=[150 + 0.5 * index for index in range(19)], obstacles=[between]) == "right"
    )


def test_a_covered_marker_costs_1000():
    wall = Box(205, 0, 400, 250)  # its middle is further off than the label's own marker

    assert side(100, lines=[150 + 0.1 * index for index in range(99)], obstacles=[wall]) == "left"
    assert side(100, lines=[150 + 0.1 * index for index in range(100)], obstacles=[wall]) == "right"
