"""Published figures beside traced ones."""

from collections.abc import Callable

from profiler.audit import CountCheck
from profiler.audit.counts import rounded_from
from profiler.records import Report, Table
from profiler.render.cells import cell_lines
from profiler.render.messages import load_messages
from profiler.report.tables.models import (
    model_latencies_table,
    published_counts_table,
    published_table,
)

Build = Callable[..., Report]


def texts(table: Table) -> list[list[str]]:
    messages = load_messages("en")
    return [
        [" ".join(cell_lines(cell, column, messages))
         for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]  # fmt: skip


def checks_of(inception_report: Build) -> tuple[CountCheck, ...]:
    """What an audit finds, made from the reference data: paddle_static gives all of them."""
    true, repeated = inception_report("flops"), inception_report("paddle_static")
    return tuple(
        CountCheck(
            model=row.model, metric=metric, text=getattr(printed, column).text,
            cells=(cell,), reproduced=(("paddle_static", row.model.published_variant, 299),),
            given=getattr(row.counts.totals, metric), true=1, right=False,
            figure=rounded_from("1.0", 1, "G"),
        )
        for row in repeated.rows
        for printed in true.series.counts
        if printed.model == row.model.name
        for metric, column in (("flops", "flops_g"), ("params", "params_m"))
        if (cell := printed.cell(column)) is not None
    )  # fmt: skip


def test_every_published_figure_is_repeated_to_its_digits(inception_report: Build) -> None:
    true, checks = inception_report("flops"), checks_of(inception_report)
    for metric in ("flops", "params"):
        rows = texts(published_counts_table(true, checks, metric))
        assert len(rows) == 8
        assert all((row[2], row[1]) == ("paddle_static", row[4]) for row in rows)


def test_a_figure_that_nothing_gives_says_so(inception_report: Build) -> None:
    rows = texts(published_counts_table(inception_report("flops"), (), "flops"))
    assert all(row[2:5] == ["–", "–", "–"] for row in rows)


def test_the_difference_is_of_the_published_figure_against_the_true_one(
    inception_report: Build,
) -> None:
    true, checks = inception_report("flops"), checks_of(inception_report)
    # 8.460 / 6.991272 - 1 = +21.0 %, 22.690 / 22.919600 - 1 = -1.0 %, 42.680 / 42.679816 = 0
    rows = {row[0]: row for row in texts(published_counts_table(true, checks, "params"))}
    assert rows["GoogLeNet"][1:] == ["8.460", "paddle_static", "train", "8.460", "6.991", "+21.0%"]
    assert rows["Xception41"][1:] == [
        "22.690",
        "paddle_static",
        "deploy",
        "22.690",
        "22.920",
        "−1.0%",
    ]
    assert rows["InceptionV4"][-1] == "0.0%"
    only = published_counts_table(true, checks, "flops", ("InceptionV3",))
    # 11.460 / 11.426432192 - 1 = +0.3 %
    assert texts(only) == [
        ["InceptionV3", "11.460", "paddle_static", "deploy", "11.460", "11.426", "+0.3%"]
    ]


def test_a_series_without_published_counts_has_nothing_to_compare(tiny_report: Build) -> None:
    report = tiny_report("A", "B")
    assert published_counts_table(report, (), "flops").rows == ()
    assert texts(published_table(report.series, "m0")) == [["web", "0.5", *["not published"] * 5]]
    assert published_table(report.series, "m1").rows == ()


def test_a_true_count_of_nothing_has_no_difference(
    inception_report: Build, tiny_report: Build
) -> None:
    true = inception_report("flops")
    row = true.rows[0]
    nothing = row.counts.totals.__class__(*[0] * 8)
    import msgspec

    counts = msgspec.structs.replace(row.counts, totals=nothing)
    rows = (msgspec.structs.replace(row, counts=counts), *true.rows[1:])
    table = published_counts_table(msgspec.structs.replace(true, rows=rows), (), "flops")
    assert texts(table)[0][-1] == "–"


def test_latencies_say_what_is_known_of_their_hardware(inception_report: Build) -> None:
    report = inception_report("flops")
    rows = texts(model_latencies_table(report, "GoogLeNet", "en"))
    assert len(rows) == 7  # one on V100, six on T4
    assert rows[0] == ["V100 (variant not stated)", "FP32", "1", "224", "256", "1.807"]
    older = texts(model_latencies_table(report, "GoogLeNet", "zh_CN"))
    assert {row[0] for row in older} == {"not stated"}
    assert model_latencies_table(report, "InceptionV3", "zh_CN").rows == ()
