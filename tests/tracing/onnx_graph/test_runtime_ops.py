"""Ops of ONNX Runtime, as its ``docs/ContribOperators.md`` states their inputs and results."""

from contextlib import suppress

import numpy as np
import pytest

pytest.importorskip("onnx")

from onnx import TensorProto, numpy_helper
from onnx_files import graph_input, node, saved, values, weight

from profiler.counting.counts import count
from profiler.errors import TraceError
from profiler.tracing.onnx_graph import trace_onnx
from profiler.tracing.onnx_graph.table import RUNTIME_OPS

MICROSOFT = "com.microsoft"
#: What reads a result, so that its shape is needed.
READ = node("Identity", "y", "z")


def fused(op, inputs, outputs="y", **attributes):
    return node(op, inputs, outputs, domain=MICROSOFT, **attributes)


def traced(tmp_path, nodes, inputs, stored=(), **kwargs):
    path = saved(
        tmp_path / "m.onnx",
        [*nodes, READ],
        inputs,
        stored,
        outputs=("z",),
        domains=(MICROSOFT,),
        **kwargs,
    )
    return trace_onnx(path)


def totals(trace, convention="macs"):
    counts = count(trace, convention)
    assert not counts.uncounted
    return counts.totals


def scalars(*names, dtype=np.float32):
    return [numpy_helper.from_array(np.array(1, dtype), name) for name in names]


@pytest.mark.parametrize(
    ("left", "right", "attributes", "macs", "shape"),
    [
        ((2, 4, 5), (2, 5, 6), {}, 2 * 4 * 5 * 6, (2, 4, 6)),
        ((2, 5, 4), (2, 5, 6), {"transA": 1}, 2 * 4 * 5 * 6, (2, 4, 6)),
        ((2, 4, 5), (2, 6, 5), {"transB": 1, "alpha": 0.5}, 2 * 4 * 5 * 6, (2, 4, 6)),
        # [m, b, k] → [b, m, k]
        ((4, 2, 5), (2, 5, 6), {"transBatchA": 1}, 2 * 4 * 5 * 6, (2, 4, 6)),
    ],
)
def test_fused_matmul(tmp_path, left, right, attributes, macs, shape):
    given = [graph_input("a", *left), graph_input("b", *right)]
    trace = traced(tmp_path, [fused("FusedMatMul", "a b", **attributes)], given)
    assert totals(trace).macs == macs
    assert trace.outputs[0].shape == shape


def test_fused_matmul_with_a_stored_weight_is_linear(tmp_path):
    nodes = [fused("FusedMatMul", "x w", transB=1)]
    trace = traced(tmp_path, nodes, [graph_input("x", 2, 4, 5)], [weight("w", 6, 5)])
    assert (trace.ops[0].kind, trace.ops[0].weight_shape) == ("linear", (6, 5))
    assert (totals(trace).macs, totals(trace).params) == (2 * 4 * 5 * 6, 30)


def test_fused_gemm(tmp_path):
    nodes = [fused("FusedGemm", "x w b", transB=1, activation="Relu")]
    stored = [weight("w", 6, 5), weight("b", 6)]
    found = totals(traced(tmp_path, nodes, [graph_input("x", 4, 5)], stored), "flops_all")
    # a bias add and a relu for each of 24 results
    assert (found.macs, found.flops, found.params) == (120, 240 + 24 + 24, 36)


def test_fused_convolution(tmp_path):
    nodes = [fused("FusedConv", "x w b s", kernel_shape=[3, 3], pads=[1] * 4, activation="Relu")]
    given = [graph_input("x", 1, 4, 10, 8), graph_input("s", 1, 6, 10, 8)]
    trace = traced(tmp_path, nodes, given, [weight("w", 6, 4, 3, 3), weight("b", 6)])
    assert [op.kind for op in trace.ops] == ["conv", "add", "activation", "view"]
    found = totals(trace, "flops_all")
    outputs = 6 * 80
    assert (found.macs, found.params) == (outputs * 36, 6 * 36 + 6)
    assert found.flops == 2 * found.macs + 3 * outputs


def test_a_convolution_with_channels_last(tmp_path):
    nodes = [fused("NhwcConv", "x w", kernel_shape=[3, 3], strides=[2, 2])]
    trace = traced(tmp_path, nodes, [graph_input("x", 1, 9, 7, 4)], [weight("w", 6, 4, 3, 3)])
    assert trace.outputs[0].shape == (1, 4, 3, 6)
    assert totals(trace).macs == 4 * 3 * 6 * 36


