"""Kinds of op that a comparison tells apart."""

import pytest
import torch
from torch import nn

import profiler
from profiler.counting.parts import op_kind, ordered_kinds


def kind(module, *shape):
    (op,) = profiler.trace(module, shape).ops
    return op_kind(op)


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (nn.Conv2d(4, 6, 3), "regular_conv"),
        (nn.Conv2d(4, 6, (1, 3)), "regular_conv"),
        (nn.Conv2d(4, 6, 1, stride=2), "pointwise_conv"),
        (nn.Conv2d(4, 4, 3, groups=4), "depthwise_conv"),
        # with a channel multiplier, and with a kernel of one cell
        (nn.Conv2d(4, 8, 3, groups=4), "depthwise_conv"),
        (nn.Conv2d(4, 4, 1, groups=4), "depthwise_conv"),
        (nn.Conv2d(4, 4, 3, groups=2), "grouped_conv"),
        (nn.ConvTranspose2d(4, 6, 3), "regular_conv"),
        (nn.ConvTranspose2d(4, 6, 1), "pointwise_conv"),
        (nn.ConvTranspose2d(4, 8, 3, groups=4), "depthwise_conv"),
        (nn.ConvTranspose2d(4, 2, 3, groups=2), "grouped_conv"),
        (nn.BatchNorm2d(4), "norm"),
        (nn.GroupNorm(2, 4), "norm"),
        (nn.ReLU(), "activation"),
        (nn.MaxPool2d(2), "pool"),
    ],
    ids=str,
)
def test_a_kind(module, expected):
    assert kind(module, 1, 4, 6, 6) == expected


def test_a_single_input_channel_is_no_group():
    assert kind(nn.Conv2d(1, 4, 3), 1, 1, 6, 6) == "regular_conv"


def test_other_ranks():
    assert kind(nn.Conv1d(4, 4, 1), 1, 4, 6) == "pointwise_conv"
    assert kind(nn.Conv3d(4, 4, 3, groups=4), 1, 4, 6, 6, 6) == "depthwise_conv"


def test_arithmetic_is_one():
    class Arithmetic(nn.Module):
        def forward(self, x):
            return torch.div((x + 1) * x - x, 2)

    ops = profiler.trace(Arithmetic(), (1, 2)).ops
    assert {op_kind(op) for op in ops} == {"elementwise"}


def test_their_order_is_fixed_and_unknown_ones_come_last():
    some = ("zeta", "linear", "alpha", "regular_conv", "linear")
    assert ordered_kinds(some) == ("regular_conv", "linear", "alpha", "zeta")
