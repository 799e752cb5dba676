"""ONNX files written by hand, weights without meaning, and by PyTorch's exporter."""

import io
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper


def node(op, inputs, outputs, name="", **attributes):
    """A node; names stand apart by a space each, two of them leave an input out."""
    return helper.make_node(
        op, inputs.split(" ") if inputs else [], outputs.split(), name, **attributes
    )


def weight(name, *shape, dtype=np.float32):
    return numpy_helper.from_array(np.ones(shape, dtype), name)


def values(name, *numbers, dtype=np.int64):
    return numpy_helper.from_array(np.array(numbers, dtype), name)


def graph_input(name, *shape, elem_type=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, elem_type, shape)


def model(nodes, inputs, stored=(), outputs=("y",), opset=20, value_info=(), domains=()):
    """A model; ``inputs`` are value infos, ``outputs`` names whose shapes it does not state."""
    graph = helper.make_graph(
        nodes,
        "graph",
        inputs,
        [onnx.ValueInfoProto(name=name) for name in outputs],
        stored,
        value_info=value_info,
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
    return helper.make_model(graph, opset_imports=imports)


def saved(path, *args, **kwargs):
    """The address of a model that is made and saved."""
    onnx.save(model(*args, **kwargs), path)
    return str(path)


def exported(path, network, shape, opset=17, *, folded=False):
    """The address of a network as PyTorch exports it, batch norms folded or apart."""
    for parameter in network.parameters():  # the exporter stores equal tensors once
        torch.nn.init.normal_(parameter)
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            torch.zeros(shape),
            file,
            dynamo=False,
            do_constant_folding=folded,
            training=getattr(torch.onnx.TrainingMode, "EVAL" if folded else "PRESERVE"),
            opset_version=opset,
        )
    path.write_bytes(file.getvalue())
    return str(path)
