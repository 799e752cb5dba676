"""What the interactive chart is given: every figure of the report, the same in both languages."""

import json
from collections.abc import Callable
from typing import Any

import altair
import msgspec
import pytest
from made_latencies import latency, of_every_model

from profiler import units
from profiler.plots.scales import x_scale, y_scale
from profiler.plots.style import MARKERS, THEMES
from profiler.records import Published, PublishedCounts, Report
from profiler.render.messages import load_messages
from profiler.render.templating import inline_json
from profiler.report.report import series_latencies
from profiler.website.chart.charts import chart_data
from profiler.website.chart.choices import chart_choices
from profiler.website.chart.spec import chart_spec, vega_bundle

Build = Callable[..., Report]
LINKS = {"GoogLeNet": "inception/GoogLeNet.html"}
FIELDS = {"x", "y", "low", "high", "top", "family", "order", "text", "kind", "endX", "endY"}


@pytest.fixture
def report(inception_report: Build) -> Report:
    """The built-in series with latencies of two devices, two quantities and two layouts."""
    plain = inception_report("flops")
    first, *others = of_every_model(plain)
    measured = (
        msgspec.structs.replace(first, flags=("launch_bound", "drift")),
        *others[:6],
        *of_every_model(plain, precision="fp16", quantity="eager"),
        latency(layout="nhwc", median_ms=1.5),
        latency(input_shape=(4, 3, 320, 320), median_ms=3.24),
        latency(hw="cpu", hw_name="A made-up CPU", quantity="host", threads=8, median_ms=40.0,
                low_ms=None, high_ms=None),
    )  # fmt: skip
    return msgspec.structs.replace(plain, measured=series_latencies(plain.series, measured))


def data_of(report: Report, language: str = "en") -> dict[str, Any]:
    """As a script reads it."""
    data = chart_data(report, chart_choices(report), load_messages(language), LINKS)
    assert data is not None
    parsed = json.loads(inline_json(data))
    assert isinstance(parsed, dict)
    return parsed


def choice_of(data: dict[str, Any], key: str) -> dict[str, Any]:
    (found,) = (choice for choice in data["choices"] if choice["key"] == key)
    assert isinstance(found, dict)
    return found


def values(data: dict[str, Any], key: str) -> dict[str, float]:
    """Model name → x."""
    models = data["models"]
    return {models[point["model"]]["name"]: point["x"] for point in choice_of(data, key)["points"]}


def test_x_can_be_every_count_and_every_latency_of_the_report(report: Report) -> None:
    data = data_of(report)
    keys = [choice["key"] for choice in data["choices"]]
    published = {(each.hw, each.precision, each.batch_size) for each in report.series.latencies}
    assert keys[:2] == ["flops", "params"]
    assert sorted(key for key in keys if key.startswith("published.")) == sorted(
        f"published.{hw}.{precision}.bs{batch_size}" for hw, precision, batch_size in published
    )
    assert sorted(key for key in keys if key.startswith("measured.")) == [
        "measured.cpu.host.fp32.bs4.threads-8",
        "measured.h100-sxm.device.fp32.bs4",
        "measured.h100-sxm.device.fp32.bs4.layout-NHWC",
        "measured.h100-sxm.eager.fp16.bs4",
    ]
    assert len(keys) == len(set(keys))


def test_counts_are_those_of_the_report(report: Report) -> None:
    data = data_of(report)
    flops = {row.model.name: row.counts.totals.flops / 1e9 for row in report.rows}
    params = {row.model.name: row.counts.totals.params / 1e6 for row in report.rows}
    assert values(data, "flops") == flops
    assert values(data, "params") == params
    assert [model["flops"] for model in data["models"]] == [
        row.counts.totals.flops for row in report.rows
    ]
    for model, row in zip(data["models"], report.rows, strict=True):
        assert row.accuracy is not None
        assert row.accuracy.top1 is not None
        assert model["top1"] == row.accuracy.top1.text
        assert model["flopsText"] == units.scaled(row.counts.totals.flops)


