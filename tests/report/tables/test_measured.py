"""Tables of measured latencies: nothing published in them, nothing mixed, raw numbers kept."""

import csv
import io

import msgspec
import pytest
from made_latencies import latency, of_every_model
from made_measurements import made

from profiler.catalog import load_series
from profiler.records import Report
from profiler.render.csv_table import render_csv
from profiler.report.report import series_failures, series_latencies
from profiler.report.tables.measured import measured_tables, model_measured_tables
from profiler.report.tables.series import accuracy_table, latency_table, speed_table

H100 = "h100-sxm"


@pytest.fixture
def report(inception_report):
    """Every model on a T4 and an H100, in several conditions."""
    plain = inception_report()
    measured = (
        *of_every_model(plain, hw="t4"),
        *of_every_model(plain),
        *of_every_model(plain, batch_size=8)[:7],
        *of_every_model(plain, quantity="eager"),
        *of_every_model(plain, precision="fp16", flags=("drift", "outliers")),
        latency(layout="nhwc"),
        latency(input_shape=(4, 3, 320, 256)),
        latency("InceptionV4", 9.0, batch_size=8, low_ms=None, high_ms=None, samples=5,
                input_shape=(8, 3, 320, 320)),
    )  # fmt: skip
    ordered = series_latencies(plain.series, measured)
    return msgspec.structs.replace(plain, measured=ordered)


def column(table, key):
    index = [column.key for column in table.columns].index(key)
    return [row[index] for row in table.rows]


def test_a_table_holds_one_quantity_under_one_set_of_conditions(report):
    tables = measured_tables(report, H100)
    assert [(each.conditions.quantity, each.conditions.unusual, each.precision)
            for each in tables] == [
        ("device", (), "fp32"),
        ("device", (), "fp16"),
        ("device", (("layout", "NHWC"),), "fp32"),
        ("eager", (), "fp32"),
    ]  # fmt: skip
    assert [len(each.latencies) for each in tables] == [8 + 7 + 2, 8, 1, 8]
    # every model is in every table: the other seven were not run with channels last
    assert [len(each.table.rows) for each in tables] == [8 + 7 + 2, 8, 1 + 7, 8]
    assert len(measured_tables(report, "t4")) == 1


def test_published_and_measured_figures_share_no_column(report):
    published = [
        accuracy_table(report),
        latency_table(report, "t4"),
        speed_table(report, "unstated", "fp16"),
    ]
    for table in published:
        assert not any(cell.origin == "measured" for row in table.rows for cell in row)
    own = [*measured_tables(report, H100), *model_measured_tables(report, "GoogLeNet")]
    for each in own:
        origins = {cell.origin for row in each.table.rows for cell in row}
        assert origins <= {"label", "measured", "missing"}
        told = [cell for cell in column(each.table, "measured.median_ms") if cell.value is not None]
        assert {cell.origin for cell in told} == {"measured"}
    bare = msgspec.structs.replace(report, measured=())
    assert latency_table(report, "t4") == latency_table(bare, "t4")


def test_a_row_states_the_spread_the_samples_and_the_day(report):
    table = measured_tables(report, H100)[0].table
    first = {each.key: cell for each, cell in zip(table.columns, table.rows[0], strict=True)}
    assert first["model"].model == "GoogLeNet"
    assert first["crop_size"].value == 224
    assert first["measured.batch_size"].value == 4
    assert first["measured.median_ms"].value == 2.0
    assert (first["measured.interval_ms"].value, first["measured.interval_ms"].upper) == (
        1.98,
        2.02,
    )
    assert first["measured.images_per_s"].value == 2000
    assert (first["measured.samples"].value, first["measured.runs"].value) == (700, 3)
    assert first["measured.flags"].value == ""
    assert first["measured.day"].value == "2026-01-02"
    flagged = measured_tables(report, H100)[1].table
    assert {cell.doubtful for cell in column(flagged, "measured.median_ms")} == {True}
    assert column(flagged, "measured.flags")[0].value == "drift outliers"


def test_own_sizes_come_first_and_others_are_stated(report):
    table = measured_tables(report, H100)[0].table
    sizes = [cell.value for cell in column(table, "crop_size")]
    assert sizes[:3] == [224, 224, "320x256"]
    assert sizes[-2:] == [299, 320]


def test_a_missing_interval_says_why(report):
    cell = column(measured_tables(report, H100)[0].table, "measured.interval_ms")[-1]
    assert (cell.value, cell.origin, cell.reason) == (None, "missing", "too_few_samples")


