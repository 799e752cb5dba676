"""Weights that a file stores quantised, and makes floating point of on the way to their layer."""

import numpy as np
import pytest

pytest.importorskip("onnx")

from onnx import TensorProto, helper, numpy_helper
from onnx_files import graph_input, node, saved, values, weight

from profiler.counting.counts import count
from profiler.tracing.onnx_graph import trace_onnx

OPSETS = (13, 18, 19, 21, 23)
X = graph_input("x", 2, 192)


def traced(tmp_path, nodes, stored, inputs=(X,), **kwargs):
    return trace_onnx(saved(tmp_path / "m.onnx", nodes, inputs, stored, **kwargs))


def packed(name, elem_type, *shape):
    """A tensor of a type that numpy lacks."""
    return helper.make_tensor(name, elem_type, shape, [1] * int(np.prod(shape)))


def number(name, value, dtype=np.float32):
    return numpy_helper.from_array(np.array(value, dtype), name)


@pytest.mark.parametrize("opset", OPSETS)
@pytest.mark.parametrize("columns", [192, 400])  # 36,864 elements and 76,800
@pytest.mark.parametrize("scales", ["one", "one in a list", "per channel"])
@pytest.mark.parametrize("zero_point", [False, True])
def test_a_weight_behind_dequantizelinear(tmp_path, opset, columns, scales, zero_point):
    scale = {
        "one": number("s", 0.5),
        "one in a list": values("s", 0.5, dtype=np.float32),
        "per channel": weight("s", columns),
    }[scales]
    zero = numpy_helper.from_array(np.zeros(tuple(scale.dims), np.int8), "z")
    nodes = [
        node("DequantizeLinear", "w s z" if zero_point else "w s", "wf", axis=1),
        node("Gemm", "x wf b", "y"),
    ]
    stored = [weight("w", 192, columns, dtype=np.int8), scale, weight("b", columns)]
    trace = traced(tmp_path, nodes, stored + [zero] * zero_point, opset=opset)
    (op,) = trace.ops
    assert (op.kind, op.weight_shape) == ("linear", (columns, 192))
    totals = count(trace).totals
    # scales and zero points say how the weight is stored
    assert (totals.params, totals.macs) == (192 * columns + columns, 2 * 192 * columns)


def test_a_weight_in_blocks(tmp_path):
    scales = numpy_helper.from_array(np.ones((6, 192), np.float32), "s")
    nodes = [
        node("DequantizeLinear", "w s", "wf", axis=0, block_size=32),
        node("MatMul", "x wf", "y"),
    ]
    trace = traced(tmp_path, nodes, [weight("w", 192, 192, dtype=np.int8), scales], opset=21)
    assert [op.kind for op in trace.ops] == ["linear"]
    assert count(trace).totals.params == 36864


@pytest.mark.parametrize("elem_type", ["INT4", "UINT4", "UINT8", "INT16", "FLOAT8E4M3FN"])
def test_types_of_weights(tmp_path, elem_type):
    w = packed("w", getattr(TensorProto, elem_type), 192, 10)
    nodes = [node("DequantizeLinear", "w s", "wf"), node("MatMul", "x wf", "y")]
    trace = traced(tmp_path, nodes, [w, number("s", 0.5)], opset=21)
    assert [op.kind for op in trace.ops] == ["linear"]
    assert [each.dtype for each in trace.parameters] == [elem_type.lower()]
    assert count(trace).totals.params == 1920


CHAINS = {
    "a transpose before": [
        node("Transpose", "w", "t", perm=[1, 0]),
        node("DequantizeLinear", "t s", "wf"),
    ],
    "a transpose behind": [
        node("DequantizeLinear", "w s", "d"),
        node("Transpose", "d", "wf", perm=[1, 0]),
    ],
    "other shapes on the way": [
        node("Reshape", "w flat", "f"),
        node("DequantizeLinear", "f s", "d"),
        node("Reshape", "d shape", "wf"),
    ],
    "a cast and a scale": [
        node("Cast", "w", "c", to=TensorProto.FLOAT),
        node("Mul", "c s", "d"),
        node("Transpose", "d", "wf", perm=[1, 0]),
    ],
    "a cast, zero points and scales": [
        node("Cast", "w", "c", to=TensorProto.FLOAT),
        node("Sub", "c zs", "c0"),
        node("Mul", "c0 ss", "d"),
        node("Transpose", "d", "wf", perm=[1, 0]),
    ],
    "quantised again": [
        node("DequantizeLinear", "w s", "d"),
        node("QuantizeLinear", "d s", "q"),
        node("DequantizeLinear", "q s", "d2"),
        node("Transpose", "d2", "wf", perm=[1, 0]),
    ],
}


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("rows", [10, 400])
@pytest.mark.parametrize("opset", [17, 21])
def test_what_stands_on_the_way(tmp_path, chain, rows, opset):
    stored = [
        weight("w", rows, 192, dtype=np.int8),
        number("s", 0.5),
        weight("zs", rows, 1),
        weight("ss", rows, 1),
        values("flat", -1),
        values("shape", 192, rows),
    ]
    trace = traced(tmp_path, [*CHAINS[chain], node("Gemm", "x wf", "y")], stored, opset=opset)
    assert [op.kind for op in trace.ops] == ["linear"]
    assert count(trace).totals.params == rows * 192


