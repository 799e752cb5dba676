import csv
from collections import defaultdict
from pathlib import Path

import msgspec
import pytest
from drawn_plots import three_plots
from hypothesis import given
from hypothesis import strategies as st
from made_latencies import latency, of_every_model

from profiler.errors import CatalogError, NoDataError
from profiler.report.scatter import (
    counts_plots,
    facts,
    frontier,
    latency_plot,
)

DATA = Path(__file__).parents[1] / "data"
COMBINATIONS = (
    "v100 fp32 1, t4 fp16 1/4/8, t4 fp32 1/4/8, unstated fp16 1/4/8/32, unstated fp32 1/4/8/32"
)


def published():
    """{(hw, precision, batch size): {model: ms}} as printed."""
    figures = defaultdict(dict)
    with (DATA / "published_latency.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = row["hw"], row["precision"], int(row["batch_size"])
            figures[key][row["model"]] = float(row["latency_ms"])
    return dict(figures)


def accuracies():
    with (DATA / "published_counts.csv").open(encoding="utf-8") as file:
        return {row["model"]: float(row["top1"]) for row in csv.DictReader(file)}


def test_three_plots_of_a_combination(inception_report):
    flops, params, latency = three_plots(inception_report(), "t4", "fp32", 4)

    assert [flops.name, params.name, latency.name] == [
        "t4.fp32.bs4.Inception.flops",
        "t4.fp32.bs4.Inception.params",
        "t4.fp32.bs4.Inception",
    ]
    assert [plot.x_axis.metric for plot in (flops, params, latency)] == [
        "flops",
        "params",
        "latency",
    ]
    assert [plot.x_axis.unit for plot in (flops, params, latency)] == ["G", "M", "ms"]
    axis = latency.x_axis
    assert (axis.hw, axis.precision, axis.batch_size) == ("T4", "fp32", 4)
    # What a model costs to compute has nothing to do with the device it was timed on.
    assert not any(plot.x_axis.hw or plot.x_axis.precision for plot in (flops, params))
    assert flops.x_axis.convention == params.x_axis.convention == "flops"


@pytest.mark.parametrize(
    ("convention", "metric", "googlenet"),
    # From expected_counts.csv: macs and flops of the deployed graph, the rule's of the other.
    [
        ("flops", "flops", 2.863112704),
        ("macs", "macs", 1.431556352),
        ("paddle_static", "flops", 2.876311024),
    ],
)
def test_counts_are_those_of_the_convention(inception_report, convention, metric, googlenet):
    work, params = counts_plots(inception_report(convention), "x")

    assert work.x_axis.metric == metric
    assert {point.label: point.x for point in work.points}["GoogLeNet"] == googlenet
    assert {point.label: point.x for point in params.points}["InceptionV4"] == (
        42.678817 if convention == "paddle_static" else 42.679816
    )
    assert len(work.points) == len(params.points) == 8
    assert work.missing == params.missing == ()


@pytest.mark.parametrize("combination", sorted(published()), ids=str)
def test_every_published_latency_is_a_point(inception_report, combination):
    plot = latency_plot(inception_report(), *combination)

    assert {point.label: point.x for point in plot.points} == published()[combination]
    assert {point.label: point.y for point in plot.points}.items() <= accuracies().items()
    assert {point.label for point in plot.points} | set(plot.missing) == set(accuracies())
    hw, precision, batch_size = combination
    assert plot.name == f"{hw}.{precision}.bs{batch_size}.Inception"


def test_a_model_without_a_latency_is_named(inception_report):
    assert latency_plot(inception_report(), "v100", "fp32", 1).missing == ("InceptionV3",)


def test_a_model_without_accuracy_is_named(tiny_report):
    report = tiny_report("One", "Two", timed=(("t4", "fp32", 1, "1.5"),))

    flops, params, latency = three_plots(report, "t4", "fp32", 1)

    assert [point.label for point in flops.points] == ["One"]
    assert flops.missing == params.missing == latency.missing == ("Two",)


def test_points_stand_in_size_order(inception_report):
    report = inception_report()
    report = msgspec.structs.replace(report, rows=report.rows[::-1])
    plot = latency_plot(report, "unstated", "fp16", 1)

    # 22.9, 35.9 and 37.7 M parameters; there Xception65 is the slowest of them.
    xception = [point for point in plot.points if point.family == "xception"]
    assert [point.label for point in xception] == ["Xception41", "Xception65", "Xception71"]
    assert [point.x for point in xception] == [1.545, 5.398, 2.732]


def test_case_does_not_matter(inception_report):
    report = inception_report()

    assert latency_plot(report, "T4", "FP32", 4) == latency_plot(report, "t4", "fp32", 4)


@pytest.mark.parametrize(
    "asked", [("t4", "fp32", 5), ("t4", "int8", 4), ("h100", "fp32", 4), ("", "", 0)]
)
def test_no_data_lists_what_there_is(inception_report, asked):
    with pytest.raises(NoDataError) as caught:
        three_plots(inception_report(), *asked)

    message = str(caught.value)
    assert message.endswith(COMBINATIONS)
    assert f"{asked[0]}, {asked[1]}, batch size {asked[2]}" in message
    assert "\n" not in message


def test_no_latency_at_all(tiny_report):
    with pytest.raises(NoDataError, match="no latency is published for this series"):
        three_plots(tiny_report("One"), "t4", "fp32", 1)


def test_the_first_of_two_equal_conditions_counts(tiny_report):
    report = tiny_report("One", timed=(("t4", "fp32", 1, "1.5"), ("t4", "fp32", 1, "9")))

    assert [point.x for point in latency_plot(report, "t4", "fp32", 1).points] == [1.5]


@pytest.mark.parametrize("text", ["fast", "nan", "inf", ""])
def test_a_published_text_that_is_no_number(tiny_report, text):
    report = tiny_report("One", timed=(("t4", "fp32", 1, text),))

    with pytest.raises(CatalogError, match=r"page 'web', table 'speed', row 'row'"):
        latency_plot(report, "t4", "fp32", 1)


coarse = st.integers(0, 6).map(float)  # few values, so that ties are common


@given(st.lists(st.tuples(coarse, coarse)))
def test_frontier_is_what_nothing_dominates(points):
    def dominates(a, b):
        return a[0] <= b[0] and a[1] >= b[1] and a != b

    expected = tuple(not any(dominates(a, b) for a in points) for b in points)
    assert frontier(points) == expected


def test_frontier_of_the_v100_table(inception_report):
    # 0.803 at 6.464 ms loses to 0.810 at 6.174, 0.808 at 11.141 to 0.811 at 6.782.
    plot = latency_plot(inception_report(), "v100", "fp32", 1)

    off = [point.label for point in plot.points if not point.on_frontier]
    assert sorted(off) == ["InceptionV4", "Xception65_deeplab"]


def test_facts(inception_report):
    stated = facts(latency_plot(inception_report(), "v100", "fp32", 1), " / ")

    assert stated == {
        "title": "Inception series",
        "metric": "latency",
        "unit": "ms",
        "convention": "",
        "hw": "V100 (variant not stated)",
        "precision": "fp32",
        "batch_size": 1,
        "source": "published",
        "quantity": "",
        "models": 7,
        "x_min": "1.807",
        "x_min_model": "GoogLeNet",
        "x_max": "11.14",
        "x_max_model": "InceptionV4",
        "y_min": "0.707",
        "y_min_model": "GoogLeNet",
        "y_max": "0.811",
        "y_max_model": "Xception71",
        "frontier": "GoogLeNet / Xception41 / Xception41_deeplab / Xception65 / Xception71",
        "frontier_models": 5,
        "missing": "InceptionV3",
        "missing_models": 1,
        "doubtful": "–",
        "samples": "–",
        "runs": "–",
        "days": "–",
    }


def test_facts_of_an_empty_plot(tiny_report):
    flops, _ = counts_plots(tiny_report("One", accuracy=False), "x")

    stated = facts(flops)

    assert (stated["models"], stated["missing"]) == (0, "One")
    assert stated["x_min"] == stated["y_max_model"] == stated["frontier"] == "–"


@pytest.fixture
def measured_report(inception_report):
    """Every model on an H100; InceptionV4 is flagged and has no interval."""
    report = inception_report()
    *most, last = of_every_model(report)
    last = msgspec.structs.replace(last, flags=("drift",), low_ms=None, high_ms=None, samples=12,
                                   runs=1, started_at="2026-01-05T00:00:00Z")  # fmt: skip
    return msgspec.structs.replace(report, measured=(*most, last))


def test_measured_points_carry_their_spread_and_doubt(measured_report):
    plot = latency_plot(measured_report, "h100-sxm", "fp32", 4)

    assert plot.name == "h100-sxm.fp32.bs4.device.Inception"
    points = {point.label: point for point in plot.points}
    assert len(points) == 8
    first, last = points["GoogLeNet"], points["InceptionV4"]
    assert (first.x, first.low, first.high, first.doubtful) == (2.0, 1.98, 2.02, False)
    assert (last.x, last.low, last.high, last.doubtful) == (9.0, None, None, True)
    axis = plot.x_axis
    assert (axis.source, axis.quantity, axis.conditions) == ("measured", "device", ())
    assert (axis.hw, axis.precision, axis.batch_size) == ("H100 SXM", "fp32", 4)
    stated = facts(plot)
    assert (stated["samples"], stated["runs"]) == (12, "1–3")
    assert stated["days"] == "2026-01-02 – 2026-01-05"
    assert stated["doubtful"] == "InceptionV4"


def test_a_published_plot_has_neither(inception_report, measured_report):
    for report in (inception_report(), measured_report):
        plot = latency_plot(report, "t4", "fp32", 4)
        assert plot.x_axis.source == "published"
        assert plot.basis is None
        assert not any(point.low or point.high or point.doubtful for point in plot.points)


def test_published_and_measured_are_never_in_one_plot(inception_report):
    report = inception_report()
    one = msgspec.structs.replace(report, measured=(latency(hw="t4"),))
    measured = latency_plot(one, "t4", "fp32", 4, source="measured")
    assert [point.label for point in measured.points] == ["GoogLeNet"]
    assert len(measured.missing) == 7
    published = latency_plot(one, "t4", "fp32", 4, source="published")
    assert published == latency_plot(report, "t4", "fp32", 4)
    assert published.name != measured.name


def test_unusual_conditions_are_on_the_axis(inception_report):
    timed = of_every_model(inception_report(), quantity="host", threads=8, engine="torch.compile")
    report = msgspec.structs.replace(inception_report(), measured=timed)
    axis = latency_plot(report, "h100-sxm", "fp32", 4).x_axis
    assert axis.conditions == (("engine", "torch.compile"), ("threads", "8"))


def test_title_falls_back_on_the_file_stem(tiny_report):
    report = tiny_report("One", title="My nets")
    untitled = msgspec.structs.replace(
        report, series=msgspec.structs.replace(report.series, titles={})
    )

    assert counts_plots(report, "x")[0].title == "My nets"
    assert counts_plots(untitled, "x")[0].title == "Mine"
