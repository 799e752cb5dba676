"""Activations, bytes, parameters and arguments of ``count``; arithmetic in the comments.

What holds of every model is in ``test_random_networks.py``.
"""

import gc
import inspect
import weakref
from dataclasses import replace

import pytest
import torch
from function_model import Does
from torch import nn
from torch.nn import functional as F

import profiler
from profiler.counting import conventions, explain
from profiler.counting.counts import count, once_a_trace
from profiler.errors import UncountedError, UnknownNameError, UsageError

X = (1, 2, 4, 4)  # 32 elements


def totals(what, *shapes, **options):
    model = what if isinstance(what, nn.Module) else Does(what)
    return count(profiler.trace(model, shapes), **options).totals


@pytest.mark.parametrize(
    ("function", "activations"),
    [
        (lambda x: x.view(1, -1), 0),
        (lambda x: x.flatten(1).unsqueeze(0).transpose(1, 2)[..., :3], 0),
        (lambda x: torch.chunk(x, 2, 1)[0].expand(5, 1, 4, 4), 0),
        (lambda x: x.reshape(-1), 0),
        (lambda x: x.contiguous().to(torch.float32).detach(), 0),
        # in the new order the elements are not in a row: these copy all 32
        (lambda x: x.transpose(1, 3).reshape(-1), 32),
        (lambda x: x.permute(0, 2, 3, 1).contiguous(), 32),
        (lambda x: x.clone(), 32),
        (lambda x: x.half(), 32),
        (lambda x: F.dropout(x, 0.5, training=False), 0),
        (lambda x: nn.Identity()(x), 0),
        (lambda x: F.dropout(x, 0.5, training=True), 32),
        (lambda x: F.relu(x), 32),
        (lambda x: F.relu_(x), 32),  # in place: written all the same
        (lambda x: x.mul_(2).add_(1), 64),
        # views in place change the shape, not the data
        (lambda x: x.mul(2).unsqueeze_(0), 32),
        (lambda x: x.mul(2).t_() if x.dim() == 2 else x.mul(2).squeeze_(0).transpose_(0, 1), 32),
        (lambda x: x.mul(2).requires_grad_(), 32),
        (lambda x: torch.cat([x, x], 1), 64),
        (lambda x: F.max_pool2d(x, 2), 8),
        (lambda x: F.max_pool2d(x, 2, return_indices=True), 16),
        (lambda x: x + torch.zeros(1, 2, 1, 1), 34),
        (lambda x: x.new_empty(3), 3),
    ],
)
def test_activations_are_the_outputs_of_all_but_views(function, activations):
    model = Does(function)
    trace = profiler.trace(model, X)
    for by in ("op", "layer", "module", "kind"):
        assert count(trace, by=by).totals.activations == activations


def test_a_result_written_into_out_counts():
    sums = totals(lambda x: torch.add(x, x, out=torch.empty_like(x)), X)
    assert sums.activations == 32 + 32


def test_bytes_moved_by_a_convolution():
    # reads 32 and 8*2*9 + 8 parameters, writes 8 x 4 x 4
    conv = nn.Conv2d(2, 8, 3, padding=1)
    for precision, width in (("fp32", 4), ("tf32", 4), ("fp16", 2), ("bf16", 2), ("int8", 1)):
        sums = totals(conv, X, precision=precision)
        assert sums.bytes_moved == width * (32 + 152 + 128)
        assert sums.weight_bytes == width * 152
        # input and output are alive together
        assert sums.peak_activation_bytes == width * (32 + 128)


@pytest.mark.parametrize(
    ("function", "shapes", "elements"),
    [
        (lambda x: x.view(-1), [X], 0),
        (lambda x: F.dropout(x, training=False), [X], 0),
        (lambda x, y: x + y, [X, X], 96),  # two reads, a write
        (lambda x, y: x + y, [X, (1, 2, 1, 1)], 66),
        (lambda x: torch.cat([x, x], 1), [X], 128),
        (lambda x: F.relu_(x), [X], 64),
        (lambda x: x.mean((2, 3)), [X], 34),
    ],
)
def test_bytes_moved_by_functions(function, shapes, elements):
    assert totals(function, *shapes).bytes_moved == 4 * elements


