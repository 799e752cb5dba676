"""Work that no public function stands for is recorded all the same: nothing is dropped in silence.

Expected figures: arithmetic, and torch's FlopCounterMode over the same forward on the CPU.
"""

from __future__ import annotations

import _thread
import asyncio
import functools
import math
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.autograd import forward_ad
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

import profiler
from profiler.counting.conventions import list_conventions
from profiler.errors import TraceError
from profiler.tracing.tracer import trace


def quietly(compiler):
    """Some versions of torch say of these that something newer is meant."""

    def compiled(*args):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compiler(*args)

    return compiled


@quietly(torch.jit.script)
def scripted_conv(x, w):
    return F.conv2d(x, w)


@quietly(torch.jit.script)
def scripted_loop(x, w):
    for _ in range(3):
        x = torch.mm(x, w)
    return x


@quietly(torch.jit.script)
def scripted_linear(x, w):
    return F.relu(F.linear(x, w))


traced_mm = quietly(torch.jit.trace)(
    lambda x, w: torch.mm(x, w), (torch.zeros(2, 8), torch.zeros(8, 8))
)


class Square(torch.autograd.Function):
    @staticmethod
    def forward(context, x, w):
        context.save_for_backward(x, w)
        return x @ w

    @staticmethod
    def backward(context, grad):
        x, w = context.saved_tensors
        return grad @ w.t(), x.t() @ grad


class Net(nn.Module):
    """One linear layer of 8 to 8, called as the case says: 2 x 8 x 8 = 128 MACs a call."""

    def __init__(self, run):
        super().__init__()
        self.lin = nn.Linear(8, 8, bias=False)
        self.pool = ThreadPoolExecutor(1)
        self.run = run

    def forward(self, x):
        return self.run(self, x)


def backward(s, x):
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        s.lin(x).sum().backward()
    return x.grad


def autograd_backward(s, x):
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        torch.autograd.backward([s.lin(x).sum()])
    return x.grad


def autograd_grad(s, x):
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        return torch.autograd.grad(s.lin(x).sum(), x)[0]


def own_function(s, x):
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        return torch.autograd.grad(Square.apply(x, s.lin.weight).sum(), x)[0]


def checkpoint_backward(s, x):
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        checkpoint(s.lin, x, use_reentrant=False).sum().backward()
    return x.grad


def plain_thread(s, x):
    found = []
    thread = threading.Thread(target=lambda: found.append(s.lin(x)))
    thread.start()
    thread.join()
    return found[0]


def threads_of_threads(s, x):
    found = []

    def outer():
        inner = threading.Thread(target=lambda: found.append(F.linear(x, s.lin.weight)))
        inner.start()
        inner.join()
        found.append(s.lin(x))

    thread = threading.Thread(target=outer)
    thread.start()
    thread.join()
    return found[0] + found[1]


def worker(s, x):
    """A thread that waits for what the forward gives it."""
    given, taken, found = threading.Event(), threading.Event(), []

    def work():
        given.wait()
        found.append(s.lin(x))
        taken.set()

    thread = threading.Thread(target=work)
    thread.start()
    y = s.lin(x)
    given.set()
    taken.wait()
    thread.join()
    return y + found[0]


def bare_thread(s, x):
    found, lock = [], _thread.allocate_lock()
    lock.acquire()

    def work():
        found.append(s.lin(x))
        lock.release()

    _thread.start_new_thread(work, ())
    lock.acquire()
    return found[0]


def dual(s, x):
    """The tangent: a product of its own, and the weight's, which is zero and multiplied by too."""
    with forward_ad.dual_level():
        y = forward_ad.make_dual(x, torch.ones_like(x))
        return forward_ad.unpack_dual(s.lin(y)).tangent


class Wrapped:
    """Not a tensor, but torch's functions take it for one."""

    def __init__(self, tensor):
        self.tensor = tensor

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        args = [each.tensor if isinstance(each, cls) else each for each in args]
        return func(*args, **(kwargs or {}))


