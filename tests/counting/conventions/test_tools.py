"""Every emulated tool against the tool itself: the same integer in total and at every layer."""

import pytest
import torch
from quirky_networks import QUIRKS, parametrised
from tool_networks import NETWORKS, Calls, SelfAttending, frozen, vit_b_16
from torch import nn

import archs
import profiler
from profiler.counting.counts import count
from profiler.counting.tools import TOOLS, is_installed, run_tool
from profiler.counting.verification import agreement
from profiler.errors import ToolError
from profiler.tracing.tracer import trace

#: Where the emulation has no rule, since no record tells what the tool sees.
LISTED = {("fvcore", "a branch whose shape alone is used")}
#: Where the tool stops with an error, and the emulation says that it has no figure.
STOPS = {("fvcore", "a matrix and a vector"), ("calflops", "LSTM, packed")}
#: A network of each trait, for the quick tests.
EACH_TRAIT = (
    *QUIRKS,
    *("multi-head attention", "an encoder layer", "attention, causal", "attention, no bias"),
    *("attention, frozen", "attention to a memory", "attention to narrower keys", "decoder"),
    *("encoder, frozen", "encoder layer, frozen, two down", "vision transformer"),
    *("attention, bias of keys", "attention, frozen, behind a trainable layer"),
    *("a backbone below set_grad_enabled", "attention, in inference mode"),
    *("attention by baddbmm, no bias", "addmm in place", "fused attention, a learned mask"),
    *("LSTM, packed", "LSTM, projected", "GRU, batch first", "LSTM, both ways, without batch"),
    *("conv by torch's name", "layers bound before", "conv of a line, without batch"),
    *("a weight that is standardised", "pools of parameters", "activations of parameters"),
    *("a pruned conv", "pruned linear layers", "a function of autograd", "einsum of three"),
    *("a branch that nothing uses", "sum, the builtin", "power pools", "pools with indices"),
)
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


@pytest.mark.parametrize(
    "name",
    [
        name if name in EACH_TRAIT else pytest.param(name, marks=pytest.mark.slow)
        for name in NETWORKS
    ],
)
def test_a_small_network(name):
    build, shape = NETWORKS[name]
    torch.manual_seed(0)
    traced = trace(parametrised(build()).eval(), shape)
    for convention in TRIED:
        counts = count(traced, convention, by="module")
        rows = count(traced, convention).layers
        assert sum(row.flops for row in rows) == counts.totals.flops
        assert sum(row.macs for row in counts.layers) == counts.totals.macs
        torch.manual_seed(0)
        try:
            figures = run_tool(convention, parametrised(build()).eval(), shape)
        except ToolError:
            assert counts.uncounted or (convention, name) not in STOPS
            continue
        assert (convention, name) not in STOPS
        if (convention, name) in LISTED:
            assert counts.uncounted
            continue
        verified = agreement(counts, figures.total, figures.params, figures.by_module)
        assert verified.agrees, (convention, disagreements(verified))
        assert not counts.uncounted, convention


@pytest.mark.slow
@pytest.mark.parametrize("trained", [0, 2], ids=["frozen", "every other parameter"])
def test_the_same_with_parameters_frozen(trained):
    for name, (build, shape) in NETWORKS.items():
        model = parametrised(build()).eval()
        for at, parameter in enumerate(model.parameters()):
            parameter.requires_grad_(bool(trained) and at % trained == 0)
        traced = trace(model, shape)
        for convention in TRIED:
            counts = count(traced, convention, by="module")
            try:
                figures = run_tool(convention, model, shape)
            except ToolError:
                continue
            verified = agreement(counts, figures.total, figures.params, figures.by_module)
            assert verified.agrees or counts.uncounted, (name, convention, disagreements(verified))


@pytest.mark.parametrize(
    ("convention", "printed"),
    [("ptflops_pytorch", "17.61"), ("ptflops_aten", "16.86")],
)
def test_what_ptflops_publishes_of_a_vision_transformer(convention, printed):
    # the table of its README, vit_b_16 of torchvision at 224x224
    with torch.device("meta"):
        model = vit_b_16()
    counts = count(trace(model, (1, 3, 224, 224)), convention)
    assert f"{counts.totals.macs / 1e9:.2f}" == printed
    assert counts.totals.params == 86_567_656


def test_multi_head_attention_by_arithmetic():
    # q, k, v [2, 5, 16] in 4 heads of 4
    model = SelfAttending(given={"need_weights": True})
    traced = trace(model.eval(), (2, 5, 16))
    projections = 2 * 5 * 16 * 48 + 2 * 5 * 16 * 16
    products = 2 * (2 * 4 * 5 * 5 * 4)
    scores = 2 * 4 * 5 * 5
    assert count(traced, "macs").totals.macs == projections + products
    assert count(traced, "fvcore").totals.macs == projections + products
    # the bias of the output alone: the input is turned, and its bias added apart
    assert count(traced, "ptflops_aten").totals.macs == projections + products + 2 * 5 * 16
    # scaling, projections and their biases, heads, output; and the products and scores it calls,
    # which are not divided by the batch
    image = 5 * 16 + 3 * 5 * 16 * 16 + 3 * 5 * 16 + 4 * (5 * 5 * (4 + 1 + 4)) + 5 * 16 * 17
    assert count(traced, "ptflops_pytorch").totals.macs == image + products + scores
    # softmax as a function, products as bmm by deepspeed alone
    assert count(traced, "calflops").totals.flops == 2 * projections + scores
    assert count(traced, "deepspeed").totals.flops == 2 * (projections + products) + scores


def test_what_is_frozen_runs_a_kernel_that_nobody_sees():
    for convention in ("fvcore", "ptflops_aten", "calflops", "deepspeed"):
        counts = count(trace(frozen(SelfAttending()).eval(), (2, 5, 16)), convention)
        assert counts.totals.macs == 0
        assert not counts.uncounted


def test_where_a_mask_decides_on_the_kernel_attention_is_listed():
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 4, 24, batch_first=True), 1)
    model = Calls(
        lambda net, x: net.e(x, src_key_padding_mask=torch.zeros(2, 5, dtype=torch.bool)),
        e=frozen(encoder),
    )
    traced = trace(model.eval(), (2, 5, 16))
    assert count(traced, "calflops").uncounted
    assert not count(traced, "flops").uncounted


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
