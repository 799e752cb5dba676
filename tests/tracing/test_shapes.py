"""Shape rules against the meta kernels: the same shape, dtype, strides and aliasing, or nothing."""

import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_agreement import assert_agrees, meta
from torch.nn import functional as F

import archs
import profiler
from profiler.tracing.function_mode import FunctionRecorder
from profiler.tracing.functions import lookup
from profiler.tracing.shape_rules import RULES
from profiler.tracing.tracer import trace

SETTINGS = settings(max_examples=60)
small = st.integers(1, 6)
dims = st.sampled_from([1, 2, 3])


def per_dim(data, rank, low, high):
    number = st.integers(low, high)
    return data.draw(st.one_of(number, st.tuples(*[number] * rank)))


CONVS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


@SETTINGS
@given(st.data(), dims, st.integers(0, 1))
def test_convolution(data, rank, bias):
    groups = data.draw(st.integers(1, 3))
    per_group, out = data.draw(small), data.draw(st.integers(1, 3)) * groups
    kernel = [data.draw(st.integers(1, 3)) for _ in range(rank)]
    x = meta(2, per_group * groups, *[data.draw(st.integers(1, 9)) for _ in range(rank)])
    padding = data.draw(st.one_of(st.just("valid"), st.just("same"), st.just(None)))
    assert_agrees(
        CONVS[rank], x, meta(out, per_group, *kernel), meta(out) if bias else None,
        per_dim(data, rank, 1, 3),
        per_dim(data, rank, 0, 2) if padding is None else padding,
        per_dim(data, rank, 1, 2), groups,
    )  # fmt: skip


@SETTINGS
@given(st.data(), dims)
def test_transposed_convolution(data, rank):
    groups = data.draw(st.integers(1, 3))
    channels, out = data.draw(st.integers(1, 2)) * groups, data.draw(st.integers(1, 2))
    kernel = [data.draw(st.integers(1, 3)) for _ in range(rank)]
    x = meta(2, channels, *[data.draw(small) for _ in range(rank)])
    assert_agrees(
        TRANSPOSED[rank], x, meta(channels, out, *kernel), None,
        per_dim(data, rank, 1, 3), per_dim(data, rank, 0, 1), per_dim(data, rank, 0, 2),
        groups, per_dim(data, rank, 1, 2),
    )  # fmt: skip


POOLS = [F.max_pool1d, F.max_pool2d, F.max_pool3d, F.avg_pool1d, F.avg_pool2d, F.avg_pool3d]


@SETTINGS
@given(st.data(), st.sampled_from(POOLS), st.booleans())
def test_pools(data, pool, ceil_mode):
    name = lookup(pool).base
    rank = int(name[-2])
    x = meta(2, 3, *[data.draw(st.integers(1, 12)) for _ in range(rank)])
    options = {
        "stride": data.draw(st.one_of(st.none(), st.integers(1, 4))),
        "padding": per_dim(data, rank, 0, 2),
        "ceil_mode": ceil_mode,
    }
    if options["stride"] is None:
        del options["stride"]
    if name.startswith("max"):
        options["dilation"] = data.draw(st.integers(1, 2))
    assert_agrees(pool, x, per_dim(data, rank, 1, 4), **options)


ADAPTIVE = [
    F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d,
    F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d,
]  # fmt: skip


@SETTINGS
@given(st.data(), st.sampled_from(ADAPTIVE))
def test_adaptive_pools(data, pool):
    rank = int(lookup(pool).base[-2])
    x = meta(2, 3, *[data.draw(st.integers(1, 9)) for _ in range(rank)])
    assert_agrees(pool, x, per_dim(data, rank, 1, 9))


shapes = st.lists(st.integers(1, 4), min_size=0, max_size=4)


@SETTINGS
@given(shapes, shapes, st.sampled_from([torch.add, torch.sub, torch.mul, torch.div]))
def test_arithmetic_broadcasts(one, other, func):
    assert_agrees(func, meta(*one), meta(*other))
    assert_agrees(func, meta(*one), 2)
    assert_agrees(func, meta(*one), 0.5)
    assert_agrees(func, meta(*one), meta(*other, dtype=torch.float16))
    assert_agrees(func, meta(*one, dtype=torch.int64), meta(*other))


