"""``ptflops_aten``: ``ptflops.get_model_complexity_info(…, backend="aten")`` (0.7.5), MACs.

Source: ``ptflops/aten_engine.py`` and ``aten_ops.py``.

A dispatch mode, run on the CPU: mm, bmm and matmul their MACs, addmm and convolution their MACs and
one per output element for the bias; GRU and RNN layers and packed LSTMs arrive as such products,
with their biases. Attention and plain LSTM layers run in kernels of their own there and are 0, as
is everything else. ``torch.nn.MultiheadAttention`` arrives as its products, and so does attention
that is masked in a way the kernel does not know. Of one that is frozen a kernel does all, and of a
whole encoder layer, unless that is the model itself or one of its children, which the tool hooks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from profiler.counting.conventions import register
from profiler.counting.conventions.contractions import RARE, number, op_macs
from profiler.counting.conventions.fused_attention import (
    followed_operands,
    fused_attention,
    fused_encoder_layers,
)
from profiler.counting.conventions.ledger import is_below_function
from profiler.counting.conventions.tool_formulas import int_option, packed_positions
from profiler.counting.conventions.torch_counter import is_with_a_vector, writes_a_sum
from profiler.records import ModuleCall, OpCounts, OpRecord, Shape, Tally, Trace


@register(
    "ptflops_aten",
    unit="macs",
    tool='ptflops.get_model_complexity_info(backend="aten")',
    summary="MACs of matrix products and convolutions, plus bias adds",
    params="trainable",
    reasons={
        **dict.fromkeys(RARE, "not seen"),
        "conv": "bias adds",
        "linear": "bias adds",
        "matmul": "bias of addmm; baddbmm and products with a vector not seen",
        "attention": "not seen",
        "recurrent": "biases added; LSTM layers not seen",
        "bilinear": "not seen",
        "deform_conv": "not seen",
    },
)
def ptflops_aten(trace: Trace) -> Tally:
    """MACs and bias of what arrives at the dispatcher as a matrix product or a convolution."""
    attends = any(op.kind == "attention" for op in trace.ops)
    followed = followed_operands(trace) if attends else ()
    attention, possible = fused_attention(trace)
    unseen = attention | fused_encoder_layers(trace)
    # the kernel gives its result in order, which is transposed where products make it
    in_order = {
        trace.ops[index].outputs[0].storage: trace.modules[trace.ops[index].module].output_shapes[0]
        for index in attention
        if trace.ops[index].kind == "linear"
    }
    counted: list[OpCounts] = []
    for index, op in enumerate(trace.ops):
        macs = op_macs(op)
        figure: int | None
        if index in unseen:
            figure = 0
        elif index in possible:
            figure = None
        elif op.kind == "linear":
            figure = macs + (_bias(op) if _adds_its_bias(op, in_order, trace.modules) else 0)
        else:
            figure = _figure(op, macs, trace.modules, followed[index] if attends else ())
        counted.append(OpCounts(macs=figure or 0, flops=2 * macs, uncounted=figure is None))
    return Tally(tuple(counted))


def _adds_its_bias(
    linear: OpRecord, in_order: Mapping[int, Shape], modules: Sequence[ModuleCall]
) -> bool:
    """Whether the framework makes one product and sum of it, and not one after the other."""
    given = linear.inputs[0]
    if len(given.shape) < 3:
        return True
    shape = in_order.get(given.storage)
    if shape is None:
        return bool(linear.attributes["contiguous"])
    # an attention module turns what it is given
    return given.shape == shape and "self_attention" not in modules[linear.module].options


def _figure(
    op: OpRecord, macs: int, modules: tuple[ModuleCall, ...], followed: tuple[bool, ...]
) -> int | None:
    """None where the kernel that runs, and so what is seen of it, depends on more than is known."""
    if op.kind == "conv":
        return macs + _bias(op)
    if op.kind == "matmul":
        if op.aten in {"baddbmm", "addbmm"} or is_with_a_vector(op) or writes_a_sum(op):
            return 0
        return macs + (op.outputs[0].numel if op.aten == "addmm" else 0)
    if op.kind == "attention":
        if is_below_function(op) or op.aten != "scaled_dot_product_attention":
            return None  # as it is on the meta device, or a kernel that is compiled
        if "dense" not in op.attributes:  # of a graph that no run has made
            fused = len(op.outputs[0].shape) == 4
            return 0 if fused and op.attributes["head_dim"] == op.attributes["value_dim"] else None
        return 0 if _is_fused(op, followed) else macs
    return _recurrent(op, modules[op.module]) if op.kind == "recurrent" else 0


def _bias(op: OpRecord) -> int:
    return op.outputs[0].numel if op.bias_shape else 0


def _is_fused(op: OpRecord, followed: tuple[bool, ...]) -> bool:
    """Whether one kernel does it on the CPU; without it attention is two products.

    Source: ``use_flash_attention_cpp`` in ATen's ``sdp_utils_cpp.cpp``.
    """
    query, key, value = op.inputs[:3]
    mask = op.attributes["mask_shape"]
    return (
        len(query.shape) == len(key.shape) == len(value.shape) == 4
        and query.shape[-1] == key.shape[-1] == value.shape[-1]
        and bool(op.attributes["dense"])
        and not op.attributes["dropout"]
        and not any(followed[3:])  # a mask that is trained
        and (not isinstance(mask, tuple) or _suits(mask, query.shape, key.shape))
    )


def _suits(mask: Shape, query: Shape, key: Shape) -> bool:
    if mask[-2] not in {query[-2], 1} or mask[-1] not in {key[-2], 1}:
        return False
    return len(mask) == 2 or (
        len(mask) == 4 and mask[0] in {query[0], 1} and mask[1] in {query[1], 1}
    )


def _recurrent(op: OpRecord, layer: ModuleCall) -> int | None:
    """Weights and biases at each position; a plain LSTM layer has a kernel of its own.

    The input's biases are added apart in a first layer whose sequence has its batch in front.
    """
    per_position = number(op, "weights") + number(op, "biases")
    if op.aten.endswith("_cell"):
        return number(op, "positions") * per_position
    if not layer.options:  # as a function, whose first layer's biases can't be told
        is_plain = op.aten == "lstm" and len(op.inputs[0].shape) == 3
        return 0 if is_plain and not op.attributes["projected"] else None
    if is_below_function(op):
        return None
    options = layer.options
    is_whole = not options["packed"] or number(op, "positions") == packed_positions(layer)
    if op.aten == "lstm" and is_whole and not options["proj_size"]:
        return 0
    if not options["packed"]:
        turned = options["batch_first"] and len(layer.input_shapes[0]) == 3
        if not op.attributes["contiguous_turned" if turned else "contiguous"]:
            layers = 2 * int_option(layer, "num_layers")
            per_position -= number(op, "biases") // layers
    return number(op, "positions") * per_position
