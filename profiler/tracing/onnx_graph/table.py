"""The one table of ONNX ops: what each does, which inputs are weights, which only say how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from profiler.tracing.onnx_graph import contractions, elementwise, windows
from profiler.tracing.onnx_graph.nodes import Node
from profiler.tracing.onnx_graph.work import (
    FUNCTIONAL,
    Describe,
    Work,
    always,
    view,
)

_REST = 64  # past the last input of any op with settings


@dataclass(frozen=True)
class Op:
    """One type of op.

    ``weights`` and ``buffers`` are inputs by number with the name they go by in a torch layer;
    ``settings`` are inputs that only say how the op works. ``layer`` is the class of ``torch.nn``
    that does the same, with "{}" for the number of sides; "" where there is none.
    """

    describe: Describe
    layer: str = ""
    weights: Mapping[int, str] = field(default_factory=dict)
    buffers: Mapping[int, str] = field(default_factory=dict)
    settings: frozenset[int] = frozenset()


def op_of(node: Node) -> Op:
    """The node's type; one that the table lacks is kind "other" under its own name."""
    known = _OPS.get(node.op)
    return known or Op(lambda node: (Work(_full_name(node.op), "other", node.op),))


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
    # tensors that are made, and orders
    **_each(
        "create",
        "ConstantOfShape:full Range:arange EyeLike:eye OneHot:one_hot RandomNormal:randn "
        "RandomNormalLike:randn_like RandomUniform:rand RandomUniformLike:rand_like "
        "HannWindow:hann_window HammingWindow:hamming_window",
    ),
    "TopK": _torch("sort", "topk", _from(1)),
    # known by name, and without a rule
    "DFT": _torch("fft", "fft", _from(1)),
    "STFT": _torch("fft", "stft", _from(1)),
}
