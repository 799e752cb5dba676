"""Shapes of every tensor, by ONNX's own inference, node by node.

Every input has its sizes by now, so whatever only depends on sizes (``Shape`` → ``Gather`` →
``Concat`` → ``Reshape``) is worked out as the walk meets it, by ONNX's reference implementation,
and is no node of the result: in PyTorch it is arithmetic of Python's. An ``If`` whose condition is
worked out so is the branch that it takes, a ``Loop`` or ``Scan`` the rounds that it runs.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.shape_inference import infer_node_outputs

from profiler.errors import TraceError, one_line
from profiler.records import Shape
from profiler.tracing.onnx_graph.control_flow import (
    OpenShapeError,
    run_if,
    run_loop,
    run_modifier,
    run_scan,
)
from profiler.tracing.onnx_graph.input_sizes import Sizes
from profiler.tracing.onnx_graph.nodes import (
    FLOATING,
    Graph,
    Node,
    Tensor,
    holds_numbers,
    node_path,
)
from profiler.tracing.onnx_graph.protos import (
    GRAPHS,
    array_of,
    attribute_value,
    captured_names,
    dtype_of,
    elem_type_of,
    has_known_shape,
    stated_sizes,
    subgraphs,
)
from profiler.tracing.onnx_graph.table import BORROWED, output_types

#: Larger tensors are not worked out: sizes are few numbers, and masks are made once.
_MOST_ELEMENTS = 1 << 16
#: Of floating-point tensors in the file those are read that can say how another op works.
_MOST_SETTINGS = 64
#: What is still the stored tensor, for whoever reads it.
_PASSES_ON = frozenset(
    "Identity Cast Transpose Reshape Squeeze Unsqueeze Flatten Expand Slice Split Concat "
    "QuantizeLinear DequantizeLinear com.microsoft.QuantizeLinear "
    "com.microsoft.DequantizeLinear".split()
)
#: What makes the weight of a stored one that is quantised, written out op by op.
_DEQUANTISES = frozenset("Add Sub Mul Div Clip".split())
_RUNS = {"If": run_if, "Loop": run_loop, "Scan": run_scan}
_SIZES = ("Shape", "Size")
_RANDOM = frozenset(
    "RandomNormal RandomNormalLike RandomUniform RandomUniformLike Bernoulli Multinomial".split()
)
#: ONNX has no inference for these, and one of them is deprecated: the output is as the input.
_SHAPELESS = ("GroupNormalization", "MeanVarianceNormalization")
#: Ops whose output has no element where the input is smaller than the window.
_WINDOWS = frozenset(
    "Conv ConvTranspose ConvInteger QLinearConv MaxPool AveragePool LpPool".split()
)
#: Attributes of a ``Constant`` other than a tensor.
_VALUE_TYPES: dict[str, Any] = {
    "value_int": np.int64,
    "value_ints": np.int64,
    "value_float": np.float32,
    "value_floats": np.float32,
}
_TENSOR = onnx.AttributeProto.TENSOR


def infer(model: onnx.ModelProto, sizes: Sizes) -> Graph:
    """The graph with every shape.

    Raises:
        TraceError: shapes that do not fit each other, or that depend on what a tensor holds.
    """
    walk = Walk(model, sizes)
    graph = model.graph
    inputs = [each for each in graph.input if each.name in sizes.shapes]
    for each in inputs:
        elem_type = each.type.tensor_type.elem_type
        walk.types[each.name] = helper.make_tensor_type_proto(elem_type, sizes.shapes[each.name])
    walk.take(graph)
    outputs = [walk.tensor(each.name) for each in graph.output]
    return Graph(
        tuple(walk.nodes),
        tuple([each for each in (walk.tensor(one.name) for one in inputs) if each]),
        tuple([each for each in outputs if each is not None]),
        walk.roots,
    )


def _domain(name: str) -> str:
    """A domain of operators; ONNX's own goes by two names, of which the empty one is used."""
    return "" if name == "ai.onnx" else name


