"""``macs`` and ``flops``: textbook formulas, worked out in the comments."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

#: What is run, on which shapes, and its multiply-accumulates.
CASES = {
    # out 2 x 8 x 5 x 5 = 400, each a sum over 3 channels x 3 x 3
    "conv": (nn.Conv2d(3, 8, 3, stride=2, padding=1), [(2, 3, 9, 9)], 400 * 27),
    # out 9 x 5 x 5 = 225, each over 6/3 channels x 1 x 1
    "grouped conv": (nn.Conv2d(6, 9, 1, groups=3), [(1, 6, 5, 5)], 225 * 2),
    # out 6 x 3 x 3 = 54, each over 1 channel x 3 x 3
    "depthwise conv": (nn.Conv2d(6, 6, 3, groups=6), [(1, 6, 5, 5)], 54 * 9),
    # a 3 x 3 kernel at dilation 2 spans 5: out 4 x 3 x 3 = 36, still 9 products a channel
    "dilated conv": (nn.Conv2d(2, 4, 3, dilation=2), [(1, 2, 7, 7)], 36 * 2 * 9),
    # out 5 x 4 x 8 = 160 (a 1 x 3 kernel on 4 x 10), each over 2 x 3
    "oblong conv": (nn.Conv2d(2, 5, (1, 3)), [(1, 2, 4, 10)], 160 * 6),
    "conv1d": (nn.Conv1d(3, 4, 3, padding="same"), [(2, 3, 7)], 2 * 4 * 7 * 3 * 3),
    "conv3d": (nn.Conv3d(2, 3, 2), [(1, 2, 3, 3, 3)], 3 * 8 * 2 * 8),
    # no batch dimension: out 4 x 6 x 6
    "unbatched conv": (nn.Conv2d(3, 4, 3), [(3, 8, 8)], 144 * 27),
    # from the input side: 4 x 5 x 5 = 100 inputs, each into 6/2 channels x 3 x 3
    "transposed conv": (nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2), [(1, 4, 5, 5)], 100 * 27),
    # 2 x 5 rows, 8 -> 3
    "linear": (nn.Linear(8, 3), [(2, 5, 8)], 10 * 24),
    # out 2 x 5, each over 3 x 4 pairs
    "bilinear": (nn.Bilinear(3, 4, 5), [(2, 3), (2, 4)], 10 * 12),
    "matmul": (torch.matmul, [(2, 3, 4), (2, 4, 5)], 2 * 3 * 5 * 4),
    "operator @": (lambda a, b: a @ b, [(3, 4), (4, 5)], 3 * 5 * 4),
    "broadcast matmul": (torch.matmul, [(6, 1, 3, 4), (2, 4, 5)], 6 * 2 * 3 * 5 * 4),
    "matrix x vector": (torch.mv, [(3, 4), (4,)], 12),
    "vector x vector": (torch.dot, [(7,), (7,)], 7),
    "addmm": (torch.addmm, [(5,), (3, 4), (4, 5)], 3 * 5 * 4),
    "baddbmm": (torch.baddbmm, [(2, 3, 5), (2, 3, 4), (2, 4, 5)], 2 * 3 * 5 * 4),
    # the sum over the batch of 2 is contracted as well: 3 x 5 outputs over 2 x 4
    "addbmm": (torch.addbmm, [(3, 5), (2, 3, 4), (2, 4, 5)], 15 * 8),
    "einsum": (lambda a, b: torch.einsum("bik,bjk->bij", a, b), [(2, 3, 4), (2, 5, 4)], 120),
    # scores 2 x 4 heads x 5 x 7, each over 8; outputs 2 x 4 x 5 x 6, each over 7
    "attention": (
        F.scaled_dot_product_attention,
        [(2, 4, 5, 8), (2, 4, 7, 8), (2, 4, 7, 6)],
        2 * 4 * 5 * 7 * 8 + 2 * 4 * 5 * 6 * 7,
    ),
    # 2 sequences, 4 gates of 4: from 3 inputs and 4 hidden
    "lstm cell": (nn.LSTMCell(3, 4), [(2, 3)], 2 * 16 * (3 + 4)),
    "gru cell": (nn.GRUCell(3, 4), [(2, 3)], 2 * 12 * (3 + 4)),
}

#: What contracts nothing.
NOTHING = {
    "batch norm": (nn.BatchNorm2d(3), [(1, 3, 4, 4)]),
    "layer norm": (nn.LayerNorm(4), [(3, 4)]),
    "relu": (F.relu, [(3, 4)]),
    "pool": (nn.MaxPool2d(2), [(1, 3, 4, 4)]),
    "global pool": (nn.AdaptiveAvgPool2d(1), [(1, 3, 4, 4)]),
    "softmax": (nn.Softmax(-1), [(3, 4)]),
    "sum": (lambda a, b: a + b, [(3, 4), (3, 4)]),
    "concat": (lambda a, b: torch.cat([a, b]), [(3, 4), (3, 4)]),
    "interpolate": (nn.Upsample(scale_factor=2, mode="bilinear"), [(1, 3, 4, 4)]),
    "mean": (lambda a: a.mean((2, 3)), [(1, 3, 4, 4)]),
}


@pytest.mark.parametrize("convention", ["macs", "flops"])
@pytest.mark.parametrize("case", CASES)
def test_contractions(case, convention, cost):
    what, shapes, macs = CASES[case]
    counts = cost(what, convention, *shapes)
    assert (counts.totals.macs, counts.totals.flops) == (macs, 2 * macs)
    assert counts.uncounted == ()


@pytest.mark.parametrize("case", NOTHING)
def test_the_rest_is_nothing(case, cost):
    what, shapes = NOTHING[case]
    totals = cost(what, "macs", *shapes).totals
    assert (totals.macs, totals.flops) == (0, 0)


def test_a_bias_changes_no_macs(cost):
    totals = [
        cost(nn.Conv2d(3, 4, 3, bias=bias), "macs", (1, 3, 5, 5)).totals for bias in (True, False)
    ]
    assert totals[0].macs == totals[1].macs
    assert totals[0].params == totals[1].params + 4


def test_convolution_of_a_learnt_constant(cost):
    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.constant = nn.Parameter(torch.empty(1, 2, 4, 4))
            self.conv = nn.Conv2d(2, 3, 3)

        def forward(self, scale):
            return self.conv(self.constant) * scale

    # out 3 x 2 x 2, each over 2 x 9
    assert cost(Constant(), "macs", (1,)).totals.macs == 12 * 18


def test_transposed_convolution_of_a_learnt_constant(cost):
    class Constant(nn.Module):
        def __init__(self):
            super().__init__()
            self.constant = nn.Parameter(torch.empty(1, 2, 4, 4))
            self.conv = nn.ConvTranspose2d(2, 3, 3)

        def forward(self, scale):
            return self.conv(self.constant) * scale

    # in 2 x 4 x 4, each into 3 x 9
    assert cost(Constant(), "macs", (1,)).totals.macs == 32 * 27
