"""What a forward may be given: odd but legal spellings, each with its count from arithmetic."""

import collections
import copy
import enum
import functools
import threading
import types
import weakref
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

import profiler
from profiler.errors import TraceError, UsageError
from profiler.models.given import Arguments
from profiler.tracing.inputs import all_tensors_in, map_tensors, stated

#: A linear layer from 8 to 4 on 2 rows: 2 x 8 x 4.
MACS = 64


def macs(model, inputs):
    counts = profiler.count(profiler.trace(model, inputs), "macs")
    assert not counts.uncounted
    return counts.totals.macs


class Reads(nn.Module):
    """A linear layer on what a function finds in the arguments of the forward."""

    def __init__(self, find):
        super().__init__()
        self.find = find
        self.linear = nn.Linear(8, 4)

    def forward(self, *args, **kwargs):
        return self.linear(self.find(*args, **kwargs))


class Pair(NamedTuple):
    x: Any
    y: Any


@dataclass(frozen=True)
class Frozen:
    x: torch.Tensor
    extra: dict = field(default_factory=dict)


@dataclass(slots=True)
class Slotted:
    x: torch.Tensor


class Plain:
    def __init__(self, x):
        self.x = x

    def get(self):
        return self.x


class Guarded(Plain):
    """Refuses to be pickled, and has attributes that can't be."""

    def __init__(self, x):
        super().__init__(x)
        self.lock = threading.Lock()

    def __reduce_ex__(self, protocol):
        raise TypeError("not me")


class Attributed(dict):
    """A dict whose items are attributes too, as outputs of transformers are."""

    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        self.__dict__[key] = value


