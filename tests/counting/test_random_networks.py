"""Random small networks: what must hold of every count, whatever the model.

Independent sources: torch's own ``FlopCounterMode``, the model's ``parameters()``, and a second
writing of ``paddle_static`` on the ops that a real run on the CPU dispatches.
"""

from fractions import Fraction
from math import gcd, prod
from typing import Any

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

import profiler
from profiler.counting.conventions import convention, list_conventions
from profiler.counting.grouping import GROUPINGS, SORT_KEYS, rank
from profiler.counting.layer_tree import layer_tree, walk
from profiler.counting.tools import TOOLS, is_installed, run_tool
from profiler.counting.verification import agreement
from profiler.records import BYTES_PER_ELEMENT, Counts

METRICS = ("params", "trainable_params", "macs", "flops", "activations", "bytes_moved")
modest = settings(
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


# --- blocks -----------------------------------------------------------------------------------


class Residual(nn.Module):
    def __init__(self, block: nn.Module, functional: bool) -> None:
        super().__init__()
        self.block = block
        self.functional = functional

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.add(x, self.block(x)) if self.functional else x + self.block(x)


class Branches(nn.Module):
    """Branches in a ModuleList, which is never called itself, joined by channels."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, *(branch(x) for branch in self.branches)], 1)


class Twice(nn.Module):
    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.block(self.block(x))


class Tied(nn.Module):
    """Two convolutions of one weight."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = (nn.Conv2d(channels, channels, 1) for _ in range(2))
        self.second.weight = self.first.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(x))


