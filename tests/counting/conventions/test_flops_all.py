"""``flops_all``: what each op adds to the contractions, worked out in the comments."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import profiler
from profiler.counting.conventions.contractions import MACS, UNKNOWN
from profiler.counting.conventions.flops_all import EXTRA, ZERO
from profiler.tracing.ops import KINDS

X = (2, 3, 4, 4)  # 96 elements

CASES = {
    # a bias adds 1 to each of 2 x 8 x 4 x 4 outputs, each over 3 x 3 x 3
    "conv with bias": (nn.Conv2d(3, 8, 3, padding=1), [X], 2 * 256 * 27 + 256),
    "conv without bias": (nn.Conv2d(3, 8, 3, padding=1, bias=False), [X], 2 * 256 * 27),
    # out 2 x 5 x 8 x 8 = 640; 96 inputs each into 5 x 2 x 2
    "transposed conv": (nn.ConvTranspose2d(3, 5, 2, stride=2), [X], 2 * 96 * 20 + 640),
    "linear with bias": (nn.Linear(8, 3), [(5, 8)], 2 * 5 * 24 + 15),
    "linear without bias": (nn.Linear(8, 3, bias=False), [(5, 8)], 2 * 5 * 24),
    "addmm": (torch.addmm, [(5,), (3, 4), (4, 5)], 2 * 60 + 15),
    "matmul": (torch.matmul, [(3, 4), (4, 5)], 2 * 60),
    # scores 3 x 3 of 2 heads over 4, used over 3 by 4 outputs; softmax 5 per score
    "attention": (F.scaled_dot_product_attention, [(2, 3, 4)] * 3, 2 * (72 + 72) + 5 * 18),
    "batch norm": (nn.BatchNorm2d(3), [X], 4 * 96),
    "batch norm, no affine": (nn.BatchNorm2d(3, affine=False), [X], 2 * 96),
    "layer norm": (nn.LayerNorm(4), [X], 7 * 96),
    "layer norm, no affine": (nn.LayerNorm(4, elementwise_affine=False), [X], 5 * 96),
    "group norm": (nn.GroupNorm(3, 3), [X], 7 * 96),
    "group norm, no affine": (nn.GroupNorm(3, 3, affine=False), [X], 5 * 96),
    "instance norm": (nn.InstanceNorm2d(3, affine=True), [X], 7 * 96),
    "instance norm, no affine": (nn.InstanceNorm2d(3), [X], 5 * 96),
    "rms norm": (nn.RMSNorm(4), [X], 4 * 96),
    "relu": (nn.ReLU(), [X], 96),
    "relu in place": (nn.ReLU(inplace=True), [X], 96),
    "relu6": (F.relu6, [X], 96),
    "leaky relu": (nn.LeakyReLU(), [X], 96),
    "prelu": (nn.PReLU(), [X], 96),
    "hardswish": (nn.Hardswish(), [X], 96),
    "sigmoid": (torch.sigmoid, [X], 4 * 96),
    "sigmoid, a method": (lambda x: x.sigmoid_(), [X], 4 * 96),
    "tanh": (nn.Tanh(), [X], 4 * 96),
    "gelu": (nn.GELU(), [X], 4 * 96),
    "silu": (F.silu, [X], 4 * 96),
    "exp": (torch.exp, [X], 96),
    "log": (torch.log, [X], 96),
    "sqrt": (torch.sqrt, [X], 96),
    "division": (lambda a, b: a / b, [X, X], 96),
    "sum of two": (lambda a, b: a + b, [X, X], 96),
    "difference": (lambda a, b: 1 - a.sub(b), [X, X], 2 * 96),
    "product": (torch.mul, [X, X], 96),
    "broadcast sum": (lambda a, b: a + b, [(2, 3, 1, 1), X], 96),
    "comparison": (lambda a, b: torch.where(a > b, a, b), [X, X], 2 * 96),
    # 2 x 3 x 2 x 2 = 24 outputs of 2 x 2, or 9 = 3 x 3
    "max pool": (nn.MaxPool2d(2), [X], 24 * 4),
    "max pool 3/2, padded": (nn.MaxPool2d(3, 2, padding=1), [X], 24 * 9),
    "average pool": (nn.AvgPool2d(2), [X], 24 * 4),
    "average pool 1d": (nn.AvgPool1d(3), [(2, 3, 9)], 2 * 3 * 3 * 3),
    # a global pool reads its whole map for each of 6 outputs
    "global pool": (nn.AdaptiveAvgPool2d(1), [X], 6 * 16),
    "adaptive pool": (nn.AdaptiveMaxPool2d(2), [X], 24 * 4),
    "mean": (lambda x: x.mean((2, 3)), [X], 96),
    "softmax": (nn.Softmax(1), [X], 5 * 96),
    "log softmax": (lambda x: F.log_softmax(x, 1), [X], 5 * 96),
    # each of 2 x 3 x 8 x 8 outputs: 4 neighbours, a product and a sum each
    "bilinear": (nn.Upsample(scale_factor=2, mode="bilinear"), [X], 384 * 8),
    "nearest": (nn.Upsample(scale_factor=2), [X], 0),
    "concat": (lambda a, b: torch.cat([a, b], 1), [X, X], 0),
    "view": (lambda x: x.view(2, -1), [X], 0),
    "reshape that copies": (lambda x: x.transpose(1, 3).reshape(2, -1), [X], 0),
    "pad": (lambda x: F.pad(x, (1, 1)), [X], 0),
    "zero pad": (nn.ZeroPad2d(1), [X], 0),
    "clone": (torch.clone, [X], 0),
    "dropout": (nn.Dropout(0.5), [X], 0),
    "slice": (lambda x: x[:, 1:], [X], 0),
    "channel shuffle": (nn.ChannelShuffle(3), [X], 0),
    # 2 sequences of 5 steps, 4 hidden; per position 7 * 16 weights doubled, 2 x 16 bias adds, and
    # per unit 4 joins, 3 sigmoids and 2 tanh at 4, 3 products and a sum: 28
    "lstm": (nn.LSTM(3, 4), [(5, 2, 3)], 10 * (2 * 112 + 32 + 28 * 4)),
}


@pytest.mark.parametrize("case", CASES)
def test_one_op(case, cost):
    what, shapes, flops = CASES[case]
    counts = cost(what, "flops_all", *shapes)
    assert counts.totals.flops == flops
    assert counts.uncounted == ()


def test_a_downscaling_dropout_costs_nothing(cost):
    class Downscale(nn.Module):
        op_kind = "dropout"  # how archs marks its dropout

        def forward(self, x):
            return x * 0.6

    counts = cost(Downscale(), "flops_all", X)
    assert counts.totals.flops == 0
    assert [row.kind for row in counts.layers] == ["dropout"]


def test_flops_all_is_never_below_flops(cost):
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2))
    # out 4 x 2 x 2: 432 MACs of the conv, 16 bias adds, 64 of the norm, 16 of ReLU, 16 of the pool
    assert cost(model, "flops", (1, 3, 4, 4)).totals.flops == 864
    assert cost(model, "flops_all", (1, 3, 4, 4)).totals.flops == 864 + 16 + 64 + 16 + 16


def test_every_kind_has_a_rule_a_reason_or_is_reported():
    for kind in {*KINDS.values(), "other"}:
        homes = [kind in EXTRA, kind in ZERO, kind == "other"]
        assert sum(homes) == 1, kind
    assert MACS.keys() <= EXTRA.keys() | ZERO.keys()
    assert {*KINDS.values(), "other"} >= UNKNOWN
    assert all(ZERO.values())


def test_unknown_ops_are_reported_where_they_stand(cost):
    class Decomposed(nn.Module):
        def forward(self, x):
            return torch.linalg.qr(x)[1]

    model = nn.Sequential(nn.ReLU(), Decomposed(), Decomposed())
    for convention in ("macs", "flops", "flops_all", "paddle_static"):
        uncounted = cost(model, convention, (8, 8)).uncounted
        assert [(op.function, op.kind, op.path, op.calls) for op in uncounted] == [
            ("torch.linalg.qr → linalg_qr", "other", "1", 1),
            ("torch.linalg.qr → linalg_qr", "other", "2", 1),
        ]


def test_one_over_x_is_one_division(cost):
    assert cost(lambda a: 1 / a, "flops_all", X).totals.flops == 96


def test_reductions_of_parameters_count(cost):
    class Scaled(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.empty(7))

        def forward(self, x):
            return x * self.weight.sum()

    assert cost(Scaled(), "flops_all", (3,)).totals.flops == 7 + 3


def test_area_interpolation_is_not_free(cost):
    counts = cost(lambda x: F.interpolate(x, scale_factor=0.5, mode="area"), "flops_all", X)
    assert counts.totals.flops == 24 * 4 or counts.uncounted


def test_windows_of_an_adaptive_pool_that_does_not_divide():
    # 7 -> 5: windows 0-1, 1-2, 2-4, 4-5, 5-6 visit 2 + 2 + 3 + 2 + 2 = 11 values along each side
    trace = profiler.trace(nn.AdaptiveAvgPool2d(5), (2, 3, 7, 7))
    assert profiler.count(trace, "flops_all").totals.flops == 2 * 3 * 11 * 11