@SETTINGS
@given(shapes, shapes)
def test_in_place_arithmetic_writes_its_first_argument(one, other):
    for method in (torch.Tensor.add_, torch.Tensor.mul_, torch.Tensor.sub_, torch.Tensor.div_):
        assert_agrees(method, meta(*one), meta(*other))


UNARY = [
    F.relu, F.relu6, F.gelu, F.silu, F.mish, torch.sigmoid, torch.tanh, F.hardswish, F.hardsigmoid,
    F.elu, F.selu, F.celu, F.leaky_relu, F.hardtanh, F.softplus,
]  # fmt: skip


@pytest.mark.parametrize("func", UNARY, ids=lambda func: func.__name__)
@pytest.mark.parametrize("layout", ["plain", "channels_last", "transposed", "expanded"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int64])
def test_activations(func, layout, dtype):
    x = meta(2, 3, 4, 5, dtype=dtype)
    if layout == "channels_last":
        x = x.to(memory_format=torch.channels_last)
    elif layout == "transposed":
        x = x.transpose(1, 2)
    elif layout == "expanded":
        x = meta(2, 3, 1, 5, dtype=dtype).expand(2, 3, 4, 5)
    ruled = assert_agrees(func, x)
    assert (ruled is not None) == (layout != "expanded" and dtype.is_floating_point)


@pytest.mark.parametrize("func", [F.relu, F.silu, F.hardswish, F.leaky_relu, F.elu])
def test_activations_in_place(func):
    assert assert_agrees(func, meta(2, 3), inplace=True) is not None


def test_the_method_that_ends_in_an_underscore_writes_in_place():
    x = meta(2, 3)
    assert assert_agrees(torch.Tensor.relu_, x) is x


@SETTINGS
@given(shapes, st.integers(-5, 5), st.booleans())
def test_reductions_and_softmax(shape, dim, keepdim):
    assert_agrees(torch.mean, meta(*shape), dim, keepdim)
    assert_agrees(torch.mean, meta(*shape), (dim, dim - 1), keepdim)
    assert_agrees(F.softmax, meta(*shape), dim)
    assert_agrees(F.log_softmax, meta(*shape), dim)


@SETTINGS
@given(st.data(), st.integers(1, 4), st.integers(-5, 4))
def test_concatenation(data, rank, dim):
    common = [data.draw(small) for _ in range(rank)]
    tensors = []
    for _ in range(data.draw(st.integers(1, 3))):
        shape = list(common)
        shape[data.draw(st.integers(0, rank - 1))] = data.draw(small)
        tensors.append(meta(*shape))
    assert_agrees(torch.cat, tensors, dim)


@SETTINGS
@given(shapes, shapes)
def test_products(one, other):
    a, b = meta(*one), meta(*other)
    assert_agrees(torch.matmul, a, b)
    assert_agrees(torch.mm, a, b)
    assert_agrees(torch.bmm, a, b)
    assert_agrees(F.linear, a, b)
    if other:
        assert_agrees(F.linear, a, b, meta(other[0]))


@SETTINGS
@given(st.data(), st.booleans())
def test_attention(data, is_causal):
    batch, heads = data.draw(small), data.draw(small)
    queries, keys = data.draw(small), data.draw(small)
    q, k = meta(batch, heads, queries, 4), meta(batch, heads, keys, 4)
    v = meta(batch, heads, keys, 3)
    if data.draw(st.booleans()):
        q, k, v = (each.transpose(1, 2).contiguous().transpose(1, 2) for each in (q, k, v))
    masks = [(queries, keys), (batch, 1, queries, keys), (1, heads, 1, keys), (queries, keys + 1)]
    dtype = data.draw(st.sampled_from([torch.bool, torch.float32, torch.float64]))
    mask = meta(*data.draw(st.sampled_from(masks)), dtype=dtype)
    mask = data.draw(st.sampled_from([None, mask]))
    assert_agrees(F.scaled_dot_product_attention, q, k, v, mask, 0.0, is_causal)


