"""Nodes that work element by element, normalise, reduce or look up."""

from __future__ import annotations

from math import prod

from profiler.records import Attribute
from profiler.tracing.onnx_graph.nodes import Node, Tensor
from profiler.tracing.onnx_graph.work import (
    Describe,
    Work,
    functional,
    view,
)


def binary(kind: str, name: str) -> Describe:
    """An arithmetic operator between two tensors, or a tensor and a number."""
    operator = "truediv" if name == "div" else name

    def describe(node: Node) -> tuple[Work, ...]:
        attributes: dict[str, Attribute] = {
            "input_shape": _operand(node.input(0)),
            "other_shape": _operand(node.input(1)),
        }
        attributes = attributes if kind in ("add", "mul") else {}
        return (Work(f"Tensor.__{operator}__", kind, operator, attributes),)

    return describe


def _operand(tensor: Tensor) -> Attribute:
    return None if tensor.is_number else tensor.shape


def variadic(function: str, kind: str, *, divided: bool = False) -> Describe:
    """Any number of tensors, one more at each of n - 1 ops for n; the mean is divided at last."""

    def describe(node: Node) -> tuple[Work, ...]:
        aten = function.rpartition(".")[2].strip("_")
        shape = node.output.shape
        attributes: dict[str, Attribute] = (
            {"input_shape": shape, "other_shape": shape} if kind == "add" else {}
        )
        works = [
            Work(function, kind, aten, attributes, shape=shape, reads=(0, 1) if at == 1 else (at,))
            for at in range(1, len(node.inputs))
        ]
        if divided and works:
            return (*works, Work("Tensor.__truediv__", "div", "truediv", reads=()))
        if not works:
            return view(node)
        last = works.pop()
        return (*works, Work(function, kind, aten, attributes, reads=last.reads))

    return describe


def clip(node: Node) -> tuple[Work, ...]:
    """``relu6`` where the bounds are 0 and 6, else ``clamp``."""
    bounds = [
        float(each)
        for index, name in ((1, "min"), (2, "max"))
        if (each := node.input(index).value if node.has(index) else node.attributes.get(name))
        is not None
    ]
    if bounds == [0.0, 6.0]:
        return (functional("activation", "relu6"),)
    return (Work("torch.clamp", "elementwise", "clamp"),)


def norm(kind: str, *, affine: bool = True) -> Describe:
    """A normalisation; ``affine`` where the op always has a scale."""

    def describe(node: Node) -> tuple[Work, ...]:
        training = bool(node.integer("training_mode", 0))
        return (
            functional(
                kind,
                kind,
                {"affine": affine, "training": training},
                weight_shape=node.shape(1) if affine else None,
                bias_shape=node.shape(2) if affine and node.has(2) else None,
            ),
        )

    return describe


def lp_norm(node: Node) -> tuple[Work, ...]:
    """A tensor over its norm along an axis."""
    shape, axis = node.shape(0), node.integer("axis", -1)
    summed = {"input_elements": prod(shape)}
    lengths = tuple(1 if at == axis % len(shape) else size for at, size in enumerate(shape))
    return (
        Work("torch.norm", "reduction", "norm", {**summed}, shape=lengths),
        Work("Tensor.__truediv__", "div", "truediv", reads=(0,)),
    )


def softmax(name: str) -> Describe:
    """Along one axis; before operator set 13 along all from the axis on, which was the second."""

    def describe(node: Node) -> tuple[Work, ...]:
        shape = node.shape(0)
        axis = node.integer("axis", -1 if node.opset >= 13 else 1)
        if not -len(shape) <= axis <= len(shape):
            raise node.error(f"axis {axis} of {len(shape)} dimensions")
        summed = prod(shape[axis:]) if node.opset < 13 else shape[axis]
        return (functional("softmax", name, {"summed": summed}),)

    return describe


