"""Tables of a report: the published ones to the letter, the richer ones with every model."""

from collections.abc import Callable

import msgspec
import pytest

from profiler.records import Report, Table
from profiler.report.tables.series import (
    accuracy_table,
    latencies,
    latency_table,
    speed_table,
)

MODELS = [
    "GoogLeNet",
    "Xception41",
    "Xception41_deeplab",
    "Xception65",
    "Xception65_deeplab",
    "Xception71",
    "InceptionV3",
    "InceptionV4",
]
Build = Callable[..., Report]


def column(table: Table, key: str) -> list[object]:
    index = [column.key for column in table.columns].index(key)
    return [row[index].value for row in table.rows]


def test_verbatim_counts_are_traced_never_published(inception_report: Build) -> None:
    report = inception_report("paddle_static")
    table = accuracy_table(report, "en")
    # expected_counts.csv: the raw integers, not the printed digits.
    assert column(table, "published.flops")[0] == 2876311024
    assert column(table, "published.params")[-1] == 42678817
    origins = {c.key: {row[i].origin for row in table.rows} for i, c in enumerate(table.columns)}
    assert origins["published.flops"] == origins["published.params"] == {"traced"}
    assert origins["published.top1"] == {"published"}
    assert not table.notes
    assert not any(cell.reason or cell.link for row in table.rows for cell in row)


def test_verbatim_rows_are_those_of_the_page(inception_report: Build) -> None:
    report = inception_report("paddle_static")
    older = column(accuracy_table(report, "zh_CN"), "published.model")
    left_out = MODELS.index("InceptionV3")
    assert older == [
        name.replace("_deeplab", "<br>_deeplab")
        for name in MODELS[:left_out] + MODELS[left_out + 1 :]
    ]
    assert len(column(accuracy_table(report, "en"), "published.model")) == 8
    assert column(latency_table(report, "v100"), "published.model")[2] == "Xception41_<br>deeplab"


def test_rich_tables_have_every_model(inception_report: Build) -> None:
    report = inception_report("flops")
    tables = [
        accuracy_table(report),
        latency_table(report, "v100"),
        latency_table(report, "t4"),
        speed_table(report, "unstated", "fp16"),
        speed_table(report, "unstated", "fp32"),
    ]
    for table in tables:
        assert column(table, "model") == MODELS
        assert table.notes == ("quoted",)
        for row in table.rows:
            assert len(row) == len(table.columns)
            assert all(cell.value is not None or cell.reason == "not_published" for cell in row)
            assert row[0].link.startswith("https://arxiv.org/abs/")


def test_a_rich_heading_says_what_is_counted(inception_report: Build) -> None:
    keys = {
        convention: accuracy_table(inception_report(convention)).columns[-2]
        for convention in ("flops", "macs", "flops_all", "fvcore")
    }
    assert [keys[name].key for name in keys] == [
        "work.flops",
        "work.macs",
        "work.flops_all",
        "work.other",
    ]
    assert keys["fvcore"].placeholders == {"convention": "fvcore", "unit": "G"}


def test_macs_are_shown_under_macs(inception_report: Build) -> None:
    # expected_counts.csv, deploy graph: 1431556352 MACs, 2863112704 FLOPs.
    assert column(accuracy_table(inception_report("macs")), "work.macs")[0] == 1431556352
    assert column(accuracy_table(inception_report("flops")), "work.flops")[0] == 2863112704


def test_latency_columns_come_from_the_data(inception_report: Build) -> None:
    report = inception_report("flops")
    conditions = [tuple(c.placeholders.values()) for c in latency_table(report, "t4").columns[3:]]
    assert conditions == [(p, b) for p in ("FP16", "FP32") for b in (1, 4, 8)]
    assert len(latency_table(report, "v100").columns) == 4
    batches = [
        c.placeholders["batch_size"] for c in speed_table(report, "unstated", "fp16").columns[1:]
    ]
    assert batches == [1, 4, 8, 32]
    assert len(latencies(report)) == 111


def test_batch_sizes_rise_whatever_the_order_of_the_data(tiny_report: Build) -> None:
    timed = (("cpu", "fp32", 16, "9"), ("cpu", "int8", 2, "1"), ("cpu", "fp32", 2, "3"))
    table = latency_table(tiny_report("a", "b", timed=timed), "cpu")
    assert [tuple(c.placeholders.values()) for c in table.columns[3:]] == [
        ("FP32", 2),
        ("FP32", 16),
        ("INT8", 2),
    ]
    assert [cell.value for cell in table.rows[0]] == ["a", 32, 40, "3", "9", "1"]
    assert [cell.reason for cell in table.rows[1][1:]] == ["not_published"] * 5


def test_a_model_timed_at_two_crops_has_two_rows(inception_report: Build) -> None:
    report = inception_report("flops")
    row = report.rows[0]
    moved = tuple(msgspec.structs.replace(x, hw="t4", page="en") for x in row.latencies)
    report = msgspec.structs.replace(
        report, rows=(msgspec.structs.replace(row, latencies=moved), *report.rows[1:])
    )
    table = latency_table(report, "t4")
    assert [row[1].value for row in table.rows if row[0].value == "GoogLeNet"] == [224, 299]


def test_a_series_without_accuracy_has_no_accuracy_columns(tiny_report: Build) -> None:
    keys = [c.key for c in accuracy_table(tiny_report("a", accuracy=False)).columns]
    assert keys == ["model", "input_size", "work.flops", "params"]


@pytest.mark.parametrize(
    ("flops", "hint", "unit"),
    [
        (10**7, "giga", "G"),
        (10**7 - 1, "mega", "M"),
        (9_999, "kilo", "k"),
        (9, "integer", "1"),
        (0, "giga", "G"),
    ],
)
def test_the_unit_keeps_the_smallest_count_visible(
    tiny_report: Build, flops: int, hint: str, unit: str
) -> None:
    work = accuracy_table(tiny_report("a", flops=flops)).columns[-2]
    assert (work.hint, work.placeholders["unit"]) == (hint, unit)


def test_paddle_static_without_published_rows_is_a_rich_table(tiny_report: Build) -> None:
    report = tiny_report("a", accuracy=False, convention="paddle_static")
    assert [c.key for c in accuracy_table(report).columns][-2] == "work.other"


def test_a_cell_the_page_leaves_blank_stays_blank(tiny_report: Build) -> None:
    report = tiny_report("a", convention="paddle_static")  # its one row states top-1 only
    row = accuracy_table(report, "web").rows[0]
    assert [cell.value for cell in row] == ["a", "0.5", None, None, None, None, None]
    assert not any(cell.reason for cell in row)