class Walk:
    """The shapes, dtypes and values of tensors that are known so far."""

    def __init__(self, model: onnx.ModelProto, sizes: Sizes) -> None:
        self._opsets = {_domain(each.domain): each.version for each in model.opset_import}
        self._imports = list(model.opset_import)
        self._ir_version = model.ir_version
        self._sizes = sizes
        self._stated = {
            each.name: each.type for each in (*model.graph.value_info, *model.graph.output)
        }
        self._stored: dict[str, tuple[str, ...]] = {}
        # an exporter that stores weights apart writes constants alone as nodes
        self._has_weights = any(
            holds_numbers(dtype_of(each.data_type)) and prod(each.dims) > 1
            for each in model.graph.initializer
        )
        self._count = 0
        self._taken = {name for node in model.graph.node for name in node.output}
        self._taken |= {each.name for each in (*model.graph.input, *model.graph.initializer)}
        self.types: dict[str, onnx.TypeProto] = {}
        #: Values, where they are known.
        self.known: dict[str, Any] = {}
        #: What is known and no learnt tensor.
        self.settled: set[str] = set()
        #: Why nobody knows the shape of a tensor.
        self.missing: dict[str, str] = {}
        self.roots: dict[str, Tensor] = {}
        self.nodes: list[Node] = []

    @property
    def opset(self) -> int:
        """Version of ONNX's own operators."""
        return int(self._opsets.get("", 0))

    def tensor(self, name: str) -> Tensor | None:
        """The tensor of a name; None if left out, no tensor or of unknown shape."""
        kind = self.types.get(name)
        if kind is None or not kind.HasField("tensor_type"):
            return None
        shape = tuple(dim.dim_value for dim in kind.tensor_type.shape.dim)
        dtype = dtype_of(kind.tensor_type.elem_type)
        return Tensor(name, shape, dtype, self._stored.get(name, ()), self.known.get(name))

    def take(self, graph: onnx.GraphProto) -> None:
        """Walk the model's own graph."""
        self.store(graph, is_inner=False)
        for node in graph.node:
            self.step(node)
            self._count += 1

    def fresh(self, name: str) -> str:
        """The name, or one like it where something else goes by it."""
        found, number = name, 1
        while found in self._taken:
            number += 1
            found = f"{name}#{number}"
        self._taken.add(found)
        return found

    def numbered(self, node: onnx.NodeProto) -> str:
        """A name for a node without one: its op and its place."""
        self._count += 1
        return f"{node.op_type}_{self._count - 1}"

    def constant(self, value: Any) -> str:
        """The name of a value that is known and nobody stored."""
        name = self.fresh("constant")
        tensor = numpy_helper.from_array(value, name)
        self.types[name] = helper.make_tensor_type_proto(tensor.data_type, value.shape)
        self.known[name] = value
        self.settled.add(name)
        return name

    # --- what the file stores -----------------------------------------------------------------

    def store(self, graph: onnx.GraphProto, *, is_inner: bool = True) -> dict[str, str]:
        """Take what a graph stores: name → the name it goes by, which nothing else has."""
        names: dict[str, str] = {}
        for each in graph.initializer:
            names[each.name] = self.fresh(each.name) if is_inner else each.name
            self._store(names[each.name], each)
        for sparse in graph.sparse_initializer:
            name, dims = sparse.values.name, tuple(sparse.dims)
            names[name] = self.fresh(name) if is_inner else name
            self._keep(names[name], sparse.values.data_type, dims)
        return names

    def _store(self, name: str, tensor: onnx.TensorProto, *, constant: bool = False) -> None:
        shape = tuple(tensor.dims)
        floating = dtype_of(tensor.data_type) in FLOATING
        self._keep(name, tensor.data_type, shape, constant=constant)
        if prod(shape) > (_MOST_SETTINGS if floating else _MOST_ELEMENTS):
            return
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            return
        array = array_of(tensor)
        if array is None:
            raise TraceError(f"the tensor {name!r} in the file can't be read")
        self.known[name] = array
        if not floating or prod(shape) == 1 or name not in self._stored:
            self.settled.add(name)

    def _keep(self, name: str, elem_type: int, shape: Shape, *, constant: bool = False) -> None:
        if any(size < 0 for size in shape):
            raise TraceError(f"the tensor {name!r} in the file has a size below 0")
        self.types[name] = helper.make_tensor_type_proto(elem_type, shape)
        if constant and self._has_weights:
            return
        self._stored[name] = (name,)
        self.roots[name] = Tensor(name, shape, dtype_of(elem_type), (name,))

    def _constant(self, node: onnx.NodeProto) -> None:
        (attribute,) = node.attribute or (onnx.AttributeProto(),)
        if attribute.type == _TENSOR:
            self._store(node.output[0], attribute.t, constant=True)
        elif attribute.type == onnx.AttributeProto.SPARSE_TENSOR:
            sparse = attribute.sparse_tensor
            shape = tuple(sparse.dims)
            self._keep(node.output[0], sparse.values.data_type, shape, constant=True)
        else:
            value = helper.get_attribute_value(attribute) if attribute.name else 0.0
            array = np.array(value, dtype=_VALUE_TYPES.get(attribute.name, object))
            tensor = numpy_helper.from_array(array, node.output[0])
            self._store(node.output[0], tensor, constant=True)

    # --- nodes --------------------------------------------------------------------------------

    def step(self, node: onnx.NodeProto) -> None:
        """Walk one node."""
        label = node.name or f"{node.op_type}_{self._count}"
        own = not _domain(node.domain)
        if own and node.op_type == "Constant":
            self._constant(node)
            return
        captured = captured_names(node)
        for name in (*filter(None, node.input), *captured):
            if name in self.missing:
                raise OpenShapeError(
                    f"{node.op_type} {label!r} can't be told its input's shape: "
                    f"{self.missing[name]}"
                )
            if name not in self.types and name not in captured:
                raise TraceError(f"{node.op_type} {label!r} reads {name!r}, which nothing makes")
        run = _RUNS.get(node.op_type) if own else None
        if run is not None and run(self, node):
            return
        self._infer(node, label, captured)
        is_settled = own and self._work_out(node)
        if self._pass_on(node, is_settled=is_settled) or is_settled:
            return
        if node.op_type == "FlexAttention":
            node = self._modify(node)
        found = self._node(node, label, captured)
        outputs = tuple([self.tensor(name) for name in node.output])
        self.nodes.append(replace(found, outputs=outputs))

    def add(
        self,
        node: onnx.NodeProto,
        op: str,
        inputs: Iterable[Tensor],
        outputs: Iterable[Tensor],
    ) -> None:
        """Add what another node does on the way, at its place."""
        around = self._node(node, node.name or f"{node.op_type}_{self._count}", ())
        self.nodes.append(
            replace(around, op=op, inputs=tuple(inputs), outputs=tuple(outputs), attributes={})
        )

    def _infer(self, node: onnx.NodeProto, label: str, captured: Sequence[str]) -> None:
        """Types of the outputs; what has no known shape goes among the missing, with the reason."""
        found: dict[str, onnx.TypeProto] = {}
        schema = self._schema(node)
        if schema is not None and node.op_type in _SHAPELESS:
            found = {node.output[0]: self.types[node.input[0]]}
        elif schema is None:
            found = self._own_types(node, label)
        else:
            needed = {*filter(None, node.input), *captured} & self.types.keys()
            try:
                found = infer_node_outputs(
                    schema,
                    node,
                    {name: self.types[name] for name in needed},
                    {
                        name: numpy_helper.from_array(self.known[name], name)
                        for name in node.input
                        if name in self.known
                    },
                    opset_imports=self._imports,
                    ir_version=self._ir_version,
                )
            except Exception as error:  # classes of a compiled module, by version of onnx
                raise TraceError(
                    f"{node.op_type} {label!r} does not take {self._given(node)}: "
                    f"{one_line(error).removeprefix('[ShapeInferenceError] ')}{self._doubt()}"
                ) from error
        for name in filter(None, node.output):
            kind = found.get(name)
            if kind is None or not has_known_shape(kind):
                kind = self._resolved(name) or kind
            if kind is not None and (has_known_shape(kind) or not kind.HasField("tensor_type")):
                self._check(node, label, kind)
                self.types[name] = kind
            else:
                why = "depends on what a tensor holds" if schema else "is not in the file"
                self.missing[name] = f"the shape of {name!r}, made by {node.op_type} {label!r}, "
                self.missing[name] += why

    def _schema(self, node: onnx.NodeProto) -> onnx.defs.OpSchema | None:
        domain = _domain(node.domain)
        version = self._opsets.get(domain, 0)
        try:
            return onnx.defs.get_schema(node.op_type, version, domain)
        except onnx.defs.SchemaError:
            if not domain and node.op_type not in BORROWED:
                raise TraceError(
                    f"{node.op_type} is no op of ONNX's operator set {version}, as onnx "
                    f"{onnx.__version__} knows it"
                ) from None
            return None

    def _resolved(self, name: str) -> onnx.TypeProto | None:
        """A tensor's stated type, if the sizes are the file's own."""
        stated = self._stated.get(name)
        sizes = stated_sizes(stated) if stated is not None else None
        if stated is None or sizes is None or self._sizes.overridden:
            return None
        numbers = [self._sizes.named.get(size) if isinstance(size, str) else size for size in sizes]
        shape = [size for size in numbers if size is not None]
        if len(shape) < len(sizes):
            return None
        return helper.make_tensor_type_proto(stated.tensor_type.elem_type, shape)

    def _check(self, node: onnx.NodeProto, label: str, kind: onnx.TypeProto) -> None:
        """Refuse what inference lets pass: windows larger than the map, a reshape that loses."""
        if not kind.HasField("tensor_type"):
            return
        shape = [dim.dim_value for dim in kind.tensor_type.shape.dim]
        if any(size < 0 for size in shape) or (node.op_type in _WINDOWS and not all(shape)):
            raise TraceError(
                f"{node.op_type} {label!r}: {self._given(node)} is too small for its window"
            )
        before = self.tensor(node.input[0]) if node.op_type == "Reshape" else None
        if before is not None and before.numel != prod(shape):
            raise TraceError(
                f"Reshape {label!r}: {self._given(node)} can't be made "
                f"{'x'.join(map(str, shape))}{self._doubt()}"
            )

    def _given(self, node: onnx.NodeProto) -> str:
        tensors = [self.tensor(name) for name in node.input if name]
        shapes = ["x".join(map(str, each.shape)) or "a number" for each in tensors if each]
        return ", ".join(shapes) or "its inputs"

    def _doubt(self) -> str:
        other = self._sizes.overridden
        return "; the file may be fixed to the sizes it was exported with" if other else ""

    # --- sizes and constants ------------------------------------------------------------------

    def _work_out(self, node: onnx.NodeProto) -> bool:
        """Compute outputs of known inputs; whether all of these are sizes and constants."""
        first = self.tensor(node.input[0]) if node.input else None
        outputs = [self.tensor(name) for name in node.output if name]
        if not outputs or not all(each and each.numel <= _MOST_ELEMENTS for each in outputs):
            return False
        if node.op_type in _RANDOM or any(each.type in GRAPHS for each in node.attribute):
            return False
        if node.op_type in _SIZES and first is not None:
            bounds = {each.name: each.i for each in node.attribute}
            part = first.shape[bounds.get("start", 0) : bounds.get("end", len(first.shape))]
            whole = np.array(first.numel if node.op_type == "Size" else part, dtype=np.int64)
            results = [whole]
        elif node.input and all(name in self.known for name in node.input if name):
            shapes = [each.shape for each in outputs if each]
            results = computed(node, self.types, self.known, shapes, self._imports)
        else:
            return False
        if not results:
            return False
        for each, result in zip(outputs, results, strict=True):
            assert each is not None
            self.known[each.name] = result
        settled = node.op_type in _SIZES or all(name in self.settled for name in node.input if name)
        if settled:
            self.settled.update(each.name for each in outputs if each)
        return settled

    def _pass_on(self, node: onnx.NodeProto, *, is_settled: bool) -> bool:
        """Whether the node hands stored tensors on: reshaped, cast, joined or dequantised."""
        op = self._full_name(node)
        roots = self._handed_on(node, op)
        passes = op in _PASSES_ON or (op in _DEQUANTISES and self._is_dequantised(node, roots))
        if not roots or not (passes or is_settled) or op in _SIZES:
            return False
        if is_settled and "DequantizeLinear" not in op:  # sizes and places end here
            is_float = any(each.dtype in FLOATING for each in map(self.tensor, node.input) if each)
            roots = [root for root in roots if is_float or holds_numbers(self.roots[root].dtype)]
        self._stored.update((name, tuple(roots)) for name in node.output if name and roots)
        return passes

    def _handed_on(self, node: onnx.NodeProto, op: str) -> list[str]:
        """Stored tensors that the node's data is of; none where some of it is of no such tensor."""
        given = [name for name in node.input if name]
        if op == "Concat":
            data = given
        elif op in _PASSES_ON:
            data = given[:1]
        else:  # the largest operand is changed, the others say how
            sizes = {name: each.numel for name in given if (each := self.tensor(name))}
            data = sorted(sizes, key=lambda name: -sizes[name])[:1]
        roots = [self._stored.get(name, ()) for name in data]
        return list(dict.fromkeys(name for names in roots for name in names)) if all(roots) else []

    def _is_dequantised(self, node: onnx.NodeProto, roots: Sequence[str]) -> bool:
        """Whether the node scales or moves a quantised tensor by others that the file stores."""
        given = [each for each in map(self.tensor, node.input) if each]
        dtypes = [self.roots[name].dtype for name in roots]
        dtypes = dtypes if given and given[0].dtype in FLOATING else [each.dtype for each in given]
        return all(each not in FLOATING and holds_numbers(each) for each in dtypes) and all(
            name in self._stored or name in self.settled for name in node.input if name
        )

    def _modify(self, node: onnx.NodeProto) -> onnx.NodeProto:
        """Write out what the graphs of a FlexAttention do; the node without them."""
        query, key = self.tensor(node.input[0]), self.tensor(node.input[1])
        if query is None or key is None:
            return node
        scores = Tensor("scores", (*query.shape[:3], key.shape[2]), query.dtype)
        plain = onnx.NodeProto()
        plain.CopyFrom(node)
        del plain.attribute[:]
        plain.attribute.extend(each for each in node.attribute if each.type not in GRAPHS)
        for graph in subgraphs(node):
            run_modifier(self, graph, scores)
        return plain

    def _full_name(self, node: onnx.NodeProto) -> str:
        domain = _domain(node.domain)
        return f"{domain}.{node.op_type}" if domain else node.op_type

    def _node(self, node: onnx.NodeProto, label: str, captured: Iterable[str]) -> Node:
        """The node in plain values, as yet without its outputs."""
        metadata = {each.key: each.value for each in node.metadata_props}
        read = [name for name in captured if name in self._stored]
        names = dict.fromkeys(root for name in read for root in self._stored[name])
        inner = [self.roots[name] for name in names]
        return Node(
            op=self._full_name(node),
            label=label,
            path=node_path(node.name, node.op_type, self._count, metadata),
            inputs=tuple([self.tensor(name) for name in node.input]),
            outputs=(),
            attributes={each.name: attribute_value(each) for each in node.attribute},
            opset=self._opsets.get(_domain(node.domain), self.opset),
            captured=(*inner, *self._inner_weights(node)),
        )

    def _own_types(self, node: onnx.NodeProto, label: str) -> dict[str, onnx.TypeProto]:
        """Types that ONNX itself has no inference for, by our table of ops."""
        outputs = output_types(self._node(node, label, ()))
        return {
            name: helper.make_tensor_type_proto(elem_type_of(each[1]), each[0])
            for name, each in zip(node.output, outputs, strict=False)
            if name and each is not None
        }

    def _inner_weights(self, node: onnx.NodeProto) -> list[Tensor]:
        """Tensors that the graphs inside a node store themselves."""
        found = []
        for graph in subgraphs(node):
            for each in graph.initializer:
                shape, dtype = tuple(each.dims), dtype_of(each.data_type)
                found.append(Tensor(each.name, shape, dtype, (each.name,)))
                self.roots.setdefault(each.name, found[-1])
        return found


def computed(
    node: onnx.NodeProto,
    types: Mapping[str, onnx.TypeProto],
    values: Mapping[str, Any],
    shapes: Sequence[Shape],
    opsets: Sequence[onnx.OperatorSetIdProto],
) -> list[Any]:
    """Arrays of a node's outputs; none where the reference has no such op, or not at this type.

    Args:
        node: a node without graphs inside.
        types: of its inputs and outputs.
        values: of its inputs.
        shapes: of its outputs, as inference has them; a result of another is not believed.
        opsets: what the graph imports.
    """
    names = [name for name in dict.fromkeys(node.input) if name]
    outputs = [name for name in node.output if name]
    graph = helper.make_graph(
        [node],
        "sizes",
        [onnx.ValueInfoProto(name=name, type=types[name]) for name in names],
        [onnx.ValueInfoProto(name=name, type=types[name]) for name in outputs],
    )
    model = helper.make_model(graph, opset_imports=list(opsets))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = ReferenceEvaluator(model).run(None, {name: values[name] for name in names})
    except Exception:  # whatever it is, the shape is known without
        return []
    arrays = [np.asarray(each) for each in found]
    return arrays if [each.shape for each in arrays] == list(shapes) else []
