"""Peak live activations: by hand, and against a step-by-step simulation on random traces."""

import torch
from function_model import Does
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from torch import nn
from torch.nn import functional as F

import profiler
from profiler.counting.counts import peak_activation_bytes
from profiler.records import OpRecord, TensorRef


def peak(model, *shapes):
    """In elements."""
    trace = profiler.trace(model, shapes)
    return peak_activation_bytes(trace, lambda tensor: tensor.numel)


X = (1, 2, 4, 4)  # 32 elements


def chain(inplace):
    return nn.Sequential(nn.Conv2d(2, 8, 1), nn.ReLU(inplace=inplace), nn.Conv2d(8, 1, 1))


def test_a_chain():
    # 32 -> 128 (160 alive), 128 -> 128 (256), 128 -> 16 (144)
    assert peak(chain(inplace=False), X) == 256
    # in place there is one 128: 32 + 128
    assert peak(chain(inplace=True), X) == 160


def test_batch_norm_statistics_and_weights_are_not_activations():
    assert peak(nn.Sequential(nn.BatchNorm2d(2)), X) == 64


def test_a_residual_keeps_its_input():
    conv = nn.Conv2d(2, 2, 1)
    # the sum is made while x and conv(x) are alive
    assert peak(Does(lambda x: x + conv(x), conv), X) == 96
    # x is dead while the second convolution runs, unless the end needs it
    assert peak(Does(lambda x: conv(conv(x)) * 2, conv), X) == 64
    assert peak(Does(lambda x: conv(conv(x)) + x, conv), X) == 96


def test_branches_wait_for_the_concat():
    conv = nn.Conv2d(2, 8, 1)
    # 32 + 128, then 32 + 128 + 128, then 128 + 128 + 256 (the input is dead)
    assert peak(Does(lambda x: torch.cat([conv(x), conv(x)], 1), conv), X) == 512


def test_views_live_with_what_they_show():
    # 32 alive through its view until the second product: 32 + 32 + 32
    assert peak(Does(lambda x: (x.view(-1) * 2) + x.flatten()), X) == 96
    # a slice keeps all of its source alive: 32 (source) + 4 + ...
    assert peak(Does(lambda x: (x * 2)[:, :, :1, :2] * 3), X) == 64
    assert peak(Does(lambda x: x[:, :, :1, :2] * 3), X) == 32 + 4


def test_an_expanded_view_is_as_large_as_its_source():
    # (1, 3) shown as (100, 3): 3 + 300 read, 300 written; the same as broadcasting
    for function in (lambda x, y: x.expand(100, 3) + y, lambda x, y: x + y):
        assert peak(Does(function), (1, 3), (100, 3)) == 603


def test_identities_make_nothing():
    assert peak(nn.Sequential(nn.Dropout(), nn.Identity(), nn.ReLU()), X) == 64


def test_outputs_live_to_the_end():
    conv = nn.Conv2d(2, 2, 1)

    def both(x):
        y = conv(x)
        return y, conv(conv(x))

    # y, conv(x) and its convolution; x is dead by then
    assert peak(Does(both, conv), X) == 96
    # kept by nobody, y dies where it is made: never more than an op's input and output
    assert peak(Does(lambda x: both(x)[1], conv), X) == 64
    # y, conv(conv(x)) and its ReLU
    assert peak(Does(lambda x: (lambda y, z: (y, z, F.relu(z) * 2))(*both(x)), conv), X) == 128


def test_inputs_are_alive_from_the_start():
    # the second input waits: 32 + 32 + 32 at the first op
    assert peak(Does(lambda x, y: F.relu(x) + y), X, X) == 96


def test_bytes_by_precision_and_by_own_width():
    tokens = torch.zeros(5, dtype=torch.int32)
    trace = profiler.trace(nn.Embedding(10, 3), (tokens,))
    for precision, width in (("fp32", 4), ("fp16", 2), ("bf16", 2)):
        counts = profiler.count(trace, precision=precision)
        assert counts.totals.peak_activation_bytes == 5 * 4 + 15 * width


def test_an_input_that_is_returned_as_it_is():
    assert peak(nn.Identity(), X) == 32


# --- random traces ----------------------------------------------------------------------------


@st.composite
def traces(draw):
    """Random ops on storages 0 (a weight), 1 and 2 (inputs), and what ops make."""
    sizes = {0: 50, 1: draw(st.integers(1, 20)), 2: draw(st.integers(1, 20))}
    ops = []
    for _ in range(draw(st.integers(1, 12))):
        reads = draw(st.lists(st.sampled_from(sorted(sizes)), min_size=1, max_size=3))
        action = draw(st.sampled_from(["make", "make", "two", "view", "in place"]))
        if action in {"make", "two"}:
            writes = [len(sizes) + new for new in range(1 + (action == "two"))]
            sizes |= {new: draw(st.integers(1, 20)) for new in writes}
        else:
            writes = reads[:1]
        ops.append((action, tuple(reads), tuple(writes)))
    outputs = draw(st.lists(st.sampled_from(sorted(sizes)), max_size=2))
    return sizes, ops, outputs


EMPTY = profiler.trace(nn.Identity(), X)


def refs(storages, sizes):
    return tuple(
        TensorRef((sizes[each],), "float32", each, "" if each else "state") for each in storages
    )


def as_trace(sizes, ops, outputs):
    records = tuple(
        OpRecord(
            function="f", kind="view" if action == "view" else "add", aten="f", path="", module=0,
            inputs=refs(reads, sizes), outputs=refs(writes, sizes), in_place=action == "in place",
        )
        for action, reads, writes in ops
    )  # fmt: skip
    return replace(
        EMPTY,
        ops=records,
        inputs=refs((1, 2), sizes),
        outputs=refs(outputs, sizes),
    )


def simulated(sizes, ops, outputs):
    """Run step by step: hold what exists, drop what no later op and no output needs."""
    alive, worst = {1, 2}, 0
    for step, (_, reads, writes) in enumerate(ops):
        alive |= {*reads, *writes}
        worst = max(worst, sum(sizes[each] for each in alive - {0}))
        needed = {each for _, r, w in ops[step + 1 :] for each in (*r, *w)} | set(outputs)
        alive &= needed
    return worst


@settings(max_examples=300)
@given(traces())
def test_against_a_simulation(drawn):
    assert peak_activation_bytes(as_trace(*drawn), lambda t: t.numel) == simulated(*drawn)
