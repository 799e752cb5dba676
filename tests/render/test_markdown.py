"""Text stays text, tables stay padded: markdown-it-py and mdformat are the judges."""

import re

import mdformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from profiler.records import Cell, Column, Table
from profiler.render.markdown import (
    display_width,
    heading,
    inline,
    link,
    paragraph,
    render_markdown,
)
from profiler.render.messages import load_messages

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
MARKUP = st.text(st.sampled_from("\\`*_[]()<>#|~!&;:-+=.1x9 \n\t@型、é"), max_size=14)
#: Where mdformat's own output makes a tag of text; ours is right instead of stable.
HALF_TAG = re.compile(r"<\s*<[A-Za-z/!?]")
NASTY = (
    "<<",
    "<<b>",
    "a|b",
    "\\|",
    "`x`",
    "<b>",
    "< br",
    "*a*",
    "_a_",
    "a_b",
    "_",
    "[x](y)",
    "[x]: y",
    "[^1]",
    "![a](b)",
    "&lt;",
    "&#10;",
    "~~x~~",
    "# h",
    "1. a",
    "2) a",
    "- a",
    "---",
    "- - -",
    "===",
    "> q",
    "[ ] t",
    "a #",
    "|-|",
    ":-:",
    "a\nb",
    "a\\",
    "</td>",
    "<!-- -->",
    "**",
    "* *",
)


def expected(text: str) -> str:
    """What must be read: the same characters, white space collapsed."""
    return " ".join(text.split())


def read(markdown: str) -> str:
    """The text of a document that must hold one block of nothing but text."""
    tree = SyntaxTreeNode(PARSER.parse(markdown))
    assert len(tree.children) <= 1, tree.pretty()
    leaves = [node for node in tree.walk() if not node.children and node.type != "root"]
    assert {node.type for node in leaves} <= {"text", "text_special", "inline"}, tree.pretty()
    return "".join(node.content for node in leaves)


def is_stable(markdown: str) -> bool:
    return mdformat.text(markdown, extensions={"gfm"}) == markdown


@given(MARKUP)
@settings(max_examples=150)
def test_a_paragraph_reads_back_as_its_text_and_is_stable(text: str) -> None:
    written = paragraph(text)
    assert read(written) == expected(text)
    assert not written or HALF_TAG.search(text) or is_stable(written + "\n")


@pytest.mark.parametrize("text", NASTY)
def test_nasty_paragraphs_and_items(text: str) -> None:
    assert read(paragraph(text)) == expected(text)
    if not HALF_TAG.search(text):
        assert is_stable(paragraph(text) + "\n")
        assert is_stable(f"- {paragraph(text)}\n")
    item = SyntaxTreeNode(PARSER.parse(f"- {paragraph(text)}\n")).children[0].children[0]
    assert [child.type for child in item.children] == ["paragraph"]


@given(MARKUP)
@settings(max_examples=100)
@example("a #")
@example("#")
def test_a_heading_reads_back_as_its_text(text: str) -> None:
    written = f"## {heading(text)}".rstrip()
    tree = SyntaxTreeNode(PARSER.parse(written))
    assert [node.type for node in tree.children] == ["heading"]
    assert read(written) == expected(text)


def table_of(*rows: tuple[Cell, ...], hints: tuple[str, ...]) -> Table:
    columns = tuple(Column(key="count.path", hint=hint, align="left") for hint in hints)
    return Table(key="t", columns=columns, rows=rows)


def cells_read(markdown: str) -> list[list[str]]:
    """The text of every body cell, line breaks as "<br>"."""
    tree = SyntaxTreeNode(PARSER.parse(markdown))
    assert [node.type for node in tree.children] == ["table"]
    rows = [node for node in tree.walk() if node.type == "tr"][1:]
    return [
        ["".join(n.content for n in cell.walk() if not n.children) for cell in row.children]
        for row in rows
    ]


@given(st.lists(st.tuples(MARKUP, MARKUP), min_size=1, max_size=4))
@settings(max_examples=100)
@example([("a\\|b", "|"), ("\\", "型号")])
def test_table_cells_read_back_and_the_table_is_stable(texts: list[tuple[str, str]]) -> None:
    rows = tuple(tuple(Cell(value=text, origin="label") for text in pair) for pair in texts)
    written = render_markdown(table_of(*rows, hints=("label", "text")), load_messages("en"))
    assert cells_read(written) == [[expected(text) for text in pair] for pair in texts]
    assert any(HALF_TAG.search(text) for pair in texts for text in pair) or is_stable(written)


def test_a_printed_name_keeps_its_line_break_and_nothing_else() -> None:
    row = (
        Cell(value="A<br>_b<i>", origin="label"),
        Cell(value="A<br>_b", origin="label"),
    )
    written = render_markdown(table_of(row, hints=("printed", "label")), load_messages("en"))
    cells = SyntaxTreeNode(PARSER.parse(written)).children[0].children[1].children[0].children
    kinds = [[n.type for n in cell.walk() if not n.children] for cell in cells]
    assert kinds == [["text", "html_inline", "text"], ["text"]]
    assert cells_read(written) == [["A<br>_b<i>", "A<br>_b"]]


def test_quoted_figures_are_italic_and_missing_ones_say_why() -> None:
    row = (
        Cell(value="1.0", origin="published"),
        Cell(value="1.0", origin="published"),
        Cell(value=None, origin="missing", reason="not_published"),
        Cell(value=None, origin="missing"),
    )
    hints = ("published", "verbatim", "published", "published")
    written = render_markdown(table_of(row, hints=hints), load_messages("en"))
    assert written.splitlines()[2].replace(" ", "") == "|*1.0*|1.0|notpublished||"


@pytest.mark.parametrize(
    ("target", "written"),
    [
        ("https://a.b/c_d?e=1&f=2", "[n](https://a.b/c_d?e=1&f=2)"),
        ("https://a.b/(c) d|<e>", "[n](https://a.b/%28c%29%20d%7C%3Ce%3E)"),
        ("javascript:alert(1)", "n"),
        ("", "n"),
    ],
)
def test_links_go_to_web_addresses_only(target: str, written: str) -> None:
    assert link("n", target) == written
    assert is_stable(link("n", target) + "\n")


def test_a_links_text_cannot_leave_the_link() -> None:
    written = link("a](https://evil) [b", "https://good")
    nodes = list(SyntaxTreeNode(PARSER.parse(written)).walk())
    assert [node.attrs["href"] for node in nodes if node.type == "link"] == ["https://good"]


def test_controls_and_marks_that_reorder_text_are_dropped() -> None:
    assert inline("a\x00\u202eb\ud800\u200bc") == "abc"


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("参数量", 6), ("e\u0301", 1), ("（G）", 5)]
)
def test_display_width_counts_wide_characters_twice(text: str, width: int) -> None:
    assert display_width(text) == width