class ProductForRelu(TorchDispatchMode):
    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func is torch.ops.aten.relu.default:
            return torch.mm(args[0], self.weight)
        return func(*args, **(kwargs or {}))


def below_a_mode(s, x):
    with ProductForRelu(s.lin.weight):
        return torch.relu(s.lin(x))


def thread_pool(s, x):
    with ThreadPool(2) as pool:
        return sum(pool.map(s.lin, [x, x]))


def executor(s, x):
    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(s.lin, [x, x]))


def executor_of_before(s, x):
    return s.pool.submit(s.lin, x).result()


def in_asyncio(s, x):
    async def both():
        return await asyncio.gather(asyncio.to_thread(s.lin, x), asyncio.to_thread(s.lin, x))

    return sum(asyncio.run(both()))


def without_torch_function(s, x):
    with torch._C.DisableTorchFunction():
        return torch.mm(x, s.lin.weight)


def without_in_a_layer(s, x):
    with torch._C.DisableTorchFunction():
        return s.lin(x)


def written_out(s, x):
    out = torch.empty(2, 8, device=x.device)
    torch.mm(x, s.lin.weight, out=out)
    return out


def vmapped(s, x):
    return torch.vmap(lambda row: s.lin.weight @ row)(x)


def vmapped_scripted(s, x):
    return torch.vmap(lambda row: scripted_linear(row[None], s.lin.weight))(x)


def functional_grad(s, x):
    return torch.func.grad(lambda y: (y @ s.lin.weight).sum())(x)


# case -> the forward, and how many times 128 MACs it is
CASES = {
    "scripted loop": (lambda s, x: scripted_loop(x, s.lin.weight), 3),
    "scripted linear": (lambda s, x: scripted_linear(x, s.lin.weight), 1),
    "traced": (lambda s, x: traced_mm(x, s.lin.weight), 1),
    "backward": (backward, 3),
    "autograd.backward": (autograd_backward, 3),
    # the input's gradient alone is asked for
    "autograd.grad": (autograd_grad, 2),
    "a function of one's own": (own_function, 3),
    "a thread": (plain_thread, 1),
    "threads of threads": (threads_of_threads, 2),
    "a thread that waits": (worker, 2),
    "a bare thread": (bare_thread, 1),
    "a pool of threads": (thread_pool, 2),
    "an executor": (executor, 2),
    "an executor of before": (executor_of_before, 1),
    "asyncio": (in_asyncio, 2),
    "torch functions off": (without_torch_function, 1),
    "torch functions off, a layer": (without_in_a_layer, 1),
    "out=": (written_out, 1),
    "vmap": (vmapped, 1),
    "vmap of a scripted function": (vmapped_scripted, 1),
    "func.grad": (functional_grad, 2),
    "forward-mode autograd": (dual, 3),
    "a class of one's own": (lambda s, x: torch.matmul(Wrapped(x), s.lin.weight), 1),
    "a dispatch mode of one's own": (below_a_mode, 2),
    "an op of the dispatcher": (lambda s, x: torch.ops.aten.mm(x, s.lin.weight), 1),
    "an overload of one": (lambda s, x: torch.ops.aten.mm.default(x, s.lin.weight), 1),
    "checkpoint": (lambda s, x: checkpoint(s.lin, x, use_reentrant=False), 1),
    "checkpoint, the old way": (lambda s, x: checkpoint(s.lin, x, use_reentrant=True), 1),
    # all that a linear layer saves is its input: nothing is computed again
    "checkpoint and backward": (checkpoint_backward, 3),
    "functional_call": (lambda s, x: torch.func.functional_call(s.lin, {}, (x,)), 1),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CASES)
def test_all_work_is_counted(name):
    run, times = CASES[name]
    model = Net(run)
    counts = profiler.count(profiler.trace(model, (2, 8)), "macs")
    assert counts.totals.macs == times * 128
    assert not counts.uncounted


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CASES)
def test_every_convention_has_a_figure(name):
    found = profiler.trace(Net(CASES[name][0]), (2, 8))
    for convention in list_conventions():
        counts = profiler.count(found, convention)
        assert sum(row.macs for row in counts.layers) == counts.totals.macs