@pytest.mark.parametrize("last", [0, 1])
def test_a_quantised_convolution(tmp_path, last):
    shape = (1, 5, 5, 4) if last else (1, 4, 5, 5)
    given = graph_input("x", *shape, elem_type=TensorProto.UINT8)
    stored = [
        weight("w", 6, 4, 3, 3, dtype=np.uint8),
        weight("b", 6, dtype=np.int32),
        *scalars("s"),
        *scalars("z", dtype=np.uint8),
    ]
    nodes = [fused("QLinearConv", "x s z w s z s z b", channels_last=last)]
    found = totals(traced(tmp_path, nodes, [given], stored))
    assert (found.macs, found.params) == (6 * 9 * 4 * 9, 6 * 4 * 9 + 6)


@pytest.mark.parametrize(
    ("op", "inputs", "attributes"),
    [
        ("MatMulNBits", "x w s z", {"K": 80, "N": 24, "bits": 4, "block_size": 32}),
        ("MatMulNBits", "x w s  g b", {"K": 80, "N": 24, "block_size": 32}),
        ("MatMulBnb4", "x flat s", {"K": 80, "N": 24, "block_size": 32, "quant_type": 1}),
        ("MatMulFpQ4", "x flat sizes", {"blk_quant_type": 1}),
    ],
)
def test_a_product_with_a_packed_weight(tmp_path, op, inputs, attributes):
    """[2, 5, 80] by [80, 24] in 4 bits: 3 blocks of 32, the last one half empty."""
    stored = [
        weight("w", 24, 3, 16, dtype=np.uint8),
        weight("flat", 960, dtype=np.uint8),
        weight("s", 72),
        weight("z", 24 * 2, dtype=np.uint8),
        weight("g", 80, dtype=np.int32),
        weight("b", 24),
        values("sizes", 80, 24),
    ]
    trace = traced(
        tmp_path, [fused(op, inputs, **attributes)], [graph_input("x", 2, 5, 80)], stored
    )
    assert trace.outputs[0].shape == (2, 5, 24)
    has_bias = inputs.endswith(" b")
    assert totals(trace).macs == 10 * 80 * 24
    assert totals(trace).params == 80 * 24 + 24 * has_bias
    assert trace.parameters[0].dtype == "uint4"


def test_products_of_integers(tmp_path):
    given = [graph_input("x", 2, 5, elem_type=TensorProto.UINT8)]
    stored = [
        weight("w", 5, 3, dtype=np.uint8),
        weight("b", 3),
        *scalars("s"),
        *scalars("z", dtype=np.uint8),
    ]
    for op, inputs in (
        ("MatMulIntegerToFloat", "x w s s z z b"),
        ("QGemm", "x s z w s z b"),
    ):
        trace = traced(tmp_path, [fused(op, inputs)], given, stored)
        assert (totals(trace).macs, totals(trace).params) == (30, 18)
        assert trace.outputs[0].dtype == "float32"
    floats = [graph_input("x", 2, 5)]
    found = totals(traced(tmp_path, [fused("DynamicQuantizeMatMul", "x w s z b")], floats, stored))
    assert (found.macs, found.params) == (30, 18)


@pytest.mark.parametrize("past", [0, 3])
def test_attention_with_its_projection(tmp_path, past):
    # [2, 5, 16] by [16, 3 * 24]; 2 x 4 heads x 5 queries x (5 + past) keys x (6 + 6)
    given = [graph_input("x", 2, 5, 16), graph_input("p", 2, 2, 4, past or 1, 6)]
    nodes = [fused("Attention", "x w b  p" if past else "x w b", "y present", num_heads=4)]
    trace = traced(tmp_path, nodes, given, [weight("w", 16, 72), weight("b", 72)])
    assert totals(trace).macs == 10 * 16 * 72 + 2 * 4 * 5 * (5 + past) * 12
    assert totals(trace).params == 16 * 72 + 72
    assert trace.outputs[0].shape == (2, 5, 24)


def test_attention_in_eight_bits(tmp_path):
    given = [graph_input("x", 2, 5, 16, elem_type=TensorProto.UINT8)]
    stored = [weight("w", 16, 48, dtype=np.uint8), weight("b", 48), *scalars("s", "t")]
    nodes = [fused("QAttention", "x w b s t", num_heads=4)]
    trace = traced(tmp_path, nodes, given, stored)
    assert totals(trace).macs == 10 * 16 * 48 + 2 * 4 * 5 * 5 * 8
    assert totals(trace).params == 16 * 48 + 48
    assert trace.outputs[0].dtype == "float32"


