"""What formulas need beside shapes, however a function is called."""

import pytest
import torch
import torch.nn.functional as F
from function_model import Does
from torch import nn

import profiler

X = (1, 4, 9, 12)


def attributes(what, *shapes):
    model = what if isinstance(what, nn.Module) else Does(what)
    return profiler.trace(model, shapes or (X,)).ops[-1].attributes


def stated(found, **wanted):
    assert {name: found[name] for name in wanted} == wanted


W = torch.empty(8, 2, 3, 3)


@pytest.mark.parametrize(
    "conv",
    [
        nn.Conv2d(4, 8, 3, stride=2, padding=1, dilation=1, groups=2),
        nn.Conv2d(4, 8, (3, 3), (2, 2), (1, 1), 1, 2),
        lambda x: F.conv2d(x, W, None, 2, 1, 1, 2),
        lambda x: F.conv2d(input=x, weight=W, stride=(2, 2), padding=1, groups=2),
        lambda x: torch.conv2d(x, W, stride=2, padding=(1, 1), groups=2),
    ],
)
def test_convolutions(conv):
    stated(attributes(conv), kernel=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(1, 1),
           groups=2, transposed=False)  # fmt: skip


def test_transposed_convolutions():
    conv = nn.ConvTranspose2d(4, 6, (2, 3), stride=2, groups=2, output_padding=1, dilation=2)
    stated(attributes(conv), kernel=(2, 3), stride=(2, 2), dilation=(2, 2), groups=2,
           transposed=True)  # fmt: skip


def test_padding_by_name_and_other_dimensions():
    assert attributes(nn.Conv2d(4, 4, 3, padding="same"))["padding"] == "same"
    stated(attributes(nn.Conv1d(4, 4, 3, stride=2), (1, 4, 9)), kernel=(3,), stride=(2,))
    stated(attributes(nn.Conv3d(1, 1, (1, 2, 3)), (1, 1, 5, 5, 5)), kernel=(1, 2, 3))


@pytest.mark.parametrize(
    "pool",
    [
        nn.MaxPool2d(3, 2, 1, ceil_mode=True),
        lambda x: F.max_pool2d(x, 3, 2, 1, 1, True),
        lambda x: F.max_pool2d(x, kernel_size=(3, 3), stride=[2, 2], padding=1, ceil_mode=True),
        lambda x: torch.max_pool2d(x, 3, 2, 1, 1, True),
    ],
)
def test_max_pools(pool):
    stated(attributes(pool), kernel=(3, 3), stride=(2, 2), padding=(1, 1), ceil_mode=True,
           max=True, **{"global": False})  # fmt: skip


def test_average_pools():
    stated(attributes(nn.AvgPool2d(3, 1, 1)), kernel=(3, 3), stride=(1, 1), count_include_pad=True,
           ceil_mode=False, max=False)  # fmt: skip
    padded = nn.AvgPool2d(3, 1, 1, count_include_pad=False)
    assert attributes(padded)["count_include_pad"] is False
    # no stride: as far as the kernel is large
    assert attributes(nn.AvgPool2d((2, 3)))["stride"] == (2, 3)
    assert attributes(lambda x: F.avg_pool2d(x, 2))["stride"] == (2, 2)


def test_adaptive_pools():
    stated(attributes(nn.AdaptiveAvgPool2d(1)), kernel=(9, 12), adaptive=True, **{"global": True})
    stated(attributes(nn.AdaptiveMaxPool2d((3, 4))), kernel=(3, 3), max=True, **{"global": False})
    stated(attributes(nn.AdaptiveAvgPool2d((None, 1))), kernel=(1, 12), **{"global": False})
    # 9 rows into 2: windows of 5 that overlap
    assert attributes(nn.AdaptiveAvgPool2d((2, 12)))["kernel"] == (5, 1)


@pytest.mark.parametrize(
    ("norm", "affine"),
    [
        (nn.BatchNorm2d(4), True),
        (nn.BatchNorm2d(4, affine=False), False),
        (nn.GroupNorm(2, 4), True),
        (nn.GroupNorm(2, 4, affine=False), False),
        (nn.LayerNorm(12), True),
        (nn.LayerNorm(12, elementwise_affine=False), False),
        (nn.LayerNorm(12, bias=False), True),
        (nn.InstanceNorm2d(4), False),
        (nn.InstanceNorm2d(4, affine=True), True),
        (nn.RMSNorm(12), True),
        (lambda x: F.layer_norm(x, (12,)), False),
        (lambda x: F.layer_norm(x, (12,), x.new_ones(12)), True),
        (lambda x: F.group_norm(x, 2, bias=x.new_ones(4)), False),
    ],
)
def test_affine(norm, affine):
    assert attributes(norm)["affine"] is affine


def test_weights_and_biases_by_shape():
    def op(model, shape):
        return profiler.trace(model, shape).ops[-1]

    conv = op(nn.Conv2d(4, 8, 3, groups=2), X)
    assert (conv.weight_shape, conv.bias_shape) == ((8, 2, 3, 3), (8,))
    assert set(conv.parameters) == {"weight", "bias"}
    linear = op(nn.Linear(12, 5, bias=False), X)
    assert (linear.weight_shape, linear.bias_shape) == ((5, 12), None)
    norm = op(nn.BatchNorm2d(4), X)
    assert (norm.weight_shape, norm.bias_shape) == ((4,), (4,))
    # the statistics are operands, and no activations
    assert [tensor.shape for tensor in norm.inputs if not tensor.state] == [X]
    assert [tensor.state for tensor in norm.inputs[1:]] == [
        "running_mean",
        "running_var",
        "weight",
        "bias",
    ]
    assert op(nn.ReLU(), X).weight_shape is None


def test_inputs_outputs_and_storages():
    def forward(x):
        y = x * 2
        z = y.view(1, -1)
        return y.add_(1), z

    double, view, add = profiler.trace(Does(forward), X).ops
    assert double.outputs[0].shape == X
    assert double.outputs[0].storage != double.inputs[0].storage
    assert view.kind == "view"
    assert view.outputs[0].shape == (1, 432)
    assert view.outputs[0].storage == add.outputs[0].storage == double.outputs[0].storage
    assert (double.in_place, add.in_place) == (False, True)


@pytest.mark.parametrize(
    "relu", [nn.ReLU(inplace=True), torch.relu_, lambda x: F.relu(x, True), nn.ELU(inplace=True)]
)
def test_in_place_activations(relu):
    model = Does(lambda x: relu(x * 2))
    op = profiler.trace(model, X).ops[-1]
    assert op.in_place
    assert op.outputs[0].storage == op.inputs[0].storage
