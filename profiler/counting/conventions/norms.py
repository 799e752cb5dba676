"""What fvcore, deepspeed and calflops count for an element of a normalisation."""

from __future__ import annotations

from profiler.records import OpRecord


def per_element(op: OpRecord) -> int:
    """5 with an affine and 4 without; a batch norm at inference, by its statistics, 2 and 1."""
    affine = bool(op.attributes["affine"])
    if op.kind == "batch_norm" and not op.attributes["training"]:
        return 2 if affine else 1
    return 5 if affine else 4
