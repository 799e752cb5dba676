"""Node names as exporters write them."""

import pytest

from profiler.tracing.onnx_graph.nodes import node_path

SCOPES = {"pkg.torch.onnx.name_scopes": "['', 'stem', 'stem.conv1', 'conv2d']"}


@pytest.mark.parametrize(
    ("name", "op", "path"),
    [
        # torch.onnx.export(dynamo=False)
        ("/stem/conv1/Conv", "Conv", "stem.conv1"),
        ("/relu/Relu_1", "Relu", "relu"),
        ("/Flatten", "Flatten", ""),
        ("/features/features.0/conv/Conv", "Conv", "features.0.conv"),
        ("/features/features.0/features.0.1/Conv", "Conv", "features.0.1"),
        ("/blocks.0/attn/qkv/MatMul", "MatMul", "blocks.0.attn.qkv"),
        # older exporters, TensorFlow, Caffe
        ("Conv_12", "Conv", "Conv_12"),
        ("model/conv1/Conv2D", "Conv", "model.conv1"),
        ("inception_3a/1x1", "Conv", "inception_3a.1x1"),
        ("", "Conv", "Conv_7"),
    ],
)
def test_a_path(name, op, path):
    assert node_path(name, op, 7, {}) == path


def test_scopes_beside_the_node():
    assert node_path("node_conv2d", "Conv", 0, SCOPES) == "stem.conv1"
    assert node_path("node_x", "Conv", 0, {"pkg.torch.onnx.name_scopes": "["}) == "node_x"
