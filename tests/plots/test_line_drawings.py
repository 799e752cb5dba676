"""Small drawings on model pages: marks where the figures are, words for those who see none."""

from collections.abc import Callable

import msgspec
import pytest
from made_latencies import latency
from made_layers import made_layer_times
from made_measurements import made

from profiler.plots.batch_drawings import curve_drawings
from profiler.plots.roofline_drawing import roofline_drawing
from profiler.records import Report
from profiler.render.messages import load_messages
from profiler.report.tables.layers import slowest_layer_table
from profiler.timing.latencies.batch_curves import measured_curves, published_curves
from profiler.timing.latencies.layer_timings import LayerTiming
from profiler.timing.latencies.roofline import timed_layers
from profiler.tracing.addressed import trace_address

EN = load_messages("en")
Build = Callable[..., Report]


@pytest.fixture(scope="module")
def timing() -> LayerTiming:
    trace = trace_address("googlenet", batch_size=8)
    record = made(device="t4", batch_size=8, layers=made_layer_times(trace, 400.0))
    return LayerTiming(record, timed_layers(record, trace))


def test_latency_rises_where_throughput_falls(tiny_report: Build) -> None:
    report = tiny_report("N", timed=(("t4", "fp32", 1, "1"), ("t4", "fp32", 4, "8")))
    (group,) = curve_drawings(report, published_curves(report, "m0"), EN)
    assert group.caption == "Published: T4, crops of 32 pixels. web"
    latency_view, throughput = group.drawings
    first, last = (float(dot.y) for dot in latency_view.dots)
    assert first > last  # up the page is less of y
    first, last = (float(dot.y) for dot in throughput.dots)
    assert first < last
    assert "FP32 1: 1.000, 4: 8.000" in latency_view.description
    assert "FP32 1: 1,000, 4: 500.0" in throughput.description


def test_measured_points_have_bars_and_doubtful_ones_are_hollow(inception_report: Build) -> None:
    report = msgspec.structs.replace(
        inception_report(),
        measured=(
            latency(batch_size=1, median_ms=1.0, low_ms=0.5, high_ms=2.0),
            latency(batch_size=8, median_ms=4.0, low_ms=None, high_ms=None, flags=("drift",)),
        ),
    )
    (group,) = curve_drawings(report, measured_curves(report, "GoogLeNet"), EN)
    assert group.caption == "Measured: H100 SXM, crops of 224 pixels, device time."
    for view in group.drawings:
        bars = view.strokes[-1]
        assert bars.style == "bar s1"  # no dash cuts it
        assert (bars.path.count("V"), bars.path.count("H")) == (1, 2)  # one bar with two caps
        assert [dot.style for dot in view.dots] == ["mark s1", "mark s1 hollow"]
        assert [label.text for label in view.labels].count("?") == 1
        assert "8: 4.000 ?" in view.description or "8: 2,000 ?" in view.description


def test_layers_stand_under_the_roof_of_their_device(timing: LayerTiming) -> None:
    drawing = roofline_drawing(timing, {"stem.conv1"}, "Here.", EN)
    assert drawing is not None
    (roof,) = (stroke for stroke in drawing.strokes if stroke.style == "roof")
    assert roof.path.count("L") == 2
    assert any("8.1 TFLOP/s, 320 GB/s" in label.text for label in drawing.labels)
    (dot,) = drawing.dots
    assert dot.title.startswith("stem.conv1: ")
    placed = [layer for layer in timing.layers if layer.flops_per_s]
    slowest = sorted(placed, key=lambda layer: -layer.self_ms)[:3]
    named = [label for label in drawing.labels if "halo" in label.style]
    assert [label.text for label in named] == [layer.path for layer in slowest]
    assert len({(label.x, label.y) for label in named}) == 3
    # 8.1 TFLOP/s is the peak, so rates are in TFLOP/s and have three digits
    rate = slowest[0].flops / slowest[0].self_ms / 1e9
    assert f"{slowest[0].path}: {rate:.3g} TFLOP/s" in drawing.description
    assert "“The layers that take the most time”" in drawing.description
    assert len(placed) == 58
    assert f"{len(placed)} of {len(timing.layers)} layers" in drawing.description
    for stroke in drawing.strokes:
        if stroke.style == "dots":
            for spot in stroke.path.removeprefix("M").split("M"):
                x, y = (float(number) for number in spot.removesuffix("h0").split())
                assert 0 <= x <= drawing.width
                assert 0 <= y <= drawing.height


def test_an_unknown_device_has_no_roof_and_a_network_without_flops_no_drawing(
    timing: LayerTiming,
) -> None:
    record = msgspec.structs.replace(timing.record, device="abacus")
    drawing = roofline_drawing(LayerTiming(record, timing.layers), (), "Here.", EN)
    assert drawing is not None
    assert "roof" not in {stroke.style for stroke in drawing.strokes}
    idle = tuple(layer for layer in timing.layers if not layer.flops)
    assert idle
    assert roofline_drawing(LayerTiming(record, idle), (), "Here.", EN) is None


def test_the_slowest_layers_the_others_and_the_whole(timing: LayerTiming) -> None:
    times = timing.record.layers
    assert times is not None
    table = slowest_layer_table(times, timing.layers, 5)
    figures = [row[2].value for row in table.rows]
    assert [row[0].reason for row in table.rows[5:]] == ["other_layers", "unattributed", "total"]
    assert figures[:5] == sorted(figures[:5], reverse=True)
    assert sum(figures[:-1]) == pytest.approx(figures[-1])
    everything = slowest_layer_table(times, timing.layers, 500)
    assert len(everything.rows) == len(timing.layers) + 2
