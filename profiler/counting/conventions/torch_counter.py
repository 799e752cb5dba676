"""``torch``: ``torch.utils.flop_counter.FlopCounterMode`` on the meta device, FLOPs.

Source: ``torch/utils/flop_counter.py`` of torch 2.13.

A dispatch mode with formulas for mm, addmm, bmm, baddbmm, convolution and the fused attention
kernels: 2 per MAC, no bias. Other ops are decomposed where they can be, else they are 0 in silence:
products with a vector are. On the CPU it also misses fused attention and recurrent layers, whose
kernels have no formula there; the figure here is the one on the meta device.
"""

from __future__ import annotations

from profiler.counting.conventions import per_op, register
from profiler.counting.conventions.contractions import op_macs
from profiler.records import OpCounts, OpRecord

#: Kinds that reach the dispatcher as an op of their own, without a formula.
_UNSEEN = frozenset({"bilinear", "deform_conv"})


@register(
    "torch",
    unit="flops",
    tool="torch.utils.flop_counter.FlopCounterMode",
    summary="2 x MACs of matrix products, convolutions and attention",
    reasons={
        "matmul": "addbmm and products with a vector not seen",
        "bilinear": "not seen",
        "deform_conv": "not seen",
    },
)
@per_op
def torch(op: OpRecord) -> OpCounts:
    """2 x MACs of what arrives at the dispatcher as a matrix product or a convolution."""
    macs = op_macs(op)
    unseen = op.kind in _UNSEEN or op.aten == "addbmm" or is_with_a_vector(op)
    return OpCounts(macs=macs, flops=0 if unseen else 2 * macs)


def is_with_a_vector(op: OpRecord) -> bool:
    """Whether a product reaches the dispatcher as ``mv`` or ``dot``, which have no formula."""
    if op.kind != "matmul":
        return False
    right = op.attributes["other_shape"]
    return isinstance(right, tuple) and len(right) == 1
