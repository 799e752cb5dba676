"""CSV holds exact numbers under English names."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from profiler.records import (
    Cell,
    Column,
    Report,
    Table,
)
from profiler.render.csv_table import render_csv
from profiler.report.tables.series import accuracy_table, latency_table


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_counts_are_exact_and_quoted_figures_keep_their_digits(inception_report) -> None:  # type: ignore[no-untyped-def]
    report: Report = inception_report("flops")
    text = render_csv(accuracy_table(report))
    rows = read(text)
    header = "model,input_size,top1,top5,reference_top1,reference_top5,flops,params"
    assert rows[0] == header.split(",")
    # expected_counts.csv, deploy graph; the missing reference top-5 is an empty field.
    googlenet = "GoogLeNet,224x224,0.707,0.897,0.698,,2863112704,6991272"
    assert rows[1] == googlenet.split(",")
    assert "\r" not in text


def test_conditions_are_part_of_a_columns_name(inception_report) -> None:  # type: ignore[no-untyped-def]
    header = read(render_csv(latency_table(inception_report("flops"), "t4")))[0]
    assert header[:4] == ["model", "crop_size", "resize_short_size", "latency_ms_fp16_1"]
    assert len(set(header)) == len(header) == 9


def test_a_printed_name_is_one_word() -> None:
    column = Column(key="published.model", hint="printed")
    table = Table(key="t", columns=(column,), rows=((Cell(value="A<br>_b", origin="label"),),))
    assert render_csv(table) == "model\nA_b\n"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_any_text_survives(texts: list[str]) -> None:
    columns = tuple(Column(key=f"count.c{i}", hint="label") for i in range(len(texts) + 1))
    row = (Cell(value="x", origin="label"), *(Cell(value=t, origin="label") for t in texts))
    assert read(render_csv(Table(key="t", columns=columns, rows=(row,))))[1] == [
        "x",
        *(text.replace("\r", " ") for text in texts),
    ]
