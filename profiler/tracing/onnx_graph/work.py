"""The work of a node in the words of the conventions, which the describing functions share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from profiler.records import Attribute, Shape
from profiler.tracing.onnx_graph.nodes import Node

FUNCTIONAL = "torch.nn.functional"


@dataclass(frozen=True)
class Work:
    """One op of a node: what an ``OpRecord`` says beside tensors and places.

    A node does one or several in turn. ``shape`` is that of a result on the way, None for the last
    op, whose results are the node's. ``reads`` are the node's inputs it takes beside the result
    before it, by number; None for all of them. ``layer_output`` is the shape of the result as the
    torch layer of the name gives it, where that is another one.
    """

    function: str
    kind: str
    aten: str
    attributes: dict[str, Attribute] = field(default_factory=dict)
    weight_shape: Shape | None = None
    bias_shape: Shape | None = None
    shape: Shape | None = None
    reads: tuple[int, ...] | None = None
    layer_output: Shape | None = None


Describe = Callable[[Node], tuple[Work, ...]]
#: Shape and dtype of an output; None for one that nobody knows.
Typed = tuple[Shape, str] | None
#: Outputs of an op that ONNX itself has no inference for.
Outputs = Callable[[Node], Sequence[Typed]]
#: Shape and dtype of a weight whose numbers are packed into bytes.
Unpacked = Callable[[Node], tuple[Shape, str]]


def functional(
    kind: str,
    aten: str,
    attributes: dict[str, Attribute] | None = None,
    *,
    weight_shape: Shape | None = None,
    bias_shape: Shape | None = None,
    shape: Shape | None = None,
    reads: tuple[int, ...] | None = None,
) -> Work:
    """An op that goes by a name of ``torch.nn.functional``."""
    return Work(
        f"{FUNCTIONAL}.{aten}", kind, aten, attributes or {}, weight_shape, bias_shape, shape, reads
    )


def always(function: str, kind: str) -> Describe:
    """A description for ops that need no attributes; the name below the function is its last."""
    work = (Work(function, kind, function.rpartition(".")[2].strip("_")),)
    return lambda node: work


def view(node: Node) -> tuple[Work, ...]:
    """The input under another shape, or as it is."""
    return (Work("Tensor.view", "view", "view"),)