def test_bytes_of_integers_do_not_follow_the_precision():
    # 6 tokens of 8 bytes and the table of 10 x 4 are read, 6 x 4 written
    trace = profiler.trace(nn.Embedding(10, 4), (torch.zeros(2, 3, dtype=torch.long),))
    for precision, width in (("fp32", 4), ("fp16", 2)):
        sums = count(trace, precision=precision).totals
        assert sums.bytes_moved == 6 * 8 + width * (40 + 24)
        assert sums.peak_activation_bytes == 6 * 8 + width * 24


def test_a_mask_is_a_byte_an_element():
    # x > 0 reads 32 and writes 32 bytes; where reads the mask and x twice over, writes 32
    sums = totals(lambda x: torch.where(x > 0, x, x), X)
    assert sums.bytes_moved == (4 * 32 + 32) + (32 + 3 * 4 * 32)


def test_buffers_are_no_parameters():
    # BatchNorm2d: scale and shift; running mean and variance are buffers, and no activations
    sums = totals(nn.BatchNorm2d(2), X)
    assert sums.params == 4
    assert sums.peak_activation_bytes == 4 * 64
    assert sums.bytes_moved == 4 * (32 + 32 + 4)


def test_frozen_and_trainable_parameters():
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    model[0].weight.requires_grad_(False)
    counts = profiler.count(profiler.trace(model, (1, 3)))
    # 12 frozen and 4 trainable; 8 + 2 trainable
    assert [(row.params, row.trainable_params, row.frozen_params) for row in counts.layers] == [
        (16, 4, 12),
        (10, 10, 0),
    ]
    assert counts.totals.trainable_params == 14


def test_a_shared_weight_is_counted_at_its_first_use():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(10, 4)
            self.head = nn.Linear(4, 10)
            self.head.weight = self.embed.weight

        def forward(self, tokens):
            return self.head(self.embed(tokens))

    trace = profiler.trace(Tied(), (torch.zeros(2, dtype=torch.long),))
    counts = count(trace)
    assert [(row.path, row.params) for row in counts.layers] == [("embed", 40), ("head", 10)]
    assert counts.totals.params == 50
    assert counts.totals.weight_bytes == 200
    (weight, _) = trace.parameters
    assert (weight.name, weight.shared_with) == ("embed.weight", ("head.weight",))


def test_a_parameter_behind_a_view_belongs_to_the_op_that_uses_it():
    class Transposed(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.empty(3, 4))

        def forward(self, x):
            return x @ self.weight.t()

    counts = count(profiler.trace(Transposed(), (2, 4)), by="op")
    assert [(row.kind, row.params) for row in counts.layers] == [("view", 0), ("matmul", 12)]


class Unused(nn.Module):
    def __init__(self):
        super().__init__()
        self.used = nn.Linear(4, 3)
        self.never = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Linear(3, 3)))
        self.own = nn.Parameter(torch.empty(7), requires_grad=False)

    def forward(self, x):
        return self.used(x)


@pytest.mark.parametrize(
    ("options", "unused"),
    [
        ({}, {"": 7, "never.0": 6, "never.1.0": 12}),
        ({"by": "op"}, {"": 7, "never.0": 6, "never.1.0": 12}),
        ({"by": "module", "depth": 2}, {"": 7, "never.0": 6, "never.1": 12}),
        ({"depth": 1}, {"": 7, "never": 18}),
        ({"by": "kind"}, {"": 25}),
    ],
)
def test_unused_parameters_have_rows_of_their_own(options, unused):
    counts = count(profiler.trace(Unused(), (1, 4)), **options)
    rows = {row.path: row for row in counts.layers if row.kind == "unused"}
    assert {path: row.params for path, row in rows.items()} == unused
    assert counts.totals.params == 15 + 25
    assert sum(row.frozen_params for row in rows.values()) == 7
    assert all(row.calls == row.activations == 0 for row in rows.values())