@pytest.mark.parametrize(
    ("inputs", "length"),
    [
        ("q k v", 7),
        ("q k v    pk pv", 7 + 3),
        ("q kh vh", 7),  # split by head already
        ("q kv", 7),  # keys and values in one
    ],
)
def test_multi_head_attention(tmp_path, inputs, length):
    given = [
        graph_input("q", 2, 5, 32),
        graph_input("k", 2, 7, 32),
        graph_input("v", 2, 7, 48),
        graph_input("pk", 2, 4, 3, 8),
        graph_input("pv", 2, 4, 3, 12),
        graph_input("kh", 2, 4, 7, 8),
        graph_input("vh", 2, 4, 7, 12),
        graph_input("kv", 2, 7, 4, 2, 8),
    ]
    trace = traced(tmp_path, [fused("MultiHeadAttention", inputs, num_heads=4)], given)
    value = 8 if inputs == "q kv" else 12
    assert totals(trace).macs == 2 * 4 * 5 * length * (8 + value)
    assert trace.outputs[0].shape == (2, 5, 4 * value)


def test_multi_head_attention_with_all_in_one(tmp_path):
    given = [graph_input("q", 2, 5, 4, 3, 8)]
    trace = traced(tmp_path, [fused("MultiHeadAttention", "q", num_heads=4)], given)
    assert totals(trace).macs == 2 * 4 * 5 * 5 * 16


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("total", [None, 9])
def test_grouped_query_attention(tmp_path, joined, total):
    """8 heads that share 2 of keys; the past is 6 long, or a buffer of which 9 are attended to."""
    given = [
        graph_input("q", 2, 3, 8 * 16 + 2 * 2 * 16 if joined else 8 * 16),
        graph_input("k", 2, 3, 2 * 16),
        graph_input("v", 2, 3, 2 * 16),
        graph_input("pk", 2, 2, 6 if total is None else 64, 16),
        graph_input("pv", 2, 2, 6 if total is None else 64, 16),
        graph_input("lengths", 2, elem_type=TensorProto.INT32),
        graph_input("total", elem_type=TensorProto.INT32),
    ]
    stored = [] if total is None else scalars("total", dtype=np.int32)
    if stored:
        stored = [numpy_helper.from_array(np.array(total, np.int32), "total")]
        given.pop()
    inputs = f"q {'' if joined else 'k'} {'' if joined else 'v'} pk pv lengths total"
    nodes = [
        fused("GroupQueryAttention", inputs, "y nk nv", num_heads=8, kv_num_heads=2),
    ]
    trace = traced(tmp_path, nodes, given, stored)
    assert totals(trace).macs == 2 * 8 * 3 * 9 * (16 + 16)
    assert trace.outputs[0].shape == (2, 3, 128)


def test_a_mixture_of_experts(tmp_path):
    """Every one of 10 rows goes through 2 of 4 experts: 16 → 2 x 32, gated, → 16."""
    stored = [weight("w1", 4, 64, 16), weight("w2", 4, 16, 32), weight("b2", 4, 16)]
    given = [graph_input("x", 2, 5, 16), graph_input("r", 10, 4)]
    nodes = [
        fused("MoE", "x r w1  w2 b2", k=2, activation_type="swiglu", swiglu_fusion=1),
    ]
    found = totals(traced(tmp_path, nodes, given, stored))
    assert found.macs == 20 * (16 * 64 + 32 * 16)
    assert found.params == 4 * (64 * 16 + 16 * 32 + 16)


def test_a_mixture_of_packed_experts(tmp_path):
    stored = [
        weight("w1", 4, 64, 8, dtype=np.uint8),
        weight("w2", 4, 16, 32, dtype=np.uint8),
        weight("s1", 4, 64),
        weight("s2", 4, 16),
    ]
    given = [graph_input("x", 10, 16), graph_input("r", 10, 4)]
    found = totals(traced(tmp_path, [fused("QMoE", "x r w1 s1  w2 s2", k=2)], given, stored))
    assert found.macs == 20 * (16 * 64 + 64 * 16)
    assert found.params == 4 * 2 * 64 * 16


def test_sums_and_norms(tmp_path):
    given = [graph_input("x", 2, 5, 8), graph_input("s", 2, 5, 8)]
    stored = [weight("g", 8), weight("b", 8)]
    nodes = [fused("SkipLayerNormalization", "x s g b", "h   sum"), fused("BiasGelu", "h b2", "y")]
    trace = traced(tmp_path, nodes, given, [*stored, weight("b2", 8)])
    found = totals(trace, "flops_all")
    # a sum, 7 for the norm; a sum, 4 for GELU
    assert (found.flops, found.params) == (80 * (1 + 7 + 1 + 4), 24)


