"""How tools count einsum: by the text that ``numpy.einsum_path`` prints."""

from __future__ import annotations

from profiler.counting.conventions.contractions import op_macs
from profiler.records import OpRecord

#: Below einsum these move data and cost a tool nothing.
_FREE = frozenset({"view", "copy"})


def is_einsum(op: OpRecord) -> bool:
    """Whether the op runs below ``torch.einsum``."""
    return "equation" in op.attributes


def einsum_flops(op: OpRecord) -> int | None:
    """2 per MAC and one, to four digits, as numpy prints its "optimized FLOP count".

    Figures are known for two operands that contract; None for any other number of them, and for
    two that only multiply.
    """
    equation = op.attributes["equation"]
    assert isinstance(equation, str)
    if equation.partition("->")[0].count(",") != 1:
        return None
    if op.kind in _FREE:
        return 0
    if op.kind != "matmul":
        return None
    return int(float(f"{2 * op_macs(op) + 1:.3e}"))
