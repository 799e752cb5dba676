"""The least arithmetic that a network's convolutions can be done with.

A minimal filtering algorithm computes a 2x2 tile of a 3x3 convolution with 16 multiplications
instead of 36 (Winograd's F(2x2, 3x3); Lavin and Gray, "Fast Algorithms for Convolutional Neural
Networks", 2015), so a fast 3x3 convolution can pass for one above the device's peak. It needs
stride 1, no dilation and one group.
"""

from __future__ import annotations

from fractions import Fraction

from profiler.counting.conventions.contractions import conv_macs
from profiler.records import OpRecord, Trace

_SAVED = 1 - Fraction(16, 36)


def winograd_flops(trace: Trace) -> int:
    """FLOPs of the convolutions that the algorithm applies to, as ``flops`` counts them."""
    return sum(2 * conv_macs(op) for op in trace.ops if op.kind == "conv" and _applies(op))


def fewest_flops(trace: Trace, flops: int) -> Fraction:
    """The work left of ``flops`` where every such convolution is done the short way."""
    return flops - _SAVED * winograd_flops(trace)


def _applies(op: OpRecord) -> bool:
    attributes = op.attributes
    return (
        attributes["kernel"] == (3, 3)
        and attributes["stride"] == (1, 1)
        and attributes["dilation"] == (1, 1)
        and attributes["groups"] == 1
        and not attributes["transposed"]
    )
