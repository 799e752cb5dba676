"""Stored tensors that layers read → parameters, each once."""

from __future__ import annotations

from profiler.records import Parameter
from profiler.tracing.onnx_graph.nodes import FLOATING, Tensor


def is_parameter(root: Tensor, *, is_weight: bool) -> bool:
    """Whether a stored tensor that an op reads as data is a parameter.

    A layer's weight always is. Another operand is where it is floating point and more than one
    number: a constant factor is stored just as a learnt one is, and the file does not tell them
    apart.
    """
    return is_weight or (root.dtype in FLOATING and root.numel > 1)


class ParameterNames:
    """Parameters in the order of their first use, under names that say where that was.

    A name is the module's path and the tensor's own name, where that begins with the path, or else
    its role in the op.
    """

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}
        self._roots: dict[str, Tensor] = {}
        self._taken: dict[str, str] = {}

    def use(self, root: Tensor, path: str, role: str) -> tuple[str, str]:
        """Take note of a use: the parameter's name, and what it is called in this module."""
        prefix = f"{path}." if path else ""
        own = root.name.removeprefix(prefix)
        fits = root.name.startswith(prefix) and own and "." not in own and "/" not in own
        short = own if fits else role
        number = 1
        while self._taken.setdefault(prefix + short, root.name) != root.name:
            number += 1
            short = f"{own if fits else role}_{number}"
        names = self._names.setdefault(root.name, [])
        self._roots[root.name] = root
        if prefix + short not in names:
            names.append(prefix + short)
        return names[0], short

    def parameters(self) -> tuple[Parameter, ...]:
        """All of them, as trainable: the file does not say which are not."""
        return tuple(
            Parameter(
                names[0], self._roots[root].shape, self._roots[root].dtype, True, tuple(names[1:])
            )
            for root, names in self._names.items()
        )
