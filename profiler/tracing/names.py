"""Public names of the functions that arrive at the function mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

_DUNDER = {
    "__radd__": "add",
    "__rsub__": "rsub",
    "__rmul__": "mul",
    "__rdiv__": "div",
    "__rtruediv__": "div",
    "__rfloordiv__": "floordiv",
    "__rpow__": "pow",
    "__rmatmul__": "matmul",
    "__rmod__": "remainder",
    "__rand__": "and",
    "__ror__": "or",
    "__rxor__": "xor",
    "__rlshift__": "lshift",
    "__rrshift__": "rshift",
}
#: Functions that are equal to another of torch's, so that one can't be told from the other.
_ALIASES = {"spmm": "mm", "dsmm": "mm"}
#: Methods of a right side whose operands may not be swapped.
_REFLECTED = frozenset(
    "__rsub__ __rdiv__ __rtruediv__ __rfloordiv__ __rpow__ __rmatmul__ __rmod__ __rlshift__ "
    "__rrshift__".split()
)
_C_NAMESPACES = {
    "torch._C._fft": "fft",
    "torch._C._linalg": "linalg",
    "torch._C._special": "special",
}


def public_name(func: Callable[..., Any]) -> str:
    """The name people call it by: ``torch.nn.functional.relu``, ``torch.cat``, ``Tensor.add``.

    A property arrives as its getter (``Tensor.shape.__get__``).
    """
    name = getattr(func, "__name__", type(func).__name__)
    name = _ALIASES.get(name, name)
    owner = getattr(func, "__self__", None)
    if name in {"__get__", "__set__"} and owner is not None:
        return f"Tensor.{getattr(owner, '__name__', '?')}.{name}"
    if hasattr(func, "__objclass__") or getattr(torch.Tensor, name, None) is func:
        return f"Tensor.{name}"
    module = getattr(func, "__module__", None)
    if module in {"torch._C._nn", "torch.nn.functional"} or getattr(F, name, None) is func:
        public = getattr(torch, name, None) is func and module is None
        return f"torch.{name}" if public else f"torch.nn.functional.{name.lstrip('_')}"
    if module in _C_NAMESPACES:
        namespace = _C_NAMESPACES[module]
        return f"torch.{namespace}.{name.removeprefix(namespace + '_')}"
    if module is None or module.startswith(("torch._C", "torch._VF", "torch.functional")):
        return f"torch.{name}"
    if module.startswith("torch._ops."):
        return f"torch.ops.{module.removeprefix('torch._ops.')}.{name}"
    if module.startswith("torch._tensor"):
        return f"Tensor.{name}"
    return f"{module}.{name}"


def base_name(name: str) -> str:
    """The op's bare name: ``Tensor.relu_`` → "relu", ``Tensor.__iadd__`` → "add"."""
    last = name.rpartition(".")[2]
    if last.startswith("__") and last.endswith("__"):
        return _DUNDER.get(last) or last.strip("_").removeprefix("i" if _is_in_place(last) else "")
    return last.rstrip("_")


def is_reflected(name: str) -> bool:
    """Whether it is the method of an operator's right side: ``x.__rmatmul__(y)`` is ``y @ x``.

    Those of operators that may be swapped (``__radd__``, ``__rmul__`` …) are their namesakes.
    """
    return name.rpartition(".")[2] in _REFLECTED


def writes_in_place(name: str) -> bool:
    """Whether the function's name says that it writes into its first argument."""
    last = name.rpartition(".")[2]
    if last.startswith("__"):
        return _is_in_place(last) or last == "__setitem__"
    return last.endswith("_")


def _is_in_place(dunder: str) -> bool:
    return dunder in {
        "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ifloordiv__", "__imod__",
        "__ipow__", "__iand__", "__ior__", "__ixor__", "__ilshift__", "__irshift__", "__idiv__",
    }  # fmt: skip