class LstmOf(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(8, 5)

    def forward(self, batch):
        return self.lstm(batch["x"])


class Tokens(collections.UserDict):
    pass


class Mode(enum.Enum):
    FAST = 1


NOTHING = object()


def x():
    return torch.zeros(2, 8)


@pytest.mark.parametrize(
    ("find", "inputs"),
    [
        pytest.param(lambda b: b["x"], ({"x": x()},), id="a mapping as the one argument"),
        pytest.param(lambda b: b["x"][1], ({"x": [None, x()]},), id="a list in a mapping"),
        pytest.param(lambda b: b[0], ([x(), x()],), id="a list as the one argument"),
        pytest.param(lambda b: b[1][0], ((x(), (x(),)),), id="a tuple as the one argument"),
        pytest.param(lambda b: b.y, (Pair(1, x()),), id="a named tuple"),
        pytest.param(lambda b: b.values, (torch.max(torch.zeros(2, 3, 8), 1),), id="torch's own"),
        pytest.param(lambda b: b.x, (Frozen(x()),), id="a frozen dataclass"),
        pytest.param(lambda b: b.extra["k"], (Frozen(None, {"k": x()}),), id="a dict in one"),
        pytest.param(lambda b: b.x, (Slotted(x()),), id="a dataclass with slots"),
        pytest.param(lambda b: b.x, (Plain(x()),), id="an object"),
        pytest.param(lambda b: b.x, Plain(x()), id="an object alone"),
        pytest.param(lambda b: b.x, (Guarded(x()),), id="an object that refuses to be copied"),
        pytest.param(lambda b: b.a.x, (types.SimpleNamespace(a=Plain(x())),), id="a namespace"),
        pytest.param(lambda b: b["x"], (Tokens(x=x()),), id="a UserDict as the one argument"),
        pytest.param(lambda x: x, Tokens(x=x()), id="a UserDict of keywords"),
        pytest.param(lambda b: b["x"], (collections.OrderedDict(x=x()),), id="an OrderedDict"),
        pytest.param(
            lambda b: b["x"][0], (collections.defaultdict(list, x=[x()]),), id="a defaultdict"
        ),
        pytest.param(lambda b: b["x"], (types.MappingProxyType({"x": x()}),), id="a proxy"),
        pytest.param(lambda b: b[0], (collections.deque([x()], maxlen=3),), id="a deque"),
        pytest.param(lambda b: next(iter(b)), ({x()},), id="a set"),
        pytest.param(lambda b: next(b), (iter([x()]),), id="an iterator"),
        pytest.param(lambda f: f(), (functools.partial(torch.relu, x()),), id="a partial"),
        pytest.param(lambda f: f(), (Plain(x()).get,), id="a method"),
        pytest.param(lambda **k: k["x"] if k["n"] == 3 else None, {"x": (2, 8), "n": 3}, id="n"),
        pytest.param(lambda a, n: a if n is True else None, ((2, 8), True), id="a boolean"),
        pytest.param(lambda a, n: a if n == [True] else None, (x(), [True]), id="booleans"),
        pytest.param(lambda a, n: a if n == () else None, (x(), ()), id="an empty tuple"),
        pytest.param(
            lambda b: b["x"].new_zeros(b["size"]), ({"x": x(), "size": (2, 8)},), id="sizes inside"
        ),
        pytest.param(lambda a, b: b if a is NOTHING else a[0], (NOTHING, x()), id="a mark"),
        pytest.param(lambda a, b: b if a is Mode.FAST else a, (Mode.FAST, x()), id="an enum"),
        pytest.param(lambda d: d[Plain], ({Plain: x()},), id="classes as keys"),
        pytest.param(lambda a, b: b if a is x else a, (x, x()), id="a function"),
        pytest.param(lambda a: a.float(), x().long(), id="whole numbers"),
        pytest.param(lambda a: a[:, :8], torch.zeros(2, 9, requires_grad=True), id="with gradient"),
        pytest.param(lambda a: a, nn.Parameter(x()), id="a parameter"),
        pytest.param(lambda a: a, torch.zeros(8).expand(2, 8), id="one that is expanded"),
        pytest.param(lambda a: a.squeeze(0), torch.zeros(1, 2, 8, device="meta"), id="on meta"),
    ],
)  # fmt: skip
def test_a_spelling(find, inputs):
    assert macs(Reads(find), inputs) == MACS


def test_no_argument_at_all():
    made = Reads(lambda: torch.zeros(2, 8))
    assert macs(made, ()) == macs(made, {}) == MACS


def test_a_value_alone_is_no_input():
    with pytest.raises(UsageError, match="must be a shape, tensors or a mapping"):
        profiler.trace(nn.Linear(8, 4), "2x8")
    with pytest.raises(UsageError, match="must be a shape, tensors or a mapping"):
        profiler.trace(nn.Linear(8, 4), Plain(3))


def test_exact_arguments_hold_no_shapes():
    """What a function of inputs gives is what the forward gets: (2, 8) stays two numbers."""
    model = Reads(lambda x, size: x.new_zeros(size))
    assert macs(model, Arguments((x(), (2, 8)))) == MACS


# --- the caller's own ---------------------------------------------------------------------------


class Cache:
    """Keys and values that grow at each call, as caches of transformers do."""

    def __init__(self, length):
        self.keys = [torch.zeros(1, length, 8)] if length else []
        self.seen = length

    def update(self, key):
        self.keys[:] = [torch.cat([*self.keys, key], 1)]
        self.seen += key.shape[1]
        return self.keys[0]


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x, cache):
        keys = cache.update(self.linear(x))
        return torch.matmul(x, keys.mT)


@pytest.mark.parametrize("length", [100, 0])
def test_a_cache_is_filled_in_a_copy(length):
    cache = Cache(length)
    keys = list(cache.keys)
    for _ in range(2):
        # 8 x 8 of the layer, and one row against one key more than the cache holds
        assert macs(Decoder(), (torch.zeros(1, 1, 8), cache)) == 64 + 8 * (length + 1)
    assert cache.seen == length
    assert len(cache.keys) == len(keys)
    assert all(a is b for a, b in zip(cache.keys, keys, strict=True))