def test_models_without_a_figure_say_why(inception_report):
    plain = inception_report()
    measured = (*of_every_model(plain)[:6], *of_every_model(plain, batch_size=8)[1:6])
    failed = [
        made("inceptionv4", (), batch_size=16, flags=("oom",), input_shape=(16, 3, 299, 299)),
        made("inceptionv3", (), batch_size=4, flags=("failed",), input_shape=(4, 3, 299, 299)),
    ]
    ordered = series_latencies(plain.series, measured)
    report = msgspec.structs.replace(
        plain, measured=ordered, failed=series_failures(plain.series, failed, ordered)
    )
    (each,) = measured_tables(report, H100)
    places = [column.key for column in each.table.columns]
    rows = [
        (
            row[places.index("model")].value,
            row[places.index("measured.batch_size")].value,
            row[places.index("measured.median_ms")].reason,
        )
        for row in each.table.rows
        if row[places.index("measured.median_ms")].value is None
    ]
    # the first six were run at 4, all but the first of them at 8, and InceptionV4 tried 16
    names = [row.model.label for row in plain.rows]
    assert rows == [
        (names[0], "8, 16", "not_measured"),
        *((name, 16, "not_measured") for name in names[1:6]),
        (names[6], 4, "failed"),
        (names[6], "8, 16", "not_measured"),
        (names[7], 16, "oom"),
        (names[7], "4, 8", "not_measured"),
    ]
    done = latency("InceptionV4", 9.0, input_shape=(4, 3, 299, 299))
    own = model_measured_tables(
        msgspec.structs.replace(report, measured=(*ordered, done)), "InceptionV4"
    )
    assert [cell.reason for cell in column(own[0].table, "measured.median_ms")] == ["", "oom"]


def test_what_was_done_at_last_is_no_failure():
    series = load_series("inception")
    done = series_latencies(series, [latency("googlenet")])
    failed = [
        made("googlenet", (), batch_size=4, flags=("oom",), session="1"),
        made("googlenet", (), batch_size=8, flags=("failed",), session="2"),
        made("googlenet", (), batch_size=8, flags=("oom",), session="3",
             started_at="2026-02-02T03:04:05Z"),
        made("resnet50", (), batch_size=8, flags=("oom",)),
    ]  # fmt: skip
    (kept,) = series_failures(series, failed, done)
    assert (kept.model, kept.batch_size, kept.session) == ("GoogLeNet", 8, "3")


def test_the_tables_of_a_model_have_a_column_of_precisions(report):
    tables = model_measured_tables(report, "GoogLeNet")
    assert [(each.hw, each.conditions.quantity) for each in tables] == [
        ("t4", "device"), (H100, "device"), (H100, "device"), (H100, "eager"),
    ]  # fmt: skip
    assert [cell.value for cell in column(tables[1].table, "source.precision")] == [
        "FP32", "FP32", "FP32", "FP16",
    ]  # fmt: skip
    assert not any(each.precision or each.failed for each in tables)


def test_csv_has_raw_numbers(report):
    rows = list(csv.DictReader(io.StringIO(render_csv(measured_tables(report, H100)[0].table))))
    assert rows[0] == {
        "model": "GoogLeNet", "crop_size": "224", "batch_size": "4", "median_ms": "2.0",
        "low_ms": "1.98", "high_ms": "2.02", "images_per_s": "2000.0", "samples": "700",
        "runs": "3", "flags": "", "day": "2026-01-02",
    }  # fmt: skip
    assert (rows[-1]["low_ms"], rows[-1]["high_ms"]) == ("", "")


def test_json_carries_them_whole(report):
    again = msgspec.json.decode(msgspec.json.encode(report), type=Report)
    assert again == report
    assert again.measured[0].session == "20260102T030405-1a2b3c"


def test_a_model_goes_by_its_name_or_its_address():
    series = load_series("inception")
    found = series_latencies(
        series,
        (
            latency("inceptionv4", 5.0),
            latency("resnet50"),
            latency("googlenet", 3.0, started_at="2026-02-02T03:04:05Z"),
            latency("GoogLeNet", 2.0),
            latency("googlenet", 1.0, started_at="2026-03-02T03:04:05Z", flags=("drift",)),
        ),
    )
    # of equal conditions the newest that no flag casts doubt on
    assert [(each.model, each.median_ms) for each in found] == [
        ("GoogLeNet", 3.0), ("InceptionV4", 5.0),
    ]  # fmt: skip


def test_an_unknown_device_goes_by_what_it_calls_itself(inception_report):
    report = msgspec.structs.replace(
        inception_report(), measured=(latency(hw="my-box", hw_name="A box of mine"),)
    )
    assert report.device_name("my-box") == "A box of mine"
    assert report.device_name("t4") == "T4"
    assert report.device_name("nowhere") == "nowhere"
