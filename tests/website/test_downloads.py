"""Files of figures: what they hold is what the records hold."""

import csv
import io
import json
from collections.abc import Callable

import pytest
from made_layers import made_layer_times
from made_measurements import made
from msgspec.structs import replace
from torch import nn

import profiler
from profiler.audit import CountCheck
from profiler.audit.counts import rounded_from
from profiler.counting.layer_tree import layer_tree
from profiler.records import (
    Cell,
    Column,
    Report,
    Table,
)
from profiler.report.report import series_latencies
from profiler.report.tables.series import accuracy_table, latency_table
from profiler.timing.latencies.measured import latencies_of
from profiler.website.downloads import layer_files, series_file, table_files

Reports = Callable[..., Report]


def of_table(table: Table, report: Report) -> tuple[list[dict[str, str]], dict[str, object]]:
    files = table_files(table, "t", report)
    name = report.series.name
    assert list(files) == [f"data/{name}/t.csv", f"data/{name}/t.json"]
    text, data = files.values()
    return list(csv.DictReader(io.StringIO(text))), json.loads(data)


def test_a_csv_reads_back_as_the_table(inception_report: Reports) -> None:
    report = inception_report("flops")
    table = accuracy_table(report)
    rows, _ = of_table(table, report)
    assert len(rows) == len(report.rows)
    for read, row in zip(rows, report.rows, strict=True):
        assert read["model"] == row.model.label
        assert int(read["traced_flops"]) == row.counts.totals.flops
        assert int(read["traced_params"]) == row.counts.totals.params
        assert row.accuracy is not None
        assert row.accuracy.top1 is not None
        assert read["published_top1"] == row.accuracy.top1.text
        reference = row.accuracy.reference_top1
        assert read["published_reference_top1"] == (reference.text if reference else "")


def test_json_has_the_same_rows_with_reasons_and_sources(inception_report: Reports) -> None:
    report = inception_report("flops")
    table = latency_table(report, "t4", "en")
    rows, data = of_table(table, report)
    assert data["updated"] == report.series.updated
    assert data["pages"] == report.series.pages
    for read, row in zip(data["rows"], rows, strict=True):
        missing = read.pop("missing", {})
        assert read.pop("name") in {model.name for model in report.series.models}
        assert {key: "" if value is None else str(value) for key, value in read.items()} == row
        assert set(missing) == {key for key, value in read.items() if value is None}
        assert set(missing.values()) <= {"not_published"}
    assert "published_latency_ms_fp16_1" in rows[0]


def test_ranges_and_doubts_are_told(tiny_report: Reports) -> None:
    report = tiny_report("A")
    table = Table(
        key="measured",
        columns=(
            Column(key="model", hint="label"),
            Column(key="measured.median_ms", hint="measured_ms"),
            Column(key="measured.interval_ms", hint="interval_ms"),
        ),
        rows=(
            (
                Cell(value='A, "b"', origin="label", model="m0"),
                Cell(value=1.25, origin="measured", doubtful=True),
                Cell(value=1.0, origin="measured", upper=1.5),
            ),
        ),
    )
    (row,), data = of_table(table, report)
    assert row == {"model": 'A, "b"', "measured_median_ms": "1.25", "low_ms": "1.0",
                   "high_ms": "1.5"}  # fmt: skip
    assert data["rows"] == [
        {
            "name": "m0",
            "model": 'A, "b"',
            "measured_median_ms": 1.25,
            "low_ms": [1.0, 1.5],
            "doubtful": True,
        }
    ]