def test_published_latencies_are_those_of_the_page(report: Report) -> None:
    data = data_of(report)
    for key in (choice["key"] for choice in data["choices"] if choice["metric"] == "published"):
        choice = choice_of(data, key)
        printed = {
            each.model: each.latency_ms.text
            for each in report.series.latencies
            if (each.hw, each.precision, each.batch_size)
            == (choice["hw"], choice["precision"], choice["batch"])
        }
        shown = {data["models"][point["model"]]["name"]: point for point in choice["points"]}
        assert {name: point["text"] for name, point in shown.items()} == printed
        for name, point in shown.items():
            assert point["x"] == float(printed[name])
            assert "PaddleClas" in data["sources"][point["source"]]
            assert not {"low", "samples", "flags", "doubtful"} & set(point)


def test_measured_latencies_have_their_spread_samples_and_flags(report: Report) -> None:
    data = data_of(report)
    timed = choice_of(data, "measured.h100-sxm.device.fp32.bs4")
    assert len(timed["points"]) == 7
    first = next(
        point for point in timed["points"] if data["models"][point["model"]]["name"] == "GoogLeNet"
    )
    assert first == {
        "model": 0, "x": 2.0, "y": 0.707, "text": "2.000", "frontier": True, "doubtful": True,
        "low": 1.98, "high": 2.02, "interval": "1.980–2.020", "samples": 700, "runs": 3,
        "day": "2026-01-02", "flags": ["launch_bound", "drift"],
    }  # fmt: skip
    assert data["flags"]["launch_bound"] == "launch-bound"
    (alone,) = choice_of(data, "measured.cpu.host.fp32.bs4.threads-8")["points"]
    assert "interval" not in alone
    assert values(data, "measured.h100-sxm.device.fp32.bs4.layout-NHWC") == {"GoogLeNet": 1.5}


def test_axes_state_unit_and_conditions(report: Report) -> None:
    data = data_of(report)
    assert choice_of(data, "flops")["axis"] == ["FLOPs (G)", "convention flops"]
    assert choice_of(data, "params")["axis"] == ["Parameters (M)"]
    assert choice_of(data, "published.t4.fp16.bs8")["axis"] == [
        "Published latency (ms)", "T4", "FP16", "batch size 8",
    ]  # fmt: skip
    assert "hardware not stated" in choice_of(data, "published.unstated.fp32.bs1")["axis"]
    assert choice_of(data, "measured.cpu.host.fp32.bs4.threads-8")["axis"] == [
        "Measured host time (ms)", "A made-up CPU", "FP32", "batch size 4", "threads: 8",
    ]  # fmt: skip
    assert choice_of(data_of(report, "zh_CN"), "flops")["axis"] == ["FLOPs (G)", "flops 口径"]


def test_a_model_far_below_has_a_strip_and_is_never_left_out(report: Report) -> None:
    for choice in data_of(report)["choices"]:
        lowest = min(point["y"] for point in choice["points"])
        low, high = choice["whole"]["domain"]
        assert low < lowest < high
        assert "floor" not in choice["whole"]
        zoomed = choice["zoomed"]
        low, high = zoomed["domain"]
        if lowest == 0.707 and len(choice["points"]) > 3:
            assert low < zoomed["middle"] < zoomed["floor"] < high
            assert lowest < low
            assert all(tick >= zoomed["floor"] for tick in zoomed["ticks"])
        else:
            assert "floor" not in zoomed
            assert low < lowest


def test_every_figure_and_bar_is_within_its_axis(report: Report) -> None:
    for choice in data_of(report)["choices"]:
        ends = [
            point[key] for point in choice["points"] for key in ("x", "low", "high") if key in point
        ]
        for low, high in (choice["linear"]["domain"], choice["logarithmic"]["domain"]):
            assert low < min(ends) <= max(ends) < high
        assert choice["log"] == (max(ends) / min(ends) > 50)


def test_both_languages_have_the_same_numbers(report: Report) -> None:
    words = {"names", "axis", "caption", "summary", "conditions", "notes", "origin"}
    english, chinese = (data_of(report, language) for language in ("en", "zh_CN"))
    for one, other in zip(english["choices"], chinese["choices"], strict=True):
        assert {k: v for k, v in one.items() if k not in words} == {
            k: v for k, v in other.items() if k not in words
        }
        assert one["summary"] != other["summary"]
    for key in english.keys() - {"choices", "texts", "flags"}:
        assert english[key] == chinese[key], key
    assert english["texts"].keys() == chinese["texts"].keys()


