"""Tables in a terminal: what is shown, and that text is never markup."""

import io

import pytest
from rich.console import Console

from profiler.records import Counts, Document, Facts, LayerCounts, Totals
from profiler.render.messages import load_messages
from profiler.render.terminal import (
    console,
    document_drawing,
    plain,
    terminal_table,
)
from profiler.report.tables.layers import DEFAULT_COLUMNS, layer_table, totals_table


def row(path, macs):
    return LayerCounts(
        path=path, kind="conv", input_shape=(1, 3, 4, 4), output_shape=(1, 2, 4, 4), params=1054,
        trainable_params=1000, macs=macs, flops=2 * macs, activations=32, bytes_moved=400,
    )  # fmt: skip


def counts(*rows):
    params = sum(each.params for each in rows)
    macs = sum(each.macs for each in rows)
    return Counts(
        model="net", input_shapes={"0": (1, 3, 4, 4)}, variant="deploy", convention="flops",
        precision="fp16", grouping="layer", layers=rows,
        totals=Totals(params, params, macs, 2 * macs, 64, 800, 4216, 3 * 2**20),
    )  # fmt: skip


def drawn(table, title="title"):
    return plain(terminal_table(table, load_messages("en"), title))


def cells(line):
    return line.split()


def test_rows_and_the_total():
    lines = drawn(layer_table(counts(row("stem", 1500), row("head", 500)))).splitlines()
    assert lines[0] == "title"
    body = [cells(line) for line in lines if line.strip() and "─" not in line]
    assert body[1][:3] == ["Path", "Kind", "Output"]
    assert body[2] == ["stem", "conv", "1x2x4x4", "1,054", "1,500", "3,000", "75.0%"]
    assert body[3] == ["head", "conv", "1x2x4x4", "1,054", "500", "1,000", "25.0%"]
    assert body[-1] == ["total", "2,108", "2,000", "4,000", "100.0%"]


def test_numbers_line_up_on_the_right():
    lines = drawn(layer_table(counts(row("a", 5), row("b", 5_000_000)))).splitlines()
    small, large = (next(line for line in lines if line.lstrip().startswith(p)) for p in "ab")
    assert len(small.rstrip()) == len(large.rstrip())
    assert small.index("  5 ") + 3 == large.index("5,000,000") + len("5,000,000")


@pytest.mark.parametrize("name", ["[bold]x[/bold]", "[/]", "a[link=x]b", ":warning:", "[red]"])
def test_text_is_never_markup(name):
    text = drawn(layer_table(counts(row(name, 1))), title=name)
    assert text.count(name) == 2


def test_a_pipe_gets_plain_text_of_one_width(monkeypatch):
    stream = io.StringIO()
    wide = "very.long.path." * 8
    console(stream).print(
        terminal_table(layer_table(counts(row(wide, 1))), load_messages("en"), "t")
    )
    text = stream.getvalue()
    assert "\x1b" not in text
    assert wide in text
    monkeypatch.setenv("COLUMNS", "40")
    again = io.StringIO()
    console(again).print(
        terminal_table(layer_table(counts(row(wide, 1))), load_messages("en"), "t")
    )
    assert again.getvalue() == text


@pytest.mark.parametrize("width", [60, 80, 100])
def test_figures_stay_whole_in_a_narrow_terminal(width):
    stream = io.StringIO()
    narrow = Console(file=stream, width=width, highlight=False)
    table = layer_table(counts(row("a.long.path.of.a.layer.deep.inside", 123_456_789)))
    narrow.print(terminal_table(table, load_messages("en"), "t"))
    for figure in ("123,456,789", "246,913,578", "1,054", "100.0%"):
        assert figure in stream.getvalue()
    assert all(len(line) <= width for line in stream.getvalue().splitlines())


def test_plain_has_no_trailing_spaces_and_one_line_feed():
    text = drawn(layer_table(counts(row("a", 1)), DEFAULT_COLUMNS))
    assert all(line == line.rstrip() for line in text.splitlines())
    assert text.endswith("\n")
    assert text == drawn(layer_table(counts(row("a", 1)), DEFAULT_COLUMNS))


def test_facts_are_below_each_other():
    facts = Facts((("parameters", "1.05 k"), ("peak", "3.00 MiB")))
    assert plain(document_drawing(Document((facts,), None), load_messages("en"))) == (
        "parameters  1.05 k\npeak        3.00 MiB\n\n"
    )


def test_models_side_by_side_have_no_total():
    text = drawn(totals_table([counts(row("a", 1)), counts(row("b", 2))]))
    assert "total" not in text
    assert text.count("net") == 2


@pytest.mark.parametrize("width", [30, 60, 80, 120, 200])
def test_no_number_is_cut_on_a_narrow_terminal(width):
    row = LayerCounts("stem.conv1", "conv", (1, 3, 9, 9), (1, 8, 9, 9), 216, 216, 10**12 + 7,
                      2 * 10**12 + 14, 648, 1, 1)  # fmt: skip
    total = Totals(216, 216, 10**12 + 7, 2 * 10**12 + 14, 648, 1, 864, 3)
    counts = Counts("net", {"0": (1, 3, 9, 9)}, "deploy", "flops", "fp32", "layer", (row,), total)
    drawn = terminal_table(layer_table(counts), load_messages("en"), "net", width)
    buffer = io.StringIO()
    Console(file=buffer, width=max(width, 40)).print(drawn)
    shown = buffer.getvalue()
    exact, rounded = "1,000,000,000,007", "1.00 T"
    assert shown.count(exact) + shown.count(rounded) == 2
    assert (exact in shown) == (width >= 120)
