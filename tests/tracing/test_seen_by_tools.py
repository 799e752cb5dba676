"""What a trace tells of a call beside shapes: the name, autograd, hidden forwards, options."""

import pytest
import torch
from function_model import Does
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import prune

import profiler
from profiler.tracing.called_names import GOES_BY

IMAGE = (1, 4, 8, 8)
relu, conv2d = F.relu, F.conv2d


def ops(model, shape=IMAGE):
    model = model if isinstance(model, nn.Module) else Does(model)
    return profiler.trace(model.eval(), shape).ops


# --- by which name ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "is_alias"),
    [
        (lambda x: F.relu(x), False),
        (lambda x: F.max_pool2d(x, 2), False),
        (lambda x: F.max_pool2d(x, 2, return_indices=True)[0], False),
        (lambda x: F.max_pool2d_with_indices(x, 2)[0], True),
        (lambda x: relu(x), True),
        (lambda x: F.conv2d(x, x[:, :, :3, :3]), False),
        (lambda x: torch.conv2d(x, x[:, :, :3, :3]), True),
        (lambda x: conv2d(x, x[:, :, :3, :3]), True),
        (lambda x: torch._C._nn.gelu(x), True),
        (lambda x: torch.relu(x), False),  # a function of its own, with its own name
        (lambda x: torch.matmul(x, x), False),
    ],
)
def test_a_call_by_another_name(function, is_alias):
    op = [op for op in ops(function) if op.kind != "view"][-1]
    assert op.alias == is_alias


def test_a_layer_calls_by_the_name():
    model = nn.Sequential(
        nn.Conv2d(4, 4, 3), nn.ReLU(), nn.ReLU6(), nn.AvgPool1d(2), nn.Softmax(-1)
    )
    model.insert(3, nn.Flatten(2))
    assert [op.alias for op in ops(model) if op.kind != "view"] == [False] * 5


def test_an_activation_that_a_layer_was_given_is_another_name():
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    (activation,) = [op for op in ops(layer, (2, 3, 8)) if op.kind == "activation"]
    assert activation.function == "torch.nn.functional.relu"
    assert activation.alias


def test_the_names_are_given_back():
    before = dict(vars(F))
    ops(lambda x: F.relu(x))
    assert dict(vars(F)) == before
    with pytest.raises(profiler.errors.InprofError):
        ops(lambda x: F.relu(x, no_such_argument=1))
    assert dict(vars(F)) == before
    assert all(not function.__name__.startswith("noting") for function in GOES_BY)


def test_what_somebody_else_has_put_there_is_left(monkeypatch):
    calls = []

    def slow(x, inplace=False):
        calls.append(x.shape)
        return torch.relu(x)

    monkeypatch.setattr(F, "relu", slow)
    (op,) = ops(lambda x: F.relu(x))
    assert op.function == "torch.relu"
    assert len(calls) == 1


# --- seen through -----------------------------------------------------------------------------


def test_attention_is_its_linear_layers_and_products():
    model = Does(lambda x: attention(x, x, x)[0], attention := nn.MultiheadAttention(16, 4))
    traced = profiler.trace(model.eval(), (5, 2, 16))
    found = [(op.function, op.kind) for op in traced.ops if op.kind in {"linear", "matmul"}]
    assert found == [
        ("torch.nn.functional.linear", "linear"),
        ("torch.bmm", "matmul"),
        ("torch.bmm", "matmul"),
        ("torch.nn.functional.linear", "linear"),
    ]
    weights = [op.parameters for op in traced.ops if op.kind == "linear"]
    assert weights == [
        ("layers.0.in_proj_weight", "layers.0.in_proj_bias"),
        ("layers.0.out_proj.weight", "layers.0.out_proj.bias"),
    ]


def test_a_function_that_dispatches_to_others_runs_as_it_is():
    assert ops(lambda x: F.fractional_max_pool2d(x, 2, output_size=3))


# --- autograd ---------------------------------------------------------------------------------


class Squared(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return F.relu(x) * x

    @staticmethod
    def backward(ctx, grad):
        return grad


squared = Squared.apply


def test_the_forward_of_an_autograd_function_is_told():
    forward = vars(Squared)["forward"]
    names = [op.autograd_function for op in ops(lambda x: squared(x + 1) + Squared.apply(x))]
    assert names == ["", "Squared", "Squared", "Squared", "Squared", ""]
    assert vars(Squared)["forward"] is forward


def below(switch):
    def forward(x):
        y = x + 1
        with switch():
            z = y * 2
        return z - 1

    return forward


@pytest.mark.parametrize(
    "switch",
    [torch.no_grad, lambda: torch.set_grad_enabled(False)],
    ids=["no_grad", "set_grad_enabled"],
)
def test_where_the_model_switches_autograd_off(switch):
    assert [op.no_grad for op in ops(below(switch))] == [False, True, False]


def test_autograd_switched_on_again():
    def forward(x):
        with torch.no_grad():
            y = x + 1
            with torch.enable_grad():
                y = y * 2
            y = y - 1
        return torch.no_grad()(lambda z: z / 2)(y) + y

    assert [op.no_grad for op in ops(forward)] == [True, False, True, True, False]


def test_inference_mode_is_known_in_the_modules_below():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Sequential(nn.Tanh())

        @torch.inference_mode()
        def forward(self, x):
            return self.inner(x)

    (op,) = ops(Model())
    assert op.no_grad


# --- sizes, options ---------------------------------------------------------------------------


def test_sizes_that_are_asked_of_what_nothing_reads():
    conv = nn.Conv2d(4, 6, 3)
    read = profiler.trace(Does(lambda x: conv(x).reshape(conv(x).shape[0], -1), conv), IMAGE)
    assert len(read.sizes_asked) == 1
    assert profiler.trace(Does(lambda x: x.reshape(x.shape[0], -1)), IMAGE).sizes_asked == ()


def test_options_of_attention():
    attention = nn.MultiheadAttention(16, 4, bias=False, add_zero_attn=True, batch_first=True)
    mask = torch.zeros(5, 5)
    model = Does(lambda x: attention(x, x, x, attn_mask=mask.to(x))[0], attention)
    (call,) = [each for each in profiler.trace(model, (2, 5, 16)).modules if each.options]
    assert call.options == {
        "embed_dim": 16, "num_heads": 4, "batch_first": True, "packed": True, "bias": False,
        "adds_keys": True, "self_attention": True, "float_mask": True,
    }  # fmt: skip


def test_options_of_recurrent_layers():
    layer = nn.LSTM(6, 8, 2, proj_size=3, bidirectional=True)
    (call,) = profiler.trace(layer, (7, 3, 6)).modules
    assert call.options == {
        "input_size": 6, "hidden_size": 8, "proj_size": 3, "num_layers": 2, "directions": 2,
        "bias": True, "batch_first": False, "packed": False,
    }  # fmt: skip


def test_weights_that_pruning_leaves():
    layer = nn.Linear(8, 4)
    prune.l1_unstructured(layer, "weight", 10)
    (call,) = profiler.trace(layer, (2, 8)).modules
    assert call.options == {"kept_weight": 22}
    layer.to("meta")
    (call,) = profiler.trace(layer, (2, 8)).modules
    assert call.options == {"kept_weight": None}
    assert profiler.count(profiler.trace(layer, (2, 8)), "torchinfo").uncounted


def test_most_classes_have_no_options():
    model = nn.Sequential(nn.Conv2d(4, 4, 3), nn.ReLU())
    assert all(call.options == {} for call in profiler.trace(model, IMAGE).modules)
