"""One document in four formats, and what a narrow terminal does without."""

import json

import pytest
from narrow_terminal import order_of_going

from profiler.records import (
    TABULAR,
    Cell,
    Column,
    Document,
    Facts,
    Heading,
    Lines,
    Markup,
    Table,
    TableBlock,
    Uncounted,
)
from profiler.render.messages import Messages
from profiler.render.renderers import RENDERERS, render
from profiler.render.terminal import document_drawing, plain


def table(**columns):
    """Column → the texts below it; headings are those of counts."""
    return Table(
        key="made",
        columns=tuple(Column(key=f"count.{name}", hint="text", align="left") for name in columns),
        rows=tuple(
            tuple(Cell(value=text, origin="label") for text in row)
            for row in zip(*columns.values(), strict=True)
        ),
    )


DOCUMENT = Document(
    (
        Heading("A # heading #"),
        TableBlock("A title", table(path=["a|b", "c"], kind=["conv", "pool"]), formats=TABULAR),
        Lines(("of *stars*", "1. and lists"), style="dim", listed=True, gap=True),
        Lines(("said of a", "of all"), listed=True, marks=("a", ""), formats=("markdown",)),
        Lines((), listed=True),
        Facts((("one", "1"), ("three", "3"))),
        Markup("as it `is`"),
        TableBlock("", table(kind=["é"]), formats=("csv",)),
        Lines(("# an end",), formats=("markdown",)),
    ),
    {"ops": (Uncounted("f", "é", "p", 2**70),)},
)

SHOWN = {
    "terminal": """\
A title

 Path   Kind
 ───────────
 a|b    conv
 c      pool

of *stars*
1. and lists

one    1
three  3

""",
    "markdown": """\
### A # heading \\#

| Path | Kind |
| :--- | :--- |
| a\\|b | conv |
| c    | pool |

- of \\*stars\\*
- 1\\. and lists

- <sup>a</sup> said of a
- of all

as it `is`

\\# an end
""",
    "csv": "path,kind\na|b,conv\nc,pool\n\nkind\né\n",
    "json": """\
{
  "ops": [
    {
      "function": "f",
      "kind": "\\u00e9",
      "path": "p",
      "calls": 1180591620717411303424
    }
  ]
}
""",
}


@pytest.mark.parametrize("form", RENDERERS)
def test_one_document_in_every_format(form):
    assert render(DOCUMENT, form) == SHOWN[form]


def test_data_with_sentences_stays_readable():
    text = render(Document((), {"é": 1}, ascii=False), "json")
    assert "é" in text
    assert json.loads(text) == {"é": 1}


WIDE = table(
    path=[], kind=[], input_shape=[], output_shape=[], variant=[], convention=[], share=[],
    calls=[], macs=[],
)  # fmt: skip


def test_the_usual_columns_go_in_this_order():
    gone, left = order_of_going(TableBlock("", WIDE))
    assert gone == [
        "output_shape", "input_shape", "variant", "convention", "share", "kind", "calls",
    ]  # fmt: skip
    assert left == ["path", "macs"]


def test_a_table_has_an_order_of_its_own():
    gone, left = order_of_going(TableBlock("", WIDE, first_to_go=("macs", "share", "path")))
    assert gone == ["macs", "share", "path"]
    assert left == ["kind", "input_shape", "output_shape", "variant", "convention", "calls"]


def test_models_that_do_not_fit_side_by_side_stand_below_each_other():
    """The first of them is in each table; all are there, as many at a time as there is room for."""

    def part(places):
        return table(**{f"m{at}": [f"<{at}>"] for at in places})

    block = TableBlock("t", part(range(5)), models=5, part=part)
    words = Messages("en", {f"columns.count.m{at}": "model" for at in range(5)})

    def rows(width):
        text = plain(document_drawing(Document((block,), None), words, width))
        return [line.split() for line in text.splitlines() if "<0>" in line]

    assert rows(None) == rows(80) == [["<0>", "<1>", "<2>", "<3>", "<4>"]]
    assert rows(25) == [["<0>", "<1>", "<2>"], ["<0>", "<3>", "<4>"]]
    assert rows(5) == [["<0>", "<1>"], ["<0>", "<2>"], ["<0>", "<3>"], ["<0>", "<4>"]]
