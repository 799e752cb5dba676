"""What hooks of several tools say of a module call: its elements, a linear layer's products."""

from __future__ import annotations

from math import prod

from profiler.counting.conventions.ledger import Call
from profiler.records import OpRecord


def input_elements(call: Call) -> int:
    """X: elements of the first input."""
    return prod(call.input_shape)


def output_elements(call: Call) -> int:
    """Y: elements of the first output."""
    return prod(call.output_shape)


def has_batch(conv: OpRecord) -> bool:
    """Whether a convolution's input has a batch side, as its formulas take for granted."""
    return len(conv.outputs[0].shape) == len(conv.weight_shape or ())


def linear_products(call: Call) -> int | None:
    """in_features * Y, without bias."""
    op = call.op("linear")
    if op is None or op.weight_shape is None:
        return None
    return op.weight_shape[1] * output_elements(call)