@pytest.mark.parametrize("rows", [10, 400])
def test_a_weight_that_is_quantised_in_the_file(tmp_path, rows):
    """As training with simulated quantisation exports it, clipped to a narrow range."""
    nodes = [
        node("QuantizeLinear", "w s z", "q"),
        node("Clip", "q low high", "c"),
        node("DequantizeLinear", "c s z", "wf"),
        node("Gemm", "x wf", "y", transB=1),
    ]
    bounds = [number("low", -127, np.int8), number("high", 127, np.int8)]
    stored = [weight("w", rows, 192), number("s", 0.5), number("z", 0, np.int8), *bounds]
    trace = traced(tmp_path, nodes, stored, opset=19)
    assert trace.ops[-1].kind == "linear"
    assert count(trace).totals.params == rows * 192


@pytest.mark.parametrize("opset", [17, 21])
def test_a_bias_in_32_bits(tmp_path, opset):
    nodes = [
        node("DequantizeLinear", "w s", "wf"),
        node("DequantizeLinear", "b s", "bf"),
        node("Reshape", "bf flat", "br"),
        node("Gemm", "x wf br", "y"),
    ]
    stored = [
        weight("w", 192, 10, dtype=np.int8),
        weight("b", 10, dtype=np.int32),
        number("s", 0.5),
        values("flat", -1),
    ]
    assert count(traced(tmp_path, nodes, stored, opset=opset)).totals.params == 1930


def test_activations_between_quantisations_are_no_weights(tmp_path):
    nodes = [
        node("QuantizeLinear", "x s", "xq"),
        node("DequantizeLinear", "xq s", "xf"),
        node("DequantizeLinear", "w s", "wf"),
        node("MatMul", "xf wf", "y"),
    ]
    stored = [weight("w", 192, 10, dtype=np.int8), number("s", 0.5)]
    trace = traced(tmp_path, nodes, stored, opset=21)
    assert [op.kind for op in trace.ops] == ["copy", "copy", "linear"]
    assert count(trace).totals.params == 1920


def test_weights_in_constant_nodes(tmp_path):
    nodes = [
        helper.make_node("Constant", [], ["w"], value=weight("w", 192, 10, dtype=np.int8)),
        helper.make_node("Constant", [], ["s"], value=number("s", 0.5)),
        node("DequantizeLinear", "w s", "wf"),
        node("MatMul", "x wf", "y"),
    ]
    assert count(traced(tmp_path, nodes, [], opset=21)).totals.params == 1920


def test_an_embedding_and_a_position(tmp_path):
    nodes = [
        node("DequantizeLinear", "w s", "wf"),
        node("Gather", "wf x", "e"),
        node("DequantizeLinear", "p s", "pf"),
        node("Add", "e pf", "y"),
    ]
    stored = [
        weight("w", 50, 8, dtype=np.uint8),
        weight("p", 5, 8, dtype=np.uint8),
        number("s", 0.5),
    ]
    tokens = graph_input("x", 2, 5, elem_type=TensorProto.INT64)
    trace = traced(tmp_path, nodes, stored, [tokens], opset=19)
    assert [op.kind for op in trace.ops] == ["embedding", "add"]
    assert count(trace).totals.params == 50 * 8 + 5 * 8


def test_sizes_and_places_are_no_parameters(tmp_path):
    """Whole numbers that are cast and multiplied are arithmetic on sizes."""
    nodes = [
        node("Cast", "n", "nf", to=TensorProto.FLOAT),
        node("Mul", "nf half", "scales"),
        node("Resize", "x  scales", "r", mode="nearest"),
        node("Add", "r nf", "y"),
    ]
    stored = [values("n", 2, 2, 2, 2), number("half", 1.0)]
    trace = traced(tmp_path, nodes, stored, [graph_input("x", 1, 1, 2, 2)])
    assert not trace.parameters


def test_quantisation_as_it_runs(tmp_path):
    """The range of 2 x 192 numbers: every one is met twice."""
    nodes = [
        node("DynamicQuantizeLinear", "x", "q s z"),
        node("MatMulInteger", "q w z", "y"),
    ]
    trace = traced(tmp_path, nodes, [weight("w", 192, 10, dtype=np.int8)])
    counts = count(trace, "flops_all")
    assert not counts.uncounted
    totals = counts.totals
    assert (totals.macs, totals.params) == (2 * 192 * 10, 1920)
    assert totals.flops == 2 * totals.macs + 2 * 2 * 192


def test_a_model_of_microsofts_domain(tmp_path):
    """ONNX Runtime quantised to 16 bits by ops of its own before ONNX had these types."""
    nodes = [
        node("DequantizeLinear", "w s", "wf", domain="com.microsoft"),
        node("MatMul", "x wf", "h"),
        node("QuantizeLinear", "h s z", "q", domain="com.microsoft"),
        node("DequantizeLinear", "q s z", "y", domain="com.microsoft"),
    ]
    stored = [weight("w", 192, 10, dtype=np.int16), number("s", 0.5), number("z", 0, np.uint16)]
    trace = traced(tmp_path, nodes, stored, opset=17, domains=("com.microsoft",))
    assert [op.kind for op in trace.ops] == ["linear", "copy", "copy"]
    assert [op.outputs[0].dtype for op in trace.ops] == ["float32", "uint16", "float32"]
    assert count(trace).totals.params == 1920
