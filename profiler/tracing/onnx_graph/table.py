"""The one table of ONNX ops: what each does, which inputs are weights, which only say how.

Those of ONNX Runtime (``com.microsoft``) stand in ``runtime_ops``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from profiler.tracing.onnx_graph import contractions, elementwise, runtime_ops, windows
from profiler.tracing.onnx_graph.nodes import Node
from profiler.tracing.onnx_graph.runtime_ops import as_input, as_onnx
from profiler.tracing.onnx_graph.work import (
    FUNCTIONAL,
    Describe,
    Outputs,
    Typed,
    Unpacked,
    Work,
    always,
    view,
)
from profiler.units import shape as sized

_REST = 64  # past the last input of any op with settings


@dataclass(frozen=True)
class Op:
    """One type of op.

    ``weights`` and ``buffers`` are inputs by number with the name they go by in a torch layer;
    ``settings`` are inputs that only say how the op works. ``layer`` is the class of ``torch.nn``
    that does the same, with "{}" for the number of sides; "" where there is none. ``outputs`` says
    their shapes where ONNX can't, ``unpacked`` what a weight is whose numbers are packed.
    """

    describe: Describe
    layer: str = ""
    weights: Mapping[int, str] = field(default_factory=dict)
    buffers: Mapping[int, str] = field(default_factory=dict)
    settings: frozenset[int] = frozenset()
    outputs: Outputs | None = None
    unpacked: Mapping[int, Unpacked] = field(default_factory=dict)


def op_of(node: Node) -> Op:
    """The node's type; one that the table lacks is kind "other" under its own name."""
    known = _OPS.get(node.op)
    return known or Op(lambda node: (Work(_full_name(node.op), "other", node.op),))


def works_of(node: Node) -> tuple[Work, ...]:
    """What the node does.

    Raises:
        TraceError: inputs that it can't take.
    """
    with _fitting(node):
        return op_of(node).describe(node)


def output_types(node: Node) -> Sequence[Typed]:
    """Shapes and dtypes of the outputs of an op of another domain; none if the table lacks it.

    Raises:
        TraceError: inputs that it can't take.
    """
    op = op_of(node)
    with _fitting(node):
        return op.outputs(node) if op.outputs is not None else ()


@contextmanager
def _fitting(node: Node) -> Iterator[None]:
    """Inputs with too few sides, or attributes that divide by nothing, are one clear line."""
    try:
        yield
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        shapes = [sized(each.shape) or "a number" for each in node.inputs if each is not None]
        raise node.error(f"does not take {', '.join(shapes) or 'its inputs'}") from error


def torch_class(node: Node, work: Work) -> str:
    """Class of ``torch.nn`` that does what the node does; "" where there is none."""
    name = op_of(node).layer
    if work.aten == "relu6":
        return "ReLU6"
    if (name == "Linear") != (work.kind == "linear") or (name == "Embedding") != (
        work.kind == "embedding"
    ):
        return ""
    return name.format(max(len(node.shape(0)) - 2, 1)) if "{}" in name else name


def _full_name(op: str) -> str:
    return op if "." in op else f"onnx.{op}"


def _from(first: int) -> frozenset[int]:
    return frozenset(range(first, _REST))


_AFFINE = {1: "weight", 2: "bias"}
_RECURRENT = {1: "weight_ih", 2: "weight_hh", 3: "bias", 7: "peephole"}
#: Where a recurrent layer starts; zeros unless somebody learnt them.
_STATES = {5: "initial_h", 6: "initial_c"}


def _activation(aten: str, layer: str = "") -> Op:
    return Op(always(f"{FUNCTIONAL}.{aten}", "activation"), layer)


def _torch(kind: str, aten: str, settings: frozenset[int] = frozenset()) -> Op:
    return Op(always(f"torch.{aten}", kind), settings=settings)


def _views(names: str, first_setting: int = 1) -> dict[str, Op]:
    return {name: Op(view, settings=_from(first_setting)) for name in names.split()}


def _each(kind: str, names: str) -> dict[str, Op]:
    """Ops of one kind, as "Onnx:aten" or, where torch's name is the lower-case one, "Onnx"."""
    pairs = (name.partition(":") for name in names.split())
    return {name: _torch(kind, aten or name.lower()) for name, _, aten in pairs}