def test_what_was_counted_is_stated():
    trace = profiler.trace(nn.Linear(4, 3), {"input": (2, 4)})
    counts = count(trace, "macs", by="op", precision="fp16")
    assert (counts.model, counts.variant, counts.convention) == ("Linear", "deploy", "macs")
    assert (counts.precision, counts.grouping) == ("fp16", "op")
    assert counts.input_shapes == {"input": (2, 4)}
    assert counts.input_shape == (2, 4)


def test_a_model_without_ops():
    counts = count(profiler.trace(nn.Identity(), (2, 4)))
    assert counts.layers == ()
    assert counts.totals.flops == counts.totals.activations == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "leaf"}, r"by='leaf': choose from layer, module, op, kind"),
        ({"depth": 0}, r"depth=0: the smallest depth is 1"),
        ({"precision": "fp8"}, r"precision='fp8': choose from fp32, tf32, fp16, bf16, int8"),
    ],
)
def test_impossible_arguments(options, message):
    with pytest.raises(UsageError, match=message):
        count(profiler.trace(nn.ReLU(), X), **options)


def test_an_unknown_convention():
    with pytest.raises(UnknownNameError, match="did you mean flops"):
        count(profiler.trace(nn.ReLU(), X), "flopps")


def test_strict_says_how_many_and_where():
    class Spectrum(nn.Module):
        def forward(self, x):
            return torch.fft.rfft(x).real

    model = nn.Sequential(Spectrum(), Spectrum())
    with pytest.raises(
        UncountedError, match=r"Sequential: .*'flops' has no rule for torch.fft.rfft in module '0'"
        r", and 1 more; without --strict"
    ):  # fmt: skip
        count(profiler.trace(model, (2, 8)), strict=True)
    with pytest.raises(UncountedError, match="in the model's own forward;"):
        count(profiler.trace(Spectrum(), (2, 8)), strict=True)
    assert count(profiler.trace(nn.ReLU(), X), strict=True).uncounted == ()


@pytest.fixture
def tallied(monkeypatch):
    """The traces that ``thop`` is asked to tally, as it is asked."""
    seen = []
    rule = conventions.convention("thop")

    def tally(trace):
        seen.append(trace.arch)
        return rule.rule(trace)

    monkeypatch.setitem(conventions._REGISTRY, "thop", replace(rule, rule=tally))
    return seen


def test_a_trace_is_tallied_once_under_a_rule_whatever_is_asked_of_it(tallied):
    net = nn.Sequential(nn.Conv2d(2, 4, 1), nn.BatchNorm2d(4))
    first, second = (profiler.trace(net, X, arch=name) for name in ("first", "second"))
    for trace in (first, second):
        for by in ("layer", "op", "kind", "module"):
            for precision in ("fp32", "fp16"):
                counts = count(trace, "thop", by=by, precision=precision)
                assert (counts.model, counts.grouping) == (trace.arch, by)
        count(trace, "thop", depth=1)
        explain.explain(trace, "thop")
    assert tallied == ["first", "second"]
    assert count(first, "thop") is count(first, "thop")
    assert count(first, "thop") is not count(first, "macs")


def test_what_is_kept_of_a_trace_goes_with_it():
    @once_a_trace
    def macs_and(trace, more):
        asked.append(more)
        return count(trace).totals.macs + more

    asked = []
    trace = profiler.trace(nn.Conv2d(2, 4, 1), X)
    gone = weakref.ref(trace)
    assert [macs_and(trace, more) for more in (1, 2, 1)] == [129, 130, 129]
    assert asked == [1, 2]
    kept = inspect.getclosurevars(macs_and).nonlocals["kept"]
    assert len(kept) == 1
    del trace
    gc.collect()
    assert gone() is None
    assert not kept
