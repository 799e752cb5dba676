"""What makes one row."""

import torch
from torch import nn
from torch.nn import functional as F

import profiler
from profiler.counting.counts import count
from profiler.counting.grouping import cut, group_ops


class Gate(nn.Module):
    """A layer of the user's own: no children, ops of several kinds."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(3, 3))

    def forward(self, x):
        x = torch.relu(F.linear(x, self.weight))
        return torch.relu(x.flatten(1).view(-1, 3))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(
            [nn.Sequential(nn.Linear(3, 3), nn.ReLU()), nn.Sequential(nn.Linear(3, 3), nn.ReLU())]
        )
        self.gate = Gate()
        self.shape = nn.Flatten()
        self.twice = nn.Linear(3, 3)

    def forward(self, x):
        for block in self.blocks:
            x = x + block(x)
        return self.twice(self.twice(self.shape(self.gate(x))))


TRACE = profiler.trace(Net(), (2, 3))


def rows(**options):
    return [(row.path, row.kind, row.calls) for row in count(TRACE, **options).layers]


def test_a_row_per_layer():
    assert rows() == [
        ("blocks.0.0", "linear", 1),
        ("blocks.0.1", "activation", 1),
        ("", "add", 2),  # what the model does itself, a row per kind
        ("blocks.1.0", "linear", 1),
        ("blocks.1.1", "activation", 1),
        ("gate", "linear", 1),
        ("gate", "activation", 2),
        ("twice", "linear", 2),  # called twice; the flatten before it is a view and has no row
    ]


def test_a_row_per_module():
    assert rows(by="module") == [
        ("blocks.0.0", "Linear", 1),
        ("blocks.0.1", "ReLU", 1),
        ("", "Net", 1),
        ("blocks.1.0", "Linear", 1),
        ("blocks.1.1", "ReLU", 1),
        ("gate", "Gate", 1),
        ("twice", "Linear", 2),
    ]


def test_a_row_per_op_in_execution_order():
    kinds = "linear activation add linear activation add linear activation view view activation"
    assert [kind for _, kind, _ in rows(by="op")] == [*kinds.split(), "view", "linear", "linear"]
    assert all(calls == 1 for *_, calls in rows(by="op"))


def test_a_row_per_kind():
    assert rows(by="kind") == [
        ("", "linear", 5),
        ("", "activation", 4),
        ("", "add", 2),
    ]


def test_depth_rolls_up_into_the_ancestor():
    assert rows(depth=2)[:3] == [
        ("blocks.0", "Sequential", 1), ("", "add", 2), ("blocks.1", "Sequential", 1),
    ]  # fmt: skip
    assert rows(depth=3) == rows(depth=9) == rows()


def test_depth_at_a_list_that_is_never_called():
    # a ModuleList has no call of its own: its row spans its first op to its last
    first = count(TRACE, depth=1).layers[0]
    assert (first.path, first.kind, first.calls) == ("blocks", "container", 4)
    assert (first.input_shape, first.output_shape) == ((2, 3), (2, 3))
    assert first.params == 2 * 12
    assert rows(depth=1, by="module")[0] == ("blocks", "container", 4)


def test_every_op_is_in_one_group_at_most_and_only_views_in_none():
    for by in ("layer", "module", "op", "kind"):
        for depth in (None, 1, 2):
            held = [index for group in group_ops(TRACE, by, depth) for index in group.ops]
            assert len(held) == len(set(held))
            missing = set(range(len(TRACE.ops))) - set(held)
            assert {TRACE.ops[index].kind for index in missing} <= {"view"}


def test_shapes_are_those_of_the_first_call():
    class Shrinking(nn.Module):
        def __init__(self):
            super().__init__()
            self.pool = nn.MaxPool2d(2)

        def forward(self, x):
            return self.pool(self.pool(x))

    (row,) = count(profiler.trace(Shrinking(), (1, 3, 8, 8))).layers
    assert (row.input_shape, row.output_shape) == ((1, 3, 8, 8), (1, 3, 4, 4))
    assert row.activations == 48 + 12


def test_a_layer_is_named_after_what_contracts():
    # multi-head attention is one built-in layer of many ops, views before the first product
    (row,) = count(profiler.trace(nn.MultiheadAttention(8, 2), ((3, 1, 8),) * 3)).layers[:1]
    assert row.kind in {"linear", "matmul", "attention"}


def test_calls_are_those_of_the_op_the_layer_is_named_after():
    # padding by reflection is an op of its own, inside the convolution's row
    conv = nn.Conv2d(3, 3, 3, padding=1, padding_mode="reflect")
    (row,) = count(profiler.trace(nn.Sequential(conv, conv), (1, 3, 4, 4))).layers
    assert (row.kind, row.calls) == ("conv", 2)
    assert row.input_shape == (1, 3, 6, 6)
    assert row.activations == 2 * (108 + 48)


def test_a_class_called_view_is_no_view():
    class view(nn.Module):  # noqa: N801
        def forward(self, x):
            return x * 2

    trace = profiler.trace(nn.Sequential(view()), (2, 3))
    for by in ("layer", "module", "op", "kind"):
        assert count(trace, "flops_all", by=by).totals.flops == 6


def test_a_module_made_in_the_forward_has_a_path():
    class Makes(nn.Module):
        def forward(self, x):
            return nn.ReLU()(x)

    trace = profiler.trace(nn.Sequential(Makes()), (2, 3))
    assert [row.path for row in count(trace).layers] == ["0.ReLU"]
    assert [row.path for row in count(trace, depth=1).layers] == ["0"]


def test_cut():
    assert [cut("a.b.c", depth) for depth in (None, 1, 2, 3, 4)] == [
        "a.b.c", "a", "a.b", "a.b.c", "a.b.c",
    ]  # fmt: skip
    assert cut("", 1) == ""
