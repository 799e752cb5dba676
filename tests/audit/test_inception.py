"""The built-in series: what the reference data and the pages themselves say."""

import csv
from pathlib import Path

import pytest

from profiler.audit import audit, worth_a_failure
from profiler.audit.counts import check_counts
from profiler.catalog import known_devices, load_series
from profiler.render.messages import load_messages
from profiler.report.gathering import trace_audit
from profiler.report.tables.audit import causes_table, checked_counts_table

DATA = Path(__file__).parents[1] / "data"
SERIES = load_series("inception")


@pytest.fixture(scope="module")
def traces():
    return trace_audit(SERIES)


@pytest.fixture(scope="module")
def findings(traces):
    return audit(SERIES, traces, known_devices(SERIES)).findings


def of(findings, rule):
    return [finding for finding in findings if finding.rule == rule]


def test_every_published_count_follows_paddle_static_on_the_stated_graph(traces):
    checks = check_counts(SERIES, traces)
    with (DATA / "published_counts.csv").open(encoding="utf-8") as file:
        published = {
            (row["model"], metric, row[column])
            for row in csv.DictReader(file)
            for metric, column in (("flops", "flops_g"), ("params", "params_m"))
        }
    assert {(check.model.name, check.metric, check.text) for check in checks} == published
    assert len(checks) == 16
    for check in checks:
        stated = check.model.published_variant, check.model.crop_size
        assert check.reproduced[0] == ("paddle_static", *stated)


def test_true_figures_are_those_of_the_reference(findings):
    with (DATA / "expected_counts.csv").open(encoding="utf-8") as file:
        expected = {(row["model"], row["variant"]): row for row in csv.DictReader(file)}
    counts = [finding for finding in findings if finding.published]
    # of 16, the parameters of InceptionV3 (23,834,568) and V4 (42,679,816) round to the digits
    assert len(counts) == 14
    for finding in counts:
        model = SERIES.model(finding.model)
        row = expected[model.address, model.published_variant]
        metric = finding.evidence["metric"]
        assert finding.true == int(row[metric])
        assert finding.evidence["reproduced"] == int(row[f"paddle_static_{metric}"])
        assert finding.evidence["true_deployed"] == int(expected[model.address, "deploy"][metric])
        assert sum(x.amount for x in finding.causes) == int(row[f"paddle_static_{metric}"]) - int(
            row[metric]
        )


@pytest.mark.parametrize("metric", ["flops", "params"])
def test_a_row_for_every_published_count(metric, traces):
    table = checked_counts_table(check_counts(SERIES, traces), metric)
    with (DATA / "expected_counts.csv").open(encoding="utf-8") as file:
        expected = {(row["model"], row["variant"]): row for row in csv.DictReader(file)}
    assert {row[0].value for row in table.rows} == {model.label for model in SERIES.models}
    for name, text, rule, graph, given, true, beside in table.rows:
        row = expected[SERIES.model(name.model).address, graph.value]
        assert (rule.value, text.origin) == ("paddle_static", "published")
        assert given.value == int(row[f"paddle_static_{metric}"])
        assert true.value == int(row[metric])
        assert beside.value == pytest.approx(given.value / true.value - 1)


def test_the_true_figure_and_the_causes_add_up_to_the_published_one(findings):
    with (DATA / "expected_counts.csv").open(encoding="utf-8") as file:
        expected = {(row["model"], row["variant"]): row for row in csv.DictReader(file)}
    labelled = [(finding.model, finding) for finding in findings]
    table = causes_table(labelled, load_messages("en"))
    assert len(table.rows) == 8
    for name, true, *causes, given in table.rows:
        model = SERIES.model(name.value)
        row = expected[model.address, model.published_variant]
        assert (true.value, given.value) == (int(row["flops"]), int(row["paddle_static_flops"]))
        assert true.value + sum(cause.value or 0 for cause in causes) == given.value
        assert sum(cause.value is not None for cause in causes) >= 3


def test_googlenet_was_timed_at_two_crops(findings):
    (finding,) = of(findings, "crop-conflict")
    assert (finding.model, finding.evidence["crop_sizes"]) == ("GoogLeNet", (224, 299))
    assert {cell.hw for cell in finding.cells} == {"v100", "t4"}


def test_rows_of_inceptionv3_are_missing(findings):
    # tables_en.md: no row in the V100 table; tables_zh_CN.md: none anywhere
    english, older = of(findings, "missing-row")
    assert {english.model, older.model} == {"InceptionV3"}
    assert [cell.hw for cell in english.cells] == ["v100"]
    assert {cell.page for cell in older.cells} == {"zh_CN"}
    assert len(older.cells) == 3


def test_the_older_page_was_not_measured_on_a_t4(findings):
    (finding,) = of(findings, "device-ruled-out")
    assert {cell.page for cell in finding.cells} == {"zh_CN"}
    assert finding.evidence["precision"] == "fp32"
    assert {"t4", "p4"} <= set(finding.evidence["devices"])
    # the fastest V100 did 15.7e12 FLOP/s without any trick
    assert "v100-sxm2" not in finding.evidence["devices"]


def test_latencies_that_contradict_each_other(findings):
    # published_latency.csv, older page: FP16 at batch sizes 1 and 4
    faster = {(x.model, *x.evidence["latencies_ms"]) for x in of(findings, "batch-faster")}
    assert faster == {
        ("Xception65", "5.398", "4.215"),
        ("Xception65_deeplab", "5.317", "3.688"),
    }
    # per image: 34.301 / 8 against 13.935 / 4 is 23.07 % more; the others are below 10 %
    rising = of(findings, "per-image-rising")
    assert [x.evidence["latencies_ms"] for x in rising if x.severity == "warning"] == [
        ("13.935", "34.301")
    ]
    assert {(x.model, x.evidence["hw"]) for x in rising if x.severity == "info"} == {
        ("Xception65", "t4"),  # 3.24 %
        ("Xception65_deeplab", "t4"),  # 5.13 %
        ("Xception71", "t4"),  # 9.82 %
        ("Xception65", "unstated"),  # 2.15 %
    }


def test_ids_are_unique_and_the_gravest_come_first(findings, traces):
    assert len({finding.id for finding in findings}) == len(findings)
    assert findings == audit(SERIES, traces, known_devices(SERIES)).findings
    severities = ["error", "warning", "info"]
    ranks = [severities.index(finding.severity) for finding in findings]
    assert ranks == sorted(ranks)
    assert len(worth_a_failure(findings)) == sum(rank < 2 for rank in ranks)
