"""``macs``: one multiply-accumulate of convolution, linear, matmul, attention and recurrent gates.

No bias, no elementwise op, no normalisation, no pooling.
"""

from __future__ import annotations

from profiler.counting.conventions.contractions import UNKNOWN, op_macs
from profiler.counting.conventions.registry import per_op, register
from profiler.records import OpCounts, OpRecord


@register(
    "macs",
    unit="macs",
    summary="multiply-accumulates of convolution, linear, matmul, attention and recurrent gates",
)
@per_op
def macs(op: OpRecord, _left_out: frozenset[str]) -> OpCounts:
    """MACs, and FLOPs as exactly twice as many."""
    count = op_macs(op)
    return OpCounts(macs=count, flops=2 * count, uncounted=op.kind in UNKNOWN)
