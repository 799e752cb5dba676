"""What modules hold beside parameters is as it was after a trace, and its tensors after a run."""

import collections
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn

import profiler
from profiler.models.held import held_in


class Keys:
    """A cache of an own class that grows, and a list of one layer's below it."""

    def __init__(self):
        self.layers = [{"k": torch.ones(100, 8)}]
        self.length = 100
        self.lock = threading.Lock()

    def add(self, x):
        self.layers[0]["k"] = torch.cat([self.layers[0]["k"], x])
        self.length += len(x)
        return self.layers[0]["k"]


@dataclass(slots=True)
class Slotted:
    k: torch.Tensor

    def add(self, x):
        self.k = torch.cat([self.k, x])
        return self.k


class Listed(list):
    """Grows as a list, and says it may not be appended to."""

    def append(self, item):
        raise TypeError("not like this")

    def add(self, x):
        list.append(self, x)
        return torch.cat(tuple(self))


class InPlace:
    def __init__(self):
        self.k = torch.ones(102, 8)

    def add(self, x):
        self.k[-2:] = x
        self.k += 1
        return self.k


class Decoder(nn.Module):
    def __init__(self, cache):
        super().__init__()
        self.cache = cache

    def forward(self, x):
        return x @ self.cache.add(x).mT


def tensors(value):
    return [item for held in held_in([value]) for item in held.items if torch.is_tensor(item)]


@pytest.mark.parametrize(
    "cache",
    [Keys, lambda: Slotted(torch.ones(100, 8)), lambda: Listed([torch.ones(100, 8)]), InPlace],
)
@pytest.mark.parametrize("values", [None, "fake", "real"])
def test_a_cache_of_the_models_own_does_not_grow(cache, values):
    model = Decoder(cache())
    held = model.cache
    before = tensors(held)
    copies = [tensor.clone() for tensor in before]
    for _ in range(2):
        trace = profiler.trace(model, (2, 8), **({"values": values} if values else {}))
        # two rows against 102 keys
        assert profiler.count(trace, "macs").totals.macs == 2 * 102 * 8
    assert model.cache is held
    after = tensors(held)
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(before, copies, strict=True))


def test_tensors_that_are_plain_attributes_keep_their_values():
    class Counts(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(8, 4)
            self.calls = torch.zeros(1)
            self.seen = {"calls": [torch.zeros(1)], "pair": (torch.zeros(1), 2)}

        def forward(self, x):
            self.calls += 1
            self.seen["calls"][0] += 1
            self.seen["more"] = 1
            return self.linear(x)

    model = Counts()
    profiler.trace(model, (2, 8))
    assert model.calls.item() == model.seen["calls"][0].item() == 0
    assert model.seen.keys() == {"calls", "pair"}


def test_a_parameter_that_is_met_again_is_that_parameter():
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(10, 8)
            self.beside = {"weight": [self.table.weight]}

        def forward(self, x):
            return nn.functional.linear(self.table(x), self.beside["weight"][0])

    model = Tied()
    trace = profiler.trace(model, (torch.zeros(1, 3, dtype=torch.int64),))
    assert [op.parameters for op in trace.ops] == [("table.weight",), ("table.weight",)]
    assert model.beside["weight"][0] is model.table.weight


def test_what_is_python_s_own_is_left_alone():
    pool = ThreadPoolExecutor(1)
    found = held_in([pool, threading.Lock(), nn.Linear(2, 2), iter([]), nn])
    assert found == []
    pool.shutdown()


def test_what_is_held_is_found_and_refilled_at_any_depth():
    inner: dict[str, Any] = {"deep": collections.deque([1, [2]]), "set": {3}}
    ring = [inner, (collections.OrderedDict(a={"b": 4}),)]
    ring.append(ring)
    held = held_in([ring])
    inner["deep"][1].append(5)
    inner["deep"].append(6)
    inner["set"].add(7)
    inner["new"] = 8
    ring[1][0]["a"]["b"] = 9
    ring[1][0].move_to_end("a")
    del ring[2]
    for each in held:
        each.refill()
    assert inner == {"deep": collections.deque([1, [2]]), "set": {3}}
    assert ring[1] == (collections.OrderedDict(a={"b": 4}),)
    assert ring[2] is ring
