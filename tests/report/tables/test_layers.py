"""Tables of a count: its rows, its total, the columns that were asked for."""

import pytest

from profiler.errors import UnknownNameError, UsageError
from profiler.records import (
    Counts,
    LayerCounts,
    Totals,
    Uncounted,
)
from profiler.render.csv_table import render_csv
from profiler.render.markdown import render_markdown
from profiler.render.messages import load_messages
from profiler.report.tables.layers import (
    COLUMNS,
    layer_table,
    totals_table,
    uncounted_table,
)


def row(path: str, params: int, macs: int, moved: int) -> LayerCounts:
    return LayerCounts(
        path=path,
        kind="conv",
        input_shape=(1, 3, 4, 4),
        output_shape=(1, 2, 4, 4),
        params=params,
        trainable_params=params // 2,
        macs=macs,
        flops=2 * macs,
        activations=32,
        bytes_moved=moved,
        calls=3,
    )


def counts(*rows: LayerCounts) -> Counts:
    names = ("params", "trainable_params", "macs", "flops", "activations", "bytes_moved")
    return Counts(
        model="net",
        input_shapes={"0": (1, 3, 4, 4), "1": (1, 7)},
        variant="deploy",
        convention="flops",
        precision="fp32",
        grouping="layer",
        layers=rows,
        totals=Totals(
            **{name: sum(getattr(row, name) for row in rows) for name in names},
            weight_bytes=2048,
            peak_activation_bytes=512,
        ),
        uncounted=(Uncounted(function="torch.fft", kind="fft", path="a|b", calls=2),),
    )


TWO = counts(row("a", 54, 300, 400), row("b", 1000, 100, 1200))


def test_markdown_has_the_rows_in_order_and_the_total_last() -> None:
    lines = render_markdown(layer_table(TWO), load_messages("en")).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[0] == ["Path", "Kind", "Output", "Parameters", "MACs", "FLOPs", "Share of FLOPs"]
    assert cells[2:] == [
        ["a", "conv", "1x2x4x4", "54", "300", "600", "75.0%"],
        ["b", "conv", "1x2x4x4", "1,000", "100", "200", "25.0%"],
        ["total", "", "", "1,054", "400", "800", "100.0%"],
    ]


def test_every_column_in_the_order_asked_for() -> None:
    names = tuple(reversed(COLUMNS))
    rows = render_csv(layer_table(TWO, names)).splitlines()
    assert rows[0] == ",".join(names)
    first = dict(zip(names, rows[1].split(","), strict=True))
    # 600 FLOPs over 400 bytes; half of the 54 parameters are frozen.
    assert first["arithmetic_intensity"] == "1.5"
    assert (first["trainable_params"], first["frozen_params"]) == ("27", "27")
    total = dict(zip(names, rows[-1].split(","), strict=True))
    assert (total["frozen_params"], total["calls"], total["share"]) == ("527", "6", "1.0")
    assert total["arithmetic_intensity"] == "0.5"  # 800 over 1600, not the mean of the rows
    assert (total["path"], total["output_shape"]) == ("", "total")  # the first column of words


def test_the_share_of_nothing_is_not_zero() -> None:
    table = layer_table(counts(row("a", 1, 0, 0)), ("path", "share", "arithmetic_intensity"))
    assert "| a     |              – |         – |" in render_markdown(table, load_messages("en"))
    assert render_csv(table).splitlines()[1] == "a,,"


def test_an_unknown_column_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"'flop'.*did you mean flops"):
        layer_table(TWO, ("path", "flop"))
    with pytest.raises(UsageError, match="path, kind"):
        layer_table(TWO, ())


def test_totals_side_by_side() -> None:
    assert render_csv(totals_table([TWO, TWO])).splitlines() == [
        "model,input_shape,variant,convention,params,macs,flops,activations,weight_bytes,"
        "peak_activation_bytes",
        *["net,1x3x4x4 + 1x7,deploy,flops,1054,400,800,64,2048,512"] * 2,
    ]
    assert "2.00 KiB" in render_markdown(totals_table([TWO]), load_messages("zh_CN"))


def test_uncounted_ops_are_listed() -> None:
    table = uncounted_table(TWO)
    assert render_csv(table).splitlines()[1] == "torch.fft,fft,a|b,2"
    assert "a\\|b" in render_markdown(table, load_messages("en"))
