"""The timeline: valid events, nested as modules are, as long as the layers took."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_measurements import made

from profiler.errors import NoDataError
from profiler.records import LayerSpan, LayerTimes
from profiler.report.documents.layer_times import chrome_trace


def record(*spans, refused=""):
    total = sum(ms for *_, ms in spans)
    times = LayerTimes(
        *("m", 9, total, total, 0.0, 0.02, 1.0, 0.001), spans=spans_of(spans), refused=refused
    )
    return made(layers=times)


def spans_of(spans):
    return tuple(LayerSpan(path, call, "Conv2d", ms) for path, call, ms in spans)


def events(measurement):
    trace = json.loads(chrome_trace(measurement))
    return [event for event in trace["traceEvents"] if event["ph"] == "X"]


def test_layers_follow_each_other_inside_their_modules():
    drawn = events(record(("stem.conv1", 0, 1.0), ("stem.conv2", 0, 2.0), ("head", 0, 0.5)))
    assert [(event["name"], event["ts"], event["dur"]) for event in drawn] == [
        ("googlenet", 0, 3500),
        ("stem", 0, 3000),
        ("stem.conv1 (Conv2d)", 0, 1000),
        ("stem.conv2 (Conv2d)", 1000, 2000),
        ("head (Conv2d)", 3000, 500),
    ]


def test_the_conditions_travel_with_it():
    other = json.loads(chrome_trace(record(("a", 0, 1.0))))["otherData"]
    assert other["device"] == "NVIDIA H100 80GB HBM3"
    assert other["batch_size"] == 1
    assert other["inflation"] == 0.02


@pytest.mark.parametrize(
    ("measurement", "why"),
    [(made(), "without --per-layer"), (record(refused="the instruments slow it"), "slow it")],
)
def test_without_layers_there_is_nothing_to_export(measurement, why):
    with pytest.raises(NoDataError, match=why):
        chrome_trace(measurement)


names = st.lists(st.sampled_from(["a", "b", "c"]), min_size=0, max_size=4).map(".".join)


@given(st.lists(st.tuples(names, st.integers(0, 2), st.floats(0.001, 5)), min_size=1, max_size=12))
def test_slices_nest(spans):
    drawn = events(record(*spans))
    assert sum("args" in event for event in drawn) == len(spans)
    open_ends = []
    for event in drawn:  # in the order written: what holds others comes first
        start, end = event["ts"], event["ts"] + event["dur"]
        while open_ends and open_ends[-1] <= start + 0.002:
            open_ends.pop()
        assert not open_ends or end <= open_ends[-1] + 0.004, "a slice leaves the one it is in"
        open_ends.append(end)
