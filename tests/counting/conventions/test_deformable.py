"""Deformable convolution: by hand, and as the tools see it."""

import pytest
import torch
from quirky_networks import parametrised
from torch import nn

import profiler
from profiler.counting.conventions import list_conventions
from profiler.counting.parts import op_stages
from profiler.counting.tools import TOOLS, is_installed, run_tool
from profiler.counting.verification import agreement

#: torchvision's own schema, declared here: its package is no part of the tests' environment.
SCHEMA = (
    "deform_conv2d(Tensor input, Tensor weight, Tensor offset, Tensor mask, Tensor bias, "
    "SymInt stride_h, SymInt stride_w, SymInt pad_h, SymInt pad_w, SymInt dil_h, SymInt dil_w, "
    "SymInt groups, SymInt offset_groups, bool use_mask) -> Tensor"
)


@pytest.fixture(scope="module", autouse=True)
def library():
    def deform_conv2d(given, weight, offset, *_rest):
        return given.new_empty(given.shape[0], weight.shape[0], *offset.shape[2:])

    with torch.library._scoped_library("torchvision", "DEF") as declared:
        declared.define(SCHEMA)
        declared.impl("deform_conv2d", deform_conv2d, "CompositeExplicitAutograd")
        yield


class DeformConv2d(nn.Module):
    """A layer as torchvision has one: 6 channels to 8 in 2 groups, 3 x 3 at stride 2."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(8, 3, 3, 3))
        self.bias = nn.Parameter(torch.empty(8))

    def forward(self, x, offset, mask=None):
        is_masked = mask is not None
        mask = mask if is_masked else x.new_zeros(x.shape[0], 1)
        return torch.ops.torchvision.deform_conv2d(
            x, self.weight, offset, mask, self.bias, 2, 2, 0, 0, 1, 1, 2, 3, is_masked
        )


class Deformable(nn.Module):
    """The layer, with offsets for each of 3 parts of the input's channels."""

    def __init__(self, is_masked):
        super().__init__()
        self.is_masked = is_masked
        self.offset = nn.Conv2d(6, 3 * 2 * 9, 3, stride=2, bias=False)
        self.deform = DeformConv2d()

    def forward(self, x):
        offset = self.offset(x)
        return self.deform(x, offset, offset[:, :27] if self.is_masked else None)


#: On 2 maps of 6 x 9 x 9 the output is 2 x 8 x 4 x 4 = 256, the offsets 2 x 54 x 4 x 4 = 1728.
OFFSETS = 1728 * 6 * 9
SHAPE = (2, 6, 9, 9)


def counted(convention, is_masked=False):
    model = Deformable(is_masked).eval()
    return profiler.count(profiler.trace(model, SHAPE), convention, by="kind")


@pytest.mark.parametrize("is_masked", [False, True])
def test_its_products_are_those_of_a_convolution(is_masked):
    counts = counted("flops", is_masked)
    (row,) = [row for row in counts.layers if row.kind == "deform_conv"]
    # each of 256 outputs is a sum over 6 / 2 channels x 3 x 3
    assert (row.macs, row.flops, row.params) == (256 * 27, 2 * 256 * 27, 8 * 27 + 8)
    assert counts.totals.macs == OFFSETS + 256 * 27
    assert counts.uncounted == ()


@pytest.mark.parametrize(("is_masked", "a_value"), [(False, 8), (True, 9)])
def test_all_of_its_arithmetic(is_masked, a_value):
    counts = counted("flops_all", is_masked)
    (row,) = [row for row in counts.layers if row.kind == "deform_conv"]
    # 2 x 6 channels are read at 3 x 3 places for each of 4 x 4 positions; 4 neighbours, a multiply
    # and an add each, and one multiply with the mask; a bias add for each output
    assert row.flops == 2 * 256 * 27 + a_value * (12 * 9 * 16) + 256


def test_no_convention_leaves_it_open():
    assert [name for name in list_conventions() if counted(name).uncounted] == []


@pytest.mark.parametrize("tool", [name for name in TOOLS if is_installed(name)])
def test_the_tools_figures_are_repeated(tool):
    model = parametrised(Deformable(is_masked=False)).eval()
    figures = run_tool(tool, model, SHAPE)
    counts = profiler.count(profiler.trace(model, SHAPE), tool, by="module")
    verified = agreement(counts, figures.total, figures.params, figures.by_module)
    assert verified.agrees, [each for each in verified.layers if each.figure != each.emulated]


def test_it_makes_a_grid():
    trace = profiler.trace(Deformable(is_masked=False), (1, 6, 32, 32))
    assert op_stages(trace)[-1] == "2"


def test_an_op_of_another_library_is_not_taken_for_its_namesake():
    with torch.library._scoped_library("inprof_tests", "DEF") as own:
        own.define("linear(Tensor x, int width) -> Tensor")
        own.define("size(Tensor x) -> Tensor")
        own.impl("linear", lambda x, width: x.new_empty(len(x), width), "Meta")
        own.impl("size", lambda x: x.new_empty(2), "Meta")

        class Uses(nn.Module):
            def forward(self, x):
                return torch.ops.inprof_tests.size(torch.ops.inprof_tests.linear(x, 3))

        counts = profiler.count(profiler.trace(Uses(), (2, 5)), "macs")
    assert [(each.function, each.kind) for each in counts.uncounted] == [
        ("torch.ops.inprof_tests.linear", "other"),
        ("torch.ops.inprof_tests.size", "other"),
    ]