@SETTINGS
@given(st.data(), st.integers(1, 3))
def test_resizing(data, rank):
    x = meta(2, 3, *[data.draw(st.integers(1, 9)) for _ in range(rank)])
    mode = data.draw(
        st.sampled_from(["nearest", "nearest-exact", "area", "linear", "bilinear", "bicubic", "x"])
    )
    options = {"mode": mode}
    factor = st.sampled_from([0.4, 0.5, 1.7, 2, 2.0, 3, 1 / 3])
    if data.draw(st.booleans()):
        options["size"] = per_dim(data, rank, 1, 9)
    else:
        options["scale_factor"] = data.draw(st.one_of(factor, st.tuples(*[factor] * rank)))
    if data.draw(st.booleans()):
        options["align_corners"] = data.draw(st.booleans())
    if data.draw(st.booleans()):
        options["recompute_scale_factor"] = data.draw(st.booleans())
    assert_agrees(F.interpolate, x, **options)


@SETTINGS
@given(st.data(), shapes)
def test_padding_and_rolling(data, shape):
    x, count = meta(*shape), data.draw(st.integers(0, 5))
    amounts = [data.draw(st.integers(-1, 3)) for _ in range(count)]
    assert_agrees(F.pad, x, amounts, data.draw(st.sampled_from(["constant", "reflect"])), 0.5)
    dims = data.draw(st.one_of(st.none(), st.integers(-4, 4), st.lists(st.integers(-4, 4))))
    shifts = data.draw(st.one_of(st.integers(-9, 9), st.lists(st.integers(-9, 9))))
    if dims is not None:
        assert_agrees(torch.roll, x, shifts, dims)


@SETTINGS
@given(st.data(), st.integers(2, 4))
def test_normalisation(data, rank):
    shape = [data.draw(small) for _ in range(rank)]
    x, channels = meta(*shape), meta(shape[1])
    assert_agrees(F.batch_norm, x, channels, channels, channels, channels)
    assert_agrees(F.batch_norm, x, channels, channels)
    assert_agrees(F.batch_norm, x, meta(shape[1] + 1), channels)
    assert_agrees(F.group_norm, x, data.draw(st.integers(1, 4)), channels, channels)
    last = data.draw(st.integers(1, rank))
    normalized = shape[-last:]
    assert_agrees(F.layer_norm, x, normalized, meta(*normalized), meta(*normalized))
    assert_agrees(F.layer_norm, x, normalized, meta(*normalized, 1), None)


def test_an_argument_the_rule_does_not_know_leaves_it_to_the_kernel():
    function = lookup(torch.mean)
    assert "axis" not in function.keywords
    assert "out" not in lookup(torch.add).keywords


