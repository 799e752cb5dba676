"""The trace of each network against its reference layer table, row by row and in order."""

import csv
from pathlib import Path

import pytest

import profiler

DATA = Path(__file__).parent.parent / "data"
TABLES = {path.stem.lower(): path for path in (DATA / "layers").glob("*.csv")}


def table(path):
    with path.open() as file:
        return list(csv.DictReader(file))


EXPECTED = table(DATA / "expected_counts.csv")
KINDS = {
    "conv2d": "conv", "batch_norm": "batch_norm", "relu": "activation", "max_pool2d": "pool",
    "avg_pool2d": "pool", "global_avg_pool2d": "pool", "concat": "concat", "add": "add",
    "dropout": "dropout", "linear": "linear",
}  # fmt: skip


def sizes(text):
    return tuple(int(size) for size in text.split("x"))


def traced(name, variant="train"):
    (side,) = {int(row["input"][-3:]) for row in EXPECTED if row["model"] == name}
    return profiler.trace(profiler.build(name, variant=variant), (1, 3, side, side))


def numel(shape):
    product = 1
    for size in shape or (0,):
        product *= size
    return product


@pytest.mark.parametrize("name", sorted(TABLES))
def test_trace_matches_its_table(name):
    rows = [row for row in table(TABLES[name]) if row["op"] != "flatten"]
    ops = [op for op in traced(name).ops if op.kind != "view"]
    assert len(ops) == len(rows)
    for number, (op, row) in enumerate(zip(ops, rows, strict=True), start=2):
        where = f"line {number}: {row}"
        assert op.kind == KINDS[row["op"]], where
        activations = tuple(t.shape for t in op.inputs if not t.state)
        assert activations == tuple(map(sizes, row["input"].split("+"))), where
        assert op.outputs[0].shape == sizes(row["output"]), where
        assert numel(op.weight_shape) == int(row["weight_params"]), where
        assert numel(op.bias_shape) == int(row["bias_params"]), where
        for key in ("kernel", "stride", "padding", "dilation"):
            if row[key]:
                stated = (1, 1) if key == "dilation" and row["op"] != "conv2d" else None
                assert op.attributes.get(key, stated) == sizes(row[key]), where
        if row["groups"]:
            assert op.attributes["groups"] == int(row["groups"]), where
        if row["op"] == "avg_pool2d" and op.attributes["padding"] != (0, 0):
            # InceptionV3 counts the padding, InceptionV4 does not
            assert op.attributes["count_include_pad"] == (name == "inceptionv3")


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: f"{row['model']}-{row['variant']}")
def test_exact_totals(row):
    trace = traced(row["model"], row["variant"])
    totals = profiler.count(trace, "flops").totals
    assert totals.macs == int(row["macs"])
    assert totals.flops == int(row["flops"])
    assert totals.params == int(row["params"])
    if row["paddle_static_flops"]:
        published = profiler.count(trace, "paddle_static").totals
        assert published.flops == int(row["paddle_static_flops"])
        assert published.params == int(row["paddle_static_params"])
        assert published.macs == int(row["macs"])


def test_no_rule_is_missing_for_the_networks():
    for name in TABLES:
        for convention in ("macs", "flops", "flops_all", "paddle_static"):
            assert profiler.count(traced(name), convention, strict=True).uncounted == ()


@pytest.mark.parametrize("name", sorted(TABLES))
def test_activations_are_the_outputs_of_the_table(name):
    rows = [row for row in table(TABLES[name]) if row["op"] != "flatten"]
    expected = sum(numel(sizes(row["output"])) for row in rows)
    assert profiler.count(traced(name)).totals.activations == expected
