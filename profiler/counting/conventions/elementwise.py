"""How tools that patch functions count ``add`` and ``mul``."""

from __future__ import annotations

from itertools import zip_longest
from math import prod

from profiler.records import OpRecord


def broadcast_from_the_left(op: OpRecord) -> int:
    """Elements of the result if shapes were aligned at their first side; a number broadcasts.

    PyTorch aligns at the last: [8, 3, 5, 5] and [3, 1, 1] make 8 * 3 * 5 * 5 elements there.
    """
    shapes = [
        shape
        for shape in (op.attributes["input_shape"], op.attributes["other_shape"])
        if isinstance(shape, tuple)
    ]
    return prod(map(max, zip_longest(*shapes, fillvalue=1)))
