"""Markdown in every shape that tables come in → cells, marks and lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiler.docs.lint.page import ImageLink
from profiler.docs.lint.reading import read_page


def only_table(text):
    (table,) = read_page("a.md", text).tables
    return table


def texts(table):
    return [[cell.text for cell in row] for row in (table.header, *table.rows)]


PLAIN = [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("| a | b |\n|---|---|\n| 1 | 2 |", 1),
        ("a | b\n--|--\n1 | 2", 1),
        ("\ufeff| a | b |\r\n|:-:|--:|\r\n| 1 | 2 |\r\n", 1),
        ("text\n| a | b |\n|---|---|\n| 1 | 2 |\n\nmore", 2),
        ("1. x\n\n   | a | b |\n   |---|---|\n   | 1 | 2 |\n", 3),
        ("- x\n  | a | b |\n  |---|---|\n  | 1 | 2 |\n- y", 2),
        ("> > | a | b |\n> > |---|---|\n> > | 1 | 2 |\n", 1),
        ("```\n| x | y |\n|---|---|\n```\n| a | b |\n|---|---|\n| 1 | 2 |", 5),
        ("    | x | y |\n    |---|---|\n\n| a | b |\n|---|---|\n| 1 | 2 |", 4),
        ("<!--\n| x | y |\n|---|---|\n\n-->\n\n| a | b |\n|---|---|\n| 1 | 2 |", 7),
        ("<table><tr><td>a</td><td>b</td></tr>\n<tr><td>1</td><td>2</td></tr></table>", 1),
        ("x\n\n<table>\n<tr><th>a<th>b\n\n<tr>\n<td>1\n<td>2\n</table>", 4),
        ("<table><thead><tr><td>a</td><td>b</td></tr></thead>\n\n<tr><td>\n\n1\n\n</td><td>2", 1),
    ],
)
def test_a_table_in_every_shape(text, line):
    table = only_table(text)
    assert texts(table) == PLAIN
    assert table.line == line
    assert table.is_html == ("<t" in text)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("**A**", "A"),
        ("*A*_b", "A_b"),
        ("a<br>_b<br/>c", "a\n_b\nc"),
        ("`a_b`", "a_b"),
        (r"a \| b", "a | b"),
        ("&nbsp;a&amp;b", "a&b"),
        ("[a](b.md)", "a"),
        ("[**a**](b.md) x", "a x"),
        ("![a](b.png) x", "x"),
        ("~~75.1~~ 76.2", "76.2"),
        ("75.1*", "75.1"),
        ("75.1[^2]", "75.1"),
        ("75.1<sup>2</sup>", "75.1"),
        ("75.1 †", "75.1"),
        ("10<sup>9</sup>", "10^9"),
        ("a_b_c", "a_b_c"),
        ("<b>63.14<b>", "63.14"),
    ],
)
def test_what_a_cell_shows(source, text):
    assert only_table(f"| m | x |\n|--|--|\n| {source} | 1 |").rows[0][0].text == text


@pytest.mark.parametrize(
    ("source", "marks"),
    [("1*", ("*",)), ("1[^a]", ("a",)), ("1<sup>[2]</sup>", ("2",)), ("1 †", ("†",)), ("1", ())],
)
def test_footnote_marks_are_kept_apart(source, marks):
    assert only_table(f"| m |\n|--|\n| {source} |").rows[0][0].marks == marks
    html = f"<table><tr><td>m</td></tr><tr><td>{source}</td></tr></table>"
    if "[^" not in source:
        assert only_table(html).rows[0][0].marks == marks


def test_rows_keep_as_many_cells_as_they_have():
    table = only_table("| a | b | c |\n|---|---|\n| 1 |\n| 1 | 2 | 3 | 4 |")
    assert [len(row) for row in (table.header, *table.rows)] == [3, 1, 4]
    assert table.columns == 2


def test_spans_of_html_fill_what_they_span():
    table = only_table(
        "<table>\n<tr><td rowspan=2>Model</td><td colspan=2>T4</td></tr>\n"
        "<tr><td>FP16</td><td>FP32</td></tr>\n"
        "<tr><td rowspan=2>R<br>_a</td><td>1</td>\n<td>2</td></tr>\n"
        "<tr><td>3</td><td>4</td></tr>\n</table>"
    )
    assert texts(table) == [
        ["Model", "T4\nFP16", "T4\nFP32"],
        ["R\n_a", "1", "2"],
        ["R\n_a", "3", "4"],
    ]
    assert [[cell.line for cell in row] for row in table.rows] == [[4, 4, 5], [4, 6, 6]]


def test_what_stands_above_a_table():
    table = "| a |\n|---|\n| 1 |\n"
    page = read_page(
        "a.md",
        f"# T `x`\n## S\n\non **V100**\n\n{table}\n### U\n\n```\ncode\n```\n{table}\n"
        f'## V\n<h3 align="center">W</h3>\n\n{table}',
    )
    assert [each.headings for each in page.tables] == [
        ("T x", "S", "on V100"),
        ("T x", "S", "U"),
        ("T x", "V", "W"),
    ]


def test_pictures_and_comments_with_their_lines():
    page = read_page(
        "a.md",
        "![a](b.png) `![no](no)`\n[![c](d.svg)](e)\n\n<!-- one -->\n<p>\n<img src=f.png>\n</p>\n\n"
        "| x |\n|--|\n| ![](g.png) |\n\n```\n<!-- no --> ![no](no)\n```\n"
        '`<!-- no -->` <!-- two --> <img src="h" alt="">',
    )
    assert page.images == (
        ImageLink(1, "b.png", "a"),
        ImageLink(2, "d.svg", "c"),
        ImageLink(6, "f.png", None),
        ImageLink(11, "g.png", ""),
        ImageLink(16, "h", ""),
    )
    assert page.comments == ((4, " one "), (16, " two "))


CELL = st.text("ab1 .\\`*_[]()<>/!&|-:#~^†²％表\t", max_size=8)
LINE = st.one_of(
    CELL,
    st.lists(CELL, max_size=4).map("|".join),
    st.sampled_from(
        [
            "|--|--|",
            "<table>",
            "<tr><td>",
            "</table>",
            "```",
            "- ",
            "> ",
            "# ",
            "<!--",
            "-->",
            "| a | b |",
        ]
    ),
)


@given(st.lists(LINE, max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
def test_whatever_is_written_is_read_within_its_lines(lines, end):
    page = read_page("a.md", end.join(lines))
    for table in page.tables:
        for row in (table.header, *table.rows):
            assert all(1 <= cell.line <= len(lines) for cell in row)
    assert all(1 <= image.line <= len(lines) for image in page.images)
