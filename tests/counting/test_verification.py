"""Tools themselves beside their emulations: agreement, disagreement, failure; models untouched."""

import pytest
import torch
from torch import nn

import profiler
from profiler.counting import tools, verification
from profiler.counting.counts import count
from profiler.counting.tools import (
    TOOLS,
    Tool,
    ToolFigures,
    run_tool,
)
from profiler.counting.verification import agreement, verify
from profiler.errors import ToolError


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.norm(self.conv(x)))


SHAPE = (1, 3, 8, 8)


@pytest.fixture
def counts():
    return count(profiler.trace(Net(), SHAPE), "thop", by="module")


def test_agreement(counts):
    # conv 4 * 6 * 6 * 3 * 9 = 3888, norm 4 * 144 = 576
    verified = agreement(counts, 4464, 120, {"": 4464, "conv": 3888, "norm": 576, "act": 0})
    assert verified.agrees
    assert [layer.path for layer in verified.layers] == ["conv", "norm", "act"]


@pytest.mark.parametrize(
    ("total", "params", "conv"), [(4465, 120, 3888), (4464, 119, 3888), (4464, 120, 3889)]
)
def test_any_difference_is_one(counts, total, params, conv):
    assert not agreement(counts, total, params, {"conv": conv}).agrees


def test_every_installed_tool_is_run(tmp_path):
    file = tmp_path / "net.py"
    file.write_text("from torch import nn\ndef net(): return nn.Sequential(nn.Linear(6, 2))\n")
    address = f"{file}:net"
    trace = profiler.trace(profiler.build(address), (1, 6))
    verified = verify(address, trace)
    assert {"fvcore", "thop", "torch"} <= {each.convention for each in verified}
    assert all(each.agrees for each in verified)


def test_a_tool_that_is_missing_or_fails_says_so_and_the_rest_goes_on(monkeypatch, tmp_path):
    def breaks(model, shape):
        raise RuntimeError("no such op\nand more")

    monkeypatch.setitem(TOOLS, "thop", Tool("a_package_nobody_has", breaks))
    monkeypatch.setitem(TOOLS, "fvcore", Tool("torch", breaks))
    file = tmp_path / "net.py"
    file.write_text("from torch import nn\ndef net(): return nn.Linear(6, 2)\n")
    address = f"{file}:net"
    verified = verify(address, profiler.trace(profiler.build(address), (1, 6)))
    by_name = {each.convention: each for each in verified}
    assert by_name["thop"].error.endswith("pip install a_package_nobody_has")
    assert by_name["fvcore"].error == "fvcore fails on this model: no such op"
    assert not by_name["thop"].agrees
    assert by_name["torch"].agrees


def test_a_model_of_two_inputs_is_reported():
    class Sum(nn.Module):
        def forward(self, x, y):
            return x + y

    trace = profiler.trace(Sum(), ((1, 2), (1, 2)))
    (first, *_) = verification_of(trace)
    assert "models of one input, not on 1x2, 1x2" in first.error


def verification_of(trace):
    return verify("googlenet", trace)


@pytest.mark.parametrize("name", [name for name in TOOLS if tools.is_installed(name)])
def test_a_model_comes_back_as_it_was(name):
    model = Net().train()
    weight, hooks = model.conv.weight, dict(model.conv._forward_hooks)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    attributes = [sorted(vars(module)) for module in model.modules()]
    run_tool(name, model, SHAPE)
    assert model.training
    assert model.norm.training
    assert model.conv.weight is weight
    assert model.conv._forward_hooks == hooks
    assert [sorted(vars(module)) for module in model.modules()] == attributes
    assert before.keys() == model.state_dict().keys()
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


@pytest.mark.parametrize("name", [name for name in TOOLS if tools.is_installed(name)])
def test_functions_come_back_after_an_error(name):

    class Fails(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(2))

        def forward(self, x):
            raise ValueError("not today")

    functional, matmul = dict(vars(nn.functional)), torch.matmul
    add = torch.Tensor.add
    with pytest.raises(ToolError, match=f"{name} fails on this model"):
        run_tool(name, Fails(), SHAPE)
    assert vars(nn.functional) == functional
    assert torch.matmul is matmul
    assert torch.Tensor.add is add


def test_a_model_on_meta_is_given_memory_for_the_run_only():
    with torch.device("meta"):
        model = Net()
    assert run_tool("thop", model, SHAPE).total == 4464
    assert all(tensor.is_meta for tensor in model.state_dict().values())


def test_what_is_always_named():
    assert set(verification.ALWAYS) <= TOOLS.keys()
    assert tools.is_installed("torch")
    assert ToolFigures(1, None, {}).params is None


@pytest.mark.parametrize("name", ["thop", "torch"])
def test_lazy_layers_are_refused_in_a_line(name):
    with pytest.raises(ToolError, match="the model has lazy layers: run it once"):
        run_tool(name, nn.Sequential(nn.LazyLinear(2)), (1, 6))


def test_buffers_and_gradients_are_as_they_were():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(6, 2)
            self.register_buffer("calls", torch.zeros(1))

        def forward(self, x):
            self.calls += 1
            torch.set_grad_enabled(False)
            return self.linear(x)

    model = Counting()
    for name in filter(tools.is_installed, TOOLS):
        run_tool(name, model, (1, 6))
        assert torch.is_grad_enabled()
    assert model.calls.item() == 0
