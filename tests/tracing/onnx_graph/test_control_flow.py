"""Graphs inside nodes: the branch that is taken, and every round of a loop."""

import numpy as np
import pytest

pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper
from onnx_files import graph_input, node, saved, values, weight

from profiler.counting.counts import count
from profiler.errors import TraceError
from profiler.tracing.onnx_graph import trace_onnx

BOOL, INT64 = TensorProto.BOOL, TensorProto.INT64
X = graph_input("x", 2, 3)
W = weight("w", 3, 3)


def scalar(name, value, dtype=np.int64):
    return numpy_helper.from_array(np.array(value, dtype), name)


def graph(nodes, inputs, outputs, stored=()):
    given = [graph_input(*each) if isinstance(each, tuple) else each for each in inputs]
    return helper.make_graph(
        nodes, "inner", given, [graph_input(name, None) for name in outputs], stored
    )


def body(nodes, outputs=("go_on", "h"), stored=()):
    """Of a loop that carries [2, 3]: the round, whether to go on, what is carried."""
    inputs = [
        graph_input("i", elem_type=INT64),
        graph_input("go", elem_type=BOOL),
        ("carried", 2, 3),
    ]
    return graph([*nodes, node("Identity", "go", "go_on")], inputs, outputs, stored)


def loop(inner, inputs="n  x", outputs=("y",)):
    return helper.make_node("Loop", inputs.split(" "), outputs, "/decoder/Loop", body=inner)


def counted(tmp_path, nodes, inputs=(X,), stored=(W,), convention="macs", **kwargs):
    return count(
        trace_onnx(saved(tmp_path / "m.onnx", nodes, inputs, stored, **kwargs)), convention
    )


PRODUCT = [node("MatMul", "carried w", "h")]  # 2 x 3 x 3 = 18 products


@pytest.mark.parametrize("rounds", [0, 1, 5])
def test_a_loop_is_its_rounds(tmp_path, rounds):
    counts = counted(tmp_path, [loop(body(PRODUCT))], stored=[W, scalar("n", rounds)])
    assert not counts.uncounted
    assert (counts.totals.macs, counts.totals.params) == (18 * rounds, 9 if rounds else 0)


def test_a_body_has_its_weights_once(tmp_path):
    """Stored in the body, or as a constant node of it."""
    constant = helper.make_node("Constant", [], ["v"], value=weight("v", 3, 3))
    inner = body(
        [constant, node("MatMul", "carried w", "m"), node("MatMul", "m v", "h")], stored=[W]
    )
    counts = counted(tmp_path, [loop(inner)], stored=[scalar("n", 4)])
    assert counts.totals.macs == 4 * 2 * 18
    assert counts.totals.params in (9, 18)  # a constant node is no parameter beside stored weights


def test_rounds_are_calls_of_one_layer(tmp_path):
    nodes = [loop(body([node("MatMul", "carried w", "h", "/decoder/proj/MatMul")]))]
    counts = counted(tmp_path, nodes, stored=[W, scalar("n", 5)])
    assert [(row.path, row.macs) for row in counts.layers if row.macs] == [("decoder.proj", 90)]


@pytest.mark.parametrize("given", ["count", "condition"])
def test_an_open_loop_is_uncounted_by_name(tmp_path, given):
    inputs = [X, graph_input("n", elem_type=INT64 if given == "count" else BOOL)]
    node_inputs = "n  x" if given == "count" else " n x"
    counts = counted(tmp_path, [loop(body(PRODUCT), node_inputs)], inputs)
    assert [each.function for each in counts.uncounted] == ["onnx.Loop"]
    assert counts.totals.params == 9


def test_a_condition_that_is_computed_leaves_a_loop_open(tmp_path):
    """Until the sum of what is carried is small, which is only known when it runs."""
    nodes = [
        *PRODUCT,
        node("ReduceSum", "h", "s", keepdims=0),
        node("Greater", "s limit", "go_on"),
    ]
    inner = graph(
        nodes,
        [graph_input("i", elem_type=INT64), graph_input("go", elem_type=BOOL), ("carried", 2, 3)],
        ["go_on", "h"],
    )
    stored = [W, scalar("n", 5), scalar("limit", 0.1, np.float32)]
    counts = counted(tmp_path, [loop(inner)], stored=stored)
    assert [each.function for each in counts.uncounted] == ["onnx.Loop"]
    assert counts.totals.macs == 0


def test_a_condition_on_the_round_ends_a_loop(tmp_path):
    nodes = [*PRODUCT, node("Less", "i limit", "go_on")]  # after rounds 0, 1, 2 and 3
    inner = graph(
        nodes,
        [graph_input("i", elem_type=INT64), graph_input("go", elem_type=BOOL), ("carried", 2, 3)],
        ["go_on", "h"],
    )
    stored = [W, scalar("n", 100), scalar("limit", 3)]
    assert counted(tmp_path, [loop(inner)], stored=stored).totals.macs == 4 * 18


def test_what_is_carried_grows(tmp_path):
    """Round i multiplies 2 (i + 1) rows: 2 x 9 x (1 + 2 + 3)."""
    inner = body([node("MatMul", "carried w", "m"), node("Concat", "m x", "h", axis=0)])
    counts = counted(tmp_path, [loop(inner)], stored=[W, scalar("n", 3)])
    assert counts.totals.macs == 18 * (1 + 2 + 3)