def test_the_summary_says_what_is_shown(report: Report) -> None:
    summary = choice_of(data_of(report), "params")["summary"]
    assert "against parameters in M" in summary
    assert "8 models" in summary
    assert "Highest" not in summary  # a sentence of the catalogue, not of this module
    assert "On the Pareto frontier: GoogLeNet" in summary


def test_the_spec_is_vega_lite_with_fields_of_ours_alone() -> None:
    spec = chart_spec(5)
    altair.LayerChart.from_dict(spec)  # raises where the schema is not met
    fields = {
        channel["field"]
        for layer in spec["layer"]
        for channel in layer["encoding"].values()
        if "field" in channel
    }
    assert fields <= FIELDS
    assert chart_spec(5) == spec
    assert "datasets" not in spec
    assert len(spec["config"]["range"]["symbol"]) == len(MARKERS)
    assert [layer["name"] for layer in spec["layer"] if "name" in layer] == ["frontier", "main"]


def test_colours_are_those_of_the_static_plots(report: Report) -> None:
    data = data_of(report)
    assert data["colours"] == {name: list(theme.colours) for name, theme in THEMES.items()}
    assert data["families"] == [family.name for family in report.series.families]


def test_a_series_without_accuracy_has_no_chart(tiny_report: Build) -> None:
    bare = tiny_report("a", "b", accuracy=False)
    assert chart_choices(bare) == ()
    assert chart_data(bare, chart_choices(bare), load_messages("en"), {}) is None


def test_its_axes_are_those_of_the_static_plots(report: Report) -> None:
    choices = {choice.key: choice.plot for choice in chart_choices(report)}
    for choice in data_of(report)["choices"]:
        plot = choices[choice["key"]]
        y = y_scale([plot])
        x = x_scale(plot)
        for axis, scale in (
            (choice["zoomed"], y),
            (choice["logarithmic" if choice["log"] else "linear"], x),
        ):
            assert axis["domain"] == pytest.approx([scale.low, scale.high], rel=1e-5)
            assert axis["ticks"] == pytest.approx(scale.ticks, rel=1e-5)
            assert axis["texts"] == list(scale.tick_labels)


def test_one_model_stands_in_the_middle(tiny_report: Build) -> None:
    data = data_of(tiny_report("only"))
    low, high = choice_of(data, "flops")["linear"]["domain"]
    assert (low + high) / 2 == pytest.approx(2.0)
    assert choice_of(data, "flops")["log"] is False


def test_nothing_has_no_logarithm(tiny_report: Build) -> None:
    free = choice_of(data_of(tiny_report("free", flops=0)), "flops")
    assert free["logarithmic"] is None
    assert free["log"] is False


def test_odd_names_come_through_as_they_are(tiny_report: Build) -> None:
    name = "\"</script><b>|\\'.[x] 🙂 שלום"
    report = tiny_report(name, "same", "same", timed=(("t4", "fp32", 1, "3.5"),))
    data = data_of(report)
    assert [model["label"] for model in data["models"]] == [name, "same", "same"]
    assert values(data, "published.t4.fp32.bs1") == {"m0": 3.5}
    assert "</script" not in inline_json(
        chart_data(report, chart_choices(report), load_messages("en"), {})
    )


def test_a_thousand_models_stay_compact(tiny_report: Build) -> None:
    report = tiny_report(*(f"Net {index}" for index in range(1000)))
    first = report.rows[0].accuracy
    assert first is not None
    assert first.top1 is not None
    rows = tuple(
        msgspec.structs.replace(
            row,
            accuracy=PublishedCounts(
                model=row.model.name,
                page="web",
                printed_name=row.model.label,
                top1=Published(text=f"{0.5 + index / 4000:.4f}", source=first.top1.source),
            ),
        )
        for index, row in enumerate(report.rows)
    )
    data = data_of(msgspec.structs.replace(report, rows=rows))
    assert [len(choice["points"]) for choice in data["choices"]] == [1000, 1000]
    assert len(json.dumps(data)) < 450_000


def test_the_bundle_is_a_classic_script_that_keeps_its_names_to_itself() -> None:
    bundle = vega_bundle()
    assert bundle.startswith('(() => {\n"use strict";\n')
    assert bundle.endswith("})();\n")
    assert "window.vegaEmbed=" in bundle.replace(" ", "")
    assert "import.meta" not in bundle
    vega_bundle.cache_clear()
    assert vega_bundle() == bundle
