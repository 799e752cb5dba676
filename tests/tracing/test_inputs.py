"""Inputs as people give them."""

from dataclasses import dataclass

import numpy
import pytest
import torch
from torch import nn

import profiler
from profiler.errors import TraceError, UsageError
from profiler.tracing.inputs import arguments, floating_dtype, tensors_in


def shapes(inputs):
    given = arguments(inputs, torch.float32)
    return (
        [tuple(t.shape) for t in given.args],
        {name: tuple(t.shape) for name, t in given.kwargs.items()},
    )


@pytest.mark.parametrize(
    ("inputs", "args", "kwargs"),
    [
        ((1, 3, 8, 8), [(1, 3, 8, 8)], {}),
        ([1, 3], [(1, 3)], {}),
        ((numpy.int64(1), 3), [(1, 3)], {}),
        (torch.Size([2, 3]), [(2, 3)], {}),
        (torch.zeros(2, 3), [(2, 3)], {}),
        (((1, 3), (2, 4)), [(1, 3), (2, 4)], {}),
        ([(1, 3), torch.zeros(5)], [(1, 3), (5,)], {}),
        ({"x": (1, 3), "y": torch.zeros(2)}, [], {"x": (1, 3), "y": (2,)}),
    ],
)
def test_shapes_and_tensors(inputs, args, kwargs):
    assert shapes(inputs) == (args, kwargs)


def test_tensors_keep_their_dtype_and_shapes_take_the_models():
    given = arguments((torch.zeros(2, dtype=torch.int64), (3,)), torch.float16)
    tokens, x = given.args
    assert (tokens.dtype, x.dtype) == (torch.int64, torch.float16)
    assert x.is_meta


def test_other_values_go_through():
    class Scaled(nn.Module):
        def forward(self, x, scale, flag=False):
            return x * scale if flag else x

    trace = profiler.trace(Scaled(), {"x": (2, 3), "scale": 2.0, "flag": True})
    assert [op.kind for op in trace.ops] == ["mul"]
    assert trace.input_shapes == {"x": (2, 3)}


@pytest.mark.parametrize("inputs", [(0, 3), (1, -3), ((1, 3), (0,)), {"x": (1, 0)}])
def test_sizes_below_one(inputs):
    with pytest.raises(UsageError, match="has a size below 1"):
        profiler.trace(nn.Linear(3, 3), inputs)


def test_a_shape_no_tensor_can_have():
    with pytest.raises(TraceError, match="too large for a tensor"):
        profiler.trace(nn.ReLU(), (2**40, 2**40))


def test_a_big_shape_costs_nothing():
    trace = profiler.trace(nn.Linear(2**20, 2**20, device="meta"), (2**10, 2**20))
    assert profiler.count(trace, "macs").totals.macs == 2**50


def test_the_models_dtype():
    assert floating_dtype(nn.Linear(2, 2).bfloat16()) == torch.bfloat16
    assert floating_dtype(nn.ReLU()) == torch.float32
    model = nn.Module()
    model.tokens = nn.Parameter(torch.zeros(2, dtype=torch.int64), requires_grad=False)
    model.weight = nn.Parameter(torch.zeros(2, dtype=torch.float64))
    assert floating_dtype(model) == torch.float64


def test_tensors_in_anything():
    @dataclass
    class Output:
        first: torch.Tensor
        rest: dict[str, object]

    a, b, c, d = (torch.zeros(size) for size in (1, 2, 3, 4))
    nested = [a, Output(b, {"k": (c, None, 3)}), {"z": [d]}, "text", Output]
    assert [t.numel() for t in tensors_in(nested)] == [1, 2, 3, 4]
    assert tensors_in(None) == tensors_in("x") == []


def test_outputs_of_any_form_are_outputs():
    @dataclass
    class Output:
        logits: torch.Tensor
        extra: tuple[torch.Tensor, ...]

    class Model(nn.Module):
        def forward(self, x):
            return Output(x * 2, (x + 1,))

    trace = profiler.trace(Model(), (2, 3))
    assert trace.outputs == tuple(op.outputs[0] for op in trace.ops)
    assert [tensor.shape for tensor in trace.inputs] == [(2, 3)]
