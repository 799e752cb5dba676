"""A traced model is given back as it was, also after an exception."""

import copy
import random

import numpy
import pytest
import torch
from torch import nn

import profiler
from profiler.errors import TraceError
from profiler.tracing.function_mode import forget_plans


class Stateful(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5))
        self.register_buffer("seen", torch.zeros(1))
        self.calls = 0
        self.log = []
        self.body[1].eval()  # a mixed mode must survive
        self.body[0].register_forward_hook(lambda *_: None)

    def forward(self, x):
        self.calls += 1
        self.log.append(x.shape)
        self.seen += 1
        x = self.body(x)
        if x.shape[-1] < 4:
            raise ValueError("too small")
        return x


def state(model):
    return {
        path: (
            module.training,
            {name: (id(t), t.device, t.clone()) for name, t in module.state_dict().items()},
            [(id(p), p.requires_grad) for p in module.parameters(recurse=False)],
            list(module._forward_hooks),
            set(vars(module)),
        )
        for path, module in model.named_modules()
    }


def same(before, after):
    assert before.keys() == after.keys()
    for path in before:
        one, other = before[path], after[path]
        assert one[0] == other[0]
        assert one[2:] == other[2:]
        for name in one[1]:
            assert one[1][name][1] == other[1][name][1]
            assert torch.equal(one[1][name][2], other[1][name][2])


@pytest.mark.parametrize("size", [16, 4])
def test_everything_comes_back(size):
    model = Stateful().train()
    before, generator = state(model), torch.get_rng_state()
    call, outputs = nn.Module.__call__, model.eval()(torch.ones(1, 3, 16, 16))
    model.train(), model.body[1].eval()
    model.calls, model.log[:] = 0, []
    model.seen.zero_()
    before = state(model)
    if size == 4:
        with pytest.raises(TraceError, match="too small"):
            profiler.trace(model, (1, 3, size, size))
    else:
        profiler.trace(model, (1, 3, size, size))
    same(before, state(model))
    assert (model.calls, model.log, model.seen.item()) == (0, [], 0)
    assert nn.Module.__call__ is call
    assert torch.equal(generator, torch.get_rng_state())
    assert torch.equal(model.eval()(torch.ones(1, 3, 16, 16)), outputs)


class Meddler(nn.Module):
    """Changes settings of the process, and takes no care to change them back."""

    def forward(self, x):
        torch.set_num_threads(torch.get_num_threads() + 1)
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.set_float32_matmul_precision("medium")
        torch.autocast("cpu", torch.float16).__enter__()
        torch.set_default_dtype(torch.float64)
        torch.manual_seed(1), random.seed(1), numpy.random.seed(1)
        return x + torch.rand(8) + random.random() + numpy.random.rand()


def settings():
    return (
        torch.get_num_threads(),
        torch.get_deterministic_debug_mode(),
        torch.get_float32_matmul_precision(),
        torch.is_autocast_enabled("cpu"),
        torch.get_autocast_dtype("cpu"),
        torch.get_default_dtype(),
        torch.get_rng_state().tolist(),
        random.getstate(),
        numpy.random.get_state()[1].tolist(),
    )


def test_settings_of_the_process_come_back():
    before = settings()
    profiler.trace(Meddler(), (2, 8))
    assert settings() == before


@pytest.mark.parametrize("make", [nn.LSTM, nn.GRU, nn.RNN])
def test_a_trace_does_not_depend_on_the_one_before(make):
    forget_plans()
    layer = make(8, 6)
    first = profiler.trace(layer, (5, 2, 8))
    assert first == profiler.trace(layer, (5, 2, 8))
    assert len([op for op in first.ops if op.kind == "recurrent"]) == 1
    assert "transpose" not in {op.aten for op in first.ops}  # which the layer does not call


def test_the_same_parameter_objects_come_back():
    model = Stateful()
    parameters = list(model.parameters())
    profiler.trace(model, (1, 3, 16, 16))
    assert all(a is b for a, b in zip(parameters, model.parameters(), strict=True))


def test_a_half_precision_model_is_traced_in_its_own_precision():
    trace = profiler.trace(copy.deepcopy(nn.Linear(3, 2)).half(), (4, 3))
    assert trace.dtype == "float16"
    assert trace.ops[0].outputs[0].dtype == "float16"


def test_two_traces_are_equal():
    assert profiler.trace(Stateful(), (1, 3, 16, 16)) == profiler.trace(Stateful(), (1, 3, 16, 16))


def test_a_list_that_two_attributes_share_is_not_doubled():
    sides = [4, 4]
    model = nn.Sequential(nn.Unfold(sides, stride=sides), nn.Unfold(sides))
    profiler.trace(model[0], (1, 3, 8, 8))
    profiler.trace(model[0], (1, 3, 8, 8))
    assert sides == [4, 4]
    assert model[0].kernel_size is model[0].stride is model[1].kernel_size