def test_a_root_mean_square_norm(tmp_path):
    """ONNX Runtime writes it into ONNX's own domain."""
    nodes = [
        node("SimplifiedLayerNormalization", "x g", "h"),
        fused("SkipSimplifiedLayerNormalization", "h x g2"),
    ]
    stored = [weight("g", 8), weight("g2", 8)]
    found = totals(traced(tmp_path, nodes, [graph_input("x", 2, 5, 8)], stored), "flops_all")
    assert (found.flops, found.params) == (80 * (4 + 1 + 4), 16)


def test_embeddings_and_a_norm(tmp_path):
    tokens = [graph_input(name, 2, 5, elem_type=TensorProto.INT32) for name in ("ids", "seg")]
    stored = [
        weight("words", 50, 8),
        weight("places", 10, 8),
        weight("segments", 2, 8),
        weight("g", 8),
        weight("b", 8),
    ]
    nodes = [fused("EmbedLayerNormalization", "ids seg words places segments g b", "y mask")]
    found = totals(traced(tmp_path, nodes, tokens, stored), "flops_all")
    assert (found.flops, found.params) == (80 * (2 + 7), 62 * 8 + 16)


def test_a_packed_table(tmp_path):
    """[50, 8] bytes hold [50, 16] numbers of 4 bits."""
    tokens = [graph_input("ids", 2, 5, elem_type=TensorProto.INT64)]
    stored = [weight("w", 50, 8, dtype=np.uint8), weight("s", 50, 1)]
    nodes = [fused("GatherBlockQuantized", "w ids s", bits=4, block_size=16, quantize_axis=1)]
    trace = traced(tmp_path, nodes, tokens, stored)
    assert trace.outputs[0].shape == (2, 5, 16)
    assert totals(trace).params == 50 * 16


def test_a_recurrent_layer_in_eight_bits(tmp_path):
    stored = [weight("w", 1, 8, 64, dtype=np.int8), weight("r", 1, 16, 64, dtype=np.int8)]
    nodes = [fused("DynamicQuantizeLSTM", "x w r", hidden_size=16)]
    found = totals(traced(tmp_path, nodes, [graph_input("x", 5, 3, 8)], stored))
    assert (found.macs, found.params) == (15 * 64 * 24, 64 * 24)


def test_eight_bit_arithmetic(tmp_path):
    given = [graph_input(name, 1, 4, 6, 6, elem_type=TensorProto.UINT8) for name in "ab"]
    stored = [*scalars("s"), *scalars("z", dtype=np.uint8)]
    nodes = [
        fused("QLinearAdd", "a s z b s z s z", "c"),
        fused("QLinearConcat", "s z c s z a s z", "d", axis=1),
        fused("QLinearAveragePool", "d s z s z", "e", kernel_shape=[2, 2], strides=[2, 2]),
        fused("QLinearGlobalAveragePool", "e s z s z", "f"),
        fused("QLinearSigmoid", "f s z s z", "y"),
    ]
    trace = traced(tmp_path, nodes, given, stored)
    assert trace.outputs[0].shape == (1, 8, 1, 1)
    found = totals(trace, "flops_all")
    assert found.params == 0
    assert found.flops == 144 + 4 * 72 + 72 + 4 * 8


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([fused("FusedMatMul", "x x")], "FusedMatMul .* does not take 2x5, 2x5"),
        ([fused("MatMulNBits", "x w s", K=7, N=3, block_size=32)], "2x5 does not fit a weight"),
        ([fused("MultiHeadAttention", "x x x")], "num_heads is not stated"),
        ([fused("Attention", "x w", num_heads=2)], "Attention .* does not take 2x5, 3x1x16"),
        ([fused("PagedAttention", "x x x")], "made by PagedAttention .* is not in the file"),
    ],
)
def test_what_does_not_fit(tmp_path, nodes, message):
    stored = [weight("w", 3, 1, 16, dtype=np.uint8), weight("s", 3)]
    with pytest.raises(TraceError, match=message) as caught:
        traced(tmp_path, nodes, [graph_input("x", 2, 5)], stored)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("op", RUNTIME_OPS)
@pytest.mark.parametrize("shape", [(), (2, 3), (1, 2, 3, 4, 5)])
def test_no_op_ends_in_a_traceback(tmp_path, op, shape):
    """On nothing at all, and on tensors of no use to it."""
    for number in (0, 1, 9):
        given = [graph_input(f"x{at}", *shape) for at in range(number)]
        nodes = [fused(op, " ".join(each.name for each in given))]
        with suppress(TraceError):  # some take whatever there is
            traced(tmp_path, nodes, given)
