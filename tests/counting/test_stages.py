"""At which stage an op stands: the resolution of its output, relative to the input."""

import pytest
import torch
from function_model import Does
from torch import nn
from torch.nn import functional as F

import profiler
from profiler.counting.parts import (
    HEAD,
    fineness_of,
    op_stages,
    ordered_stages,
    stride_of,
)


def stages_of(model, *shape):
    trace = profiler.trace(model, shape)
    return [(op.kind, stage) for op, stage in zip(trace.ops, op_stages(trace), strict=True)]


def pooled(size, side):
    """The stage of a grid of that side behind an input of ``size``."""
    ((_, stage),) = stages_of(nn.AdaptiveAvgPool2d(side), 1, 3, size, size)
    return stage


@pytest.mark.parametrize(
    ("size", "side", "stage"),
    [
        (224, 224, "1"), (224, 112, "2"), (224, 56, "4"), (224, 27, "8"), (224, 13, "16"),
        (224, 6, "32"), (299, 149, "2"), (299, 71, "4"), (299, 35, "8"), (299, 17, "16"),
        (299, 8, "32"), (299, 10, "32"),
        # the bound between 8 and 16 is 8 * sqrt(2) = 11.31…: 1131 / 100 is below it, 1132 is not
        (1131, 100, "8"), (1132, 100, "16"),
        # and between 1 and 2 sqrt(2)
        (141, 100, "1"), (142, 100, "2"), (100, 142, "x2"), (100, 141, "1"), (8, 64, "x8"),
    ],
)  # fmt: skip
def test_the_nearest_power_of_two(size, side, stage):
    assert pooled(size, side) == stage


def test_the_sides_count_by_their_geometric_mean():
    # (64 * 32) / (16 * 32) = 4 cells for one: each side by 2 on the whole
    assert stages_of(nn.AdaptiveAvgPool2d((16, 32)), 1, 3, 64, 32) == [("pool", "2")]


def test_an_op_stands_where_it_leads_to_and_what_follows_stands_there_too():
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(4, 4, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2),
    )  # fmt: skip
    assert stages_of(net, 1, 3, 32, 32) == [
        ("conv", "2"), ("batch_norm", "2"), ("activation", "2"), ("pool", "4"), ("conv", "4"),
        ("pool", HEAD), ("view", HEAD), ("linear", HEAD),
    ]  # fmt: skip


def test_a_branch_at_another_resolution_stands_at_its_own():
    class Reduction(nn.Module):
        def __init__(self):
            super().__init__()
            self.shortcut = nn.Conv2d(3, 3, 1, stride=2)
            self.conv = nn.Conv2d(3, 3, 3, padding=1)

        def forward(self, x):
            below = self.shortcut(x)
            return below + F.max_pool2d(F.relu(self.conv(F.relu(x))), 2)

    assert stages_of(Reduction(), 1, 3, 32, 32) == [
        ("conv", "2"), ("activation", "1"), ("conv", "1"), ("activation", "1"),
        ("pool", "2"), ("add", "2"),
    ]  # fmt: skip


def test_a_squeeze_in_the_middle_stays_in_its_stage():
    def squeeze(x):
        y = F.max_pool2d(x, 2)
        y = y * torch.sigmoid(F.adaptive_avg_pool2d(y, 1))
        return F.adaptive_avg_pool2d(y, 1).flatten(1)

    assert [stage for _, stage in stages_of(Does(squeeze), 1, 3, 16, 16)] == [
        "2", "2", "2", "2", HEAD, HEAD,
    ]  # fmt: skip


def test_a_sequence_of_patches_stays_at_the_patches_resolution():
    class Patches(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Conv2d(3, 8, 4, stride=4)
            self.mix = nn.Linear(8, 8)
            self.head = nn.Linear(8, 2)

        def forward(self, x):
            tokens = self.embed(x).flatten(2).transpose(1, 2)
            # 64 x 64 scores look like a grid and are none
            scores = tokens @ tokens.transpose(-2, -1)
            return self.head(self.mix(scores.unsqueeze(0).squeeze(0) @ tokens).mean(1))

    found = stages_of(Patches(), 1, 3, 32, 32)
    assert {stage for kind, stage in found if kind == "matmul"} == {"4"}
    assert [stage for kind, stage in found if kind == "linear"] == ["4", HEAD]


def test_upsampling_goes_back_to_a_finer_stage():
    net = nn.Sequential(nn.MaxPool2d(4), nn.Upsample(scale_factor=2), nn.Conv2d(3, 3, 1))
    assert [stage for _, stage in stages_of(net, 1, 3, 32, 32)] == ["4", "2", "2"]


def test_without_a_grid_all_is_head():
    net = nn.Sequential(nn.Linear(8, 4), nn.ReLU())
    assert {stage for _, stage in stages_of(net, 2, 8)} == {HEAD}


def test_their_order():
    some = ("head", "no_op", "16", "2", "1", "x2", "x4", "2")
    assert ordered_stages(some) == ("x4", "x2", "1", "2", "16", "head", "no_op")
    assert [stride_of(each) for each in ("16", "head", "x2")] == [16, 0, 0]
    assert [fineness_of(each) for each in ("16", "head", "x2")] == [0, 0, 2]
