"""Routing by the values of a tensor: an error that names the op and the module, never a number."""

import pytest
import torch
from function_model import Does
from torch import nn
from torch.nn import functional as F

import profiler
from profiler.errors import TraceError


class Routed(nn.Module):
    """A layer that does something with what it is given, one level down."""

    def __init__(self, does):
        super().__init__()
        self.lin = nn.Linear(4, 4)
        self.does = does

    def forward(self, x):
        return self.does(x, self.lin)


def traced(does):
    return profiler.trace(nn.Sequential(nn.ReLU(), Routed(does)), (2, 4), values="never")


def loop(x, lin):
    while x.sum() > 0:
        x = lin(x)
    return x


def experts(x, lin):
    chosen = F.one_hot(x.topk(2, 1).indices, 4).permute(2, 1, 0)
    for expert in range(4):
        _, rows = torch.where(chosen[expert])
        x = x.index_add(0, rows, lin(x[rows]))
    return x


#: What it does, and the op that gives it away.
ROUTES = {
    "nonzero": (lambda x, lin: lin(x[torch.nonzero(x.sum(1)).flatten()]), "torch.nonzero"),
    "nonzero as indices": (lambda x, lin: x[(x > 0).nonzero(as_tuple=True)], "Tensor.nonzero"),
    "argwhere": (lambda x, lin: torch.argwhere(x > 0), "torch.argwhere"),
    "where with one argument": (lambda x, lin: x[torch.where(x.sum(1) > 0)], "torch.where"),
    "a boolean mask": (lambda x, lin: lin(x[x.sum(1) > 0]), "Tensor.__getitem__"),
    "masked_select": (lambda x, lin: x.masked_select(x > 0), "Tensor.masked_select"),
    "item": (lambda x, lin: x[: x.sum().item()], "Tensor.item"),
    "int": (lambda x, lin: x[: int(x.sum())], "Tensor.__int__"),
    "float": (lambda x, lin: x * float(x.sum()), "Tensor.__float__"),
    "tolist": (lambda x, lin: [lin(x)] * len(x.sum(1).tolist()), "Tensor.tolist"),
    "numpy": (lambda x, lin: x.detach().numpy(), "Tensor.numpy"),
    "if": (lambda x, lin: lin(x) if x.sum() > 0 else x, "Tensor.__bool__"),
    "if any": (lambda x, lin: lin(x) if (x > 0).any() else x, "Tensor.__bool__"),
    "while": (loop, "Tensor.__bool__"),
    "in": (lambda x, lin: lin(x) if 3 in x else x, "Tensor.__contains__"),
    "sorted": (lambda x, lin: sorted(x.sum(1)), "Tensor.__bool__"),
    "range": (lambda x, lin: [lin(x) for _ in range(x.argmax())], "Tensor.__index__"),
    "a slice": (lambda x, lin: lin(x[: x.argmax()]), "Tensor.__getitem__"),
    "unique": (lambda x, lin: torch.unique(x), "torch.unique"),
    "unique_consecutive": (lambda x, lin: x.unique_consecutive(), "Tensor.unique_consecutive"),
    "bincount": (lambda x, lin: torch.bincount(x.argmax(1)), "torch.bincount"),
    "equal": (lambda x, lin: lin(x) if torch.equal(x, lin(x)) else x, "torch.equal"),
    "one_hot": (lambda x, lin: F.one_hot(x.argmax(1)), "torch.nn.functional.one_hot"),
    "repeats": (lambda x, lin: x.repeat_interleave(x.argmax(1), 0), "Tensor.repeat_interleave"),
    "parts": (lambda x, lin: torch.tensor_split(x, x.argmax(1)), "torch.tensor_split"),
    "lengths": (
        lambda x, lin: nn.utils.rnn.pack_padded_sequence(x[..., None], x.argmax(1), True, False),
        "torch._pack_padded_sequence",
    ),
    "experts": (experts, "torch.where"),
}


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_is_refused(route, recwarn):
    does, op = ROUTES[route]
    with pytest.raises(TraceError) as caught:
        traced(does)
    said = str(caught.value)
    assert said.startswith(f"Sequential: {op} in module '1' (")
    assert "needs the values of a tensor, which a run on shapes alone does not have; " in said
    assert "--values real" in said
    assert "--until" in said
    assert "\n" not in said
    assert [str(each.message) for each in recwarn if "scalar" in str(each.message)] == []


