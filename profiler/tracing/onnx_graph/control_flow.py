"""Nodes that run graphs of their own: the branch of an ``If``, the rounds of ``Loop`` and ``Scan``.

Where the condition and the number of rounds are constant the inner graph is written out, once for
each round, as a forward of PyTorch would run it. Else the node stays, one without a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import helper

from profiler.errors import TraceError
from profiler.tracing.onnx_graph.nodes import Tensor
from profiler.tracing.onnx_graph.protos import GRAPHS, subgraphs

if TYPE_CHECKING:
    from profiler.tracing.onnx_graph.inference import Walk

#: Nodes that a loop is written out to at most; a larger one is listed as uncounted.
_MOST_NODES = 1 << 16


class OpenShapeError(TraceError):
    """A tensor that a node needs the shape of, which depends on what another holds."""


def run_if(walk: Walk, node: onnx.NodeProto) -> bool:
    """Take the branch that a constant condition says; False where it is not constant."""
    condition = walk.known.get(node.input[0]) if node.input else None
    if condition is None:
        return False
    wanted = "then_branch" if np.all(condition) else "else_branch"
    branch = _graph(node, wanted)
    if branch is None or len(branch.output) < len(node.output):
        raise TraceError(f"If {node.name!r} has no {wanted}")
    outputs = _Body(walk, branch).run([])
    for inner in outputs:
        if inner not in walk.types and inner not in walk.missing:
            raise TraceError(f"If {node.name!r}: {wanted} does not make {inner!r}")
    _hand_on(walk, node, outputs)
    return True


def run_loop(walk: Walk, node: onnx.NodeProto) -> bool:
    """Write a loop out; False where the count or a condition depends on what a tensor holds.

    It ends after the stated number of rounds, or where the body's condition is constant and false.
    """
    body = _graph(node, "body")
    limit, condition = (*node.input, "", "")[:2]
    if body is None or not _is_known(walk, limit, condition):
        return False
    rounds = int(np.ravel(walk.known[limit])[0]) if limit else None
    goes_on = bool(np.all(walk.known[condition])) if condition else True
    carried = list(node.input[2:])
    if len(body.input) != len(carried) + 2 or len(body.output) <= len(carried):
        raise TraceError(f"Loop {node.name!r}: its body does not fit its inputs")
    collected: list[list[str]] = [[] for _ in body.output[len(carried) + 1 :]]

    def write_out() -> bool:
        inner = _Body(walk, body)
        now, done = goes_on, 0
        while now and (rounds is None or done < rounds):
            start = [walk.constant(np.array(done, np.int64)), walk.constant(np.array(True))]
            outputs = inner.run([*start, *carried])
            done += 1
            if outputs[0] not in walk.known or inner.is_too_long(done, rounds):
                return False
            now = bool(np.all(walk.known[outputs[0]]))
            carried[:] = outputs[1 : len(carried) + 1]
            for each, output in zip(collected, outputs[len(carried) + 1 :], strict=True):
                each.append(output)
        if collected and not done:
            return False  # nothing says what the rounds would have given
        _hand_on(walk, node, [*carried, *_joined(walk, node, collected)])
        return True

    return _attempt(walk, write_out)


def run_scan(walk: Walk, node: onnx.NodeProto) -> bool:
    """Write a scan out: one round for each place along the axis that is scanned."""
    body = _graph(node, "body")
    ints = {each.name: list(each.ints) for each in node.attribute}
    scanned = next((each.i for each in node.attribute if each.name == "num_scan_inputs"), 0)
    batched = walk.opset < 9  # then with a batch, and lengths before the inputs
    inputs = list(node.input[1:] if batched else node.input)
    if body is None or not 0 < scanned <= len(inputs) or (batched and node.input[0]):
        return False
    states = len(inputs) - scanned
    if len(body.input) != len(inputs) or len(body.output) < states:
        raise TraceError(f"Scan {node.name!r}: its body does not fit its inputs")
    axes = ints.get("scan_input_axes") or [0] * scanned
    placed = ints.get("scan_output_axes") or [0] * (len(body.output) - states)
    inner = _Body(walk, body)

    def rounds(given: Sequence[str]) -> list[str] | None:
        """Final states, and what each round gives joined."""
        carried = list(given[:states])
        collected: list[list[str]] = [[] for _ in placed]
        pairs = [*zip(given[states:], axes, strict=True)]
        length = _length(walk, *pairs[0])
        for at in range(length):
            slices = [_place(walk, name, axis, at) for name, axis in pairs]
            outputs = inner.run([*carried, *slices])
            carried = outputs[:states]
            for each, output in zip(collected, outputs[states:], strict=True):
                each.append(output)
            if inner.is_too_long(at + 1, length):
                return None
        return [*carried, *_joined(walk, node, collected, placed)] if length else None

    def write_out() -> bool:
        if not batched:
            outputs = rounds(inputs)
        else:
            size = _length(walk, inputs[0], 0)
            each = [rounds([_place(walk, name, 0, at) for name in inputs]) for at in range(size)]
            whole = [one for one in each if one is not None]
            outputs = None
            if whole and len(whole) == size:
                outputs = _joined(walk, node, [list(names) for names in zip(*whole, strict=True)])
        if outputs is None:
            return False
        _hand_on(walk, node, outputs)
        return True

    return _attempt(walk, write_out)


def run_modifier(walk: Walk, graph: onnx.GraphProto, given: Tensor) -> None:
    """Write out a graph that changes a tensor inside a node, which nothing outside makes."""
    name = walk.fresh(given.name)
    elem_type = onnx.TensorProto.DOUBLE if given.dtype == "float64" else onnx.TensorProto.FLOAT
    walk.types[name] = helper.make_tensor_type_proto(elem_type, given.shape)
    _Body(walk, graph).run([name])


class _Body:
    """The graph inside a node, each time under names that nothing else has."""

    def __init__(self, walk: Walk, graph: onnx.GraphProto) -> None:
        self._walk = walk
        self._given = [each.name for each in graph.input]
        self._outputs = [each.name for each in graph.output]
        self._start = len(walk.nodes)
        self._stored = walk.store(graph)
        self._nodes = []
        for node in graph.node:
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            copy.name = node.name or walk.numbered(node)  # the same place in every round
            if node.op_type == "Constant" and node.output:  # and stored once
                self._stored[node.output[0]] = copy.output[0] = walk.fresh(node.output[0])
                walk.step(copy)
            else:
                self._nodes.append(copy)

    def is_too_long(self, done: int, rounds: int | None) -> bool:
        """Whether it is more than anybody reads, as far as the rounds so far say."""
        written = len(self._walk.nodes) - self._start
        return max(written, done) > _MOST_NODES or written * (rounds or 0) > _MOST_NODES * done

    def run(self, given: Sequence[str]) -> list[str]:
        """Write the graph out for inputs of these names, and say what its outputs are called."""
        names = {**self._stored, **dict(zip(self._given, given, strict=True))}
        for node in self._nodes:
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            copy.input[:] = [names.get(name, name) for name in node.input]
            for attribute in copy.attribute:
                if attribute.type in GRAPHS:
                    for graph in (*attribute.graphs, attribute.g):
                        _rename(graph, names)
            for at, name in enumerate(node.output):
                if name:
                    names[name] = copy.output[at] = self._walk.fresh(name)
            self._walk.step(copy)
        return [names.get(name, name) for name in self._outputs]


def _rename(graph: onnx.GraphProto, names: Mapping[str, str]) -> None:
    """Give what a graph reads from outside other names."""
    own = {each.name for each in (*graph.input, *graph.initializer)}
    own |= {name for node in graph.node for name in node.output}
    names = {old: new for old, new in names.items() if old not in own}
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        for inner in subgraphs(node):
            _rename(inner, names)
    for output in graph.output:
        output.name = names.get(output.name, output.name)


def _graph(node: onnx.NodeProto, name: str) -> onnx.GraphProto | None:
    return next((each.g for each in node.attribute if each.name == name), None)


def _is_known(walk: Walk, *names: str) -> bool:
    return all(name in walk.known for name in names if name)


def _attempt(walk: Walk, write_out: Callable[[], bool]) -> bool:
    """Whether it could be written out; where not, no node of the try is left."""
    start = len(walk.nodes)
    try:
        done = write_out()
    except OpenShapeError:
        done = False
    if not done:
        del walk.nodes[start:]
    return done


def _length(walk: Walk, name: str, axis: int) -> int:
    tensor = walk.tensor(name)
    if tensor is None or not -len(tensor.shape) <= axis < len(tensor.shape):
        raise TraceError(f"Scan reads {name!r}, which has no axis {axis}")
    return tensor.shape[axis]


def _place(walk: Walk, name: str, axis: int, at: int) -> str:
    """One place of a tensor along an axis, which is a view."""
    index, output = walk.constant(np.array(at, np.int64)), walk.fresh(name)
    walk.step(helper.make_node("Gather", [name, index], [output], axis=axis))
    return output


def _joined(
    walk: Walk,
    node: onnx.NodeProto,
    collected: Iterable[Sequence[str]],
    axes: Sequence[int] | None = None,
) -> list[str]:
    """What the rounds gave, stacked along a new axis."""
    outputs = []
    for at, names in enumerate(collected):
        tensors = [each for each in map(walk.tensor, names) if each is not None]
        shapes = {each.shape for each in tensors}
        if len(tensors) < len(names) or len(shapes) != 1:
            raise OpenShapeError(f"{node.op_type} {node.name!r} gives tensors of several shapes")
        (shape,) = shapes
        axis = (axes[at] if axes else 0) % (len(shape) + 1)
        whole = (*shape[:axis], len(names), *shape[axis:])
        name = walk.fresh(node.op_type)
        walk.types[name] = helper.make_tensor_type_proto(
            walk.types[names[0]].tensor_type.elem_type, whole
        )
        values: list[Any] = [each.value for each in tensors]
        if all(value is not None for value in values):
            walk.known[name] = np.stack(values, axis)
        if walk.settled.issuperset(names):
            walk.settled.add(name)
        else:
            joined = walk.tensor(name)
            walk.add(node, "Concat", tensors, [joined] if joined else [])
        outputs.append(name)
    return outputs


def _hand_on(walk: Walk, node: onnx.NodeProto, inner: Sequence[str]) -> None:
    for source, output in zip(inner, node.output, strict=False):
        if output:
            walk.step(helper.make_node("Identity", [source], [output], name=node.name))
