"""Models of every make: what is traced agrees with torch's own counter where both count."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

import profiler
from profiler.errors import TraceError, UsageError


def torch_flops(model, *shapes):
    device = next(model.parameters()).device
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.eval()(*[torch.empty(shape, device=device) for shape in shapes])
    return counter.get_total_flops()


class Functional(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(6, 3, 3, 3))
        self.mix = nn.Parameter(torch.empty(6, 6))

    def forward(self, x):
        x = F.relu(F.conv2d(x, self.weight, padding=1))
        x = torch.einsum("bchw,cd->bdhw", x, self.mix)
        return (
            x.flatten(2).transpose(1, 2) @ self.mix
            + torch.matmul(x.mean((2, 3)), self.mix)[:, None]
        )


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(16, 48)

    def forward(self, x):
        q, k, v = self.qkv(x).unflatten(-1, (3, 4, 4)).permute(2, 0, 3, 1, 4)
        return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)


class Shared(nn.Module):
    """One layer called twice, one weight under two names."""

    def __init__(self):
        super().__init__()
        self.first = nn.Linear(5, 5)
        self.tied = nn.Linear(5, 5)
        self.tied.weight = self.first.weight
        self.never = nn.Linear(7, 2)

    def forward(self, x):
        return self.tied(self.first(self.first(x)))


class Scripted(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.jit.script(nn.Sequential(nn.Linear(5, 3), nn.ReLU()))

    def forward(self, x):
        return self.inner(x) @ x.new_ones(3, 3)


CASES = {
    "functional": (Functional(), [(2, 3, 8, 8)]),
    "transposed": (
        nn.Sequential(
            nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2), nn.Conv2d(6, 6, 3, groups=6)
        ),
        [(1, 4, 9, 9)],
    ),
    "conv1d and conv3d": (
        nn.Sequential(
            nn.Conv1d(3, 4, 3, padding="same"), nn.Unflatten(2, (2, 2, 3)), nn.Conv3d(4, 2, 2)
        ),
        [(2, 3, 12)],
    ),
    "multihead attention": (nn.MultiheadAttention(16, 4), [(5, 2, 16)] * 3),
    "shared": (Shared(), [(2, 5)]),
    "scripted": (Scripted(), [(2, 5)]),
    "weight norm": (nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3)), [(1, 3, 9, 9)]),
    "fx": (torch.fx.symbolic_trace(nn.Sequential(nn.Linear(5, 4), nn.GELU())), [(2, 5)]),
}


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_flop_counter_mode(case):
    model, shapes = CASES[case]
    counts = profiler.count(profiler.trace(model, tuple(shapes) if len(shapes) > 1 else shapes[0]))
    if case != "multihead attention":  # its fast path is opaque to that counter on the CPU
        assert counts.totals.flops == torch_flops(model, *shapes)
    assert counts.totals.params == sum(p.numel() for p in model.parameters())


def test_multihead_attention_by_hand():
    # 2 sequences of 5 tokens, width 16, 4 heads of 4: in-projection 10*16*48, scores and their use
    # 2*4 * 5*5 * (4+4), out-projection 10*16*16
    counts = profiler.count(profiler.trace(nn.MultiheadAttention(16, 4), ((5, 2, 16),) * 3), "macs")
    assert counts.totals.macs == 10 * 16 * 48 + 8 * 25 * 8 + 10 * 16 * 16


def test_fused_attention_by_hand():
    # q·k and scores·v: 3 images * 4 heads * 7*7 scores * (4 + 4), after the 16 -> 48 projection
    counts = profiler.count(profiler.trace(Attention(), (3, 7, 16)), "macs")
    assert counts.totals.macs == 3 * 7 * 16 * 48 + 3 * 4 * 7 * 7 * 8


@pytest.mark.parametrize(
    ("layer", "gates", "sizes"),
    [
        # weights of each layer and direction: gates * hidden * (inputs + hidden)
        (nn.LSTM(8, 6, 2), 4, 4 * 6 * (8 + 6) + 4 * 6 * (6 + 6)),
        (nn.GRU(8, 6, bidirectional=True), 3, 2 * 3 * 6 * (8 + 6)),
        (nn.RNN(8, 6), 1, 6 * (8 + 6)),
        # a projection to 3 feeds back 3 values and adds a 3 x 6 matrix
        (nn.LSTM(8, 6, proj_size=3), 4, 4 * 6 * (8 + 3) + 3 * 6),
    ],
)
def test_recurrent_by_hand(layer, gates, sizes):
    trace = profiler.trace(layer, (5, 2, 8))  # 5 steps of 2 sequences
    assert profiler.count(trace, "macs").totals.macs == 5 * 2 * sizes
    assert {op.kind for op in trace.ops if op.parameters} == {"recurrent"}


def test_a_module_called_twice_counts_twice_and_its_parameters_once():
    counts = profiler.count(profiler.trace(Shared(), (2, 5)), "macs")
    rows = {row.path: row for row in counts.layers}
    assert rows["first"].macs == 2 * (2 * 5 * 5)
    assert rows["first"].calls == 2
    assert rows["first"].params == 5 * 5 + 5
    assert rows["tied"].params == 5  # its bias: the weight is first's
    assert (rows["never"].kind, rows["never"].params) == ("unused", 7 * 2 + 2)


def test_names_and_dicts_of_inputs():
    class TwoInputs(nn.Module):
        def forward(self, x, tokens):
            return x + F.embedding(tokens, x.new_ones(10, 4)).mean(1)

    trace = profiler.trace(
        TwoInputs(), {"x": (2, 4), "tokens": torch.zeros(2, 3, dtype=torch.long)}
    )
    assert trace.input_shapes == {"x": (2, 4), "tokens": (2, 3)}


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Linear(4, 4), _Gate())

    def forward(self, x):
        return self.stem(x)


class _Gate(nn.Module):
    def forward(self, x):
        return x + 1 if x.sum() > 0 else x


def test_data_dependent_control_flow_names_the_op_and_the_module():
    with pytest.raises(
        TraceError, match=r"Branches: Tensor.__bool__ in module 'stem.1' \(.*\) needs the val"
    ):
        profiler.trace(Branches(), (2, 4), values="never")


def test_a_failing_op_names_itself_and_the_module():
    with pytest.raises(
        TraceError, match=r"torch.nn.functional.linear in module '0' failed: .*2, 5"
    ):
        profiler.trace(nn.Sequential(nn.Linear(4, 4)), (2, 5))


@pytest.mark.parametrize("inputs", [(0, 3), "1x3", 7])
def test_impossible_inputs(inputs):
    with pytest.raises(UsageError):
        profiler.trace(nn.Linear(3, 3), inputs)


def test_constants_made_in_the_forward_may_be_read():
    class Constant(nn.Module):
        def forward(self, x):
            return x * torch.arange(3).sum().item()

    assert len(profiler.trace(Constant(), (2, 2)).ops) >= 1


def test_a_model_that_mixes_devices_is_traced_on_meta_alone():
    class Mixed(nn.Module):
        def __init__(self):
            super().__init__()
            self.anchors = torch.ones(4)  # neither parameter nor buffer

        def forward(self, x):
            return x * self.anchors + torch.arange(4)

    assert profiler.count(profiler.trace(Mixed(), (2, 4)), "flops_all").totals.flops == 16


def test_gradients_in_the_forward():
    class Force(nn.Module):
        def forward(self, x):
            with torch.enable_grad():
                x = x.requires_grad_()
                return torch.autograd.grad((x @ x.T).sum(), x)[0]

    # forward 2x4 @ 4x2, backward two products of the same size
    assert profiler.count(profiler.trace(Force(), (2, 4)), "macs").totals.macs == 3 * 2 * 2 * 4


def test_a_batched_function_counts_its_whole_batch():
    class Batched(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(4, 5)

        def forward(self, x):
            return torch.vmap(self.linear)(x), torch.vmap(lambda row: row @ row)(x)

    # 3 rows through 4 x 5, and 3 dot products of 4
    counts = profiler.count(profiler.trace(Batched(), (3, 4)), "macs")
    assert counts.totals.macs == 3 * 4 * 5 + 3 * 4
    assert counts.totals.params == 4 * 5 + 5


def test_a_tensor_that_gets_other_data_is_looked_at_anew():
    class Repointed(nn.Module):
        def forward(self, x):
            y = torch.zeros_like(x)
            y = y + 0 * torch.relu(y)
            y.data = x.new_zeros(7, 4)
            return torch.relu(y) @ x.new_ones(4, 2)

    counts = profiler.count(profiler.trace(Repointed(), (3, 4)), "macs")
    assert counts.totals.macs == 7 * 4 * 2


def test_a_result_does_not_depend_on_what_was_traced_before():
    class Along(nn.Module):
        def __init__(self, dim):
            super().__init__()
            self.dim = dim

        def forward(self, x):
            return F.softmax(x, self.dim)

    profiler.trace(Along(1), (2, 3))
    with pytest.raises(TraceError, match=r"softmax .*failed"):
        profiler.trace(Along(1.0), (2, 3))  # as a plain forward refuses it


def test_a_model_that_exits_is_an_error():
    class Exits(nn.Module):
        def forward(self, x):
            raise SystemExit(0)

    with pytest.raises(TraceError, match="Exits: "):
        profiler.trace(Exits(), (2, 3))


def test_what_is_no_module():
    with pytest.raises(UsageError, match=r"takes a torch.nn.Module, not int"):
        profiler.trace(5, (1, 3))
    with pytest.raises(UsageError, match=r"not 3"):
        profiler.build(3)


def test_a_tensor_subclass_keeps_its_say():
    class Loud(torch.Tensor):
        pass

    class Uses(nn.Module):
        def forward(self, x):
            loud = F.relu(x.as_subclass(Loud))
            assert type(loud) is Loud
            return loud @ x.T

    assert profiler.count(profiler.trace(Uses(), (3, 4)), "macs").totals.macs == 3 * 4 * 3


def test_threads_do_not_undo_each_others_patches():
    reset, call = vars(nn.Linear)["reset_parameters"], nn.Module.__call__
    handle = vars(F)["handle_torch_function"]

    def work(_):
        return profiler.count(profiler.trace(profiler.build("googlenet"), (1, 3, 64, 64))).totals

    with ThreadPoolExecutor(4) as pool:
        totals = list(pool.map(work, range(8)))
    assert all(each == totals[0] for each in totals)
    assert vars(nn.Linear)["reset_parameters"] is reset
    assert nn.Module.__call__ is call
    assert vars(F)["handle_torch_function"] is handle


def test_unknown_ops_are_listed_and_strict_refuses_them():
    class Fourier(nn.Module):
        def forward(self, x):
            return torch.fft.fft(x).abs()

    trace = profiler.trace(Fourier(), (2, 8))
    (uncounted,) = profiler.count(trace).uncounted
    assert (uncounted.function, uncounted.calls) == ("torch.fft.fft", 1)
    with pytest.raises(profiler.errors.UncountedError, match=r"no rule for torch.fft.fft"):
        profiler.count(trace, strict=True)