def test_a_model_that_catches_the_error_is_refused():
    def careful(x, lin):
        try:
            return lin(lin(x)) if x.sum() > 0 else x
        except RuntimeError:
            return x

    with pytest.raises(
        TraceError, match=r"Tensor.__bool__ in module '1' \(.*\) needs .* goes on without"
    ):
        traced(careful)


def test_an_error_that_was_caught_is_not_blamed_for_a_later_one():
    def careful(x, lin):
        try:
            x.expand(7, 7)
        except RuntimeError:
            x = x + 1
        raise ValueError("nothing to do")

    with pytest.raises(TraceError) as caught:
        traced(careful)
    line = 'raise ValueError("nothing to do")'
    said = str(caught.value)
    assert said.startswith("Sequential: nothing to do (in module '1', test_data_dependent.py:")
    assert said.endswith(f": {line})")


def test_an_error_that_is_raised_anew_names_its_op():
    def explains(x, lin):
        try:
            return lin(x[:, :3])
        except RuntimeError as error:
            raise ValueError("widths differ") from error

    with pytest.raises(
        TraceError, match=r"functional.linear in module '1.lin' \(.*\) failed: widths"
    ):
        traced(explains)


@pytest.mark.parametrize("asked", [lambda x: x[:, 7], lambda x: x[x], lambda x: x.view(3, 5)])
def test_a_plain_mistake_is_not_taken_for_a_route(asked):
    with pytest.raises(
        TraceError, match=r"^Does: Tensor\.\w+ in the model's own forward \(.*\) failed: "
    ):
        profiler.trace(Does(asked), (2, 4))


def test_an_op_that_has_no_shape_says_so():
    with torch.library._scoped_library("inprof_shapeless", "DEF") as own:
        own.define("route(Tensor x) -> Tensor")
        own.impl("route", lambda x: x.clone(), "CPU")
        model = Does(lambda x: torch.ops.inprof_shapeless.route(x))
        with pytest.raises(TraceError, match=r"torch.ops.inprof_shapeless.route in .* no"):
            profiler.trace(model, (2, 4), values="never")
        assert profiler.trace(model, (2, 4)).values == "real"


def test_dense_routing_is_counted():
    # every expert sees every row: 3 experts x 2 x 4 x 4, gated and added up where they belong
    def dense(x, lin):
        gate, rows = x.softmax(1).topk(1, 1)
        total = torch.zeros_like(x)
        for _ in range(3):
            total = total.index_add(0, rows.flatten(), lin(x) * gate)
        return total

    counts = profiler.count(traced(dense), "macs")
    assert (counts.totals.macs, counts.uncounted) == (3 * 2 * 4 * 4, ())


@pytest.mark.parametrize(
    "add",
    [
        lambda x, rows: x.new_zeros(9, 4).index_add(0, rows, x),
        lambda x, rows: x.new_zeros(9, 4).index_add_(0, rows, source=x),
        lambda x, rows: x.new_zeros(9, 4).scatter_add(0, rows[:, None].expand(2, 4), src=x),
    ],
)
def test_what_is_added_at_an_index_costs_an_addition_each(add):
    rows = torch.zeros(2, dtype=torch.int64, device="meta")
    counts = profiler.count(profiler.trace(Does(lambda x: add(x, rows)), (2, 4)), "flops_all")
    # one addition for each of the 2 x 4 elements, whatever they are added to
    assert counts.totals.flops == 8
    assert counts.uncounted == ()
