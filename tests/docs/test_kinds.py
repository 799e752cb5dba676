"""What regions show: the same figures as the commands, in markdown that formatters leave alone."""

import re

import mdformat
import pytest
from made_measurements import made, spread

from profiler.catalog import load_series
from profiler.cli.measured import Measured
from profiler.docs.content import kind
from profiler.docs.kinds import content_of, every_kind
from profiler.docs.regions import body_of, find_regions
from profiler.docs.request import RegionSources
from profiler.errors import (
    InprofError,
    NoDataError,
    UnknownNameError,
    UsageError,
)
from profiler.records import LayerSpan, LayerTimes
from profiler.render.messages import languages
from profiler.report.gathering import report_of, series_traces, trace_audit
from profiler.timing.latencies.measured import latency_of, timings_of
from profiler.tracing.cache import TraceCache

#: One region of each kind, with what it can't do without.
EACH = (
    "table=accuracy",
    "table=accuracy notes=yes",
    "table=latency hw=t4 notes=yes",
    "table=speed hw=unstated precision=fp16",
    "table=totals",
    "table=layers model=googlenet depth=1",
    "table=conventions model=googlenet",
    "table=comparison models=googlenet,inceptionv3",
    "table=comparison models=googlenet,inceptionv3 by=kinds",
    "table=comparison models=googlenet,inceptionv3 by=modules",
    "table=tools-apart",
    "table=element-costs",
    "table=measured hw=h100-sxm notes=yes",
    "table=measured model=googlenet",
    "table=layer-times model=googlenet top=2",
    "table=published model=GoogLeNet",
    "table=latencies model=googlenet page=en",
    "table=findings",
    "table=causes",
    "table=checked",
    "table=checked metric=params",
    "table=kinds",
    "table=lint-rules",
    "plot=flops",
    "plot=params theme=light",
    "plot=latency hw=t4 precision=fp32 bs=4",
    "plot=all hw=t4 precision=fp32 bs=4 format=svg",
    "summary=googlenet",
    "note=comparison models=googlenet,inceptionv3",
    "note=conclusions hw=t4 precision=fp32 bs=4",
    "note=counts",
    "note=latency",
    "note=measured",
    "note=findings",
    "note=series",
    "note=papers",
    "note=sources",
    "note=commands",
)