_OPS: dict[str, Op] = {
    # contractions
    "Conv": Op(windows.convolution(), "Conv{}d", _AFFINE),
    "ConvTranspose": Op(windows.transposed_convolution, "ConvTranspose{}d", _AFFINE),
    "DeformConv": Op(windows.deformable_convolution, "", {1: "weight", 3: "bias"}),
    "ConvInteger": Op(windows.convolution(bias=_REST), "", {1: "weight"}, {}, _from(2)),
    "QLinearConv": Op(
        windows.convolution(0, 3, 8),
        "",
        {3: "weight", 8: "bias"},
        {},
        frozenset({1, 2, 4, 5, 6, 7}),
    ),
    "Gemm": Op(contractions.gemm, "Linear", _AFFINE),
    "MatMul": Op(contractions.matmul(), "Linear", {0: "left", 1: "weight"}),
    "MatMulInteger": Op(contractions.matmul(), "", {0: "left", 1: "weight"}, {}, _from(2)),
    "QLinearMatMul": Op(
        contractions.matmul(0, 3),
        "",
        {0: "left", 3: "weight"},
        {},
        frozenset({1, 2, 4, 5, 6, 7}),
    ),
    "Einsum": Op(contractions.einsum, "", {0: "left", 1: "weight"}),
    "Attention": Op(contractions.attention),
    "ai.onnx.preview.FlexAttention": Op(contractions.attention),
    "LinearAttention": Op(contractions.linear_attention),
    "CausalConvWithState": Op(windows.stateful_convolution, "", _AFFINE),
    "LSTM": Op(contractions.recurrent("lstm"), "LSTM", _RECURRENT, _STATES, frozenset({4})),
    "GRU": Op(contractions.recurrent("gru"), "GRU", _RECURRENT, _STATES, frozenset({4})),
    "RNN": Op(contractions.recurrent("rnn"), "RNN", _RECURRENT, _STATES, frozenset({4})),
    # normalisation
    "BatchNormalization": Op(
        elementwise.norm("batch_norm"),
        "BatchNorm{}d",
        _AFFINE,
        {3: "running_mean", 4: "running_var"},
    ),
    "InstanceNormalization": Op(elementwise.norm("instance_norm"), "InstanceNorm{}d", _AFFINE),
    "LayerNormalization": Op(elementwise.norm("layer_norm"), "LayerNorm", _AFFINE),
    "GroupNormalization": Op(elementwise.norm("group_norm"), "GroupNorm", _AFFINE),
    "RMSNormalization": Op(elementwise.norm("rms_norm"), "RMSNorm", {1: "weight"}),
    "MeanVarianceNormalization": Op(elementwise.norm("instance_norm", affine=False)),
    "LpNormalization": Op(elementwise.lp_norm),
    "LRN": Op(windows.local_response),
    # activations
    "Relu": _activation("relu", "ReLU"),
    "LeakyRelu": _activation("leaky_relu", "LeakyReLU"),
    "PRelu": Op(always(f"{FUNCTIONAL}.prelu", "activation"), "PReLU", {1: "weight"}),
    "ThresholdedRelu": _activation("threshold", "Threshold"),
    "Elu": _activation("elu", "ELU"),
    "Selu": _activation("selu", "SELU"),
    "Celu": _activation("celu", "CELU"),
    "Gelu": _activation("gelu", "GELU"),
    "Swish": _activation("silu", "SiLU"),
    "Mish": _activation("mish", "Mish"),
    "Sigmoid": Op(always("torch.sigmoid", "activation"), "Sigmoid"),
    "Tanh": Op(always("torch.tanh", "activation"), "Tanh"),
    "HardSigmoid": _activation("hardsigmoid", "Hardsigmoid"),
    "HardSwish": _activation("hardswish", "Hardswish"),
    "Softplus": _activation("softplus", "Softplus"),
    "Softsign": _activation("softsign", "Softsign"),
    "Shrink": _activation("softshrink", "Softshrink"),
    "Clip": Op(elementwise.clip, settings=_from(1)),
    "Softmax": Op(elementwise.softmax("softmax"), "Softmax"),
    "LogSoftmax": Op(elementwise.softmax("log_softmax"), "LogSoftmax"),
    # windows
    "MaxPool": Op(windows.pool("max"), "MaxPool{}d"),
    "AveragePool": Op(windows.pool("avg"), "AvgPool{}d"),
    "LpPool": Op(windows.pool("lp"), "LPPool{}d"),
    "GlobalMaxPool": Op(windows.global_pool("max"), "AdaptiveMaxPool{}d"),
    "GlobalAveragePool": Op(windows.global_pool("avg"), "AdaptiveAvgPool{}d"),
    "GlobalLpPool": Op(windows.global_pool("lp")),
    "Resize": Op(windows.resize, "Upsample", settings=_from(1)),
    "Upsample": Op(windows.resize, "Upsample", settings=_from(1)),
    # arithmetic
    "Add": Op(elementwise.binary("add", "add")),
    "Sub": Op(elementwise.binary("sub", "sub")),
    "Mul": Op(elementwise.binary("mul", "mul")),
    "Div": Op(elementwise.binary("div", "div")),
    "Sum": Op(elementwise.variadic("Tensor.__add__", "add")),
    "Mean": Op(elementwise.variadic("Tensor.__add__", "add", divided=True)),
    "Max": Op(elementwise.variadic("torch.maximum", "elementwise")),
    "Min": Op(elementwise.variadic("torch.minimum", "elementwise")),
    **_each(
        "elementwise",
        "Abs Neg Sign Exp Log Sqrt Reciprocal Pow Floor Ceil Round Erf Sin Cos Tan Asin Acos Atan "
        "Sinh Cosh Asinh Acosh Atanh Mod:remainder Equal:eq Greater:gt Less:lt GreaterOrEqual:ge "
        "LessOrEqual:le And:logical_and Or:logical_or Xor:logical_xor Not:logical_not IsNaN "
        "IsInf BitwiseAnd:bitwise_and BitwiseOr:bitwise_or BitwiseXor:bitwise_xor "
        "BitwiseNot:bitwise_not BitShift:bitwise_left_shift Where",
    ),
    # reductions
    **{
        f"Reduce{name}": Op(elementwise.reduction(aten), settings=_from(1))
        for name, aten in {
            "Mean": "mean",
            "Sum": "sum",
            "Max": "amax",
            "Min": "amin",
            "Prod": "prod",
            "L1": "norm",
            "L2": "norm",
            "SumSquare": "norm",
            "LogSum": "sum",
            "LogSumExp": "logsumexp",
        }.items()
    },
    "ArgMax": Op(elementwise.reduction("argmax")),
    "ArgMin": Op(elementwise.reduction("argmin")),
    "CumSum": Op(elementwise.cumulative, settings=_from(1)),
    "CumProd": Op(elementwise.cumulative, settings=_from(1)),
    # views
    **_views("Identity Reshape Flatten Squeeze Unsqueeze Transpose Expand Split"),
    "Slice": Op(elementwise.slicing, settings=_from(1)),
    "Dropout": Op(always(f"{FUNCTIONAL}.dropout", "dropout"), "Dropout", settings=_from(1)),
    # data movement
    "Concat": Op(elementwise.concat),
    "Cast": Op(elementwise.cast),
    "CastLike": Op(elementwise.cast, settings=_from(1)),
    "Pad": Op(always(f"{FUNCTIONAL}.pad", "copy"), settings=_from(1)),
    "Gather": Op(elementwise.gather, "Embedding", {0: "weight"}),
    "Tile": _torch("copy", "tile", _from(1)),
    "Trilu": _torch("copy", "tril", _from(1)),
    "DepthToSpace": Op(always(f"{FUNCTIONAL}.pixel_shuffle", "copy"), "PixelShuffle"),
    "SpaceToDepth": Op(always(f"{FUNCTIONAL}.pixel_unshuffle", "copy"), "PixelUnshuffle"),
    **_each(
        "copy",
        "GatherElements:gather GatherND:index ScatterElements:scatter ScatterND:index_put "
        "Scatter:scatter TensorScatter:index_copy ReverseSequence:flip Col2Im:fold "
        "CenterCropPad:pad",
    ),
    "QuantizeLinear": Op(always("Tensor.to", "copy"), settings=_from(1)),
    "DequantizeLinear": Op(always("Tensor.to", "copy"), settings=_from(1)),
    "DynamicQuantizeLinear": Op(elementwise.dynamic_quantisation),
    "BitCast": Op(view, settings=_from(1)),
    "Compress": _torch("copy", "masked_select", _from(1)),
    "MaxUnpool": Op(always(f"{FUNCTIONAL}.max_unpool", "copy"), settings=_from(1)),
    # tensors that are made, and orders
    **_each(
        "create",
        "ConstantOfShape:full Range:arange EyeLike:eye OneHot:one_hot RandomNormal:randn "
        "RandomNormalLike:randn_like RandomUniform:rand RandomUniformLike:rand_like "
        "HannWindow:hann_window HammingWindow:hamming_window BlackmanWindow:blackman_window "
        "Bernoulli:bernoulli Multinomial:multinomial MelWeightMatrix:full",
    ),
    "TopK": _torch("sort", "topk", _from(1)),
    "Hardmax": _torch("create", "one_hot"),
    # several in one
    "RotaryEmbedding": Op(runtime_ops.rotary, settings=_from(1)),
    "SwiGLU": Op(elementwise.gated),
    "SoftmaxCrossEntropyLoss": Op(elementwise.cross_entropy),
    "NegativeLogLikelihoodLoss": Op(elementwise.negative_likelihood),
    # values read between cells, Fourier transforms
    "GridSample": Op(windows.grid_sample),
    "AffineGrid": Op(windows.affine_grid, settings=_from(1)),
    "DFT": Op(windows.fourier, settings=_from(1)),
    "STFT": Op(windows.short_fourier, settings=_from(1)),
}