def test_a_cache_that_is_a_module():
    """As ``transformers.Cache`` was one for a while; no part of the model, so it is copied."""

    class Store(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("keys", torch.zeros(1, 3, 8))

        def update(self, key):
            self.keys = torch.cat([self.keys, key], 1)
            return self.keys

    store = Store()
    assert macs(Decoder(), (torch.zeros(1, 1, 8), store)) == 64 + 8 * 4
    assert store.keys.shape == (1, 3, 8)
    assert store.keys.device.type == "cpu"


def test_nothing_of_the_caller_is_changed():
    class Spoils(nn.Module):
        def forward(self, box, numbers, tensor, holder):
            box["new"] = box.pop("x").add_(1)
            numbers.append(3)
            holder.x = None
            tensor.unsqueeze_(0)
            return box["new"]

    box, numbers, holder = {"x": torch.zeros(2)}, [True], Plain(torch.zeros(3))
    tensor = torch.zeros(4, device="meta")
    before = copy.copy(box), copy.copy(numbers), holder.x
    profiler.trace(Spoils(), (box, numbers, tensor, holder))
    assert (box.keys(), numbers, holder.x) == (before[0].keys(), before[1], before[2])
    assert box["x"] is before[0]["x"]
    assert box["x"].eq(0).all()
    assert tensor.shape == (4,)


def test_modules_of_the_model_stay_themselves():
    """A layer among the inputs that is one of the model's has its path in the trace."""

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(8, 4)

        def forward(self, x, layers):
            assert layers[0] is self.layer
            return layers[0](x)

    model = Model()
    trace = profiler.trace(model, (x(), [model.layer]))
    assert [op.path for op in trace.ops] == ["layer"]


# --- mapping tensors ----------------------------------------------------------------------------


def test_sharing_and_cycles_are_kept():
    shared = torch.zeros(1)
    ring: dict[str, Any] = {"a": shared, "b": [shared], "node": Plain(shared)}
    ring["self"] = ring
    ring["node"].up = ring
    ring["loop"] = (1, [])
    ring["loop"][1].append(ring["loop"])
    seen = []
    made = map_tensors(ring, lambda tensor: seen.append(tensor) or torch.ones(2))
    assert len(seen) == 1
    assert made["a"] is made["b"][0] is made["node"].x
    assert made["self"] is made["node"].up is made
    assert made["loop"][1][0] is made["loop"]
    assert made is not ring
    assert ring["a"] is shared


def test_a_way_back_to_what_holds_it():
    parent, child = Plain(torch.zeros(1)), Plain(None)
    parent.child, child.parent = child, weakref.ref(parent)
    made = map_tensors(parent, lambda tensor: tensor)
    assert made.child.parent() is made
    assert child.parent() is parent


def test_tensors_become_anything_and_come_in_order():
    value = ([torch.zeros(1), {"a": torch.zeros(2)}], Attributed(b=torch.zeros(3)), torch.zeros(4))
    sizes = map_tensors(value, lambda tensor: None if tensor.numel() == 2 else tensor.numel())
    assert sizes == ([1, {"a": None}], {"b": 3}, 4)
    assert [tensor.numel() for tensor in all_tensors_in(value)] == [1, 2, 3, 4]


def test_what_nests_too_deeply_is_said_in_a_line():
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]
    with pytest.raises(UsageError, match="too deeply"):
        map_tensors((deep,), lambda tensor: tensor)


def test_inputs_as_they_would_be_stated():
    given = Arguments((x(), [torch.zeros(2, 3, dtype=torch.int64)]), {"m": torch.ones(2).bool()})
    assert [(each.shape, each.kind, each.name) for each in stated(given)] == [
        ((2, 8), "float", ""),
        ((2, 3), "tokens", ""),
        ((2,), "tokens", "m"),
    ]


# --- tensors of other classes -------------------------------------------------------------------


class Named(torch.Tensor):
    pass


class Wrapped(torch.Tensor):
    """A tensor that is made of another one and has no stand-in of its own making."""

    @staticmethod
    def __new__(cls, inner):
        return torch.Tensor._make_wrapper_subclass(cls, inner.shape, dtype=inner.dtype)

    def __init__(self, inner):
        self.inner = inner

    def __tensor_flatten__(self):
        return ["inner"], None

    @staticmethod
    def __tensor_unflatten__(inner, context, size, stride):
        return Wrapped(inner["inner"])

    @classmethod
    def __torch_dispatch__(cls, func, kinds, args=(), kwargs=None):
        if func is torch.ops.aten.empty_like.default:
            return NotImplemented
        plain = torch.utils._pytree.tree_map_only(Wrapped, lambda each: each.inner, (args, kwargs))
        return func(*plain[0], **(plain[1] or {}))