class Functional(nn.Module):
    """A layer of the user's own: parameters and functions, no child modules."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(channels, channels, 3, 3))
        self.mix = nn.Parameter(torch.randn(channels, channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(F.conv2d(x, self.weight, padding=1))
        rows = x.flatten(2).transpose(1, 2) @ self.mix
        return rows.transpose(1, 2).unflatten(2, x.shape[2:]).sigmoid_()


class Does(nn.Module):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return getattr(F, self.name)(x)


class Net(nn.Module):
    """A body, a head, and a layer that is never called."""

    def __init__(self, body: list[nn.Module], head: nn.Module, unused: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(*body)
        self.head = head
        if unused:
            self.never = nn.Sequential(nn.Linear(5, 3), nn.PReLU())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(x))


# --- the strategy -----------------------------------------------------------------------------

STEPS = ("conv", "norm", "activation", "pool", "residual", "branches", "transposed", "grouped",
         "twice", "tied", "functional", "nested", "group norm")  # fmt: skip


@st.composite
def convs(draw: Any, channels: int, transposed: bool = False) -> nn.Module:
    """A convolution that fits a map of 5 x 5 or more and leaves 2 x 2 or more."""
    out = draw(st.integers(1, 6))
    groups = draw(st.sampled_from([g for g in range(1, 7) if gcd(channels, out) % g == 0]))
    kernel = draw(st.sampled_from([1, 2, 3, (1, 3)]))
    kind = nn.ConvTranspose2d if transposed else nn.Conv2d
    options = {} if transposed else {"padding_mode": draw(st.sampled_from(["zeros", "reflect"]))}
    return kind(
        channels,
        out,
        kernel,
        stride=draw(st.sampled_from([1, 2, (2, 1)])),
        padding=draw(st.integers(0, 1)) if kernel in (2, 3) else 0,
        dilation=1 if transposed else draw(st.integers(1, 2)),
        groups=groups,
        bias=draw(st.booleans()),
        **options,
    )


@st.composite
def steps(draw: Any, step: str, channels: int) -> nn.Module:
    """One block."""
    if step == "conv":
        return draw(convs(channels))
    if step == "grouped":
        return nn.Conv2d(channels, 2 * channels, 3, groups=channels, bias=draw(st.booleans()))
    if step == "transposed":
        return draw(convs(channels, transposed=True))
    if step == "norm":
        return nn.BatchNorm2d(channels, affine=draw(st.booleans()))
    if step == "group norm":
        return nn.GroupNorm(1, channels, affine=draw(st.booleans()))
    if step == "activation":
        modules = [nn.ReLU(), nn.ReLU(inplace=True), nn.Sigmoid(), nn.GELU(), Does("relu"),
                   Does("tanh"), Does("silu"), nn.Dropout(0.3)]  # fmt: skip
        return draw(st.sampled_from(modules))
    if step == "pool":
        kernel = draw(st.integers(1, 2))
        pool = draw(st.sampled_from([nn.MaxPool2d, nn.AvgPool2d]))
        return pool(kernel, draw(st.integers(1, 2)), ceil_mode=draw(st.booleans()))
    if step == "twice":
        return Twice(nn.Conv2d(channels, channels, 3, padding=1))
    if step == "tied":
        return Tied(channels)
    if step == "functional":
        return Functional(channels)
    if step == "residual":
        inner = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        return Residual(inner, draw(st.booleans()))
    if step == "branches":
        return Branches(
            nn.Conv2d(channels, 2, 1),
            nn.Sequential(nn.MaxPool2d(3, 1, padding=1), nn.Conv2d(channels, 1, 1, bias=False)),
        )
    inner = draw(steps(draw(st.sampled_from(STEPS[:6])), channels))
    return nn.Sequential(inner, nn.Sequential(nn.Dropout(), nn.ReLU()))


@st.composite
def networks(draw: Any) -> tuple[nn.Module, tuple[int, ...]]:
    """A network in eval mode, some of its parameters frozen, and an input shape of one image."""
    torch.manual_seed(0)
    channels, side = draw(st.integers(1, 4)), draw(st.integers(7, 15))
    x = torch.randn(1, channels, side, side + 1)
    shape = tuple(x.shape)
    body: list[nn.Module] = []
    with torch.no_grad():
        for step in draw(st.permutations(STEPS))[: draw(st.integers(2, 7))]:
            if min(x.shape[2:]) < 5:
                break
            body.append(draw(steps(step, x.shape[1])).eval())
            x = body[-1](x.clone())
    head: nn.Module = nn.Identity()
    if draw(st.booleans()):
        linear = nn.Linear(x.shape[1], draw(st.integers(1, 4)))
        head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear, nn.Softmax(1))
    net = Net(body, head, unused=draw(st.booleans())).eval()
    for parameter in net.parameters():
        parameter.requires_grad_(draw(st.booleans()))
    return net, shape


# --- what must hold ---------------------------------------------------------------------------


def sums(counts: Counts) -> dict[str, int]:
    return {metric: sum(getattr(row, metric) for row in counts.layers) for metric in METRICS}


def stated(counts: Counts) -> dict[str, int]:
    return {metric: getattr(counts.totals, metric) for metric in METRICS}


@modest
@given(networks(), st.data())
def test_rows_add_up_to_the_same_totals_however_they_are_grouped(drawn, data) -> None:
    model, shape = drawn
    trace = profiler.trace(model, shape)
    for name in list_conventions():
        whole = profiler.count(trace, name).totals
        for by in GROUPINGS:
            for depth in (None, 1, 2):
                counts = profiler.count(trace, name, by=by, depth=depth)
                assert counts.totals == whole, (name, by, depth)
                assert sums(counts) == stated(counts), (name, by, depth)
        sort, top = data.draw(st.sampled_from(SORT_KEYS)), data.draw(st.integers(1, 5))
        by = data.draw(st.sampled_from(GROUPINGS))
        ranked = rank(profiler.count(trace, name, by=by), sort, top)
        assert sums(ranked) == stated(ranked), (name, by, sort, top)
        assert ranked.totals == whole
        assert len(ranked.layers) <= top + 1


@modest
@given(networks())
def test_parameters_are_the_models_own(drawn) -> None:
    model, shape = drawn
    trace = profiler.trace(model, shape)
    params = sum(p.numel() for p in model.parameters())
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    for name in list_conventions():
        if convention(name).params != "all":
            continue
        counts = profiler.count(trace, name)
        assert counts.totals.params == params
        assert counts.totals.trainable_params == trainable
        assert sum(row.frozen_params for row in counts.layers) == params - trainable
        assert all(0 <= row.trainable_params <= row.params for row in counts.layers)
        assert counts.totals.weight_bytes == params * BYTES_PER_ELEMENT["fp32"]


@modest
@given(networks())
def test_flops_are_those_of_torchs_own_counter(drawn) -> None:
    model, shape = drawn
    counts = profiler.count(profiler.trace(model, shape))
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.randn(shape))
    assert counts.totals.flops == counter.get_total_flops()
    assert counts.uncounted == ()


@settings(modest, max_examples=15)
@given(networks())
def test_each_tool_says_what_its_emulation_says(drawn) -> None:
    model, shape = drawn
    shape = (1, *shape[1:])  # what tools do at other batch sizes is tried by hand
    trace = profiler.trace(model, shape)
    for name in filter(is_installed, TOOLS):
        if name == "calflops" and next(model.parameters(), None) is None:
            continue  # it asks for the first parameter
        figures = run_tool(name, model, shape)
        counts = profiler.count(trace, name, by="module")
        verified = agreement(counts, figures.total, figures.params, figures.by_module)
        assert verified.agrees, (name, verified)


@modest
@given(networks())
def test_flops_are_twice_the_macs_row_by_row(drawn) -> None:
    model, shape = drawn
    trace = profiler.trace(model, shape)
    for name in ("macs", "flops"):
        for row in profiler.count(trace, name, by="op").layers:
            assert row.flops == 2 * row.macs
    rows = zip(
        profiler.count(trace, "flops", by="op").layers,
        profiler.count(trace, "flops_all", by="op").layers,
        strict=True,
    )
    assert all(less.macs == more.macs and less.flops <= more.flops for less, more in rows)


@modest
@given(networks(), st.integers(2, 5))
def test_counts_scale_with_the_batch(drawn, batch_size) -> None:
    model, shape = drawn
    one = profiler.trace(model, shape)
    many = profiler.trace(model, (batch_size, *shape[1:]))
    for name in list_conventions():
        if name not in {"macs", "flops", "flops_all", "paddle_static"}:
            continue  # what a tool does at another batch size is its own affair
        single, batch = (profiler.count(trace, name).totals for trace in (one, many))
        assert batch.params == single.params
        assert batch.macs == batch_size * single.macs
        assert batch.activations == batch_size * single.activations
        assert batch.peak_activation_bytes == batch_size * single.peak_activation_bytes
        factor = 1 if name == "paddle_static" else batch_size
        assert batch.flops == factor * single.flops


@modest
@given(networks())
def test_bytes_follow_the_precision(drawn) -> None:
    model, shape = drawn
    trace = profiler.trace(model, shape)
    single, half, byte = (
        profiler.count(trace, precision=precision).totals for precision in ("fp32", "fp16", "int8")
    )
    for metric in ("bytes_moved", "weight_bytes", "peak_activation_bytes"):
        assert getattr(single, metric) == 2 * getattr(half, metric) == 4 * getattr(byte, metric)


@modest
@given(networks())
def test_every_module_of_the_tree_is_the_sum_of_what_is_inside(drawn) -> None:
    model, shape = drawn
    trace = profiler.trace(model, shape)
    metrics = ("params", "macs", "flops", "activation_bytes")
    for name in ("flops", "flops_all"):
        counts = profiler.count(trace, name)
        tree = layer_tree(trace, name)
        nodes = [node for _, node in walk(tree)]
        for node in nodes:
            assert (node.kind == "module") == bool(node.children)
            for metric in metrics if node.children else ():
                inside = sum(getattr(child, metric) for child in node.children)
                assert getattr(node, metric) == inside, node.path
        totals = counts.totals
        # every output of these networks has four bytes an element
        assert [getattr(tree, metric) for metric in metrics] == [
            totals.params, totals.macs, totals.flops, 4 * totals.activations,
        ]  # fmt: skip
        leaves = sorted(node.path for node in nodes if not node.children)
        assert leaves == sorted(row.path for row in counts.layers)


class StaticRule(TorchDispatchMode):
    """``paddle_static`` once more, from its description, on the ops of a real run at batch 1."""

    def __init__(self) -> None:
        super().__init__()
        self.flops = self.params = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        name = func._schema.name.removeprefix("aten::").rstrip("_")
        y = out[0] if isinstance(out, tuple) else out
        if name == "convolution":
            weight, bias, groups, transposed = args[1], args[2], args[8], args[6]
            kernel = prod(weight.shape[2:])
            in_group = args[0].shape[1] // groups
            each = Fraction(kernel * in_group, groups) + (bias is not None)
            out_channels = weight.shape[1] * groups if transposed else weight.shape[0]
            self.flops += int(2 * prod(y.shape[2:]) * out_channels * each)
            self.params += int(out_channels * each)
        elif name in {"native_batch_norm", "_native_batch_norm_legit_no_training"}:
            self.flops += 2 * y.numel()
            self.params += 2 * y.shape[1]
        elif name in {"max_pool2d_with_indices", "avg_pool2d"}:
            self.flops += y.numel() * prod(args[1])
        elif name == "mean":  # a global average pool: its kernel attribute is -1 x -1
            self.flops += y.numel()
        elif name in {"relu", "sigmoid", "tanh"}:
            self.flops -= y.numel()
        elif name == "addmm":
            self.flops += prod(args[2].shape)
            self.params += prod(args[2].shape) + 1
        return out


@modest
@given(networks())
def test_paddle_static_is_what_its_description_says(drawn) -> None:
    model, shape = drawn
    with StaticRule() as rule, torch.no_grad():
        model(torch.randn(shape))
    totals = profiler.count(profiler.trace(model, shape), "paddle_static").totals
    assert (totals.flops, totals.params) == (rule.flops, rule.params)
