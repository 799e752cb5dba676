"""Ops that take functions: a body as often as it runs, of two branches the one that is taken."""

import pytest
import torch
from function_model import Does
from torch import nn
from torch._higher_order_ops.associative_scan import associative_scan
from torch._higher_order_ops.map import map as map_over
from torch._higher_order_ops.scan import scan
from torch._higher_order_ops.while_loop import while_loop
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

import profiler

#: A row of 4 through a square layer.
ROW = 4 * 4


class Runs(nn.Module):
    """Runs a function of a layer and the input."""

    def __init__(self, run):
        super().__init__()
        self.run = run
        self.layer = nn.Linear(4, 4, bias=False)

    def forward(self, x):
        return self.run(self.layer, x)


def branches(condition):
    """Two layers deep where the condition holds, else one."""

    def run(layer, x):
        return torch.cond(condition(x), lambda y: layer(layer(y)), layer, (x,))

    return run


def turns(goes_on):
    def run(layer, x):
        step = lambda turn, y: (turn + 1, layer(y))  # noqa: E731
        return while_loop(goes_on, step, (torch.zeros((), dtype=torch.int64), x))[1]

    return run


def scanned(layer, x):
    carried, seen = scan(lambda last, row: (last + layer(row), row + 1), x[0], x)
    return carried + seen


#: What is run on 3 rows, and how many rows go through the layer.
CASES = {
    # without values it is the first branch
    "cond": (branches(lambda x: x.sum() > 0), 2 * 3),
    "cond of a constant": (branches(lambda x: False), 3),
    "cond of a tensor with a value": (branches(lambda x: torch.tensor(False)), 3),
    "while_loop": (turns(lambda turn, y: turn < 5), 5 * 3),
    "while_loop that never runs": (turns(lambda turn, y: turn < 0), 0),
    "scan": (scanned, 3),
    "map": (lambda layer, x: map_over(layer, x), 3),
    "compiled within": (lambda layer, x: torch.compile(lambda y: layer(y))(x), 3),
    "compiled with options": (lambda layer, x: torch.compile(fullgraph=True)(layer.forward)(x), 3),
}


@pytest.mark.parametrize(("run", "rows"), CASES.values(), ids=CASES)
def test_a_body_as_often_as_it_runs(run, rows):
    trace = profiler.trace(Runs(run), (3, 4))
    counts = profiler.count(trace, "macs")
    assert (counts.totals.macs, counts.uncounted) == (rows * ROW, ())
    assert trace.outputs[0].shape == (3, 4)
    assert profiler.count(trace, "torch").totals.flops == 2 * rows * ROW


def test_what_is_called_in_a_body_stands_at_its_module():
    trace = profiler.trace(Runs(branches(lambda x: x.sum() > 0)), (3, 4))
    assert [op.path for op in trace.ops if op.kind == "linear"] == ["layer", "layer"]


def test_a_branch_that_was_guessed_is_marked():
    trace = profiler.trace(Runs(branches(lambda x: x.sum() > 0)), (3, 4))
    assert "torch.cond (its first branch)" in [op.function for op in trace.ops]
    known = profiler.trace(Runs(branches(lambda x: True)), (3, 4))
    assert not any("branch" in op.function for op in known.ops)


def test_a_loop_of_unknown_length_is_listed():
    trace = profiler.trace(Runs(turns(lambda turn, y: y.sum() < 3)), (3, 4))
    counts = profiler.count(trace, "macs")
    assert counts.totals.macs == 3 * ROW
    assert [each.function for each in counts.uncounted] == ["torch.while_loop (its body once)"]


def test_an_associative_scan_is_its_combinations():
    def run(x):
        return associative_scan(lambda a, b: a * b, x, 0, combine_mode="generic")

    counts = profiler.count(profiler.trace(Does(run), (8, 4)), "flops_all")
    # a tree over 8 rows: 4 + 2 + 1 going up, 1 + 3 coming down, as torch lays it out
    assert counts.totals.flops == (4 + 2 + 1 + 1 + 3) * 4
    assert counts.uncounted == ()


# scores 2 x 4 heads x 16 x 16, each over 8; outputs as many, each over 16
FLEX = 2 * 4 * 16 * 16 * (8 + 8)


def causal(batch, head, query, key):
    return query >= key


@pytest.mark.parametrize(
    "run",
    [
        lambda q: flex_attention(q, q, q),
        lambda q: flex_attention(q, q, q, score_mod=lambda s, b, h, i, j: s + (i - j)),
        lambda q: flex_attention(q, q[:, :2], q[:, :2], enable_gqa=True),
        lambda q: torch.compile(flex_attention)(q, q, q),
        lambda q: flex_attention(
            q, q, q, block_mask=create_block_mask(causal, None, None, 16, 16, device=q.device)
        ),
    ],
    ids=["plain", "scores changed", "grouped queries", "compiled", "masked"],
)
@pytest.mark.filterwarnings("ignore")
def test_flex_attention_is_attention(run):
    trace = profiler.trace(Does(run), (2, 4, 16, 8))
    (op,) = [op for op in trace.ops if op.kind == "attention"]
    assert op.function == "torch.nn.attention.flex_attention.flex_attention"
    assert profiler.count(trace, "macs").totals.macs == FLEX
    # torch/utils/flop_counter.py counts it as any attention, whatever the mask
    assert profiler.count(trace, "torch").totals.flops == 2 * FLEX


def test_nothing_of_torch_stays_changed():
    from torch.nn.attention import flex_attention as module

    before = torch.compile, module._validate_device
    profiler.trace(Runs(CASES["cond"][0]), (3, 4))
    with pytest.raises(profiler.errors.TraceError):
        profiler.trace(Runs(lambda layer, x: 1 / 0), (3, 4))
    assert (torch.compile, module._validate_device) == before