#: Two layers of the deployed GoogLeNet, 4 and 0.5 of 5 ms: no device was ever this slow.
LAYERS = LayerTimes(
    method="events", calls=3, total_ms=5.0, plain_ms=4.9, unattributed_ms=0.5, inflation=0.02,
    rescaled=1.0, resolution_ms=0.001,
    spans=(
        LayerSpan(path="conv1.conv", call_index=0, class_name="Conv2d", span_ms=4.0),
        LayerSpan(path="fc", call_index=0, class_name="Linear", span_ms=0.5),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    cache = TraceCache(tmp_path_factory.mktemp("cache"))
    records = (
        made("GoogLeNet", spread(1.25)),
        made("GoogLeNet", spread(5.0), batch_size=8, layers=LAYERS),
    )
    latencies = tuple(latency_of(timing) for timing in timings_of(records))
    timed = Measured(latencies, (records[1],), ())
    nothing = Measured((), (), ())
    return RegionSources((), lambda series: timed if series.name == "inception" else nothing, cache)


def attributes(text):
    return dict(pair.split("=", 1) for pair in text.split())


def filled(text, sources):
    return content_of(attributes(text), sources)


def figures(markdown):
    """The numbers of a text, whatever the words around them."""
    return sorted(re.findall(r"\d+(?:[.,]\d+)*", markdown))


def test_each_kind_is_tried_here():
    tried = {tuple(text.split()[0].split("=")) for text in EACH}
    tried = {(name, "*" if name == "summary" else value) for name, value in tried}
    there = {(each.asked_by, each.value) for each in every_kind()}
    assert tried == there


@pytest.mark.parametrize("text", EACH)
def test_a_formatter_leaves_it_alone(text, sources):
    page = f"<!-- inprof:begin {text} -->\n<!-- inprof:end -->\n"
    (region,) = find_regions(page).regions
    body = body_of(filled(text, sources).markdown, region)
    written = f"<!-- inprof:begin {text} -->\n{body}<!-- inprof:end -->\n"
    assert mdformat.text(written, extensions={"gfm"}) == written


@pytest.mark.parametrize(
    "text", [text for text in EACH if "note" not in text and text != "table=findings"]
)
def test_languages_hold_the_same_figures(text, sources):
    english, chinese = (
        figures(filled(f"{text} lang={language}", sources).markdown)
        for language in sorted(languages())
    )
    assert english == chinese


def test_a_summary_has_the_traced_totals(sources):
    # expected_counts.csv, googlenet deploy: 6,991,272 parameters, 1,431,556,352 MACs
    text = filled("summary=googlenet", sources).markdown
    assert text == (
        "**GoogLeNet**: 6.99 M parameters, 1.43 G MACs, 2.86 G FLOPs, input 1x3x224x224, "
        "top-1 0.707 as published"
    )


def test_a_summary_names_the_rule_it_is_asked_for(sources):
    # published_counts.csv: the pages print 2.880 G FLOPs, which is paddle_static's train graph
    text = filled("summary=googlenet convention=paddle_static variant=train", sources).markdown
    assert "2.88 G by paddle_static" in text


def test_layer_times_add_up_to_the_whole(sources):
    text = filled("table=layer-times model=googlenet top=1", sources).markdown
    times = [float(re.search(r"\*\*([\d.]+)\*\*|([\d.]+)", line.split("|")[3])[0].strip("*"))
             for line in text.splitlines()[4:]]  # fmt: skip
    # the slowest layer, the other one, what is outside of any, and the whole: 4 + 0.5 + 0.5 = 5 ms
    assert times == [4.0, 0.5, 0.5, 5.0]


def test_checked_counts_are_right_and_wrong_as_published(sources):
    # published_counts.csv prints 2.880 for GoogLeNet, which is its train graph's;
    # expected_counts.csv has 1,437,161,728 MACs on that graph, twice as many FLOPs
    text = filled("table=checked", sources).markdown
    (row,) = [line for line in text.splitlines() if line.startswith("| GoogLeNet")]
    assert "paddle_static" in row
    assert "2.880" in row
    assert "2,874,323,456" in row


def test_a_series_without_a_wrong_figure_says_so(sources):
    for text in ("table=findings series=resnet", "note=findings series=resnet"):
        found = sources.audited("resnet").findings
        assert ("contradicts" in filled(text, sources).markdown) == (not found)


def test_the_accuracy_table_is_the_pages_own(sources):
    from click.testing import CliRunner

    from profiler.cli import main

    page = CliRunner().invoke(main, ["page", "--series", "inception", "--no-measurements"]).stdout
    assert filled("table=accuracy", sources).markdown in page


def test_a_verbatim_table_repeats_the_published_one(sources):
    report = report_of(
        load_series("inception"),
        series_traces(load_series("inception"), trace_audit(load_series("inception"))),
        "paddle_static",
    )
    text = filled("table=accuracy convention=paddle_static", sources).markdown
    for row in report.series.counts:
        assert row.flops_g.text in text


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("", UsageError, "does not say what it shows"),
        ("table=accuracy note=papers", UsageError, "table and note at once"),
        ("table=acuracy", UnknownNameError, "did you mean accuracy?"),
        ("table=accuracy hw=t4", UnknownNameError, "attribute of table=accuracy 'hw'"),
        ("table=accuracy lang=de", UnknownNameError, "en"),
        ("table=accuracy convention=flop", UnknownNameError, "did you mean flops"),
        ("table=accuracy series=nets", UnknownNameError, "nets"),
        ("table=accuracy notes=true", UnknownNameError, "no, yes"),
        ("table=latency", UsageError, "needs hw=, one of v100, t4"),
        ("table=latency hw=t5", UnknownNameError, "t4"),
        ("table=latency series=resnet", NoDataError, "nothing to show"),
        ("table=measured hw=t4", UnknownNameError, "h100-sxm"),
        ("table=measured series=resnet", NoDataError, "inprof time"),
        ("table=measured model=inceptionv3", NoDataError, "nothing was measured of InceptionV3"),
        ("table=layer-times model=inceptionv3", NoDataError, "inprof time layers"),
        ("table=layer-times model=googlenet bs=4", UnknownNameError, "8"),
        ("note=measured series=resnet", NoDataError, "nothing to show"),
        ("table=comparison models=googlenet", UsageError, "two models or more"),
        ("table=totals models=googlenet,,resnet50", UsageError, "beside a comma"),
        ("table=layers", UsageError, "needs model="),
        ("table=layers model=googlenet depth=0", UsageError, "depth=0"),
        ("table=layers model=nonet", UnknownNameError, "nonet"),
        ("table=published model=nonet", UnknownNameError, "nonet"),
        ("table=comparison", UsageError, "needs models="),
        ("plot=latency hw=t4 precision=fp32", UsageError, "needs bs="),
        ("plot=latency hw=t4 precision=fp32 bs=3", NoDataError, "3"),
        ("plot=flops dir=/tmp", UsageError, "relative"),
        ("plot=flops name=a/b", UsageError, "a/b"),
        ("plot=flops format=pdf", UnknownNameError, "png, svg"),
        ("summary=", UsageError, ""),
    ],
)
def test_what_can_not_be_shown_says_why(text, error, says, sources):
    with pytest.raises(error) as caught:
        filled(text, sources)
    assert says in str(caught.value)
    assert isinstance(caught.value, InprofError)


def test_a_kind_has_one_meaning():
    with pytest.raises(ValueError, match="table=accuracy"):
        kind("table", "accuracy", "")(lambda request, sources, messages: None)