IMAGE = {rank: meta(2, 4, *[6] * rank) for rank in (1, 2, 3)}
ELEMENTWISE = "exp log sqrt rsqrt square reciprocal neg abs sin cos erf".split()
UNARY_NAMES = [lookup(func).base for func in UNARY]
#: An everyday call of every function with a rule: the rule must answer it.
EVERYDAY = {
    **{f"conv{r}d": (f, IMAGE[r], meta(3, 4, *[3] * r)) for r, f in CONVS.items()},
    **{f"conv_transpose{r}d": (f, IMAGE[r], meta(4, 3, *[3] * r)) for r, f in TRANSPOSED.items()},
    **{lookup(f).base: (f, IMAGE[int(lookup(f).base[-2])], 2) for f in (*POOLS, *ADAPTIVE)},
    **{lookup(f).base: (f, meta(2, 3)) for f in UNARY},
    **{f"{name}_": (getattr(F, f"{name}_"), meta(2, 3)) for name in UNARY_NAMES
       if hasattr(F, f"{name}_")},
    "sigmoid_": (torch.Tensor.sigmoid_, meta(2, 3)),
    "tanh_": (torch.Tensor.tanh_, meta(2, 3)),
    **{n: (getattr(torch, n), meta(2, 3), meta(3)) for n in ("add", "sub", "mul", "div")},
    **{f"{n}_": (getattr(torch.Tensor, f"{n}_"), meta(2, 3), meta(3))
       for n in ("add", "sub", "mul", "div")},
    "matmul": (torch.matmul, meta(2, 3, 4), meta(4, 5)),
    "mm": (torch.mm, meta(3, 4), meta(4, 5)),
    "bmm": (torch.bmm, meta(2, 3, 4), meta(2, 4, 5)),
    "softmax": (F.softmax, meta(2, 3), 1),
    "log_softmax": (F.log_softmax, meta(2, 3), 1),
    "linear": (F.linear, meta(2, 3, 4), meta(5, 4), meta(5)),
    "scaled_dot_product_attention": (
        F.scaled_dot_product_attention, meta(1, 2, 5, 4), meta(1, 2, 6, 4), meta(1, 2, 6, 3),
    ),
    "batch_norm": (F.batch_norm, IMAGE[2], meta(4), meta(4), meta(4), meta(4)),
    "layer_norm": (F.layer_norm, meta(2, 3, 4), (4,), meta(4), meta(4)),
    "group_norm": (F.group_norm, IMAGE[2], 2, meta(4), meta(4)),
    "cat": (torch.cat, [meta(2, 3), meta(2, 4)], 1),
    "mean": (torch.mean, IMAGE[2], (2, 3)),
    "sum": (torch.sum, IMAGE[2], -1),
    **{n: (getattr(torch, n), meta(2, 3)) for n in ELEMENTWISE},
    "clamp": (torch.clamp, meta(2, 3), 0.0),
    "clip": (torch.clip, meta(2, 3), None, 1),
    "pow": (torch.pow, meta(2, 3), 2),
    "interpolate": (F.interpolate, IMAGE[2], None, 2.0),
    "pad": (F.pad, IMAGE[2], (1, 2)),
    "roll": (torch.roll, IMAGE[2], (1, -1), (2, 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", EVERYDAY)
def test_a_rule_answers_an_everyday_call(name):
    assert assert_agrees(*EVERYDAY[name]) is not None


def test_every_rule_is_of_a_known_op_and_tried():
    assert {name.rstrip("_") for name in RULES} <= profiler.tracing.ops.KINDS.keys()
    untried = RULES.keys() - EVERYDAY.keys()
    assert all(name.endswith("_") and name.rstrip("_") in UNARY_NAMES for name in untried)


def test_the_networks_ask_no_kernel_where_there_is_a_rule(monkeypatch):
    asked = []
    real = FunctionRecorder._call

    def call(self, func, function, args, kwargs):
        def kernel(*arguments, **options):
            asked.append(function.name)
            return func(*arguments, **options)

        return real(self, kernel if function.rule else func, function, args, kwargs)

    monkeypatch.setattr(FunctionRecorder, "_call", call)
    for name in archs.list_models():
        trace(profiler.build(name, variant="train"), archs.default_input_shape(name))
    assert asked == []


@pytest.mark.parametrize("name", archs.list_models())
def test_a_trace_is_the_same_without_the_rules(name):
    model = profiler.build(name, variant="train")
    shape = archs.default_input_shape(name)
    assert trace(model, shape) == trace(model, shape, shape_rules=False)


class Mixed(torch.nn.Module):
    """Layouts, dtypes and modes in which most rules must step aside."""

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3, padding="same")
        self.norm = torch.nn.GroupNorm(2, 4)
        self.linear = torch.nn.Linear(4, 4)

    def forward(self, x):
        y = self.conv(x.to(memory_format=torch.channels_last))
        y = torch.nn.functional.relu(self.norm(y), inplace=True)
        y = (y.permute(0, 2, 3, 1) + y.transpose(1, 3)).flatten(1, 2)
        y = self.linear(y) * torch.arange(4) + y.double().mean(-1, keepdim=True)
        y = torch.vmap(lambda row: torch.cat([row, row]).relu())(y.float())
        return y[:, ::2].contiguous().view(-1), y.transpose(0, 1).softmax(-1)


def test_a_trace_of_odd_layouts_is_the_same_without_the_rules():
    model, shape = Mixed(), (2, 3, 6, 6)
    assert trace(model, shape) == trace(model, shape, shape_rules=False)


def test_a_number_is_not_taken_for_the_layout_that_has_it():
    """The plans of ``row + 1`` and ``row + x`` are told apart, whatever number x's layout has."""

    # the first layouts of a process have the least numbers
    script = (
        "import torch, profiler\n"
        "class Sums(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        "        for number in range(200):\n"
        "            x[0] + number\n"
        "        return x[0] + x\n"
        "print(profiler.trace(Sums(), (3, 4)).outputs[0].shape)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "(3, 4)"
