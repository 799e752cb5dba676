"""Measurements as tables: which columns there are, and what stands where nothing was measured."""

from made_measurements import made, spread

from profiler.records import Cell, TimingSettings
from profiler.report.tables.measured import (
    differences_table,
    timing_comparison_table,
    timing_tables,
    whole_timing_comparison_table,
    whole_timing_table,
)
from profiler.timing.latencies.comparison import compare_timings
from profiler.timing.latencies.measured import timings_of

UNDEFINED = Cell(value=None, origin="missing", reason="undefined")
TOO_FEW = Cell(value=None, origin="missing", reason="too_few_samples")


def names(table):
    return [column.key.removeprefix("time.") for column in table.columns]


def cells(table, row=0):
    return dict(zip(names(table), table.rows[row], strict=True))


def values(table, *columns):
    return [
        tuple(cells(table, at)[name].value for name in columns) for at in range(len(table.rows))
    ]


def only(records):
    (found,) = timing_tables(timings_of(records))
    return found


FIGURES = ["median_ms", "interval_ms", "p95_ms", "images_per_s", "flags", "samples", "runs",
           "started_at"]  # fmt: skip


def test_conditions_that_are_the_same_everywhere_are_said_once():
    found = only([made(), made("xception41")])
    assert names(found.table) == ["model", "batch_size", *FIGURES]
    assert found.shared == {
        "hw": "h100-sxm", "quantity": "device", "graph": "deploy", "layout": "nchw",
        "engine": "pytorch", "l2": "warm", "input": "3x224x224", "precision": "fp32",
    }  # fmt: skip


def test_what_differs_is_a_column_or_a_table_apart():
    found = only([made(), made(precision="fp16"), made(input_shape=(1, 3, 299, 299))])
    assert names(found.table)[:4] == ["model", "input", "precision", "batch_size"]
    for other in (
        {"device": "t4"}, {"quantity": "eager"}, {"variant": "train"}, {"layout": "nhwc"},
        {"engine": "torch.compile"}, {"threads": 2}, {"settings": TimingSettings(flush_l2=True)},
    ):  # fmt: skip
        tables = timing_tables(timings_of([made(), made(**other)]))
        assert [len(each.table.rows) for each in tables] == [1, 1]
        assert tables[0].shared != tables[1].shared


def test_rows_stand_by_model_precision_and_batch_then_time():
    records = [
        made(name, batch_size=bs, precision=precision, session=f"s{day}",
             started_at=f"2026-01-0{day}T00:00:00Z")
        for day in (2, 1) for name in ("b", "a") for precision in ("fp32", "fp16") for bs in (32, 4)
    ]  # fmt: skip
    rows = values(only(records).table, "model", "precision", "batch_size", "started_at")
    assert rows == sorted(rows)
    assert len(rows) == 16


def test_figures_are_exact_and_say_where_they_come_from():
    record = made(samples=spread(2.0), batch_size=4, flags=("drift", "outliers"))
    found = cells(only([record]).table)
    assert found["median_ms"].value == 2.0
    assert found["median_ms"].origin == "measured"
    assert found["median_ms"].doubtful
    assert found["interval_ms"].value < 2.0 < found["interval_ms"].upper
    assert 2.01 < found["p95_ms"].value < 2.02
    assert found["images_per_s"].value == 2000
    assert found["flags"].value == "drift outliers"
    assert (found["samples"].value, found["runs"].value) == (240, 1)


def test_what_the_samples_do_not_carry_says_so():
    found = cells(only([made(samples=spread(2.0, count=92))]).table)
    assert found["p95_ms"] == TOO_FEW
    assert found["interval_ms"].value is not None
    assert cells(only([made(samples=spread(2.0, count=93))]).table)["p95_ms"].value is not None
    assert cells(only([made(samples=(1.0, 2.0))]).table)["interval_ms"] == TOO_FEW


def test_what_was_not_measured_has_a_row_and_its_flag():
    found = cells(only([made(samples=(), flags=("oom",))]).table)
    for name in ("median_ms", "interval_ms", "p95_ms", "images_per_s"):
        assert found[name] == UNDEFINED
    assert found["flags"].value == "oom"
    assert (found["samples"].value, found["runs"].value) == (0, 0)


def test_the_whole_table_has_every_condition():
    table = whole_timing_table(timings_of([made(), made(device="cpu", threads=4)]))
    assert names(table) == [
        "model", "hw", "quantity", "graph", "layout", "engine", "threads", "l2", "input",
        "precision", "batch_size", *FIGURES, "session",
    ]  # fmt: skip
    assert values(table, "hw", "threads", "input") == [
        ("cpu", 4, "3x224x224"), ("h100-sxm", None, "3x224x224"),
    ]  # fmt: skip


def compared(a, b):
    return timing_comparison_table(compare_timings(a, b))


def test_a_comparison_has_both_sides_and_what_only_one_has():
    a = [made(), made(batch_size=8), made(batch_size=32, samples=(), flags=("oom",))]
    b = [made(samples=spread(2.5)), made(batch_size=4), made(batch_size=32)]
    table = compared(a, b).table
    assert names(table) == [
        "model", "batch_size", "a_ms", "b_ms", "ratio", "ratio_interval", "verdict", "flags_a",
    ]  # fmt: skip
    assert values(table, "batch_size", "a_ms", "b_ms", "ratio", "verdict", "flags_a") == [
        (1, 1.25, 2.5, 2.0, "SLOWER", ""),
        (4, None, 1.25, None, "only in B", None),
        (8, 1.25, None, None, "only in A", ""),
        (32, None, 1.25, None, "–", "oom"),
    ]
    low, high = (getattr(cells(table)["ratio_interval"], end) for end in ("value", "upper"))
    assert low < 2 < high


def test_what_the_comparison_is_about_is_no_column_but_a_difference():
    a, b = [made(), made(batch_size=4)], [made(device="t4"), made(device="t4", batch_size=4)]
    comparison = compare_timings(a, b)
    found = timing_comparison_table(comparison)
    assert "hw" not in names(found.table)
    assert "hw" not in found.shared
    assert found.shared["quantity"] == "device"
    assert "hw" not in names(whole_timing_comparison_table(comparison))
    assert values(differences_table(comparison), "fact", "a", "b")[0] == ("hw", "h100-sxm", "t4")


def test_several_devices_on_a_side_are_a_column():
    sides = [made(), made(device="t4")]
    table = compared(sides, sides).table
    assert values(table, "hw", "verdict") == [("h100-sxm", "SAME"), ("t4", "SAME")]


def test_a_ratio_without_an_interval_says_why():
    found = cells(compared([made()], [made(samples=(2.5,))]).table)
    assert found["ratio_interval"] == TOO_FEW
    assert (found["ratio"].value, found["verdict"].value) == (2.0, "AMBIGUOUS")
