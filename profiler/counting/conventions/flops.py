"""``flops`` (the default): exactly 2 x ``macs``, a multiply and an add each."""

from __future__ import annotations

from profiler.counting.conventions.macs import macs
from profiler.counting.conventions.registry import register

register(
    "flops",
    unit="flops",
    summary="2 x MACs of convolution, linear, matmul, attention and recurrent gates",
)(macs)
