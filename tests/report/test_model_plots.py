"""Plots of models' pages: what they show, and words for those who see none."""

from collections.abc import Callable

import msgspec
import pytest
from made_latencies import latency
from made_layers import made_layer_times
from made_measurements import made

from profiler.records import Report
from profiler.render.messages import load_messages
from profiler.report.model_plots import (
    curve_alt,
    curve_caption,
    model_curves,
    roofline_alt,
    roofline_plot,
)
from profiler.report.tables.layers import slowest_layer_table
from profiler.timing.latencies.layer_timings import LayerTiming
from profiler.timing.latencies.roofline import timed_layers
from profiler.tracing.addressed import trace_address

EN = load_messages("en")
Build = Callable[..., Report]


@pytest.fixture(scope="module")
def timing() -> LayerTiming:
    trace = trace_address("googlenet", batch_size=8)
    record = made(model="GoogLeNet", device="t4", batch_size=8,
                  layers=made_layer_times(trace, 400.0))  # fmt: skip
    return LayerTiming(record, timed_layers(record, trace))


def test_latency_stands_beside_throughput(tiny_report: Build) -> None:
    report = tiny_report("N", timed=(("t4", "fp32", 1, "1"), ("t4", "fp32", 4, "8")))
    (curves,) = model_curves(report, "m0", "published")
    assert curve_caption(report, curves.batches, EN) == "Published: T4, crops of 32 pixels. web"
    latencies, throughput = curves.plots
    assert [plot.name for plot in curves.plots] == [
        "m0/published-1.latency", "m0/published-1.throughput",
    ]  # fmt: skip
    assert {plot.title for plot in curves.plots} == {"N · T4"}
    assert latencies.x_ticks == throughput.x_ticks == (1, 4)
    assert [(mark.x, mark.y) for mark in latencies.marks] == [(1, 1.0), (4, 8.0)]
    assert [(mark.x, mark.y) for mark in throughput.marks] == [(1, 1000.0), (4, 500.0)]
    assert [mark.label for mark in latencies.marks] == ["", "FP32"]
    assert "FP32 1: 1.000, 4: 8.000" in curve_alt(curves.batches, "latency", "Here.", EN)
    assert "FP32 1: 1,000, 4: 500.0" in curve_alt(curves.batches, "throughput", "Here.", EN)


def test_measured_figures_have_intervals_and_doubtful_ones_say_so(inception_report: Build) -> None:
    report = msgspec.structs.replace(
        inception_report(),
        measured=(
            latency(batch_size=1, median_ms=1.0, low_ms=0.5, high_ms=2.0),
            latency(batch_size=8, median_ms=4.0, low_ms=None, high_ms=None, flags=("drift",)),
        ),
    )
    (curves,) = model_curves(report, "GoogLeNet", "measured")
    caption = curve_caption(report, curves.batches, EN)
    assert caption == "Measured: H100 SXM, crops of 224 pixels, device time."
    ends = []
    for plot in curves.plots:
        first, last = plot.marks
        ends.append((first.low, first.high))
        assert (last.low, last.high) == (None, None)
        assert [mark.doubtful for mark in plot.marks] == [False, True]
        assert [mark.label for mark in plot.marks] == ["", "FP32 ?"]
    assert ends == [(0.5, 2.0), (500.0, 2000.0)]  # 1000 ms by 2 and by 0.5
    assert "8: 4.000 ?" in curve_alt(curves.batches, "latency", caption, EN)
    assert "8: 2,000 ?" in curve_alt(curves.batches, "throughput", caption, EN)


def test_layers_stand_under_the_roof_of_their_device(
    timing: LayerTiming, inception_report: Build
) -> None:
    plot = roofline_plot(inception_report(), timing, 1)
    assert plot is not None
    assert plot.title == "GoogLeNet · T4, FP32, batch size 8"
    assert plot.ridge == (8.1e12 / 320e9, pytest.approx(8.1))
    assert plot.ridge_label == "roof: 8.1 TFLOP/s, 320 GB/s"
    placed = [layer for layer in timing.layers if layer.flops_per_s]
    assert len(placed) == len(plot.marks) == 58
    for layer, mark in zip(placed, plot.marks, strict=True):
        assert mark.x == layer.flops / layer.bytes_moved
        assert mark.y == pytest.approx(layer.flops / layer.self_ms / 1e9)  # in TFLOP/s
        assert mark.share == layer.share
    slowest = sorted(placed, key=lambda layer: -layer.self_ms)[:3]
    assert {mark.label for mark in plot.marks} == {"", *(layer.path for layer in slowest)}
    alt = roofline_alt(timing, "Here.", EN)
    rate = slowest[0].flops / slowest[0].self_ms / 1e9
    assert f"{slowest[0].path}: {rate:.3g} TFLOP/s" in alt
    assert "“The layers that take the most time”" in alt
    assert f"58 of {len(timing.layers)} layers" in alt


def test_an_unknown_device_has_no_roof_and_a_network_without_flops_no_plot(
    timing: LayerTiming, inception_report: Build
) -> None:
    record = msgspec.structs.replace(timing.record, device="abacus")
    plot = roofline_plot(inception_report(), LayerTiming(record, timing.layers), 1)
    assert plot is not None
    assert (plot.ridge, plot.ridge_label) == (None, "")
    idle = tuple(layer for layer in timing.layers if not layer.flops)
    assert idle
    assert roofline_plot(inception_report(), LayerTiming(record, idle), 1) is None


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
