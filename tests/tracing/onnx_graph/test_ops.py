"""What one op costs, by textbook formulas."""

import numpy as np
import pytest

pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper
from onnx_files import graph_input, node, saved, values, weight

from profiler.counting.counts import count
from profiler.errors import TraceError
from profiler.tracing.onnx_graph import trace_onnx

X = graph_input("x", 2, 4, 10, 8)


@pytest.fixture
def totals(tmp_path):
    """Totals under a convention of a graph of one op or a few."""

    def of(nodes, inputs, stored=(), convention="flops_all", **kwargs):
        trace = trace_onnx(saved(tmp_path / "m.onnx", nodes, inputs, stored, **kwargs))
        counts = count(trace, convention)
        assert not counts.uncounted
        return counts.totals

    return of


@pytest.mark.parametrize(
    ("attributes", "positions"),
    [
        ({}, 8 * 6),  # (10 - 3 + 1) * (8 - 3 + 1)
        ({"pads": [1, 1, 1, 1]}, 10 * 8),
        ({"pads": [0, 0, 1, 1], "strides": [2, 2]}, 5 * 4),  # (10 + 1 - 3) // 2 + 1
        ({"auto_pad": "SAME_UPPER", "strides": [2, 2]}, 5 * 4),  # ceil(10 / 2) * ceil(8 / 2)
        ({"auto_pad": "SAME_LOWER"}, 10 * 8),
        ({"auto_pad": "VALID", "dilations": [2, 2]}, 6 * 4),  # 10 - 2 * 2
    ],
)
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_a_convolution(totals, attributes, positions, groups):
    stored = [weight("w", 8, 4 // groups, 3, 3), weight("b", 8)]
    found = totals([node("Conv", "x w b", "y", group=groups, **attributes)], [X], stored)
    outputs = 2 * 8 * positions
    assert found.macs == outputs * 9 * 4 // groups
    assert found.flops == 2 * found.macs + outputs  # a bias add each
    assert found.params == 8 * 9 * 4 // groups + 8
    # deepspeed works the output's sides out anew, from the padding of either end alike
    conv = node("Conv", "x w b", "y", group=groups, **attributes)
    assert totals([conv], [X], stored, "deepspeed").macs == found.macs


def test_a_transposed_convolution(totals):
    # every one of 2 * 4 * 10 * 8 inputs meets 6 / 2 filters of 9
    stored = [weight("w", 4, 3, 3, 3)]
    found = totals([node("ConvTranspose", "x w", "y", group=2, strides=[2, 2])], [X], stored)
    assert found.macs == 2 * 4 * 80 * 3 * 9


@pytest.mark.parametrize("is_masked", [False, True])
def test_a_deformable_convolution(totals, is_masked):
    # 2 x 8 x 8 x 6 outputs, each a sum over 4 / 2 channels x 9; 2 x 4 channels are read at 9 places
    # for each of 48 positions: 4 neighbours, a multiply and an add each, and one with the mask
    stored = [weight("w", 8, 2, 3, 3), weight("b", 8)]
    offset, mask = graph_input("o", 2, 18, 8, 6), graph_input("m", 2, 9, 8, 6)
    inputs = [X, offset, mask] if is_masked else [X, offset]
    deform = node("DeformConv", "x w o b m" if is_masked else "x w o b", "y", group=2)
    found = totals([deform], inputs, stored, opset=22)
    assert (found.macs, found.params) == (768 * 18, 8 * 18 + 8)
    assert found.flops == 2 * found.macs + (9 if is_masked else 8) * 8 * 9 * 48 + 768


def test_integers(totals):
    # QLinearConv: scales and zero points are no parameters, the 8-bit weight is: 6 * 4 * 9
    zero = numpy_helper.from_array(np.array(0, np.uint8), "z")
    scale = numpy_helper.from_array(np.array(1, np.float32), "s")
    stored = [weight("w", 6, 4, 3, 3, dtype=np.uint8), weight("b", 6, dtype=np.int32), zero, scale]
    given = graph_input("x", 1, 4, 5, 5, elem_type=TensorProto.UINT8)
    found = totals([node("QLinearConv", "x s z w s z s z b", "y")], [given], stored)
    assert (found.macs, found.params) == (6 * 9 * 4 * 9, 6 * 4 * 9 + 6)


def test_a_quantised_weight_is_the_convolutions(tmp_path):
    stored = [weight("w", 6, 4, 3, 3, dtype=np.int8), weight("s", 6)]
    nodes = [
        node("DequantizeLinear", "w s", "wf", "/conv/DequantizeLinear", axis=0),
        node("Conv", "x wf", "y", "/conv/Conv"),
    ]
    (row,) = count(trace_onnx(saved(tmp_path / "m.onnx", nodes, [X], stored))).layers
    assert (row.kind, row.params) == ("conv", 6 * 4 * 9)


@pytest.mark.parametrize(("trans_a", "trans_b"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_gemm(totals, trans_a, trans_b):
    given = graph_input("x", *((7, 3) if trans_a else (3, 7)))
    stored = [weight("w", *((5, 7) if trans_b else (7, 5))), weight("b", 5)]
    found = totals([node("Gemm", "x w b", "y", transA=trans_a, transB=trans_b)], [given], stored)
    assert (found.macs, found.flops, found.params) == (105, 225, 40)  # 3 * 7 * 5; + 15; 35 + 5


@pytest.mark.parametrize(
    ("left", "right", "macs"),
    [
        ((2, 3, 4, 5), (2, 3, 5, 6), 6 * 4 * 5 * 6),
        ((4, 5), (3, 5, 6), 3 * 4 * 5 * 6),  # broadcast
        ((5,), (3, 5, 6), 3 * 5 * 6),
        ((3, 4, 5), (5,), 3 * 4 * 5),
        ((5,), (5,), 5),
    ],
)
def test_a_product(totals, left, right, macs):
    given = [graph_input("x", *left), graph_input("z", *right)]
    assert totals([node("MatMul", "x z", "y")], given).macs == macs


@pytest.mark.parametrize(
    ("equation", "shapes", "macs"),
    [
        ("bij,bjk->bik", [(2, 3, 4), (2, 4, 5)], 2 * 3 * 4 * 5),
        ("bhid,bhjd->bhij", [(2, 3, 4, 5), (2, 3, 6, 5)], 6 * 4 * 6 * 5),
        ("...ij,jk", [(2, 3, 4), (4, 5)], 2 * 3 * 4 * 5),
        ("i,i->i", [(4,), (4,)], 0),
        ("i,j->ij", [(4,), (5,)], 0),
        ("ij,j->i", [(4, 5), (5,)], 20),
        ("ij->ji", [(4, 5)], 0),
        ("ij->i", [(4, 5)], 0),
        # [2, 3] @ [3, 4] first, then [2, 4] @ [4, 5]
        ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 5)], 2 * 3 * 4 + 2 * 4 * 5),
        # k stands in one alone and is summed before: 2 * 3 * 4 follows
        ("ijk,jl->il", [(2, 3, 9), (3, 4)], 2 * 3 * 4),
    ],
)
def test_einsum(totals, equation, shapes, macs):
    given = [graph_input(f"x{at}", *shape) for at, shape in enumerate(shapes)]
    names = " ".join(each.name for each in given)
    assert totals([node("Einsum", names, "y", equation=equation)], given).macs == macs


def test_attention(totals):
    # 2 * 4 heads * 5 queries * (6 + 3 past) keys * (8 + 7), and 5 a score for the softmax
    given = [
        graph_input("q", 2, 4, 5, 8),
        graph_input("k", 2, 2, 6, 8),
        graph_input("v", 2, 2, 6, 7),
        graph_input("pk", 2, 2, 3, 8),
        graph_input("pv", 2, 2, 3, 7),
    ]
    found = totals([node("Attention", "q k v  pk pv", "y nk nv")], given, opset=23)
    assert found.macs == 2 * 4 * 5 * 9 * 15
    assert found.flops == 2 * found.macs + 5 * 2 * 4 * 5 * 9


def test_attention_with_joined_heads(totals):
    given = [graph_input("q", 2, 5, 32), graph_input("k", 2, 6, 16), graph_input("v", 2, 6, 16)]
    found = totals(
        [node("Attention", "q k v", "y", q_num_heads=4, kv_num_heads=2)], given, opset=23
    )
    assert found.macs == 2 * 4 * 5 * 6 * (8 + 8)


@pytest.mark.parametrize(("op", "gates"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
def test_a_recurrent_layer(totals, op, gates):
    # both directions, 5 steps of 3 sequences; W [2, g * 16, 8], R [2, g * 16, 16], B [2, 2g * 16]
    stored = [
        weight("w", 2, gates * 16, 8),
        weight("r", 2, gates * 16, 16),
        weight("b", 2, 2 * gates * 16),
    ]
    layer = node(op, "x w r b", "y", hidden_size=16, direction="bidirectional")
    found = totals([layer], [graph_input("x", 5, 3, 8)], stored)
    weights = 2 * gates * 16 * (8 + 16)
    assert found.macs == 15 * weights
    assert found.params == weights + 2 * 2 * gates * 16


@pytest.mark.parametrize(
    ("attributes", "function"),
    # ONNX: Tanh unless the activations, one a direction, say otherwise
    [
        ({}, "rnn_tanh"),
        ({"activations": ["Tanh"]}, "rnn_tanh"),
        ({"activations": ["Relu"]}, "rnn_relu"),
    ],
)
def test_a_plain_recurrent_layer_goes_by_its_activation(tmp_path, attributes, function):
    layer = node("RNN", "x w r", "y", hidden_size=16, **attributes)
    stored = [weight("w", 1, 16, 8), weight("r", 1, 16, 16)]
    path = saved(tmp_path / "m.onnx", [layer], [graph_input("x", 5, 3, 8)], stored)
    (op,) = trace_onnx(path).ops
    assert op.function == f"torch.{function}"


NUMEL = 2 * 4 * 10 * 8


@pytest.mark.parametrize(
    ("op", "attributes", "flops"),
    [
        ("Relu", {}, NUMEL),
        ("Sigmoid", {}, 4 * NUMEL),
        ("Gelu", {}, 4 * NUMEL),
        ("Softmax", {}, 5 * NUMEL),
        ("GlobalAveragePool", {}, NUMEL),  # every input is added once
        ("MaxPool", {"kernel_shape": [3, 3], "strides": [2, 2]}, 9 * 2 * 4 * 4 * 3),
        # ceil((10 - 2) / 3) + 1 = 4 rows, 3 columns
        ("AveragePool", {"kernel_shape": [2, 2], "ceil_mode": 1, "strides": [3, 3]}, 4 * 8 * 4 * 3),
        ("ReduceMean", {}, NUMEL),
        ("ReduceL2", {}, 2 * NUMEL),
        ("Erf", {}, NUMEL),
        # x * x, 3 channels added, * alpha, + k, ** beta, x / …
        ("LRN", {"size": 3}, (1 + 3 + 1 + 1 + 1 + 1) * NUMEL),
        ("LpNormalization", {"axis": 1}, 2 * NUMEL + NUMEL),
        ("Flatten", {}, 0),
        ("Transpose", {}, 0),
        ("DepthToSpace", {"blocksize": 2}, 0),
        ("Identity", {}, 0),
        ("Dropout", {}, 0),
    ],
)
def test_one_input(totals, op, attributes, flops):
    found = totals([node(op, "x", "y", **attributes)], [X])
    assert (found.flops, found.macs, found.params) == (flops, 0, 0)


@pytest.mark.parametrize(
    ("op", "stored", "attributes", "flops", "params"),
    [
        ("BatchNormalization", "abcd", {}, 4, 8),  # the running statistics are buffers
        ("InstanceNormalization", "ab", {}, 7, 8),
        ("GroupNormalization", "ab", {"num_groups": 2}, 7, 8),
    ],
)
def test_a_norm(totals, op, stored, attributes, flops, params):
    weights = [weight(name, 4) for name in stored]
    layer = node(op, " ".join(["x", *stored]), "y", **attributes)
    found = totals([layer], [X], weights, opset=21)
    assert (found.flops, found.params) == (flops * NUMEL, params)


def test_layer_norm(totals):
    found = totals(
        [node("LayerNormalization", "x a b", "y")], [X], [weight("a", 8), weight("b", 8)]
    )
    assert (found.flops, found.params) == (7 * NUMEL, 16)


def test_several_operands(totals):
    given = [graph_input(name, 3, 4) for name in "abc"]
    for op, flops in (("Sum", 24), ("Max", 24), ("Mean", 36)):
        assert totals([node(op, "a b c", "y")], given).flops == flops


def test_resizing(totals):
    scales = values("s", 1.0, 1.0, 2.0, 2.0, dtype=np.float32)
    found = totals([node("Resize", "x  s", "y", mode="linear")], [X], [scales])
    assert (found.flops, found.params) == (8 * 4 * NUMEL, 0)  # 4 neighbours, 2 each


def test_an_embedding(totals):
    tokens = graph_input("x", 2, 5, elem_type=TensorProto.INT64)
    found = totals([node("Gather", "w x", "y")], [tokens], [weight("w", 10, 4)])
    assert (found.flops, found.params, found.activations) == (0, 40, 40)


def test_a_stored_number_is_no_parameter_and_a_bias_is(totals):
    half = numpy_helper.from_array(np.array(0.5, np.float32), "h")
    nodes = [node("Mul", "x h", "m"), node("Add", "m b", "y")]
    assert totals(nodes, [X], [half, weight("b", 4, 1, 1)]).params == 4


def test_a_shared_weight_counts_once(tmp_path):
    nodes = [node("MatMul", "x w", "h", "/a/MatMul"), node("MatMul", "h w", "y", "/b/MatMul")]
    path = saved(tmp_path / "m.onnx", nodes, [graph_input("x", 2, 3)], [weight("w", 3, 3)])
    trace = trace_onnx(path)
    assert count(trace).totals.params == 9
    assert [(each.name, each.shared_with) for each in trace.parameters] == [
        ("a.weight", ("b.weight",))
    ]


def test_weights_in_constant_nodes(totals):
    # an exporter that stores nothing apart stores its weights so
    constant = helper.make_node("Constant", [], ["w"], value=weight("w", 3, 5))
    found = totals([constant, node("MatMul", "x w", "y")], [graph_input("x", 2, 3)])
    assert (found.params, found.macs) == (15, 30)


def test_sizes_are_worked_out_and_are_no_ops(tmp_path):
    """Flatten as exporters write it: Shape → Gather → Concat → Reshape, with a division."""
    nodes = [
        node("Shape", "x", "shape"),
        node("Gather", "shape zero", "n"),
        node("Div", "n two", "half"),
        node("Unsqueeze", "half axis", "half1"),
        node("Concat", "half1 rest", "target", axis=0),
        node("Reshape", "x target", "y"),
    ]
    zero, two = (
        numpy_helper.from_array(np.array(n), name) for n, name in ((0, "zero"), (2, "two"))
    )
    stored = [zero, two, values("axis", 0), values("rest", -1)]
    path = saved(tmp_path / "m.onnx", nodes, [graph_input("x", "batch", 4, 3)], stored)
    trace = trace_onnx(path, batch_size=6)
    assert [op.kind for op in trace.ops] == ["view"]
    assert trace.outputs[0].shape == (3, 24)


def branches():
    one = helper.make_graph([node("MatMul", "x w", "t")], "t", [], [graph_input("t", None, None)])
    other = helper.make_graph([node("Relu", "x", "e")], "e", [], [graph_input("e", None, None)])
    return {"then_branch": one, "else_branch": other}


@pytest.mark.parametrize(("condition", "macs"), [(True, 18), (False, 0)])
def test_a_settled_if_is_its_branch(totals, condition, macs):
    settled = numpy_helper.from_array(np.array(condition), "c")
    found = totals(
        [helper.make_node("If", ["c"], ["y"], **branches())],
        [graph_input("x", 2, 3)],
        [settled, weight("w", 3, 3)],
    )
    assert found.macs == macs


def test_an_open_if_is_uncounted_by_name(tmp_path):
    nodes = [helper.make_node("If", ["c"], ["y"], **branches())]
    given = [graph_input("c", elem_type=TensorProto.BOOL), graph_input("x", 2, 3)]
    counts = count(trace_onnx(saved(tmp_path / "m.onnx", nodes, given, [weight("w", 3, 3)])))
    assert [each.function for each in counts.uncounted] == ["onnx.If"]
    assert counts.totals.params == 9


def test_an_op_of_another_domain_is_uncounted_by_name(tmp_path):
    nodes = [node("Odd", "x w", "h", domain="com.other"), node("Relu", "h", "y")]
    path = saved(
        tmp_path / "m.onnx",
        nodes,
        [graph_input("x", "n", 3)],
        [weight("w", 3, 3)],
        value_info=[graph_input("h", "n", 7)],
        domains=("com.other",),
    )
    counts = count(trace_onnx(path, batch_size=2), "flops_all")
    assert [each.function for each in counts.uncounted] == ["com.other.Odd"]
    assert (counts.totals.flops, counts.totals.params) == (14, 9)


def test_an_op_of_another_domain_without_a_shape(tmp_path):
    nodes = [node("Odd", "x", "h", domain="com.other"), node("Relu", "h", "y")]
    path = saved(tmp_path / "m.onnx", nodes, [X], domains=("com.other",))
    with pytest.raises(
        TraceError, match=r"Relu 'Relu_1' .* made by Odd 'Odd_0', is not in the file"
    ):
        trace_onnx(path)


@pytest.mark.parametrize(
    ("nodes", "stored", "message"),
    [
        ([node("Conv", "x w", "y")], [weight("w", 8, 3, 3, 3)], "does not fit a weight of 8x3x3x3"),
        ([node("Conv", "x w", "y")], [weight("w", 8, 4, 11, 3)], "too small for its window"),
        ([node("MaxPool", "x", "y", kernel_shape=[3, 9])], [], "too small for its window"),
        ([node("MatMul", "x w", "y")], [weight("w", 7, 3)], "does not take 2x4x10x8, 7x3"),
        ([node("Add", "x w", "y")], [weight("w", 7)], "does not take 2x4x10x8, 7"),
        ([node("Reshape", "x s", "y")], [values("s", 3, 5)], "2x4x10x8, 2 can't be made 3x5"),
        ([node("Relu", "q", "y")], [], "reads 'q', which nothing makes"),
        ([node("Bogus", "x", "y")], [], "Bogus is no op of ONNX's operator set 20"),
        ([node("NonZero", "x", "h"), node("Transpose", "h", "y")], [], "depends on what a tensor"),
    ],
)
def test_what_does_not_fit(tmp_path, nodes, stored, message):
    with pytest.raises(TraceError, match=message) as caught:
        trace_onnx(saved(tmp_path / "m.onnx", nodes, [X], stored))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("opset", [7, 12, 13, 18])
def test_operator_sets(tmp_path, opset):
    """Clip's bounds became inputs in 11, Squeeze's axes in 13; Softmax flattened before 13."""
    old_clip, old_axes = opset < 11, opset < 13
    bounds = {"min": 0.0, "max": 6.0} if old_clip else {}
    stored = [numpy_helper.from_array(np.array(n, np.float32), f"b{int(n)}") for n in (0, 6)]
    nodes = [
        node("Clip", "x" if old_clip else "x b0 b6", "c", **bounds),
        node("Softmax", "c", "s", axis=1),
        node("Squeeze", "s" if old_axes else "s axes", "y", **({"axes": [0]} if old_axes else {})),
    ]
    given = graph_input("x", 1, 4, 5)
    path = saved(tmp_path / "m.onnx", nodes, [given], [*stored, values("axes", 0)], opset=opset)
    clip, softmax, _ = trace_onnx(path).ops
    assert clip.aten == "relu6"
    assert softmax.attributes["summed"] == (20 if opset < 13 else 4)
