"""``a + b`` told from ``a.add(b)``: to a function mode both are ``Tensor.add``.

Some tools patch the method and do not see the operator. The instruction that the calling frame is
at says which it is; a call from C (``sum([a, b])``, ``operator.add``) reads as the method.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from dataclasses import replace
from types import FrameType
from typing import Any

import torch

from profiler.tracing.functions import Function, lookup

_BINARY_OP = dis.opmap["BINARY_OP"]

#: Method → the facts about the operator that arrives under its name.
OPERATORS: dict[Callable[..., Any], Function] = {
    method: replace(lookup(method), name=f"Tensor.{name}")
    for method, name in (
        (torch.Tensor.add, "__add__"),
        (torch.Tensor.sub, "__sub__"),
        (torch.Tensor.mul, "__mul__"),
        (torch.Tensor.div, "__truediv__"),
        (torch.Tensor.matmul, "__matmul__"),
    )
}


def is_operator(caller: FrameType) -> bool:
    """Whether the frame that called into torch did so by an operator."""
    return caller.f_code.co_code[caller.f_lasti] == _BINARY_OP
