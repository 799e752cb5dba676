"""Forwards that look at values, name a device, or can't run to their end."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
import torch
from function_model import Does
from torch import nn
from torch.nn import functional as F

import profiler
from profiler.errors import TraceError, UnknownNameError, UsageError
from profiler.tracing import values


class Net(nn.Module):
    """A linear layer of 4 to 4: 2 x 4 x 4 = 32 MACs on two rows."""

    def __init__(self, run):
        super().__init__()
        self.lin = nn.Linear(4, 4)
        self.run = run

    def forward(self, x):
        return self.run(self, x)


def macs(run, inputs=(2, 4), **how):
    trace = profiler.trace(Net(run), inputs, **how)
    return trace.values, profiler.count(trace, "macs").totals.macs


def greedy(s, x):
    """Three steps at most; a value decides about each."""
    steps = 0
    while steps < 3 and torch.isfinite(x).all():
        x, steps = s.lin(x), steps + 1
    return x


def kept_boxes(s, x):
    scores = s.lin(x).softmax(-1)
    boxes = scores[scores.sum(-1) > 0.5]  # every row adds up to one
    return s.lin(boxes)


def constant_schedule(s, x):
    steps = torch.linspace(0, 1, 3)
    for _ in range(int((steps >= 0).sum())):
        x = s.lin(x)
    return x


def constant_on_a_device(s, x):
    lengths = torch.tensor([1, 3], device=x.device)
    for _ in range(lengths.max().item()):
        x = s.lin(x)
    return x


# what looks at a value -> what it has to be run on, and the MACs
LOOKS = {
    "a check": (lambda s, x: s.lin(x) if torch.isfinite(x).all() else x, "real", 32),
    "an item": (lambda s, x: s.lin(x) * x.sum().item(), "real", 32),
    "an assertion": (lambda s, x: (F.relu(x).min().ge(0).item(), s.lin(x))[1], "real", 32),
    "a greedy loop": (greedy, "real", 96),
    "a mask": (kept_boxes, "real", 64),
    "nonzero": (lambda s, x: s.lin(x[(x * 0 == 0).all(-1).nonzero()[:, 0]]), "real", 32),
    "unique": (lambda s, x: s.lin(x[torch.unique(x.argmax(-1) * 0)]), "real", 16),
    "a list": (lambda s, x: s.lin(x) if len(x.tolist()) == 2 else x, "real", 32),
    "numpy": (lambda s, x: s.lin(torch.from_numpy(x.detach().numpy())), "real", 32),
    # what a forward makes itself keeps its values
    "a constant": (constant_schedule, "", 96),
    "a constant on the input's device": (constant_on_a_device, "", 96),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_forward_that_looks_at_values_gives_a_figure(name):
    run, values, expected = LOOKS[name]
    assert macs(run) == (values, expected)


@pytest.mark.parametrize("name", [name for name, (_, values, _) in LOOKS.items() if values])
def test_it_is_refused_where_values_are(name):
    with pytest.raises(TraceError, match="needs the values of a tensor"):
        macs(LOOKS[name][0], values="never")


def test_the_first_run_that_goes_is_taken():
    # what full_like makes on meta is not known there; a fake tensor of that knows it no better,
    # but one that torch.tensor makes is
    def run(s, x):
        count = torch.tensor(2).to(x.device).clone()
        for _ in range(count.item()):
            x = s.lin(x)
        return x

    assert macs(run)[1] == 64
    assert macs(run, values="fake") == ("fake", 64)
    assert macs(run, values="real") == ("real", 64)


@pytest.mark.parametrize("values", [None, "fake"])
def test_a_value_that_is_asked_for_in_vain_and_done_without_is_no_figure(values):
    def asks(s, x):
        try:
            positive = int(x.sum() > -1)
        except Exception:
            positive = 0
        return s.lin(x) if positive else x

    if values:
        with pytest.raises(TraceError, match="goes on without"):
            macs(asks, values=values)
    else:
        assert macs(asks) == ("real", 32)


@pytest.mark.parametrize("values", ["fake", "real"])
def test_a_run_of_another_kind_gives_the_same_ops(values):
    def run(s, x):
        y = F.gelu(s.lin(x)) + x
        y = F.scaled_dot_product_attention(y[None], y[None], y[None])[0]
        return torch.cat([y.flatten(), s.lin(y).mean(0)])

    one, other = (profiler.trace(Net(run), (2, 4), values=v) for v in (None, values))
    assert [op.function for op in one.ops] == [op.function for op in other.ops]
    for convention in ("macs", "flops_all", "fvcore", "thop"):
        first, second = profiler.count(one, convention), profiler.count(other, convention)
        assert second.values == values
        assert (second.layers, second.totals) == (first.layers, first.totals)


def test_a_run_with_values_leaves_the_model_as_it_was():
    model = Net(LOOKS["a mask"][0]).train()
    model.register_buffer("steps", torch.zeros(1))

    def run(s, x):
        s.steps.add_(1)
        s.lin.weight.mul_(0)
        return s.lin(x) if x.sum() > -1e9 else x

    model.run = run
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    seed = torch.random.get_rng_state()
    assert profiler.trace(model, (2, 4)).values == "real"
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert model.training
    assert torch.equal(seed, torch.random.get_rng_state())


def test_a_run_with_values_takes_those_that_are_given():
    run = lambda s, x: s.lin(x) if x[0, 0] == 7 else x  # noqa: E731
    x = torch.full((2, 4), 7.0)
    assert macs(run, x) == ("real", 32)
    assert macs(run, torch.zeros(2, 4)) == ("real", 0)
    assert x.eq(7).all()


def test_a_run_with_values_is_the_same_each_time():
    model = Net(lambda s, x: s.lin(x[x > 0.5][:2, None].expand(-1, 4)))
    assert profiler.trace(model, (8, 4)) == profiler.trace(model, (8, 4))


def test_a_model_on_meta_is_given_values():
    with torch.device("meta"):
        model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), Does(lambda x: x * x.max()))
    model.append(Does(lambda x: x if torch.isfinite(x).all() else x[:, :0]))
    model.append(nn.Conv2d(4, 4, 1))
    trace = profiler.trace(model, (1, 3, 8, 8))
    # 4 x 6 x 6 outputs of 27 products, and of 4
    assert (trace.values, profiler.count(trace, "macs").totals.macs) == ("real", 144 * 31)


def test_what_takes_more_than_there_is_is_refused_before_it_is_made():
    with torch.device("meta"):
        model = nn.Sequential(nn.Linear(2**20, 2**20), Does(lambda x: x * x.max().item()))
    with pytest.raises(TraceError, match=r"take 4096.0 GiB where .* GiB are free; --until"):
        profiler.trace(model, (1, 2**20))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no such system")
@pytest.mark.parametrize("kind", ["torch", "python"])
def test_a_run_with_values_takes_no_more_than_there_is(monkeypatch, kind):
    def grows(s, x):
        held = []
        while torch.isfinite(x).all():
            held.append(torch.ones(2**24) if kind == "torch" else bytearray(2**26))
        return s.lin(x)

    monkeypatch.setattr(values, "free_memory", lambda: 2**29)  # eight such tensors
    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(TraceError, match=r"can't allocate memory|takes more memory than is free"):
        macs(grows)
    assert resource.getrlimit(resource.RLIMIT_AS) == before


def test_a_loop_without_end_is_stopped(monkeypatch):
    monkeypatch.setattr("profiler.tracing.recording._MOST_OPS", 50)

    def run(s, x):
        while x.sum() > -1:
            x = x.abs()
        return x

    with pytest.raises(TraceError, match="50 ops: on these values it may never end"):
        macs(run)


def test_a_run_that_fails_with_values_too_says_both():
    def run(s, x):
        if x.sum() < 1e9:
            raise ValueError("no boxes")
        return x

    with pytest.raises(TraceError) as caught:
        macs(run)
    said = str(caught.value)
    assert said.startswith("Net: Tensor.__bool__ in the model's own forward (test_values.py:")
    assert "with values on the CPU: no boxes (test_values.py:" in said
    assert "\n" not in said


# --- devices ----------------------------------------------------------------------------------


class Placed(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 4)
        self.anchors = torch.zeros(4)  # a plain attribute


DEVICES = {
    "to cpu": lambda s, x: s.lin(x.to("cpu")),
    "to cuda": lambda s, x: s.lin(x.to("cuda")),
    "to a device and a dtype": lambda s, x: s.lin(x.to(torch.device("cuda:0"), torch.float32)),
    "to a keyword": lambda s, x: s.lin(x.to(device="cuda", non_blocking=True)),
    "to another tensor": lambda s, x: s.lin(x.to(torch.zeros(1))),
    "cuda()": lambda s, x: s.lin(x.cuda()),
    "cpu()": lambda s, x: s.lin(x.cpu()).cuda(),
    "type": lambda s, x: s.lin(x.type("torch.cuda.FloatTensor")),
    "made on cpu": lambda s, x: s.lin(x) + torch.zeros(4, device="cpu"),
    "made on cuda": lambda s, x: s.lin(x) + torch.ones(4, device="cuda"),
    "made by default": lambda s, x: s.lin(x) + torch.arange(4),
    "made large": lambda s, x: s.lin(x) + torch.zeros(500, 400, 2, 4, device="cuda").sum((0, 1)),
    "made of values": lambda s, x: s.lin(x) + torch.tensor([1.0, 2, 3, 4], device="cuda"),
    "made like": lambda s, x: s.lin(x) + torch.zeros_like(x, device="cuda"),
    "made new": lambda s, x: s.lin(x) + x.new_zeros(4, device="cuda"),
    "under a device": lambda s, x: s.lin(x) + _under(lambda: torch.zeros(4)),
    "autocast": lambda s, x: _autocast(x.device.type, lambda: s.lin(x)),
    "autocast for cuda": lambda s, x: _autocast("cuda", lambda: s.lin(x)),
    "an attribute": lambda s, x: s.lin(x) + s.anchors.to(x.device),
    "an attribute as it is": lambda s, x: s.lin(x) + s.anchors,
    "a module": lambda s, x: s.lin.to("cuda")(x),
    "written into": lambda s, x: _written(s.lin(x)),
    "on a stream": lambda s, x: _streamed(lambda: s.lin(x)),
    "below an unknown function": lambda s, x: torch.dist(s.lin(x), torch.zeros(2, 4)),
}


def _under(make):
    with torch.device("cuda"):
        return make()


def _autocast(device, run):
    with torch.autocast(device):
        return run()


def _streamed(run):
    stream, done = torch.cuda.Stream(), torch.cuda.Event(enable_timing=True)
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        y = run()
        done.record()
    torch.cuda.current_stream().wait_event(done)
    torch.cuda.synchronize()
    return y


def _written(x):
    whole = torch.zeros(3, 4)
    whole[:2] = x
    return whole


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", DEVICES)
def test_every_device_is_the_one_device(name):
    model = Placed()
    model.forward = lambda x: DEVICES[name](model, x)
    trace = profiler.trace(model, (2, 4))
    assert trace.values == ""
    assert profiler.count(trace, "macs").totals.macs == 32


@pytest.mark.parametrize("values", ["fake", "real"])
@pytest.mark.parametrize("name", ["to cuda", "made on cuda", "cuda()", "under a device", "type"])
def test_so_it_is_in_a_run_with_values(name, values):
    model = Placed()
    model.forward = lambda x: DEVICES[name](model, x)
    trace = profiler.trace(model, (2, 4), values=values)
    assert profiler.count(trace, "macs").totals.macs == 32


# --- up to a module ---------------------------------------------------------------------------


class Tail(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(4, 1)

    def forward(self, x):
        raise RuntimeError("no such thing here")


def network():
    body = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4))
    return nn.Sequential(body, Tail())


def test_until_counts_up_to_a_module():
    trace = profiler.trace(network(), (2, 4), until="0")
    counts = profiler.count(trace, "macs")
    # 2 x 4 x 8 and 2 x 8 x 4 MACs; 4 x 8 + 8 and 8 x 4 + 4 parameters: the tail has no part in it
    assert (counts.totals.macs, counts.totals.params) == (128, 76)
    assert trace.until == "0"
    assert [row.path for row in counts.layers] == ["0.0", "0.1", "0.2"]
    inner = profiler.count(profiler.trace(network(), (2, 4), until="0.0"), "macs")
    assert (inner.totals.macs, inner.totals.params) == (64, 40)


def test_until_names_a_module_that_is_called():
    with pytest.raises(UnknownNameError, match=r"unknown module '0.7'"):
        profiler.trace(network(), (2, 4), until="0.7")
    model = network()
    model[1] = nn.Identity()
    model[1].never = nn.Linear(4, 4)
    with pytest.raises(TraceError, match=r"does not call '1\.never'"):
        profiler.trace(model, (2, 4), until="1.never")


def test_until_stops_a_forward_that_catches_everything():
    def careful(s, x):
        try:
            return s.lin(x)
        except Exception:
            return s.lin(s.lin(x))

    assert macs(careful, until="lin")[1] == 32


def test_an_error_has_what_ran_before():
    with pytest.raises(TraceError) as caught:
        profiler.trace(network(), (2, 4))
    before = caught.value.before
    assert before.until == "1, where it fails"
    assert profiler.count(before, "macs").totals.macs == 128


def test_values_of_no_such_name():
    with pytest.raises(UsageError, match=r"values='maybe': choose from never, fake, real"):
        profiler.trace(network(), (2, 4), values="maybe")
