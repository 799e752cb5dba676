"""A graph whose shapes are known, in plain values: what inference hands on."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

from profiler.errors import TraceError
from profiler.records import Shape

FLOATING = frozenset({"float16", "bfloat16", "float32", "float64"})
#: What weights are stored in where they are quantised; wider integers are sizes and places.
_QUANTISED = (
    "int2", "uint2", "int4", "uint4", "int8", "uint8", "int16", "uint16", "float4", "float6",
    "float8",
)  # fmt: skip


def holds_numbers(dtype: str) -> bool:
    """Whether a model's learnt numbers may be stored so: floating point, or what stands for it."""
    return dtype in FLOATING or dtype.startswith(_QUANTISED)


@dataclass(frozen=True)
class Tensor:
    """A tensor of the graph.

    ``stored`` are the names of the tensors in the file that it is, or is a view, a cast or a
    concatenation of; none for one that is computed. ``value`` is the array where that is known.
    """

    name: str
    shape: Shape
    dtype: str
    stored: tuple[str, ...] = ()
    value: Any = None

    @property
    def numel(self) -> int:
        """Elements."""
        return prod(self.shape)

    @property
    def is_number(self) -> bool:
        """Whether it is one known number and no tensor."""
        return not self.shape and self.value is not None


@dataclass(frozen=True)
class Node:
    """One node.

    ``op`` is its type, with the domain before it where that is not ONNX's own; ``label`` what it is
    called in a message; ``path`` the module it stands in. A tensor is None where an optional input
    or output is left out, where it is no tensor or where its shape is not known. ``captured`` are
    stored tensors that a graph inside the node reads.
    """

    op: str
    label: str
    path: str
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor | None, ...]
    attributes: Mapping[str, Any]
    opset: int
    captured: tuple[Tensor, ...] = ()

    def has(self, index: int) -> bool:
        """Whether the input is given."""
        return index < len(self.inputs) and self.inputs[index] is not None

    def input(self, index: int) -> Tensor:
        """An input that the op can't do without."""
        found = self.inputs[index] if index < len(self.inputs) else None
        if found is None:
            raise self.error(f"input {index} is not there, or is no tensor of a known shape")
        return found

    def shape(self, index: int = 0) -> Shape:
        """Shape of an input."""
        return self.input(index).shape

    @property
    def output(self) -> Tensor:
        """The first output."""
        found = self.outputs[0] if self.outputs else None
        if found is None:
            raise self.error("the shape of its output is not known")
        return found

    def integer(self, name: str, default: int) -> int:
        """An attribute that is a whole number."""
        return int(self.attributes.get(name, default))

    def per_side(self, name: str, sides: int, default: int) -> Shape:
        """An attribute with a number for each side."""
        given = tuple(int(size) for size in self.attributes.get(name, ()))
        if len(given) not in (0, sides):
            raise self.error(f"{name} is {given}, not {sides} numbers")
        return given or (default,) * sides

    def error(self, text: str) -> TraceError:
        """An error that names the node it is about."""
        return TraceError(f"{self.op} {self.label!r}: {text}")


@dataclass(frozen=True)
class Graph:
    """Nodes in execution order, less those that only work out sizes and constants.

    ``stored`` are the tensors that the file brings, by name. ``inputs`` are the graph's own.
    """

    nodes: tuple[Node, ...]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    stored: Mapping[str, Tensor] = field(default_factory=dict)


#: Where torch's newer exporter writes the modules around a node, the node itself last.
_SCOPES = "pkg.torch.onnx.name_scopes"


def node_path(name: str, op: str, index: int, metadata: Mapping[str, str]) -> str:
    """The dotted path of a node's module.

    ``/stem/conv1/Conv`` stands in ``stem.conv1``, ``/layer1/layer1.0/conv1/Conv`` (torch's way to
    write a member of a Sequential) in ``layer1.0.conv1``, ``/Flatten`` in the model itself. A node
    whose name does not end in its op (``Conv_12``, ``inception_3a/1x1``) is a layer by that name,
    and one without a name is called after its op and place.

    Args:
        name: the node's own.
        op: its type, without domain.
        index: its place in the graph.
        metadata: what the exporter wrote beside it.
    """
    scopes = _scopes(metadata.get(_SCOPES, ""))
    if scopes:
        return scopes[-2] if len(scopes) > 1 else ""
    if not name:
        return f"{op}_{index}"
    parts = [part for part in name.split("/") if part]
    if "/" in name and parts and (name.startswith("/") or _ends_in(parts[-1], op)):
        parts.pop()
    path: list[str] = []
    for part in parts:
        prefixes = [f"{'.'.join(path[start:])}." for start in range(len(path))]
        inside = next((prefix for prefix in prefixes if part.startswith(prefix)), "")
        path.append(part.removeprefix(inside))
    return ".".join(path)


def _ends_in(part: str, op: str) -> bool:
    return part.lower().startswith(op.lower())


def _scopes(text: str) -> list[str]:
    try:
        scopes = ast.literal_eval(text) if text else []
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    good = isinstance(scopes, list) and all(isinstance(scope, str) for scope in scopes)
    return scopes if good else []
