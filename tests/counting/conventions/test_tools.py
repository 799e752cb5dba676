"""Every emulated tool against the tool itself: the same integer in total and at every layer."""

import pytest
from quirky_networks import ODD, QUIRKS, parametrised

import archs
import profiler
from profiler.counting.counts import count
from profiler.counting.tools import TOOLS, is_installed, run_tool
from profiler.counting.verification import agreement
from profiler.errors import ToolError
from profiler.tracing.tracer import trace

#: What a tool can't do itself; its emulation then says that it has no figure for an op.
FAILS = {("fvcore", "a matrix and a vector")}
#: Odd networks that a tool fails on: there is nothing to agree with.
FAILS_ON_ODD = {
    ("ptflops_pytorch", "products by keyword"),
    ("ptflops_pytorch", "linear on a vector"),
    ("ptflops_aten", "linear on a vector"),
    ("calflops", "an image without batch"),
}
#: One network of each family; running every tool on the others takes minutes.
QUICK = ("googlenet", "inceptionv3", "resnet18", "xception41_deeplab")

TRIED = [name for name in TOOLS if is_installed(name)]


def test_the_tools_are_there():
    # deepspeed is tried where somebody has installed it
    assert set(TOOLS) - {"deepspeed"} <= set(TRIED)


def verification(convention, model, shape):
    figures = run_tool(convention, model, shape)
    counts = count(trace(model, shape), convention, by="module")
    return agreement(counts, figures.total, figures.params, figures.by_module), counts


def disagreements(verified):
    return {
        "total": (verified.total, verified.emulated_total),
        "params": (verified.params, verified.emulated_params),
        "layers": [layer for layer in verified.layers if layer.figure != layer.emulated],
    }


@pytest.mark.parametrize("quirk", QUIRKS)
@pytest.mark.parametrize("convention", TRIED)
def test_a_quirk(convention, quirk):
    build, shape = QUIRKS[quirk]
    model = parametrised(build()).eval()
    if (convention, quirk) in FAILS:
        with pytest.raises(ToolError, match=f"{convention} fails on this model"):
            run_tool(convention, model, shape)
        assert count(trace(model, shape), convention).uncounted
        return
    verified, counts = verification(convention, model, shape)
    assert verified.agrees, disagreements(verified)
    assert not counts.uncounted


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("convention", TRIED)
def test_an_odd_network_agrees_or_says_that_there_is_no_rule(convention, odd):
    build, shape = ODD[odd]
    model = parametrised(build()).eval()
    if (convention, odd) in FAILS_ON_ODD:
        with pytest.raises(ToolError, match=f"{convention} fails on this model"):
            run_tool(convention, model, shape)
        return
    figures = run_tool(convention, model, shape)
    counts = count(trace(model, shape), convention, by="module")
    verified = agreement(counts, figures.total, figures.params, figures.by_module)
    assert verified.agrees or counts.uncounted, disagreements(verified)


@pytest.mark.parametrize(
    "name",
    [
        name if name in QUICK else pytest.param(name, marks=pytest.mark.slow)
        for name in archs.list_models()
    ],
)
@pytest.mark.parametrize("convention", TRIED)
def test_a_network(convention, name):
    model = profiler.build(name)
    verified, _ = verification(convention, model, archs.default_input_shape(name))
    assert verified.agrees, disagreements(verified)
