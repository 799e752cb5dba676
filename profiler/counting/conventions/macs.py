"""``macs``, multiply-accumulates of the ops that contract, and ``flops``, exactly twice as many.

No bias, no elementwise op, no normalisation, no pooling. Where the user has a rule of their own for
an op or a class of modules, its figures stand as they are.
"""

from __future__ import annotations

from profiler.counting.conventions import per_op, register
from profiler.counting.conventions.contractions import UNKNOWN, op_macs
from profiler.records import OpCounts, OpRecord

_CONTRACTIONS = "convolution, linear, matmul, attention and recurrent gates"


@register("flops", unit="flops", summary=f"2 x MACs of {_CONTRACTIONS}")
@register("macs", unit="macs", summary=f"multiply-accumulates of {_CONTRACTIONS}")
@per_op
def macs(op: OpRecord) -> OpCounts:
    """MACs, and FLOPs as exactly twice as many: a multiply and an add each."""
    if op.cost is not None:  # the user's own rule
        return OpCounts(macs=op.cost.macs, flops=op.cost.flops or 0)
    count = op_macs(op)
    return OpCounts(macs=count, flops=2 * count, uncounted=op.kind in UNKNOWN)
