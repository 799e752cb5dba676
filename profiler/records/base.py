"""What every record is built on."""

from __future__ import annotations

import msgspec

Shape = tuple[int, ...]
Attribute = bool | int | float | str | tuple[int, ...] | None

#: Bytes of one element at each precision a total can be stated for.
BYTES_PER_ELEMENT = {"fp32": 4, "tf32": 4, "fp16": 2, "bf16": 2, "int8": 1}


def precision_rank(precision: str) -> tuple[int, str]:
    """A key that sorts precisions: wider ones first, those without a known width last."""
    return -BYTES_PER_ELEMENT.get(precision, 0), precision


class Record(msgspec.Struct, frozen=True, gc=False):
    """A value: compared by content, changed only by making another.

    Records form trees, never cycles, so the garbage collector need not know them.
    """