#: Ops of ONNX Runtime, without the domain.
_Q = frozenset({1, 2, 4, 5, 6, 7})  # scales and zero points of two operands and the result
_MATRIX = {0: "left", 1: "weight"}
_PAIR = {0: "left", 3: "weight"}
_MULTI_HEAD, _MULTI_HEAD_OUTPUTS = runtime_ops.multi_head(past=6, past_length=8, bias=3)
_MASKED, _MASKED_OUTPUTS = runtime_ops.multi_head(past=5, past_length=7, bias=10)
_EMBEDDED, _EMBEDDED_OUTPUTS = runtime_ops.embedded_norm((2, 3, 4), 5)
_PROJECTED = Op(
    runtime_ops.projected_attention(2, 4, 6),
    "",
    _AFFINE,
    {},
    frozenset({3, 6, 7, 8}),
    runtime_ops.projected_attention_outputs(4, 6),
)
_PACKED = Op(
    runtime_ops.packed_matmul,
    "Linear",
    {1: "weight", 5: "bias"},
    {},
    frozenset({2, 3, 4}),
    runtime_ops.packed_matmul_outputs,
    {1: runtime_ops.packed_weight(4)},
)
_FUSED_MATMUL = Op(
    runtime_ops.fused_matmul, "Linear", _MATRIX, outputs=runtime_ops.fused_matmul_outputs
)


