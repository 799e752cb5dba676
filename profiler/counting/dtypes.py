"""How wide an element is: at its own dtype, or at a precision that floats are stated at.

A precision stands for the dtype of ordinary floats, real and complex; of a complex number both
parts are that wide. Whole numbers, truth values and what was quantised (float8, float4, quint8 …)
keep their own width at every precision: a run in half precision leaves them as they are.
"""

from __future__ import annotations

import re
from functools import cache

from profiler.records import BYTES_PER_ELEMENT

#: Floats that a precision stands for → how many numbers an element of them is.
_FLOATS = {"bfloat16": 1, "float16": 1, "float32": 1, "float64": 1,
           "complex32": 2, "complex64": 2, "complex128": 2}  # fmt: skip
#: Where the name does not begin with the width: bits1x8 is a byte of eight.
_BITS = {"bool": 8, "bits1x8": 8, "bits2x4": 8, "bits4x2": 8}
#: Otherwise the first number is the width in bits (float8_e4m3fn; quint4x2, whose elements share
#: bytes by twos), and "_x2" at the end says that an element is two of them.
_NAMED_BITS = re.compile(r"[a-z]+([0-9]+).*?(?:_x([0-9]+))?")
#: Of a dtype that says nothing: taken for a plain float.
_PLAIN_BITS = 32
_WHOLE = re.compile(r"bool|u?int[0-9]+")


class ElementBits(dict[str, int]):
    """Dtype → bits of an element, worked out when first asked for.

    Whole numbers narrower than a byte are packed, as ONNX files and quantised weights have them.

    Args:
        precision: what floats are stated at; None for their own width.
    """

    def __init__(self, precision: str | None) -> None:
        super().__init__()
        self._precision = precision

    def __missing__(self, dtype: str) -> int:
        if self._precision is not None and dtype in _FLOATS:
            bits = _FLOATS[dtype] * 8 * BYTES_PER_ELEMENT[self._precision]
        else:
            bits = _own_bits(dtype)
        self[dtype] = bits
        return bits

    def bytes_of(self, dtype: str, elements: int) -> int:
        """Bytes of so many elements together, the last one begun included."""
        return (elements * self[dtype] + 7) // 8


@cache
def element_bits(precision: str | None) -> ElementBits:
    """The widths at a precision, or at each tensor's own dtype."""
    return ElementBits(precision)


def is_whole(dtype: str) -> bool:
    """Whether elements are integers or truth values, as those of indices and masks are."""
    return _WHOLE.fullmatch(dtype) is not None


def _own_bits(dtype: str) -> int:
    if dtype in _BITS:
        return _BITS[dtype]
    match = _NAMED_BITS.fullmatch(dtype)
    return int(match[1]) * int(match[2] or 1) if match else _PLAIN_BITS