class Closed(torch.Tensor):
    @staticmethod
    def __new__(cls, size):
        return torch.Tensor._make_wrapper_subclass(cls, size)

    @classmethod
    def __torch_dispatch__(cls, func, kinds, args=(), kwargs=None):
        raise RuntimeError("none of your business\nat all")


def fake(**how):
    from torch._subclasses.fake_tensor import FakeTensorMode
    from torch.fx.experimental.symbolic_shapes import ShapeEnv

    return FakeTensorMode(shape_env=ShapeEnv(), **how).from_tensor(torch.zeros(3, 8))


def test_subclasses_of_tensors():
    assert macs(nn.Linear(8, 4), x().as_subclass(Named)) == MACS
    assert macs(nn.Linear(8, 4), (Wrapped(x()),)) == MACS


def test_fake_tensors_of_somebody_else():
    assert macs(nn.Linear(8, 4), fake()) == 3 * 8 * 4
    assert macs(nn.Linear(8, 4), fake(static_shapes=False)) == 3 * 8 * 4


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize("layout", [torch.jagged, torch.strided])
@pytest.mark.parametrize("hold", [lambda t: t, lambda t: (t,), lambda t: ({"x": t},)])
def test_nested_tensors_are_refused_in_a_line(layout, hold):
    nested = torch.nested.nested_tensor([torch.zeros(3, 8), torch.zeros(5, 8)], layout=layout)
    with pytest.raises(UsageError, match="no one shape to count at") as caught:
        profiler.trace(nn.Linear(8, 4), hold(nested))
    assert "\n" not in str(caught.value)


def test_a_jagged_tensor_within_the_forward_is_refused_in_a_line():
    class Packs(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(8, 4)

        def forward(self, x):
            return self.linear(torch.nested.as_nested_tensor(list(x), layout=torch.jagged))

    with pytest.raises(TraceError, match="nested tensor is made here") as caught:
        profiler.trace(Packs(), (2, 3, 8))
    assert "\n" not in str(caught.value)


def test_packed_sequences():
    """Six steps of one row, then four of two: ten rows through each gate of an LSTM."""
    packed = pack_padded_sequence(torch.zeros(6, 2, 8), torch.tensor([6, 4]))
    # 4 gates of 5 from 8 inputs and 5 states, for 10 rows
    expected = 10 * 4 * 5 * (8 + 5)
    assert macs(nn.LSTM(8, 5), packed) == expected
    assert macs(nn.LSTM(8, 5), (packed,)) == expected
    assert macs(LstmOf(), ({"x": packed},)) == expected
    assert packed.batch_sizes.tolist() == [2, 2, 2, 2, 1, 1]


def test_a_layout_that_can_not_be_without_values_is_refused_in_a_line():
    with pytest.raises(UsageError, match="a Tensor of this kind can't be without values") as caught:
        profiler.trace(nn.Linear(8, 4), ({"x": x().to_mkldnn()},))
    assert "\n" not in str(caught.value)


def test_a_class_that_can_not_be_without_values_is_refused_in_a_line():
    with pytest.raises(UsageError, match="a Closed of this kind can't be without values") as caught:
        profiler.trace(nn.Linear(8, 4), (Closed((2, 8)),))
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("layout", [torch.sparse_coo, torch.sparse_csr])
def test_a_sparse_matrix_as_an_input(layout):
    # as a dense one: 4 x 4 @ 4 x 3
    sparse = torch.eye(4).to_sparse(layout=layout)

    class Graph(nn.Module):
        def forward(self, adjacency, x):
            return adjacency @ x

    counts = profiler.count(profiler.trace(Graph(), (sparse, torch.zeros(4, 3))))
    assert counts.totals.macs == 4 * 4 * 3 or counts.uncounted


@pytest.mark.filterwarnings("ignore")
def test_dynamically_quantized_layers():
    model = torch.ao.quantization.quantize_dynamic(
        nn.Sequential(nn.Linear(8, 8), nn.ReLU()), {nn.Linear}, dtype=torch.qint8
    )
    found = [profiler.trace(model, (2, 8)) for _ in range(2)]
    assert found[0] == found[1]
    counts = profiler.count(found[0])
    assert (counts.totals.macs, counts.uncounted) == (2 * 8 * 8, ())
