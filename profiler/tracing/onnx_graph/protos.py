"""ONNX's messages as plain values, and the file they are read from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx
from onnx import helper, numpy_helper

from profiler.errors import BuildError, one_line
from profiler.tracing.onnx_graph.input_sizes import Declared, Size
from profiler.tracing.onnx_graph.nodes import FLOATING

if TYPE_CHECKING:
    import onnx

#: Types of attributes that hold a graph or several.
GRAPHS = (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS)
_DTYPES = {"float": "float32", "double": "float64"}


def declared_inputs(graph: onnx.GraphProto) -> tuple[Declared, ...]:
    """The graph's inputs less those that it has a value for."""
    stored = {each.name for each in graph.initializer}
    stored |= {each.values.name for each in graph.sparse_initializer}
    return tuple(
        Declared(
            each.name,
            stated_sizes(each.type),
            dtype_of(each.type.tensor_type.elem_type) in FLOATING,
        )
        for each in graph.input
        if each.name not in stored
    )


def captured_names(node: onnx.NodeProto) -> list[str]:
    """Names that the graphs inside a node read from outside."""
    found: list[str] = []
    for graph in subgraphs(node):
        own = {each.name for each in (*graph.input, *graph.initializer)}
        for inner in graph.node:
            found.extend(name for name in (*inner.input, *captured_names(inner)) if name not in own)
            own.update(inner.output)
        found.extend(each.name for each in graph.output if each.name not in own)
    return [name for name in found if name]


def subgraphs(node: onnx.NodeProto) -> list[onnx.GraphProto]:
    """The graphs inside a node: branches, or the body of a loop."""
    return [
        graph
        for each in node.attribute
        if each.type in GRAPHS
        for graph in (each.graphs if each.type == onnx.AttributeProto.GRAPHS else [each.g])
    ]


def attribute_value(attribute: onnx.AttributeProto) -> Any:
    """An attribute's value; text is decoded."""
    value: Any = helper.get_attribute_value(attribute)
    if attribute.type == onnx.AttributeProto.STRINGS:
        return [_decoded(text) for text in value]
    return _decoded(value) if attribute.type == onnx.AttributeProto.STRING else value


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def array_of(tensor: onnx.TensorProto) -> Any:
    """The values of a stored tensor; None where they can't be read."""
    try:
        return numpy_helper.to_array(tensor)
    except Exception:  # sizes and data that do not fit, a type numpy lacks
        return None


def dtype_of(elem_type: int) -> str:
    """The bare name as PyTorch has it: float32 for FLOAT."""
    try:
        name: str = onnx.TensorProto.DataType.Name(elem_type).lower()
    except ValueError:
        return "undefined"
    return _DTYPES.get(name, name)


def elem_type_of(dtype: str) -> int:
    """The number that ONNX has for a bare name: FLOAT's for float32."""
    name = next((onnx_name for onnx_name, bare in _DTYPES.items() if bare == dtype), dtype)
    return int(onnx.TensorProto.DataType.Value(name.upper()))


def stated_sizes(kind: onnx.TypeProto) -> tuple[Size, ...] | None:
    """Sizes as the file states them: a number, a name, or "" where it states nothing."""
    if not kind.HasField("tensor_type") or not kind.tensor_type.HasField("shape"):
        return None
    return tuple(
        dim.dim_value if dim.dim_value > 0 else dim.dim_param for dim in kind.tensor_type.shape.dim
    )


def has_known_shape(kind: onnx.TypeProto) -> bool:
    """Whether it is a tensor with every size."""
    tensor = kind.tensor_type
    return (
        kind.HasField("tensor_type")
        and tensor.HasField("shape")
        and all(dim.HasField("dim_value") for dim in tensor.shape.dim)
    )


def read_model(path: str) -> onnx.ModelProto:
    """The model with its own functions written out; weights in other files are left there.

    Raises:
        BuildError: ``onnx`` is not installed; there is no such file, or it is no ONNX model.
    """
    try:
        import onnx
        import onnx.inliner
    except ImportError as error:
        raise BuildError(
            f"{path}: an ONNX file needs the package onnx, which is not installed: pip install onnx"
        ) from error
    if not Path(path).is_file():
        raise BuildError(f"{path}: there is no file {path!r}")
    try:
        model = onnx.load(path, format="protobuf", load_external_data=False)
    except MemoryError:
        raise
    except OSError as error:
        raise BuildError(f"{path}: {error.strerror or one_line(error)}") from error
    except Exception as error:  # the decoder's own classes, by version of protobuf
        raise BuildError(f"{path}: it is no ONNX model: {one_line(error)}") from error
    if not model.graph.node or not model.opset_import:
        what = "states no operator set" if model.graph.node else "holds no graph with nodes"
        raise BuildError(f"{path}: it is no ONNX model: it {what}")
    if not model.functions:
        return model
    try:
        return onnx.inliner.inline_local_functions(model)
    except Exception as error:
        raise BuildError(
            f"{path}: its functions can't be written out: {one_line(error)}"
        ) from error
