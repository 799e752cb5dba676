"""What is lent comes back; ``test_untouched.py`` shows it through ``trace``."""

import random

import pytest
import torch
from torch import nn

import profiler
from profiler.errors import TraceError
from profiler.models.state import global_state_kept


def test_global_state_comes_back_after_an_exception():
    generator, python = torch.get_rng_state(), random.getstate()

    def spoil():
        with global_state_kept():
            torch.set_default_dtype(torch.float64)
            torch.set_default_device("meta")
            torch.manual_seed(5)
            random.random()
            raise KeyError

    with pytest.raises(KeyError):
        spoil()
    assert torch.get_default_dtype() == torch.float32
    assert torch.get_default_device().type == "cpu"
    assert torch.equal(torch.get_rng_state(), generator)
    assert random.getstate() == python
    assert not torch.empty(1).is_meta


class Rude(nn.Module):
    """Changes everything it can in its forward, then perhaps fails."""

    def __init__(self, fails):
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.fails = fails
        self.notes = {"calls": 0}

    def forward(self, x):
        torch.set_default_dtype(torch.float64)
        torch.manual_seed(3)
        torch.set_grad_enabled(True)
        self.linear.weight = nn.Parameter(torch.empty(3, 3, device="meta"))
        self.extra = nn.ReLU()
        self.notes["calls"] += 1
        self.train()
        self.linear.register_forward_hook(lambda *_: None)
        if self.fails:
            raise ValueError("as announced")
        return self.linear(x)


@pytest.mark.parametrize("fails", [False, True])
def test_a_rude_model_comes_back_too(fails):
    model = Rude(fails).eval()
    weight, generator = model.linear.weight, torch.get_rng_state()
    values = weight.detach().clone()
    grad = torch.is_grad_enabled()
    if fails:
        with pytest.raises(TraceError, match="as announced"):
            profiler.trace(model, (1, 3))
    else:
        profiler.trace(model, (1, 3))
    assert model.linear.weight is weight
    assert torch.equal(weight, values)
    assert not hasattr(model, "extra")
    assert model.notes == {"calls": 0}
    assert not any(module.training for module in model.modules())
    assert not model.linear._forward_hooks
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled() == grad
    assert torch.equal(torch.get_rng_state(), generator)
    assert model.fails or torch.isfinite(model.linear(torch.ones(1, 3))).all()


def test_shared_and_frozen_parameters_stay_so():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    model[0].bias.requires_grad_(False)
    trace = profiler.trace(model, (1, 3))
    assert model[1].weight is model[0].weight
    assert [(p.name, p.trainable, p.shared_with) for p in trace.parameters] == [
        ("0.weight", True, ("1.weight",)),
        ("0.bias", False, ()),
        ("1.bias", True, ()),
    ]


def test_gradients_are_kept():
    model = nn.Linear(3, 1)
    model(torch.ones(1, 3)).sum().backward()
    gradient = model.weight.grad
    profiler.trace(model, (1, 3))
    assert model.weight.grad is gradient
    assert torch.equal(gradient, torch.ones(1, 3))


def test_a_lazy_module_stays_lazy():
    model = nn.LazyLinear(4)
    counts = profiler.count(profiler.trace(model, (2, 3)))
    assert counts.totals.macs == 2 * 3 * 4
    assert counts.totals.params == 16
    assert isinstance(model, nn.LazyLinear)
    assert model.has_uninitialized_params()
