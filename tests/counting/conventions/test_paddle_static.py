"""``paddle_static``, op by op; random networks against a second writing of the rule are in
``tests/test_random_networks.py``, the published figures in ``tests/tracing/test_layer_tables.py``.
"""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import profiler
from profiler.catalog import paddle_static as catalogue
from profiler.counting.conventions import convention

X = (1, 6, 4, 4)  # 96 elements

#: What is run, FLOPs and parameters.
CASES = {
    # 2 * 4*4 * 8 * (9 * 6), params 8 * 9 * 6
    "conv": (nn.Conv2d(6, 8, 3, padding=1, bias=False), 2 * 16 * 8 * 54, 432),
    # a bias adds 1 inside the parenthesis
    "conv with bias": (nn.Conv2d(6, 8, 3, padding=1), 2 * 16 * 8 * 55, 440),
    # 6/3 = 2 channels of a group, divided by 3 once more: 2 * 16 * 9 * (4 * 2/3 ...), kernel 1
    "grouped conv": (nn.Conv2d(6, 9, 1, groups=3, bias=False), 2 * 16 * 9 * 2 // 3, 6),
    # 1 channel of a group over 6 groups: a sixth of the true 864 FLOPs and 54 parameters
    "depthwise conv": (nn.Conv2d(6, 6, 3, padding=1, groups=6, bias=False), 2 * 16 * 9, 9),
    "batch norm": (nn.BatchNorm2d(6), 2 * 96, 12),
    "batch norm, no affine": (nn.BatchNorm2d(6, affine=False), 2 * 96, 12),
    "max pool": (nn.MaxPool2d(2), 24 * 4, 0),
    "average pool": (nn.AvgPool2d(3, 1, padding=1), 96 * 9, 0),
    "a pool as large as the map": (nn.AvgPool2d(4), 6 * 16, 0),
    "global pool": (nn.AdaptiveAvgPool2d(1), 6, 0),
    "relu": (nn.ReLU(), -96, 0),
    "functional relu": (torch.relu, -96, 0),
    "relu in place": (nn.ReLU(inplace=True), -96, 0),
    "sigmoid": (nn.Sigmoid(), -96, 0),
    "tanh": (torch.tanh, -96, 0),
    "gelu": (nn.GELU(), 0, 0),
    "add": (lambda x: x + x, 0, 0),
    "concat": (lambda x: torch.cat([x, x], 1), 0, 0),
    "dropout": (nn.Dropout(), 0, 0),
    "flatten": (nn.Flatten(), 0, 0),
    "softmax": (nn.Softmax(1), 0, 0),
    # 96 * 5, not doubled; the bias is one parameter
    "linear": (nn.Sequential(nn.Flatten(), nn.Linear(96, 5)), 480, 481),
}


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize("case", CASES)
def test_one_op(case, batch_size, cost):
    what, flops, params = CASES[case]
    totals = cost(what, "paddle_static", (batch_size, *X[1:])).totals
    assert (totals.flops, totals.params) == (flops, params)


def test_macs_are_the_true_ones(cost):
    depthwise = nn.Conv2d(6, 6, 3, padding=1, groups=6)
    assert cost(depthwise, "paddle_static", X).totals.macs == 96 * 9
    assert cost(nn.ReLU(), "paddle_static", X).totals.macs == 0


def test_an_unbatched_convolution_has_the_figures_of_one_image(cost):
    conv = nn.Conv2d(6, 8, 3)
    alone, batched = (cost(conv, "paddle_static", shape).totals for shape in (X[1:], X))
    assert alone.flops == batched.flops == 2 * 4 * 8 * 55


def test_a_transposed_convolution_by_the_same_words(cost):
    # out 9 x 8 x 8, from Cin / g = 2, divided by g = 3 again: 2*64 * 9 * (4 * 2 / 3 + 1)
    conv = nn.ConvTranspose2d(6, 9, 2, stride=2, groups=3)
    totals = cost(conv, "paddle_static", X).totals
    assert totals.flops == 2 * 64 * (9 * 8 // 3 + 9)
    assert totals.params == 9 * 8 // 3 + 9


def test_linear_layers_a_published_figure_left_out(monkeypatch):
    named = {("net", "deploy"): frozenset({"1"})}
    monkeypatch.setattr(catalogue, "_entries", lambda: named)
    net = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    trace = profiler.trace(net, (1, 4), arch="net", variant="deploy")
    costs = convention("paddle_static").rule(trace).ops
    assert [(cost.macs, cost.flops, cost.params) for cost in costs] == [(12, 12, 13), (6, 0, 0)]


def test_relu_inside_a_function_counts_where_it_is_called(cost):
    assert cost(lambda x: F.relu(x) + F.relu_(x), "paddle_static", X).totals.flops == -192
