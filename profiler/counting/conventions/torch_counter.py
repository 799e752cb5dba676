"""``torch``: ``torch.utils.flop_counter.FlopCounterMode`` on the meta device, FLOPs.

Source: ``torch/utils/flop_counter.py`` of torch 2.13.

A dispatch mode with formulas for mm, addmm, bmm, baddbmm, convolution and the fused attention
kernels: 2 per MAC, no bias. Other ops are decomposed where they can be, else they are 0 in silence:
products with a vector are. On the CPU it also misses fused attention and recurrent layers, whose
kernels have no formula there; the figure here is the one on the meta device. What somebody has
registered with ``register_flop_formula`` is counted by that.
"""

from __future__ import annotations

from profiler.counting.conventions import per_op, register
from profiler.counting.conventions.contractions import RARE, number, op_macs, operand_products
from profiler.records import OpCounts, OpRecord

#: Kinds that reach the dispatcher as an op of their own, without a formula.
_UNSEEN = frozenset({"bilinear", "deform_conv", *RARE}) - {
    *("quantized_matmul", "conv_backward", "attention_backward"),
}
#: Backward kernels of attention that it has a formula for.
_ATTENTION_BACKWARD = frozenset(
    f"_scaled_dot_product_{name}_attention_backward" for name in ("flash", "efficient", "cudnn")
)


@register(
    "torch",
    unit="flops",
    tool="torch.utils.flop_counter.FlopCounterMode",
    summary="2 x MACs of matrix products, convolutions and attention",
    reasons={
        "matmul": "addbmm and products with a vector not seen",
        **dict.fromkeys(_UNSEEN, "not seen"),
        "quantized_matmul": "_scaled_mm alone is seen; two packed numbers are one",
        "conv_backward": "the weight's gradient once a group",
        "attention_backward": "kernels of the GPU alone are seen",
    },
)
@per_op
def torch(op: OpRecord) -> OpCounts:
    """2 x MACs of what arrives at the dispatcher as a matrix product or a convolution."""
    macs = op_macs(op)
    if op.torch_flops is not None:
        return OpCounts(macs=op.torch_flops // 2, flops=op.torch_flops)
    return OpCounts(macs=macs, flops=2 * _seen(op, macs))


def _seen(op: OpRecord, macs: int) -> int:
    """The MACs of an op that it counts."""
    if op.kind in _UNSEEN or op.aten == "addbmm" or is_with_a_vector(op) or writes_a_sum(op):
        return 0
    if op.kind == "quantized_matmul":
        return operand_products(op) if op.aten == "_scaled_mm" else 0
    if op.kind == "conv_backward":  # both sides of the weight's gradient are taken whole
        by_weight = number(op, "forward") * number(op, "groups")
        by_input = number(op, "forward")
        return (by_input if op.attributes["input_gradient"] else 0) + (
            by_weight if op.attributes["weight_gradient"] else 0
        )
    if op.kind == "attention_backward" and op.aten not in _ATTENTION_BACKWARD:
        return 0
    return macs


def is_with_a_vector(op: OpRecord) -> bool:
    """Whether a product reaches the dispatcher as ``mv`` or ``dot``, which have no formula."""
    if op.kind != "matmul":
        return False
    right = op.attributes["other_shape"]
    return isinstance(right, tuple) and len(right) == 1


def writes_a_sum(op: OpRecord) -> bool:
    """Whether it is ``addmm_`` or ``baddbmm_``, which dispatchers have as ops of their own."""
    return op.kind == "matmul" and op.in_place and op.function.endswith("_")
