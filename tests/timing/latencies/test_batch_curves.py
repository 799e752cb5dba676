"""Latency over batch size: what shares a plot, and what a plot needs."""

from collections.abc import Callable

import msgspec
import pytest
from made_latencies import latency

from profiler.records import Report
from profiler.timing.latencies.batch_curves import BatchPoint, measured_curves, published_curves

Build = Callable[..., Report]


def test_published_figures_of_a_page_device_and_crop_share_a_plot(tiny_report: Build) -> None:
    report = tiny_report(
        "N",
        timed=(
            ("t4", "fp16", 4, "2.5"), ("t4", "fp16", 1, "1.0"), ("t4", "fp32", 1, "3"),
            ("v100", "fp32", 1, "2"),
        ),
    )  # fmt: skip
    (plot,) = published_curves(report, "m0")  # one figure of the V100 makes no curve
    assert (plot.source, plot.hw, plot.crop, plot.page) == ("published", "t4", "32", "web")
    assert [curve.precision for curve in plot.curves] == ["fp32", "fp16"]
    assert [(p.batch_size, p.ms) for p in plot.curves[1].points] == [(1, 1.0), (4, 2.5)]
    assert plot.batch_sizes == (1, 4)
    assert published_curves(report, "m1") == ()


def test_measured_ones_never_share_with_other_conditions(inception_report: Build) -> None:
    report = msgspec.structs.replace(
        inception_report(),
        measured=(
            *(latency(batch_size=size, median_ms=1.0 * size) for size in (8, 1)),
            *(latency(batch_size=size, quantity="host") for size in (1, 8)),
            latency(batch_size=1, layout="nhwc"),
            latency(batch_size=8, input_shape=(8, 3, 320, 320)),
            latency("Xception41", batch_size=2),
        ),
    )
    plots = measured_curves(report, "GoogLeNet")
    assert [plot.conditions.quantity for plot in plots if plot.conditions] == ["device", "host"]
    assert {plot.source for plot in plots} == {"measured"}
    assert [p.batch_size for p in plots[0].curves[0].points] == [1, 8]
    assert measured_curves(report, "Xception41") == ()


def test_a_point_in_both_views() -> None:
    point = BatchPoint(batch_size=4, ms=2.0, low_ms=1.6, high_ms=2.5)
    assert point.value("latency") == 2.0
    assert point.value("throughput") == 2000
    assert point.ends("latency") == (1.6, 2.5)
    assert point.ends("throughput") == pytest.approx((1600, 2500))
    assert BatchPoint(batch_size=4, ms=2.0).ends("latency") is None