def test_what_the_rounds_give_is_stacked(tmp_path):
    inner = body([*PRODUCT, node("Relu", "h", "r")], ("go_on", "h", "r"))
    nodes = [loop(inner, outputs=("last", "all")), node("MatMul", "all w", "y")]
    counts = counted(tmp_path, nodes, stored=[W, scalar("n", 5)])
    assert counts.totals.macs == 5 * 18 + 5 * 2 * 9


def test_a_loop_in_a_loop_and_a_branch_in_both(tmp_path):
    """In every second of 4 x 3 rounds a product."""
    taken = graph([node("MatMul", "inner w", "t")], [], ["t"])
    other = graph([node("Relu", "inner", "t")], [], ["t"])  # the same name as in the other branch
    nodes = [
        node("Mod", "j two", "odd"),
        node("Cast", "odd", "is_odd", to=BOOL),
        helper.make_node("If", ["is_odd"], ["h"], then_branch=taken, else_branch=other),
        node("Identity", "going", "go_on"),
    ]
    inner = graph(
        nodes,
        [graph_input("j", elem_type=INT64), graph_input("going", elem_type=BOOL), ("inner", 2, 3)],
        ["go_on", "h"],
    )
    inside = helper.make_node("Loop", ["four", "", "carried"], ["h"], body=inner)
    stored = [W, scalar("n", 3), scalar("four", 4), scalar("two", 2)]
    counts = counted(tmp_path, [loop(body([inside]))], stored=stored)
    assert not counts.uncounted
    assert counts.totals.macs == 3 * 2 * 18


def test_branches_that_use_the_same_names(tmp_path):
    """A constant t of one branch says nothing of a computed t of another."""
    small = graph(
        [node("Reshape", "x t", "r"), node("MatMul", "r w", "out")],
        [],
        ["out"],
        [values("t", 2, 3)],
    )
    large = graph([node("Exp", "h", "t"), node("MatMul", "t w", "out")], [], ["out"])
    nodes = [
        helper.make_node("If", ["c"], ["h"], then_branch=small, else_branch=small),
        helper.make_node("If", ["c"], ["y"], then_branch=large, else_branch=large),
    ]
    stored = [W, scalar("c", True, np.bool_)]
    counts = counted(tmp_path, nodes, stored=stored, convention="flops_all")
    assert (counts.totals.macs, counts.totals.flops) == (36, 72 + 6)


def test_what_does_not_fit_in_a_body_is_said(tmp_path):
    inner = body([node("MatMul", "carried v", "h")])
    with pytest.raises(TraceError, match=r"MatMul .* does not take 2x3, 5x5") as caught:
        counted(tmp_path, [loop(inner)], stored=[weight("v", 5, 5), scalar("n", 2)])
    assert "\n" not in str(caught.value)


def test_a_body_whose_shapes_are_open_is_uncounted(tmp_path):
    nodes = [node("NonZero", "carried", "z"), node("Transpose", "z", "t"), *PRODUCT]
    counts = counted(tmp_path, [loop(body(nodes))], stored=[W, scalar("n", 2)])
    assert [each.function for each in counts.uncounted] == ["onnx.Loop"]


@pytest.mark.parametrize("rounds", [70_000, 1 << 40])
def test_a_loop_too_long_to_write_out_is_uncounted(tmp_path, rounds):
    counts = counted(tmp_path, [loop(body(PRODUCT))], stored=[W, scalar("n", rounds)])
    assert [each.function for each in counts.uncounted] == ["onnx.Loop"]


@pytest.mark.parametrize("axis", [0, 1])
def test_a_scan_is_a_round_for_each_place(tmp_path, axis):
    """[7, 2, 3] or [2, 7, 3] by W, added to a state: 7 rounds of 18 products and 6 sums."""
    inner = graph(
        [node("MatMul", "place w", "m"), node("Add", "m state", "sum"), node("Relu", "sum", "out")],
        [("state", 2, 3), ("place", 2, 3)],
        ["sum", "out"],
    )
    scan = helper.make_node(
        "Scan",
        ["x0", "s"],
        ["last", "all"],
        body=inner,
        num_scan_inputs=1,
        scan_input_axes=[axis],
        scan_output_axes=[1],
    )
    shape = (7, 2, 3) if axis == 0 else (2, 7, 3)
    inputs = [graph_input("x0", 2, 3), graph_input("s", *shape)]
    trace = trace_onnx(saved(tmp_path / "m.onnx", [scan], inputs, [W], outputs=("last", "all")))
    assert [each.shape for each in trace.outputs] == [(2, 3), (2, 7, 3)]
    totals = count(trace, "flops_all").totals
    assert (totals.macs, totals.flops, totals.params) == (7 * 18, 7 * (36 + 6 + 6), 9)


def test_a_scan_with_a_batch(tmp_path):
    """Before operator set 9: the body runs for each of 4 sequences of 7 places."""
    inner = graph(
        [node("MatMul", "place w", "m"), node("Add", "m state", "sum")],
        [("state", 3), ("place", 3)],
        ["sum"],
    )
    scan = helper.make_node("Scan", ["", "x0", "s"], ["y"], body=inner, num_scan_inputs=1)
    inputs = [graph_input("x0", 4, 3), graph_input("s", 4, 7, 3)]
    counts = counted(tmp_path, [scan], inputs, opset=8)
    assert not counts.uncounted
    assert counts.totals.macs == 4 * 7 * 9