def reduction(aten: str) -> Describe:
    """Over some axes or all; over none where the op says so, which is the input itself."""

    def describe(node: Node) -> tuple[Work, ...]:
        axes = node.input(1).value if node.has(1) else node.attributes.get("axes")
        empty = axes is None or len(axes) == 0
        if empty and node.integer("noop_with_empty_axes", 0):
            return view(node)
        attributes: dict[str, Attribute] = {"input_elements": node.input(0).numel}
        return (Work(f"torch.{aten}", "reduction", aten, attributes),)

    return describe


def cumulative(node: Node) -> tuple[Work, ...]:
    """A running sum or product: an addition or a multiplication for each element."""
    aten = "cumsum" if node.op == "CumSum" else "cumprod"
    return (Work(f"torch.{aten}", "reduction", aten, {"input_elements": node.input(0).numel}),)


def gather(node: Node) -> tuple[Work, ...]:
    """A table that the file stores is an embedding, one known place of a tensor a view of it."""
    table, places = node.input(0), node.input(1)
    if table.stored and places.value is None:
        return (functional("embedding", "embedding", weight_shape=table.shape),)
    if places.is_number:
        return (Work("Tensor.select", "view", "select"),)
    return (Work("torch.index_select", "copy", "index_select"),)


def cast(node: Node) -> tuple[Work, ...]:
    """A copy in another type; the tensor itself where it has that type."""
    if node.input(0).dtype == node.output.dtype:
        return view(node)
    return (Work("Tensor.to", "copy", "to"),)


def slicing(node: Node) -> tuple[Work, ...]:
    """A view with positive steps, a copy backwards."""
    steps = node.input(4).value if node.has(4) else None
    if steps is not None and any(step < 0 for step in steps):
        return (Work("torch.flip", "copy", "flip"),)
    return (Work("Tensor.__getitem__", "view", "getitem"),)


def concat(node: Node) -> tuple[Work, ...]:
    """One tensor alone is handed on."""
    return (Work("torch.cat", "concat", "cat"),) if len(node.inputs) > 1 else view(node)


def dynamic_quantisation(node: Node) -> tuple[Work, ...]:
    """The range of a tensor, and its elements in eight bits."""
    given = node.input(0)
    visited: dict[str, Attribute] = {"input_elements": given.numel}
    return (
        Work("torch.amin", "reduction", "amin", visited, shape=(), reads=(0,)),
        Work("torch.amax", "reduction", "amax", visited, shape=(), reads=(0,)),
        Work("Tensor.to", "copy", "to", reads=(0,)),
    )


def gated(node: Node) -> tuple[Work, ...]:
    """SiLU of one tensor, times another."""
    shape = node.shape(0)
    both: dict[str, Attribute] = {"input_shape": shape, "other_shape": shape}
    return (
        functional("activation", "silu", shape=shape, reads=(0,)),
        Work("Tensor.__mul__", "mul", "mul", both, reads=(1,)),
    )


def cross_entropy(node: Node) -> tuple[Work, ...]:
    """Log-softmax along the classes [n, c, *], the value at each label [n, *], and their mean."""
    scores, labels = node.shape(0), node.input(1)
    works = [functional("softmax", "log_softmax", {"summed": scores[1]}, shape=scores, reads=(0,))]
    return (*works, *_likelihood(node, labels, after=True))


def negative_likelihood(node: Node) -> tuple[Work, ...]:
    """The value at each label [n, *] of log-probabilities [n, c, *], and their mean or sum."""
    return _likelihood(node, node.input(1), after=False)


def _likelihood(node: Node, labels: Tensor, *, after: bool) -> tuple[Work, ...]:
    reads = (1,) if after else (0, 1)
    picked = Work("torch.gather", "copy", "gather", shape=labels.shape, reads=reads)
    if str(node.attributes.get("reduction", "mean")) == "none":
        return (picked, Work("torch.neg", "elementwise", "neg", reads=(2,)))
    summed: dict[str, Attribute] = {"input_elements": labels.numel}
    return (picked, Work("torch.mean", "reduction", "mean", summed, reads=(2,)))