# the workers of a pool wait for work, and go on beside each other
UNHURRIED = sorted(set(CASES) - {"torch functions off, a layer", "a pool of threads"})


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", UNHURRIED)
def test_the_shape_rules_change_nothing(name):
    model = Net(CASES[name][0])
    assert trace(model, (2, 8)) == trace(model, (2, 8), shape_rules=False)


# FlopCounterMode sees no threads, and the hooks that it sets on layers stop autograd.grad
SEEN_BY_TORCH = [
    name
    for name in CASES
    if name != "autograd.grad" and not any(w in name for w in ("thread", "executor", "asyncio"))
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SEEN_BY_TORCH)
def test_the_total_is_that_of_flop_counter_mode(name):
    model = Net(CASES[name][0])
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(torch.zeros(2, 8))
    counts = profiler.count(profiler.trace(model, (2, 8)), "torch")
    assert counts.totals.flops == counter.get_total_flops()


def test_a_scripted_convolution():
    # 4 x 6 x 6 outputs, each a sum over 3 x 3 x 3
    model = Net(lambda s, x: scripted_conv(x, torch.zeros(4, 3, 3, 3)))
    counts = profiler.count(profiler.trace(model, (1, 3, 8, 8)), "macs")
    assert counts.totals.macs == 4 * 6 * 6 * 27


def test_threads_are_as_they_were_afterwards():
    before = threading.Thread.start, ThreadPoolExecutor.submit, _thread.start_new_thread
    profiler.trace(Net(executor), (2, 8))
    after = threading.Thread.start, ThreadPoolExecutor.submit, _thread.start_new_thread
    assert after == before


def test_a_layer_in_a_thread_of_somebody_elses_is_no_silent_zero():
    given, done = threading.Event(), threading.Event()
    model = Net(lambda s, x: (given.set(), done.wait(), x)[2])

    def work():
        given.wait()
        model.lin(torch.zeros(2, 8))
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    with pytest.raises(TraceError, match="'lin' is called in a thread"):
        profiler.trace(model, (2, 8))
    thread.join()


def test_an_error_in_a_thread_names_its_op():
    model = Net(lambda s, x: executor(s, x[:, :5]))
    with pytest.raises(TraceError, match=r"linear in module 'lin' \(.*\) failed"):
        profiler.trace(model, (2, 8))


def test_a_thread_that_asks_for_a_value_is_run_with_values():
    def thread_that_asks(s, x):
        found = []
        thread = threading.Thread(target=lambda: found.append(s.lin(x) if x.sum().item() else x))
        thread.start()
        thread.join()
        return found[0]

    found = profiler.trace(Net(thread_that_asks), (2, 8))
    assert (profiler.count(found).totals.macs, found.values) == (128, "real")


def test_a_thread_that_dies_is_no_silent_zero(capfd):
    def thread_that_dies(s, x):
        thread = threading.Thread(target=lambda: s.lin(x[:, :5]))
        thread.start()
        thread.join()
        return x

    with pytest.raises(TraceError, match=r"linear in module 'lin' \(test_unseen.py:.*\) failed"):
        profiler.trace(Net(thread_that_dies), (2, 8))
    assert capfd.readouterr().err == ""


def test_a_value_that_was_done_without_is_looked_for_where_the_rest_fails():
    def fails_without(s, x):
        try:
            rows = int(x.sum() * 0 + 2)
        except Exception:
            rows = None
        return s.lin(x[:rows].view(rows, 8))

    found = profiler.trace(Net(fails_without), (2, 8))
    assert (profiler.count(found).totals.macs, found.values) == (128, "real")


def test_a_task_may_take_what_the_forward_holds():
    def locked(s, x):
        lock = threading.Lock()

        def work():
            with lock:
                return s.lin(x)

        with ThreadPoolExecutor(1) as pool:
            with lock:
                task = pool.submit(work)
                y = s.lin(x)
            return y + task.result()

    assert profiler.count(profiler.trace(Net(locked), (2, 8))).totals.macs == 2 * 128


