"""Modules that TorchScript runs: traced in eval mode as they are written, and left as they were."""

import pytest
import torch
from torch import nn

import profiler
from profiler.errors import TraceError
from profiler.tracing.tracer import trace

pytestmark = pytest.mark.filterwarnings("ignore")


class Stateful(nn.Module):
    """Counts its calls in a number, a buffer, a tensor and a list."""

    calls: int

    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(8, 8)
        self.norm = nn.BatchNorm1d(8)
        self.drop = nn.Dropout()
        self.calls = 0
        self.seen = [0]
        self.register_buffer("total", torch.zeros(1))
        self.scale = torch.ones(8)

    def forward(self, x):
        self.calls += 1
        self.seen.append(self.calls)
        self.total += 1
        self.scale += 1
        return self.drop(self.norm(self.lin(x))) * self.scale


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 6, batch_first=True)

    def forward(self, x):
        return self.rnn(x)[0]


class Asks(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(8, 8)

    def forward(self, x):
        steps = 0
        while bool(x.abs().max() < 1e9) and steps < 3:
            x = self.lin(x)
            steps += 1
        return x


class Twice(nn.Module):
    """The same product twice, which an optimizer would make one of."""

    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(8, 8)

    def forward(self, x):
        return self.lin(x) + self.lin(x)


def state_of(module):
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


@pytest.mark.parametrize("values", [None, "fake", "real"])
def test_a_scripted_module_is_left_as_it_was(values):
    module = torch.jit.script(Stateful())
    before, parameters = state_of(module), dict(module.named_parameters())
    profiler.trace(nn.Sequential(nn.Linear(8, 8), module), (2, 8), values=values)
    after = module.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert all(each is parameters[name] for name, each in module.named_parameters())
    assert (module.calls, module.seen) == (0, [0])
    assert module.training
    assert module.drop.training
    assert torch.equal(module.scale, torch.ones(8))


def test_it_runs_in_eval_mode():
    ops = profiler.trace(torch.jit.script(Stateful()), (2, 8)).ops
    assert "bernoulli" not in {op.aten for op in ops}
    assert [op.attributes["training"] for op in ops if op.kind == "batch_norm"] == [False]


def test_two_traces_of_it_are_equal_and_as_it_is_written():
    module = torch.jit.script(Twice())
    traces = [profiler.trace(module, (2, 8)) for _ in range(3)]
    assert traces[0] == traces[1] == traces[2]
    assert profiler.count(traces[0]).totals.macs == 2 * 2 * 64


def test_weights_in_a_list_are_stood_in_for():
    # each of 2 x 5 positions meets 24 x 8 and 24 x 6 weights
    module = torch.jit.script(Recurrent())
    found = profiler.trace(module, (2, 5, 8))
    assert (profiler.count(found).totals.macs, found.values) == (10 * (192 + 144), "")


def test_a_kernel_of_one_layer_is_a_recurrent_op():
    module = torch.jit.script(Recurrent())
    counts = profiler.count(profiler.trace(module, (2, 5, 8), values="real"))
    assert (counts.totals.macs, counts.uncounted) == (10 * (192 + 144), ())


def test_what_it_asks_of_values_is_known():
    module = torch.jit.script(Asks())
    found = profiler.trace(module, (2, 8))
    assert (profiler.count(found).totals.macs, found.values) == (3 * 128, "real")
    with pytest.raises(TraceError, match=r"needs the values of a tensor") as caught:
        profiler.trace(module, (2, 8), values="never")
    assert "while bool(x.abs().max() < 1e9)" in str(caught.value)


def test_what_fails_in_it_says_what_and_where():
    module = torch.jit.script(Twice())
    with pytest.raises(TraceError, match=r"return self\.lin\(x\)") as caught:
        profiler.trace(module, (2, 5))
    assert "same reduction dim" in str(caught.value)


@torch.jit.script
def product(x, w):
    for _ in range(20):
        x = torch.mm(x, w)
    return x


@torch.jit.script
def forked(x, w):
    first = torch.jit.fork(product, x, w)
    second = torch.jit.fork(product, x, w)
    return product(x, w) + torch.jit.wait(first) + torch.jit.wait(second)


class Forked(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(8, 8)

    def forward(self, x):
        return forked(x, self.lin.weight)


@pytest.mark.parametrize("values", ["never", "real"])
def test_forks_do_not_disturb_each_other(values):
    # three times twenty products, which run beside each other in threads of the interpreter's own
    for _ in range(3):
        found = trace(Forked(), (2, 8), values=values)
        assert profiler.count(found).totals.macs == 60 * 128
        products = [op.function for op in found.ops if op.kind == "matmul"]
        assert set(products) == {"torch.ops.aten.mm"}
