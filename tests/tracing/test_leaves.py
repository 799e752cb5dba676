"""Layers that are told from their attributes: the same trace as when they are run, or they are."""

import pytest
import torch
from function_model import Does
from torch import nn

from profiler.errors import TraceError
from profiler.tracing.leaves import LEAVES
from profiler.tracing.tracer import trace

IMAGE = (2, 4, 6, 6)

#: A layer and the shape of its input, one for every entry and what it can be set to.
LAYERS = {
    "Conv1d": (nn.Conv1d(4, 6, 3), (2, 4, 9)),
    "Conv2d": (nn.Conv2d(4, 6, 3, stride=2, padding=1, bias=False), IMAGE),
    "Conv2d, grouped and dilated": (nn.Conv2d(4, 6, (3, 1), groups=2, dilation=2), IMAGE),
    "Conv2d, padded to the same size": (nn.Conv2d(4, 6, 3, padding="same"), IMAGE),
    "Conv2d, padded by reflection": (nn.Conv2d(4, 6, 3, padding=1, padding_mode="reflect"), IMAGE),
    "Conv2d, an image without batch": (nn.Conv2d(4, 6, 3), IMAGE[1:]),
    "Conv3d": (nn.Conv3d(4, 6, 3), (1, 4, 5, 5, 5)),
    "BatchNorm2d": (nn.BatchNorm2d(4), IMAGE),
    "BatchNorm2d without affine": (nn.BatchNorm2d(4, affine=False), IMAGE),
    "BatchNorm2d of the batch": (nn.BatchNorm2d(4, track_running_stats=False), IMAGE),
    "BatchNorm3d": (nn.BatchNorm3d(4), (2, 4, 3, 3, 3)),
    "Linear": (nn.Linear(6, 3), IMAGE),
    "Linear without bias": (nn.Linear(6, 3, bias=False), (2, 6)),
    "LayerNorm": (nn.LayerNorm((6, 6)), IMAGE),
    "LayerNorm without affine": (nn.LayerNorm(6, elementwise_affine=False), IMAGE),
    "ReLU": (nn.ReLU(), IMAGE),
    "ReLU in place": (nn.ReLU(inplace=True), IMAGE),
    "SiLU": (nn.SiLU(), IMAGE),
    "SiLU in place": (nn.SiLU(inplace=True), IMAGE),
    "GELU": (nn.GELU(approximate="tanh"), IMAGE),
}


def both_ways(model, shape):
    """The trace, which is the same with every layer run."""
    fast = trace(model, shape)
    assert fast == trace(model, shape, shape_rules=False)
    return fast


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_leaves_the_trace_it_would_leave_when_run(name):
    layer, shape = LAYERS[name]
    assert both_ways(nn.Sequential(layer), shape).ops


def test_a_layer_that_is_called_again_reads_what_it_wrote():
    layer = nn.ReLU(inplace=True)
    first, second = both_ways(nn.Sequential(layer, layer), IMAGE).ops
    assert first.in_place
    assert second.inputs == first.outputs


def test_every_entry_is_tried():
    assert {type(layer) for layer, _ in LAYERS.values()} == LEAVES.keys()


def test_a_layer_is_not_run(monkeypatch):
    def refuse(self, x):
        raise AssertionError("the layer ran")

    monkeypatch.setattr(nn.BatchNorm2d, "_check_input_dim", refuse)
    assert [op.kind for op in trace(nn.BatchNorm2d(4), IMAGE).ops] == ["batch_norm"]
    with pytest.raises(TraceError, match="the layer ran"):
        trace(nn.BatchNorm2d(4), IMAGE, shape_rules=False)


def doubled(layer):
    layer.register_forward_hook(lambda module, args, output: output * 2)


def shifted(layer):
    layer.register_forward_pre_hook(lambda module, args: (args[0] + 1,))


def replaced(layer):
    layer.forward = lambda x: x.sigmoid()


def training_again(layer):
    layer.register_module("inner", nn.Identity())
    layer.train = lambda mode=True: layer


def with_a_list(layer):
    layer.stride = [1, 1]


def weight_made_by_a_hook(layer):
    torch.nn.utils.weight_norm(layer)


def parametrized(layer):
    torch.nn.utils.parametrizations.spectral_norm(layer)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize(
    "change",
    [doubled, shifted, replaced, training_again, with_a_list, weight_made_by_a_hook, parametrized],
)
def test_a_changed_layer_is_run(change):
    layer = nn.Conv2d(4, 4, 3)
    plain = trace(layer, IMAGE)
    change(layer)
    changed = both_ways(nn.Sequential(layer), IMAGE)
    expects_more = change in (doubled, shifted, weight_made_by_a_hook, parametrized)
    assert (len(changed.ops) > len(plain.ops)) == expects_more
    assert (changed.ops[0].kind == "activation") == (change is replaced)


def test_a_hook_on_every_module_is_run():
    handle = nn.modules.module.register_module_forward_hook(lambda module, args, y: y * 2)
    try:
        assert [op.kind for op in both_ways(nn.ReLU(), IMAGE).ops] == ["activation", "mul"]
    finally:
        handle.remove()


def test_a_class_with_another_forward_is_run(monkeypatch):
    class Squared(nn.ReLU):
        def forward(self, x):
            return super().forward(x) ** 2

    assert len(both_ways(Squared(), IMAGE).ops) == 2
    monkeypatch.setattr(nn.ReLU, "forward", lambda self, x: x.tanh())
    assert both_ways(nn.ReLU(), IMAGE).ops[0].aten == "tanh"


def test_a_layer_that_trains_while_the_model_runs_is_run():
    norm = nn.BatchNorm2d(4)
    ops = both_ways(Does(lambda x: norm.train()(x), norm), IMAGE).ops
    assert [op.attributes["training"] for op in ops if op.kind == "batch_norm"] == [True]


def test_an_input_of_the_wrong_rank_is_refused_as_torch_refuses_it():
    with pytest.raises(TraceError, match="expected 4D input"):
        trace(nn.BatchNorm2d(4), (2, 4, 6))


def test_layers_inside_a_users_function_mode_are_run():
    seen = []

    class Watching(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            seen.append(func)
            return func(*args, **(kwargs or {}))

    relu = nn.ReLU()

    def forward(x):
        with Watching():
            return relu(x)

    both_ways(Does(forward, relu), IMAGE)
    assert nn.functional.relu in seen