def test_the_series_as_one_file(inception_report: Reports) -> None:
    true = inception_report("flops")
    googlenet = true.series.models[0]
    check = CountCheck(
        model=googlenet, metric="flops", text="2.880", cells=(),
        reproduced=(("paddle_static", "train", 224),), given=2_876_311_024, true=2_874_323_456,
        right=False, figure=rounded_from("2.880", 3, "G"),
    )  # fmt: skip
    ((path, text),) = series_file(true, [check]).items()
    assert path == "data/inception/inception.json"
    assert series_file(true, [check])[path] == text
    data = json.loads(text)
    assert [model["name"] for model in data["models"]] == [m.name for m in true.series.models]
    assert data["updated"] == data["changes"][0]["date"] == true.series.updated
    published = [each for model in data["models"] for each in model["published"]]
    latencies = [each for model in data["models"] for each in model["published_latencies"]]
    assert (len(published), len(latencies)) == (len(true.series.counts), 111)
    for model, row in zip(data["models"], true.rows, strict=True):
        assert model["counts"]["convention"] == "flops"
        assert model["counts"]["totals"]["flops"] == row.counts.totals.flops
    assert data["models"][0]["published_counts_checked"] == [
        {
            "metric": "flops", "text": "2.880", "given": 2_876_311_024, "true": 2_874_323_456,
            "given_by": [{"convention": "paddle_static", "graph": "train", "crop_size": 224}],
            "right": False,
        }
    ]  # fmt: skip
    first = data["models"][0]["published"][0]
    assert first["top1"] == {
        "text": "0.707",
        "source": {"page": "en", "table": first["top1"]["source"]["table"], "row": "GoogLeNet"},
    }


def test_layers_come_out_with_exact_figures(tiny_report: Reports) -> None:
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Sequential(nn.ReLU(), nn.Conv2d(8, 4, 1)))
    trace = profiler.trace(net, (1, 3, 10, 10))
    record = made(batch_size=1, layers=made_layer_times(trace), flags=("outliers",))
    for timed in (None, record):
        tree = layer_tree(trace, times=timed.layers if timed else None)
        files = layer_files(tree, "n.layers", tiny_report("A"), (1, 3, 10, 10), "deploy", timed)
        assert list(files) == ["data/mine/n.layers.csv", "data/mine/n.layers.json"]
        rows = list(csv.DictReader(io.StringIO(files["data/mine/n.layers.csv"])))
        data = json.loads(files["data/mine/n.layers.json"])
        assert [row["path"] for row in rows] == ["", "0", "1", "1.0", "1.1"]
        assert [row["level"] for row in rows] == ["0", "1", "1", "2", "2"]
        # 8x3x3x3 weights on 8x8 places, 4x8 on the same
        assert [int(row["traced_macs"]) for row in rows] == [15872, 13824, 2048, 0, 2048]
        assert [row["traced_flops"] for row in data["rows"]] == [31744, 27648, 4096, 0, 4096]
        assert data["input_shape"] == [1, 3, 10, 10]
        assert ("measured_time_ms" in rows[0]) == (timed is not None)
    assert data["timing"]["environment"]["software"]["torch"] == "2.9.0"
    assert data["timing"]["flags"] == ["outliers"]
    assert float(rows[0]["measured_time_ms"]) == 8.0


def test_measured_latencies_point_to_their_environment(inception_report: Reports) -> None:
    plain = inception_report("flops")
    timed = series_latencies(
        plain.series,
        latencies_of([made(), made(device="t4"), made(device="t4", batch_size=8)]),
    )
    failed = made("GoogLeNet", (), batch_size=16, flags=("oom",), reason="CUDA out of memory")
    report = replace(plain, measured=timed, failed=(failed,))
    (text,) = series_file(report).values()
    data = json.loads(text)
    first = data["models"][0]
    assert first["name"] == "GoogLeNet"
    names = [data["environments"][each["environment"]]["name"] for each in first["measured"]]
    assert names == ["Tesla T4", "Tesla T4", "NVIDIA H100 80GB HBM3"]
    assert len(data["environments"]) == 2
    assert [each["settings"] for each in first["measured"]] == [0, 0, 0]
    assert data["settings"][0]["warmup_calls"] == 10
    assert [(each["batch_size"], each["flags"]) for each in first["failed"]] == [(16, ["oom"])]


def test_no_file_says_where_a_network_lies_on_this_machine(tiny_report: Reports) -> None:
    report = tiny_report("A")
    (text,) = series_file(report).values()
    assert "my.py" not in text


@pytest.mark.parametrize("label", ['<script>"', "a,b\n", "=1+1", "שלום 🦊"])
def test_any_name_reads_back(label: str, tiny_report: Reports) -> None:
    report = tiny_report(label)
    rows, data = of_table(accuracy_table(report), report)
    assert rows[0]["model"] == label
    assert data["rows"][0]["model"] == label