# --- random programs --------------------------------------------------------------------------

#: What calls a layer once: 128 MACs.
CALLS = {
    "layer": lambda s, x: s.lin(x),
    "function": lambda s, x: F.linear(x, s.lin.weight),
    "operator": lambda s, x: x @ s.lin.weight,
    "scripted": lambda s, x: scripted_linear(x, s.lin.weight),
    "traced": lambda s, x: traced_mm(x, s.lin.weight),
    "dispatcher": lambda s, x: torch.ops.aten.mm.default(x, s.lin.weight),
    "einsum": lambda s, x: torch.einsum("ab,cb->ac", x, s.lin.weight),
}


def gradient(work, x):
    """The input's gradient: the work once more."""
    with torch.enable_grad():
        y = x.detach().requires_grad_(True)
        return torch.autograd.grad(work(y).sum(), y)[0]


def a_thread(work, x):
    found = []
    thread = threading.Thread(target=lambda: found.append(work(x)))
    thread.start()
    thread.join()
    return found[0]


def an_executor(work, x):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work, x).result()


def no_functions(work, x):
    with torch._C.DisableTorchFunction():
        return work(x)


#: What runs some work in its own way, and how many times as much that is.
WAYS = {
    "plainly": (lambda work, x: work(x), 1),
    "twice": (lambda work, x: work(work(x)), 2),
    "a thread": (a_thread, 1),
    "an executor": (an_executor, 1),
    "gradient": (gradient, 2),
    "torch functions off": (no_functions, 1),
    "vmap": (lambda work, x: torch.vmap(work)(x[None])[0], 1),
    "checkpoint": (lambda work, x: checkpoint(work, x, use_reentrant=False), 1),
}


def is_legal(ways):
    """Whether torch runs it: no transform of another, and no thread or checkpoint below vmap.

    Recomputing a checkpoint below a gradient is work of its own; it has a case above.
    """
    if sum(way in {"gradient", "vmap"} for way in ways) > 1:
        return False
    if "gradient" in ways and "checkpoint" in ways:
        return False
    return "vmap" not in ways or {"plainly", "twice"}.issuperset(ways[: ways.index("vmap")])


def programs(ways):
    step = st.tuples(
        st.sampled_from(sorted(CALLS)), st.lists(st.sampled_from(ways), max_size=3).filter(is_legal)
    )
    return st.lists(step, min_size=1, max_size=5)


def runs(s, call, ways):
    def work(x):
        return CALLS[call](s, x)

    for way in ways:
        work = functools.partial(WAYS[way][0], work)
    return work


#: What FlopCounterMode goes through: it sees no threads, and its hooks stop autograd.grad.
SEEN = {"plainly", "twice", "torch functions off", "vmap", "checkpoint", "compiled"}


def check_program(steps):
    def forward(s, x):
        for call, ways in steps:
            x = runs(s, call, ways)(x)
        return x

    model = Net(forward)
    counts = profiler.count(profiler.trace(model, (2, 8)), "macs")
    if all(SEEN.issuperset(ways) for _, ways in steps):
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(torch.zeros(2, 8))
        assert counts.totals.flops == counter.get_total_flops()
    assert counts.totals.macs == 128 * sum(
        math.prod(WAYS[way][1] for way in ways) for _, ways in steps
    )
    # activations' gradients have no rule, and are listed
    assert all(each.function.endswith("_backward") for each in counts.uncounted)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=60)
@given(steps=programs(sorted(WAYS)))
def test_nothing_of_a_random_program_is_dropped(steps):
    check_program(steps)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=1000)
@given(steps=programs(sorted([*WAYS, "compiled"])))
def test_nor_of_a_thousand_with_compiled_parts(steps):
    # the compiler takes seconds to import, and is for the slow tests
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(WAYS, "compiled", (lambda work, x: torch.compile(work)(x), 1))
        with torch.compiler.set_stance("force_eager"):
            check_program(steps)
