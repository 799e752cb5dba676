"""What scripts find at a table: raw numbers, names of columns and models, words in the language."""

import re
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from profiler.records import (
    Cell,
    Column,
    Report,
    Table,
)
from profiler.render.cells import raw_number
from profiler.render.messages import load_messages
from profiler.render.templating import render_template
from profiler.report.tables.series import accuracy_table, latency_table
from profiler.website.parts import SiteTable


def table_of(rows: int) -> Table:
    return Table(
        key="t",
        columns=(Column(key="model", hint="label"), Column(key="top1", hint="published")),
        rows=tuple(
            (
                Cell(value=f"N{index}", origin="label", model=f"n{index}"),
                Cell(value=f"0.{index}0", origin="published"),
            )
            for index in range(rows)
        ),
    )


def view_of(table: Table) -> SiteTable:
    return SiteTable("a", "c", table)


def render(view: SiteTable, language: str = "en") -> str:
    values = {"view": view, "messages": load_messages(language)}
    return render_template(template="site/one_table.html.j2", values=values)


def test_short_tables_have_no_tools() -> None:
    assert not view_of(table_of(3)).has_tools
    assert "data-value" not in render(view_of(table_of(3)))
    assert view_of(table_of(4)).has_tools
    assert not view_of(table_of(4)).has_filter
    assert "<input" not in render(view_of(table_of(11)))
    assert "<input" in render(view_of(table_of(12)))


def test_long_tables_scroll_in_a_frame() -> None:
    assert not view_of(table_of(40)).is_long
    assert 'class="scroll long"' in render(view_of(table_of(41)))


def test_short_tables_stay_on_one_sheet() -> None:
    assert 'class="scroll short"' in render(view_of(table_of(32)))
    assert not view_of(table_of(33)).is_short


def test_many_columns_stand_closer() -> None:
    wide = Table(key="t", columns=(Column(key="model", hint="label"),) * 9, rows=())
    assert view_of(wide).is_dense
    assert not view_of(replace(wide, columns=wide.columns[:8])).is_dense


def test_tools_show_only_where_a_script_shows_them() -> None:
    html = render(view_of(table_of(8)))
    assert '<div class="tools" hidden data-table="a"' in html
    assert "<button" not in html


def test_rows_and_columns_go_by_names() -> None:
    html = render(view_of(table_of(4)))
    assert html.count("<tr data-model=") == 4
    assert '<tr data-model="n2"><th scope="row">N2</th><td data-value="0.20"><i>0.20</i>' in html
    assert re.findall('data-column="(.*?)"', html) == ["model", "top1"]
    assert render(view_of(table_of(4))) == html


def test_every_figure_of_a_table_has_its_number(inception_report: Callable[..., Report]) -> None:
    report = inception_report("flops")
    for table in (accuracy_table(report), latency_table(report, "t4")):
        html = render(view_of(table))
        wanted = [
            str(cell.value)
            for row in table.rows
            for cell in row[1:]
            if cell.value is not None and "x" not in str(cell.value)
        ]
        assert re.findall('data-value="(.*?)"', html) == wanted
        names = re.findall('data-column="(.*?)"', html)
        assert len(names) == len(set(names)) == len(table.columns)


def test_names_of_columns_are_the_same_in_every_language() -> None:
    english, chinese = (render(view_of(table_of(12)), language) for language in ("en", "zh_CN"))
    names, labels = ('data-column="(.*?)"', "<label>(.*?) <input")
    assert re.findall(names, english) == re.findall(names, chinese)
    assert re.findall(labels, english) != re.findall(labels, chinese)
    assert re.search('data-ascending="[^"]*{column}', chinese)
    assert re.search('data-shown="[^"]*{shown}', chinese)


@pytest.mark.parametrize(
    ("value", "raw"),
    [
        (12345678901, "12345678901"),
        (0.1 + 0.2, "0.30000000000000004"),
        ("7.20", "7.20"),
        (0, "0"),
        (None, ""),
        ("224x224", ""),
        ("2026-11-21", ""),
        ("nan", ""),
        ("inf", ""),
        ("", ""),
    ],
)
def test_numbers_behind_cells(value: int | float | str | None, raw: str) -> None:
    assert raw_number(Cell(value=value, origin="label")) == raw


def test_a_row_of_a_strange_name_stays_one_attribute() -> None:
    cell = Cell(value="x", origin="label", model='"><script>')
    table = Table(key="t", columns=(Column(key="model", hint="label"),), rows=((cell,),))
    assert 'data-model="&#34;&gt;&lt;script&gt;"' in render(view_of(table))
