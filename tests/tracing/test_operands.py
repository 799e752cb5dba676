"""Every operand of an op is in its record, in the order of the call, parameters marked."""

from __future__ import annotations

import pytest
import torch
from onnx_files import exported
from torch import nn
from torch.nn import functional as F

import profiler
from profiler.tracing.addressed import trace_address


class Own(nn.Module):
    """A forward of one's own on a parameter and a buffer."""

    def __init__(self, run):
        super().__init__()
        self.w = nn.Parameter(torch.zeros(4, 3, 2))
        self.register_buffer("mask", torch.zeros(4, 3, 2))
        self.run = run

    def forward(self, x):
        return self.run(self, x)


def operands(run, at=-1):
    op = profiler.trace(Own(run), (4, 3, 2)).ops[at]
    return [(tensor.shape, tensor.state) for tensor in op.inputs], op


FULL = (4, 3, 2)
CASES = {
    "parameter first": (lambda s, x: s.w * x, [(FULL, "w"), (FULL, "")], ("w",)),
    "parameter last": (lambda s, x: x * s.w, [(FULL, ""), (FULL, "w")], ("w",)),
    "parameter alone": (lambda s, x: F.relu(s.w), [(FULL, "w")], ("w",)),
    "parameter twice": (lambda s, x: s.w + s.w, [(FULL, "w"), (FULL, "w")], ("w",)),
    "a view of it": (
        lambda s, x: x @ s.w.transpose(1, 2),
        [(FULL, ""), ((4, 2, 3), "w")],
        ("w",),
    ),
    "a view of a view": (
        lambda s, x: s.w.flatten()[None] * 2.0,
        [((1, 24), "w")],
        ("w",),
    ),
    "what was computed from it": (lambda s, x: F.relu(s.w * 2.0), [(FULL, "")], ()),
    "a buffer": (lambda s, x: x + s.mask, [(FULL, ""), (FULL, "mask")], ()),
    "a buffer alone": (lambda s, x: s.mask.softmax(-1), [(FULL, "mask")], ()),
    "a pooled parameter": (
        lambda s, x: F.adaptive_avg_pool2d(s.w, 1),
        [(FULL, "w")],
        ("w",),
    ),
    "among activations": (
        lambda s, x: torch.cat([x, s.w, x]),
        [(FULL, ""), (FULL, "w"), (FULL, "")],
        ("w",),
    ),
    "below a function": (
        lambda s, x: torch.einsum("abc,adc->abd", s.w, x),
        [(FULL, "w"), ((4, 2, 3), "")],
        ("w",),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_operands_in_the_order_of_the_call(name):
    run, expected, parameters = CASES[name]
    found, op = operands(run)
    if op.function == "torch.einsum":  # ends in views and a product of them
        products = [each for each in profiler.trace(Own(run), FULL).ops if each.kind == "matmul"]
        found = [(tensor.shape, tensor.state) for tensor in products[0].inputs]
        op = products[0]
    assert found == expected
    assert op.parameters == parameters


def test_in_place_on_a_buffer_stays_that_buffer():
    _, op = operands(lambda s, x: s.mask.add_(1.0))
    assert op.outputs[0].state == "mask"
    assert op.outputs[0].storage == op.inputs[0].storage


def test_the_shape_given_is_that_of_the_first_activation():
    _, op = operands(lambda s, x: s.w.mean() * x)
    assert op.input_shape == ()
    _, op = operands(lambda s, x: s.w[:1] * x)
    assert op.input_shape == FULL
    _, op = operands(lambda s, x: s.w[:1].abs())
    assert op.input_shape == (1, 3, 2)


def test_parameters_move_bytes_once_and_buffers_none():
    # 24 elements of w and 24 of x read, 24 written, 4 bytes each; the mask's are not counted
    counts = profiler.count(profiler.trace(Own(lambda s, x: s.w * x), FULL), by="op")
    assert counts.layers[0].bytes_moved == 4 * (24 + 24 + 24)
    counts = profiler.count(profiler.trace(Own(lambda s, x: s.mask * x), FULL), by="op")
    assert counts.layers[0].bytes_moved == 4 * (24 + 24)


def test_a_graph_marks_what_it_reads_of_its_file(tmp_path):
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()).eval()
    path = tmp_path / "net.onnx"
    exported(path, model, (1, 3, 8, 8), folded=True)
    conv = next(op for op in trace_address(str(path)).ops if op.kind == "conv")
    assert [tensor.shape for tensor in conv.inputs] == [(1, 3, 8, 8), (4, 3, 3, 3), (4,)]
    assert [bool(tensor.state) for tensor in conv.inputs] == [False, True, True]
    assert tuple(tensor.state for tensor in conv.inputs[1:]) == conv.parameters
