"""A graph with shapes → the records that conventions count."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING

from profiler.errors import (
    BuildError,
    TraceError,
    UsageError,
    one_line,
)
from profiler.records import (
    Input,
    OpRecord,
    Parameter,
    Shape,
    TensorRef,
    Trace,
)
from profiler.tracing.onnx_graph.input_sizes import Sizes, input_sizes
from profiler.tracing.onnx_graph.module_calls import Calls, Layer
from profiler.tracing.onnx_graph.nodes import (
    FLOATING,
    Graph,
    Node,
    Tensor,
    holds_numbers,
)
from profiler.tracing.onnx_graph.protos import read_model
from profiler.tracing.onnx_graph.table import Op, op_of, torch_class, works_of
from profiler.tracing.onnx_graph.work import Work

if TYPE_CHECKING:
    from onnx import ModelProto

#: Role of a stored operand, by op, where the table of ops has no name for it.
_ROLES = {"Add": "bias", "Sub": "bias", "Mul": "scale", "Div": "scale"}


def trace_onnx(
    path: str,
    *,
    inputs: Sequence[Input] = (),
    batch_size: int = 1,
    crop_size: int | None = None,
) -> Trace:
    """Read an ONNX file into the records of a forward.

    Paths are the modules that node names speak of. A leaf goes by the class of ``torch.nn`` that
    does the same, where there is one. What only works out sizes is no op. Ops of other domains and
    control flow that is not settled are kind "other", under their own names. Parameters are the
    tensors of the file that layers read, each once; the running statistics of a batch norm are
    buffers.

    Args:
        path: the file; weights beside it are not needed.
        inputs: what the graph is given, in its order or by name; the rest is as the file says.
        batch_size: for inputs that leave their batch open, and for all of them where it is not 1.
        crop_size: the side of images, instead of the file's.

    Raises:
        BuildError: ``onnx`` is not installed, or the file is no ONNX model.
        UsageError: an input that does not fit, or a size that is left open.
        TraceError: shapes that do not fit, or depend on what a tensor holds.
    """
    model = read_model(path)
    # read_model has said so where there is no onnx
    from profiler.tracing.onnx_graph.protos import declared_inputs

    try:
        sizes = input_sizes(declared_inputs(model.graph), inputs, batch_size, crop_size)
        return _Assembly(_inferred(model, sizes)).trace(path)
    except (BuildError, TraceError, UsageError) as error:
        text = " ".join(str(error).split())  # names are the file's, and may hold anything
        raise type(error)(f"{path}: {text}") from error


def _inferred(model: ModelProto, sizes: Sizes) -> Graph:
    from profiler.tracing.onnx_graph.inference import infer

    try:
        return infer(model, sizes)
    except (IndexError, TypeError, ValueError, NotImplementedError) as error:
        # attributes without a value, names that are no text: what no exporter writes
        raise BuildError(f"its graph is malformed: {one_line(error)}") from error


class _Assembly:
    """The records of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._refs: dict[str, TensorRef] = {}
        self._states: dict[str, TensorRef] = {}
        self._storages = 0
        self._ops: list[OpRecord] = []
        self._names = ParameterNames()
        described = [(node, op_of(node)) for node in graph.nodes]
        self._works = [(node, op, works_of(node)) for node, op in described]
        self._calls = Calls([_layer(node, works) for node, _, works in self._works])

    def trace(self, arch: str) -> Trace:
        """Everything, under the name that the model goes by."""
        graph = self._graph
        for each in graph.inputs:
            self._refs[each.name] = self._new(each.shape, each.dtype)
        for index, (node, op, works) in enumerate(self._works):
            self._add(index, node, op, works)
        outputs = tuple(
            [self._refs[each.name] for each in graph.outputs if each.name in self._refs]
        )
        whole = self._calls[0]
        whole.inputs = tuple([each.shape for each in graph.inputs])
        whole.outputs = tuple([each.shape for each in outputs])
        several = len(graph.inputs) > 1
        parameters = self._names.parameters()
        dtypes = [each.dtype for each in parameters] + [each.dtype for each in graph.inputs]
        floating = [dtype for dtype in dtypes if dtype in FLOATING]
        return Trace(
            arch=arch,
            variant="deploy",
            input_shapes={each.name if several else "0": each.shape for each in graph.inputs},
            inputs=tuple([self._refs[each.name] for each in graph.inputs]),
            outputs=outputs,
            dtype=floating[0] if floating else "float32",
            ops=tuple(self._ops),
            modules=self._calls.frozen(),
            parameters=parameters,
            uncalled=(),
            versions={
                "python": platform.python_version(),
                "onnx": metadata.version("onnx"),
                "inprof": metadata.version("inprof"),
            },
        )

    # --- nodes --------------------------------------------------------------------------------

    def _add(self, index: int, node: Node, op: Op, works: Sequence[Work]) -> None:
        call = self._calls.of_node[index]
        before: TensorRef | None = None
        for work in works:
            reads = range(len(node.inputs)) if work.reads is None else work.reads
            tensors = [(at, node.inputs[at]) for at in reads if at < len(node.inputs)]
            inputs = [] if before is None else [before]
            parameters: list[str] = []
            for at, tensor in tensors:
                if tensor is None or at in op.settings:
                    continue
                if tensor.name in self._refs:
                    inputs.append(self._refs[tensor.name])
                    continue
                roots = [self._graph.stored[name] for name in tensor.stored]
                names = [self._use(node, op, at, root, parameters) for root in roots]
                if any(names):
                    inputs.append(self._state(tensor, next(filter(None, names))))
            for tensor in node.captured:
                if is_parameter(tensor, is_weight=False):
                    parameters.append(self._name(node, tensor, "weight"))
            outputs = self._outputs(node, work, inputs)
            before = outputs[0] if outputs else None
            self._ops.append(
                OpRecord(
                    work.function,
                    work.kind,
                    work.aten,
                    node.path,
                    call,
                    tuple(inputs),
                    outputs,
                    work.weight_shape,
                    work.bias_shape,
                    tuple(dict.fromkeys(parameters)),
                    work.attributes,
                )
            )
            given = [ref for ref in inputs if not ref.state]
            self._note_shapes(call, given, outputs, work)

    def _state(self, tensor: Tensor, name: str) -> TensorRef:
        """What an op reads of the file: a parameter or buffer, on one storage wherever it is."""
        if tensor.name not in self._states:
            self._states[tensor.name] = self._new(tensor.shape, tensor.dtype, state=name)
        return self._states[tensor.name]

    def _use(self, node: Node, op: Op, at: int, root: Tensor, parameters: list[str]) -> str:
        """Take note of a use; the name of the parameter or buffer, "" for what is neither."""
        if at in op.buffers:
            buffers = self._calls.own(node.path).buffers
            if op.buffers[at] not in buffers:
                buffers.append(op.buffers[at])
            return f"{node.path}.{op.buffers[at]}".lstrip(".")
        if is_parameter(root, is_weight=at in op.weights):
            if at in op.unpacked:
                shape, dtype = op.unpacked[at](node)
                root = replace(root, shape=shape, dtype=dtype)
            role = op.weights.get(at) or _ROLES.get(node.op, "constant")
            parameters.append(self._name(node, root, role))
            return parameters[-1]
        return ""

    def _name(self, node: Node, root: Tensor, role: str) -> str:
        name, short = self._names.use(root, node.path, role)
        own = self._calls.own(node.path).parameters
        if short not in own:
            own.append(short)
        return name

    def _outputs(
        self, node: Node, work: Work, inputs: Sequence[TensorRef]
    ) -> tuple[TensorRef, ...]:
        if work.shape is not None:
            return (self._new(work.shape, node.output.dtype),)
        shares = inputs[0] if work.kind in ("view", "dropout") and inputs else None
        found = []
        for tensor in node.outputs:
            if tensor is not None:
                ref = self._new(tensor.shape, tensor.dtype, shares)
                self._refs[tensor.name] = ref
                found.append(ref)
        if not found and work.kind != "other":
            raise node.error("the shape of its output is not known")
        return tuple(found)

    def _new(
        self, shape: Shape, dtype: str, shares: TensorRef | None = None, state: str = ""
    ) -> TensorRef:
        if shares is not None:
            return TensorRef(shape, dtype, shares.storage, shares.state)
        self._storages += 1
        return TensorRef(shape, dtype, self._storages - 1, state)

    def _note_shapes(
        self, call: int, inputs: Sequence[TensorRef], outputs: Sequence[TensorRef], work: Work
    ) -> None:
        """A module is given what its first op is given, and gives what its last op gives."""
        for each in self._calls.around(call):
            each.inputs = each.inputs or tuple([ref.shape for ref in inputs])
            each.outputs = tuple([ref.shape for ref in outputs]) or each.outputs
            if work.layer_output is not None:
                each.outputs = (work.layer_output, *each.outputs[1:])


def _layer(node: Node, works: Sequence[Work]) -> Layer:
    return Layer(node.path, node.op, torch_class(node, works[-1]))


def is_parameter(root: Tensor, *, is_weight: bool) -> bool:
    """Whether a stored tensor that an op reads as data is a parameter.

    A layer's weight always is. Another operand is where it is floating point, or quantised, and
    more than one number: a constant factor is stored just as a learnt one is, and the file does not
    tell them apart.
    """
    return is_weight or (holds_numbers(root.dtype) and root.numel > 1)


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