def _same(op: Op, dtype_from: int | None = None) -> Op:
    """An op whose output has the shape of its first input."""
    return replace(op, outputs=as_input(0, dtype_from))


def _quantised(op: Op, *reads: int) -> Op:
    """An op on some of the inputs, each of which has a scale and a zero point behind it."""
    others = frozenset(range(_REST)) - set(reads)
    describe = runtime_ops.picked(op.describe, *reads)
    return replace(op, describe=describe, settings=others, outputs=as_input(reads[0]))


RUNTIME_OPS: dict[str, Op] = {
    # products
    "FusedMatMul": _FUSED_MATMUL,
    "TransposeMatMul": _FUSED_MATMUL,
    "FusedMatMulActivation": replace(
        _FUSED_MATMUL, describe=runtime_ops.fused_matmul_activation(), layer=""
    ),
    "GemmFastGelu": Op(
        runtime_ops.with_gelu,
        "",
        {0: "left", 1: "weight", 2: "bias"},
        outputs=as_onnx("MatMul", 0, 1),
    ),
    "FusedGemm": Op(runtime_ops.fused_gemm(), "", _AFFINE, outputs=as_onnx("Gemm", 0, 1, 2)),
    "GemmFloat8": Op(
        runtime_ops.fused_gemm(), "", _AFFINE, {}, _from(3), as_onnx("Gemm", 0, 1, 2, dtype_from=3)
    ),
    "QGemm": Op(
        runtime_ops.quantised_gemm,
        "",
        {0: "left", 3: "weight", 6: "bias"},
        {},
        frozenset({1, 2, 4, 5, 7, 8}),
        runtime_ops.quantised_gemm_outputs,
    ),
    "MatMulInteger16": Op(
        contractions.matmul(), "", _MATRIX, outputs=runtime_ops.wide("MatMul", "int32")
    ),
    "MatMulIntegerToFloat": Op(
        runtime_ops.scaled_matmul(6),
        "",
        {**_MATRIX, 6: "bias"},
        {},
        frozenset({2, 3, 4, 5}),
        as_onnx("MatMul", 0, 1, dtype_from=2),
    ),
    "DynamicQuantizeMatMul": Op(
        runtime_ops.scaled_matmul(4),
        "",
        {**_MATRIX, 4: "bias"},
        {},
        frozenset({2, 3}),
        as_onnx("MatMul", 0, 1),
    ),
    "MatMulNBits": _PACKED,
    "MatMulBnb4": _PACKED,
    "MatMulFpQ4": _PACKED,
    "MatMulBlockQuantizedFp4Weight": replace(_PACKED, settings=frozenset({2, 3, 4})),
    "MatMulBlockQuantizedFp8Weight": replace(
        _PACKED, weights={1: "weight", 4: "bias"}, settings=frozenset({2, 3})
    ),
    "MoE": Op(
        runtime_ops.experts(2, 4, 6),
        "",
        {2: "fc1", 3: "fc1_bias", 4: "fc2", 5: "fc2_bias", 6: "fc3", 7: "fc3_bias"},
        outputs=as_input(),
    ),
    "QMoE": Op(
        runtime_ops.experts(2, 5, 8),
        "",
        {2: "fc1", 4: "fc1_bias", 5: "fc2", 7: "fc2_bias", 8: "fc3", 10: "fc3_bias"},
        {},
        frozenset({3, 6, 9}) | _from(11),
        as_input(),
        {at: runtime_ops.unpacked_experts(at) for at in (2, 5, 8)},
    ),
    # convolutions
    "FusedConv": Op(runtime_ops.fused_convolution(), "", _AFFINE, outputs=as_onnx("Conv", 0, 1, 2)),
    "NhwcConv": Op(
        runtime_ops.channels_last_convolution(always=True, reads=(0, 1, 2)),
        "",
        _AFFINE,
        outputs=as_onnx("Conv", 0, 1, 2, channels_last=True),
    ),
    "NhwcFusedConv": Op(
        runtime_ops.channels_last_fused_convolution(),
        "",
        _AFFINE,
        outputs=as_onnx("Conv", 0, 1, 2, channels_last=True),
    ),
    "QLinearConv": Op(
        runtime_ops.channels_last_convolution(always=False, reads=(0, 3, 8)),
        "",
        {3: "weight", 8: "bias"},
        {},
        _Q,
        as_onnx("Conv", 0, 3, 8),
    ),
    "CausalConvWithState": Op(
        windows.stateful_convolution, "", _AFFINE, outputs=runtime_ops.stateful_outputs
    ),
    # attention and recurrent layers
    "Attention": _PROJECTED,
    "DecoderMaskedSelfAttention": _PROJECTED,
    "QAttention": Op(
        runtime_ops.projected_attention(2, 8, _REST),
        "",
        _AFFINE,
        {},
        frozenset({3, 4, 5, 6, 7}),
        runtime_ops.projected_attention_outputs(8, _REST, 3),
    ),
    "MultiHeadAttention": Op(
        _MULTI_HEAD, "", {3: "bias"}, {}, frozenset({4, 8, 9}), _MULTI_HEAD_OUTPUTS
    ),
    "DecoderMaskedMultiHeadAttention": Op(
        _MASKED, "", {10: "bias"}, {}, frozenset({3, 7, 8, 9}), _MASKED_OUTPUTS
    ),
    "GroupQueryAttention": Op(
        runtime_ops.grouped_query,
        settings=frozenset({5, 6, 7, 8, 9}),
        outputs=runtime_ops.grouped_query_outputs,
    ),
    "LinearAttention": Op(
        contractions.linear_attention, outputs=runtime_ops.linear_attention_outputs
    ),
    "DynamicQuantizeLSTM": Op(
        runtime_ops.transposed_recurrent,
        "",
        _RECURRENT,
        _STATES,
        frozenset({4}) | _from(8),
        runtime_ops.transposed_recurrent_outputs,
    ),
    # normalisation
    "SkipLayerNormalization": Op(
        runtime_ops.skip_norm("layer_norm", 4, 3),
        "",
        {2: "weight", 3: "bias", 4: "skip_bias"},
        outputs=runtime_ops.skip_norm_outputs,
    ),
    "SkipSimplifiedLayerNormalization": Op(
        runtime_ops.skip_norm("rms_norm", 3, None),
        "",
        {2: "weight", 3: "skip_bias"},
        outputs=runtime_ops.skip_norm_outputs,
    ),
    "EmbedLayerNormalization": Op(
        _EMBEDDED,
        "",
        {2: "words", 3: "positions", 4: "segments", 5: "weight", 6: "bias"},
        {},
        frozenset({7, 8}),
        _EMBEDDED_OUTPUTS,
    ),
    "QEmbedLayerNormalization": Op(
        _EMBEDDED,
        "",
        {2: "words", 3: "positions", 4: "segments", 5: "weight", 6: "bias"},
        {},
        _from(7),
        _EMBEDDED_OUTPUTS,
    ),
    "GroupNorm": _same(
        Op(runtime_ops.with_silu(elementwise.norm("group_norm")), "GroupNorm", _AFFINE)
    ),
    "SkipGroupNorm": Op(runtime_ops.skip_group_norm, "", _AFFINE, outputs=as_input(0, also=(0,))),
    "GatedRMSNorm": _same(Op(runtime_ops.gated_norm, "", {1: "weight"})),
    # activations
    "Gelu": _same(_activation("gelu", "GELU")),
    "QuickGelu": _same(_activation("gelu")),
    "FastGelu": _same(Op(runtime_ops.biased(_activation("gelu").describe), "", {1: "bias"})),
    "BiasGelu": _same(Op(runtime_ops.biased(_activation("gelu").describe), "", {1: "bias"})),
    "BiasSplitGelu": Op(runtime_ops.halved_gelu, "", {1: "bias"}, outputs=runtime_ops.halved),
    "BiasSoftmax": _same(Op(runtime_ops.biased(elementwise.softmax("softmax")))),
    "BiasDropout": Op(
        runtime_ops.sum_of(0, 1, 2), "", {1: "bias"}, {}, _from(3), as_input(0, also=(0,))
    ),
    "BiasAdd": _same(Op(runtime_ops.sum_of(0, 1, 2), "", {1: "bias"})),
    "RotaryEmbedding": _same(Op(runtime_ops.rotary, settings=_from(1))),
    "MRotaryEmbedding": _same(Op(runtime_ops.rotary, settings=_from(1))),
    # eight-bit arithmetic
    "QLinearAdd": replace(
        _quantised(Op(elementwise.binary("add", "add")), 0, 3),
        outputs=runtime_ops.broadcast(0, 3),
    ),
    "QLinearMul": replace(
        _quantised(Op(elementwise.binary("mul", "mul")), 0, 3),
        outputs=runtime_ops.broadcast(0, 3),
    ),
    "QLinearSigmoid": _quantised(Op(always("torch.sigmoid", "activation")), 0),
    "QLinearLeakyRelu": _quantised(_activation("leaky_relu"), 0),
    "QLinearSoftmax": _quantised(Op(elementwise.softmax("softmax")), 0),
    "QLinearAveragePool": replace(
        _quantised(Op(runtime_ops.channels_last_pool(windows.pool("avg"))), 0),
        outputs=as_onnx("AveragePool", 0),
    ),
    "QLinearGlobalAveragePool": replace(
        _quantised(Op(runtime_ops.channels_last_pool(windows.global_pool("avg"))), 0),
        outputs=runtime_ops.global_pool_outputs,
    ),
    "QLinearConcat": Op(
        runtime_ops.quantised_concat,
        settings=frozenset(at for at in range(_REST) if at < 2 or at % 3 != 2),
        outputs=runtime_ops.joined,
    ),
    "QuantizeLinear": Op(always("Tensor.to", "copy"), settings=_from(1), outputs=as_input(0, 2)),
    "DequantizeLinear": Op(always("Tensor.to", "copy"), settings=_from(1), outputs=as_input(0, 1)),
    # look-ups and distances
    "GatherBlockQuantized": Op(
        runtime_ops.looked_up,
        "Embedding",
        {0: "weight"},
        {},
        _from(2),
        runtime_ops.looked_up_outputs,
        {0: runtime_ops.unpacked_table},
    ),
    "CDist": Op(runtime_ops.distances, outputs=runtime_ops.distances_outputs),
    "GridSample": Op(windows.grid_sample, outputs=runtime_ops.grid_sample_outputs),
}
_OPS.update((f"com.microsoft.{name}", op) for name, op in RUNTIME_OPS.items())
#: What ONNX Runtime writes into ONNX's own domain, which does not know it.
_OPS["SimplifiedLayerNormalization"] = Op(
    elementwise.norm("rms_norm"), "RMSNorm", {1: "weight"}, outputs=runtime_ops.layer_norm_outputs
)
BORROWED = frozenset({"SimplifiedLayerNormalization"})
