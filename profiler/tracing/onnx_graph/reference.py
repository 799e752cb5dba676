"""Small tensors worked out by ONNX's reference implementation."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator

from profiler.records import Shape


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
