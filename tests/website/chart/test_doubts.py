"""What a chart's records say of published latencies that an audit found fault with."""

from collections.abc import Callable

from profiler.records import Finding, Report
from profiler.render.messages import load_messages
from profiler.report.audited import Audited, Names
from profiler.website.chart.charts import AuditedPoints, chart_data
from profiler.website.chart.choices import chart_choices

Build = Callable[..., Report]


def audited(report: Report) -> Audited:
    """A crop of GoogLeNet's on the T4 that another table contradicts."""
    cells = {
        each.crop_cell
        for each in report.series.latencies
        if (each.model, each.hw) == ("GoogLeNet", "t4")
    }
    finding = Finding(
        id="1",
        rule="crop-conflict",
        severity="warning",
        model="GoogLeNet",
        cells=tuple(cells),
        evidence={"crop_sizes": ("224", "299"), "counted_at": 224},
    )
    return Audited((finding,), Names({"GoogLeNet": "Goog<b>"}, {}))


def test_the_record_of_a_figure_says_what_was_found(inception_report: Build) -> None:
    report = inception_report("flops")
    data = chart_data(report, chart_choices(report), load_messages("en"), {}, audited(report))
    assert data is not None
    (text,) = data["findings"]
    assert "Goog<b>, 224 and 299 pixels" in text
    marked = {
        (choice["key"], data["models"][point["model"]]["name"])
        for choice in data["choices"]
        for point in choice["points"]
        if point.get("findings")
    }
    t4 = {choice["key"] for choice in data["choices"] if choice.get("hw") == "t4"}
    assert marked == {(key, "GoogLeNet") for key in t4}
    assert len(t4) == 6


def test_nothing_is_said_where_nothing_was_looked_for(inception_report: Build) -> None:
    report = inception_report("flops")
    doubts = AuditedPoints(Audited(), load_messages("en"))
    assert all(doubts.of(each) == [] for each in report.series.latencies)
    assert doubts.texts == []
