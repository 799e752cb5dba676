"""What a plot shows: one source, one quantity, one set of conditions, and what it leaves out."""

import pytest
from made_latencies import latency, of_every_model

from profiler.catalog import load_series
from profiler.errors import NoDataError, UsageError
from profiler.report.scatter import plotted_latencies

T4 = ("t4", "fp32", 4)
H100 = ("h100-sxm", "fp32", 4)


@pytest.fixture(scope="module")
def series():
    return load_series("inception")


@pytest.fixture
def eight(inception_report):
    """Every model on a T4, where the series has eight published latencies too."""
    return of_every_model(inception_report(), hw="t4")


def test_the_fuller_source_wins_and_measured_on_a_tie(series, eight):
    tied = plotted_latencies(series, eight, *T4)
    assert not tied.published
    assert {name: each.median_ms for name, each in tied.measured.items()} == {
        model.name: float(2 + place) for place, model in enumerate(series.models)
    }
    assert tied.left_out == ("published latencies (8 of 8 models; --source published)",)

    fewer = plotted_latencies(series, eight[:7], *T4)
    assert not fewer.measured
    assert len(fewer.published) == 8
    assert fewer.conditions is None
    assert fewer.left_out == ("measured latencies (7 of 8 models; --source measured)",)


def test_a_source_that_is_asked_for_is_shown(series, eight):
    assert len(plotted_latencies(series, eight, *T4, source="published").published) == 8
    one = plotted_latencies(series, eight[:1], *T4, source="measured")
    assert list(one.measured) == ["GoogLeNet"]


def test_quantities_are_never_mixed(series, inception_report):
    eager = of_every_model(inception_report(), quantity="eager")
    host = of_every_model(inception_report(), quantity="host")
    device = (latency(),)
    for everything in ((*eager, *device, *host), (*host, *eager, *device)):
        chosen = plotted_latencies(series, everything, *H100)
        assert chosen.conditions.quantity == "device"
        assert list(chosen.measured) == ["GoogLeNet"]
        assert chosen.left_out == (
            "measured eager time (8 of 8 models; --quantity eager)",
            "measured host time (8 of 8 models; --quantity host)",
        )
    asked = plotted_latencies(series, (*device, *host), *H100, quantity="host")
    assert {each.quantity for each in asked.measured.values()} == {"host"}
    assert len(asked.measured) == 8


def test_a_quantity_asks_for_measured_ones(series, eight):
    chosen = plotted_latencies(series, eight[:1], *T4, quantity="device")
    assert list(chosen.measured) == ["GoogLeNet"]
    with pytest.raises(UsageError, match="published latencies state no quantity"):
        plotted_latencies(series, eight, *T4, quantity="device", source="published")


def test_the_commonest_conditions_and_on_a_tie_the_usual_ones(series, inception_report):
    usual = of_every_model(inception_report())
    nhwc = of_every_model(inception_report(), layout="nhwc", threads=4, flush_l2=True)
    for everything in ((*usual, *nhwc), (*nhwc, *usual)):
        chosen = plotted_latencies(series, everything, *H100)
        assert chosen.conditions.unusual == ()
        assert chosen.left_out == (
            "measured device time, layout NHWC, threads 4, l2 flushed (8 of 8 models)",
        )
    common = plotted_latencies(series, (*usual[:3], *nhwc), *H100)
    assert {each.layout for each in common.measured.values()} == {"nhwc"}
    assert common.left_out == ("measured device time (3 of 8 models)",)


def test_other_input_sizes_are_passed_over(series):
    larger = latency(input_shape=(4, 3, 320, 320))
    chosen = plotted_latencies(series, (larger, latency()), *H100)
    assert chosen.measured["GoogLeNet"].input_shape == (4, 3, 224, 224)
    with pytest.raises(NoDataError, match="at its own input size"):
        plotted_latencies(series, (larger,), *H100, source="measured")


def test_no_data_lists_what_is_published_and_what_is_measured(series, eight):
    with pytest.raises(NoDataError) as caught:
        plotted_latencies(series, (*eight, latency(precision="fp16")), "t4", "fp32", 5)
    message = str(caught.value)
    assert message.startswith("no latency of series 'inception' for t4, fp32, batch size 5: ")
    assert "published: v100 fp32 1, t4 fp16 1/4/8, t4 fp32 1/4/8, unstated" in message
    assert message.endswith("; measured: t4 fp32 4, h100-sxm fp16 4")

    with pytest.raises(NoDataError) as caught:
        plotted_latencies(series, eight, "v100", "fp32", 1, source="measured")
    assert str(caught.value).startswith("no measured latency of series")
    assert "published" not in str(caught.value)

    with pytest.raises(NoDataError, match="no measured host latency"):
        plotted_latencies(series, eight, *T4, quantity="host")


def test_case_does_not_matter(series, eight):
    assert plotted_latencies(series, eight, "T4", "FP32", 4) == plotted_latencies(
        series, eight, *T4
    )
