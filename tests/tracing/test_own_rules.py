"""Rules of one's own: for ops of other libraries, classes of modules, and torch's formulas."""

import pytest
import torch
from function_model import Does
from torch import nn
from torch.utils.flop_counter import FlopCounterMode, register_flop_formula

import profiler
from profiler.errors import TraceError, UsageError
from profiler.tracing import own_rules
from profiler.tracing.tracer import trace

LIBRARY = "inprof_tests"


@torch.library.custom_op(f"{LIBRARY}::scan", mutates_args=())
def scan(x: torch.Tensor, decay: torch.Tensor, state: int = 16) -> torch.Tensor:
    """A scan over a sequence."""
    return x.clone()


@scan.register_fake
def _(x, decay, state=16):
    return torch.empty_like(x)


@torch.library.custom_op(f"{LIBRARY}::opaque", mutates_args=())
def opaque(x: torch.Tensor) -> torch.Tensor:
    """An op whose shape nobody has told."""
    return x.clone()


class Block(nn.Module):
    """A layer, an activation and a scan: 2 x 5 x 8 numbers go through."""

    def __init__(self):
        super().__init__()
        self.state = 4
        self.layer = nn.Linear(8, 8)
        self.decay = nn.Parameter(torch.zeros(8))

    def forward(self, x):
        return scan(torch.relu(self.layer(x)), self.decay, self.state)


#: What the layer of a block costs: 2 x 5 rows, 8 x 8; and its bias.
LAYER = 10 * 64
BIAS = 80


@pytest.fixture(autouse=True)
def alone():
    with own_rules.scope():
        yield


def counted(model, convention, shape=(2, 5, 8)):
    counts = profiler.count(profiler.trace(model, shape), convention)
    return counts.totals.macs, counts.totals.flops, len(counts.uncounted)


def test_without_a_rule_an_op_is_listed():
    assert counted(Block(), "flops") == (LAYER, 2 * LAYER, 1)


def test_a_rule_for_an_op_is_given_shapes_and_attributes():
    seen = []

    @profiler.rule(f"{LIBRARY}::scan")
    def count(call):
        seen.append(call)
        batch, length, channels = call.inputs[0]
        return 3 * batch * length * channels * call.attributes["state"]

    trace = profiler.trace(nn.Sequential(Block()), (2, 5, 8))
    scanned = 3 * 2 * 5 * 8 * 4
    totals = {name: profiler.count(trace, name) for name in ("macs", "flops", "flops_all")}
    assert all(counts.totals.macs == LAYER + scanned for counts in totals.values())
    assert totals["flops"].totals.flops == 2 * (LAYER + scanned)
    # 80 additions of the bias, 80 activations
    assert totals["flops_all"].totals.flops == 2 * (LAYER + scanned) + BIAS + 80
    assert not any(counts.uncounted for counts in totals.values())
    (call,) = seen
    assert (call.name, call.path) == (f"{LIBRARY}::scan", "0")
    assert call.inputs == ((2, 5, 8), (8,))
    assert [(each.dtype, each.shape, each.numel) for each in call.inputs] == [
        ("float32", (2, 5, 8), 80),
        ("float32", (8,), 8),
    ]
    assert call.outputs == ((2, 5, 8),)
    assert call.attributes == {"state": 4}


def test_an_argument_that_is_not_given_has_its_default():
    @profiler.rule(scan)
    def count(call):
        return call.attributes["state"]

    assert counted(Does(lambda x: scan(x, x)), "macs") == (16, 32, 0)


def test_a_rule_states_each_figure():
    @profiler.rule(torch.ops.inprof_tests.scan)
    def count(call):
        return profiler.Cost(10, flops=25, flops_all=40)

    model = Does(lambda x: scan(x, x))
    assert [counted(model, name)[:2] for name in ("macs", "flops", "flops_all")] == [
        (10, 25), (10, 25), (10, 40),
    ]  # fmt: skip


def test_tools_do_not_know_the_rule():
    before = {name: counted(Block(), name) for name in profiler.counting.list_conventions()}
    profiler.rule(f"{LIBRARY}::scan")(lambda call: 10**9)
    profiler.rule(nn.Linear)(lambda call: 10**9)
    after = {name: counted(Block(), name) for name in before}
    ours = {"macs", "flops", "flops_all"}
    assert {name for name in before if before[name] != after[name]} == ours


# --- modules ----------------------------------------------------------------------------------


def test_a_rule_for_a_class_replaces_what_runs_in_it():
    seen = []

    @profiler.rule(Block)
    def count(call):
        seen.append(call)
        return 1000, 2500

    model = nn.Sequential(nn.Linear(8, 8), Block())
    assert counted(model, "macs") == (LAYER + 1000, 2 * LAYER + 2500, 0)
    assert counted(model, "flops_all") == (LAYER + 1000, 2 * LAYER + BIAS + 2500, 0)
    call = seen[0]
    assert (call.path, call.inputs, call.outputs) == ("1", ((2, 5, 8),), ((2, 5, 8),))
    assert call.attributes == {"training": False, "state": 4}
    assert call.parameters == {"decay": (8,), "layer.weight": (8, 8), "layer.bias": (8,)}


def test_the_figure_stands_at_the_module_itself_where_it_has_an_op():
    profiler.rule(Block)(lambda call: 1000)
    counts = profiler.count(profiler.trace(nn.Sequential(Block()), (2, 5, 8)), "macs")
    assert {row.path: row.macs for row in counts.layers if row.macs} == {"0": 1000}
    assert sum(row.params for row in counts.layers) == 8 * 8 + 8 + 8


def test_the_outer_of_two_rules_counts():
    profiler.rule(Block)(lambda call: 1000)
    profiler.rule(nn.Sequential)(lambda call: 7)
    assert counted(nn.Sequential(Block(), Block()), "macs") == (7, 14, 0)


def test_every_call_of_a_module_is_asked():
    profiler.rule(Block)(lambda call: 1000)
    block = Block()
    assert counted(nn.Sequential(block, block), "macs")[0] == 2000


def test_a_class_by_its_dotted_name_and_no_subclass():
    profiler.rule(f"{__name__}.Block")(lambda call: 1000)

    class Other(Block):
        pass

    assert counted(Block(), "macs")[0] == 1000
    assert counted(Other(), "macs") == (LAYER, 2 * LAYER, 1)


def test_one_of_torchs_own_layers():
    profiler.rule(nn.Linear)(lambda call: call.attributes["in_features"])
    assert counted(nn.Linear(8, 3), "macs") == (8, 16, 0)


def test_a_module_that_does_nothing_torch_can_see():
    class Passes(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(5))

        def forward(self, x):
            return x

    profiler.rule(Passes)(lambda call: 12)
    trace = profiler.trace(nn.Sequential(nn.ReLU(), Passes()), (2, 5, 8))
    counts = profiler.count(trace, "macs")
    assert (counts.totals.macs, counts.uncounted) == (12, ())
    assert {row.path: (row.macs, row.params) for row in counts.layers}["1"] == (12, 5)


def test_a_forward_that_shapes_can_not_run_is_not_run():
    class Kernel(nn.Module):
        def forward(self, x):
            raise RuntimeError("this kernel runs on one GPU alone")

    @profiler.rule(Kernel, output=lambda call: [*call.inputs[0][:-1], 3])
    def count(call):
        return call.outputs[0][-1]

    trace = profiler.trace(nn.Sequential(Kernel(), nn.Linear(3, 2)), (2, 5, 8))
    # 3, then 10 rows of 3 x 2
    assert profiler.count(trace, "macs").totals.macs == 3 + 60
    assert trace.outputs[0].shape == (2, 5, 2)


# --- ops without a shape ----------------------------------------------------------------------


def test_an_op_without_a_shape_says_what_helps():
    with pytest.raises(TraceError) as error:
        trace(Does(opaque), (2, 8), values="never")
    message = str(error.value)
    assert f"torch.ops.{LIBRARY}.opaque" in message
    assert "torch.library.register_fake" in message
    assert "output= of profiler.rule" in message
    assert "\n" not in message


def test_a_rule_gives_the_shape_of_an_op():
    @profiler.rule(opaque, output=lambda call: call.inputs[0])
    def count(call):
        return sum(call.outputs[0])

    assert counted(Does(opaque), "macs", (2, 8)) == (10, 20, 0)


# --- formulas of torch's own counter ----------------------------------------------------------


def test_a_formula_for_the_counter_of_torch_is_honoured():
    @register_flop_formula(torch.ops.inprof_tests.scan)
    def flops(x_shape, decay_shape, state, *args, out_shape=None, **kwargs):
        return 5 * x_shape[0] * out_shape[1] * state

    model = Block()
    scanned = 5 * 2 * 5 * 4
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(2, 5, 8))
    assert counter.get_total_flops() == 2 * LAYER + scanned
    trace = profiler.trace(model, (2, 5, 8))
    assert profiler.count(trace, "torch").totals.flops == 2 * LAYER + scanned
    assert counted(model, "flops") == (LAYER + scanned // 2, 2 * LAYER + scanned, 0)
    assert counted(model, "flops_all")[1] == 2 * LAYER + scanned + BIAS + 80
    # a rule of one's own goes before it, but not for torch
    profiler.rule(scan)(lambda call: 1)
    assert counted(model, "flops")[1] == 2 * LAYER + 2
    assert counted(model, "torch")[1] == 2 * LAYER + scanned


def test_a_formula_that_fails():
    @register_flop_formula(torch.ops.inprof_tests.scan)
    def flops(x_shape, *args, **kwargs):
        return x_shape[7]

    with pytest.raises(TraceError, match=r"register_flop_formula .* failed: IndexError"):
        profiler.trace(Block(), (2, 5, 8))


def test_kernels_that_the_vocabulary_has_not_are_torchs_under_torch_alone():
    def run(q, k, v):
        return torch.ops.aten._flash_attention_forward(
            q, k, v, None, None, 6, 6, 0.0, False, False
        )[0]

    given = torch.zeros(2, 6, 6, 8, dtype=torch.float16)
    with FlopCounterMode(display=False) as counter:
        run(*[given.to("meta")] * 3)
    # scores 2 x 6 x 6 x 6 and as many sums, 8 each; its formula takes rows for heads
    assert counter.get_total_flops() == 2 * 2 * 2 * 6**3 * 8
    trace = profiler.trace(Does(run), (given, given, given))
    assert profiler.count(trace, "torch").totals.flops == counter.get_total_flops()
    assert len(profiler.count(trace, "flops").uncounted) == 1


# --- mistakes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("target", [5, "scan", "a::b::c", "a::", "::b", "a.b::c", "", int])
def test_what_a_rule_can_not_be_for(target):
    with pytest.raises(UsageError, match=r"^rule for "):
        profiler.rule(target)


def test_an_op_that_is_counted_already():
    with pytest.raises(UsageError, match="rule for aten::mm: inprof counts this op itself"):
        profiler.rule("aten::mm")


def test_two_rules_for_one_target():
    profiler.rule(f"{LIBRARY}::scan")(lambda call: 1)
    with pytest.raises(
        UsageError, match=r"inprof_tests::scan has two rules: .*\.py:\d+ and .*\.py"
    ):
        profiler.rule(scan)(lambda call: 2)


def test_a_file_that_is_run_again_is_no_second_rule():
    for _ in range(2):
        profiler.rule(scan)(lambda call: 1)


def test_a_rule_that_is_no_function():
    with pytest.raises(UsageError, match="3 is no function"):
        profiler.rule(scan)(3)


@pytest.mark.parametrize(
    "said", [None, 1.5, "7", (), (1, 2, 3, 4), (1, -2), -1, profiler.Cost("1")]
)
@pytest.mark.parametrize("target", [f"{LIBRARY}::scan", Block])
def test_what_a_rule_can_not_say(target, said):
    profiler.rule(target)(lambda call: said)
    with pytest.raises(TraceError) as error:
        profiler.trace(nn.Sequential(Block()), (2, 5, 8))
    message = str(error.value)
    assert f"returned {said!r}: return MACs, a whole number" in message
    assert "\n" not in message


@pytest.mark.parametrize("target", [f"{LIBRARY}::scan", Block])
def test_a_rule_that_fails(target):
    profiler.rule(target)(lambda call: call.attributes["no such thing"])
    with pytest.raises(TraceError, match=r"the rule for .* \(.*\.py:\d+\) failed: KeyError"):
        profiler.trace(nn.Sequential(Block()), (2, 5, 8))


@pytest.mark.parametrize("shape", [None, 5, [-1, 2], ["x"], [[2, 3], "x"]])
def test_an_output_that_is_no_shape(shape):
    profiler.rule(opaque, output=lambda call: shape)(lambda call: 1)
    with pytest.raises(TraceError, match="gave the output"):
        profiler.trace(Does(opaque), (2, 8))


def test_rules_registered_within_a_scope_are_forgotten():
    with own_rules.scope():
        profiler.rule(scan)(lambda call: 1)
        assert counted(Block(), "macs")[2] == 0
    assert counted(Block(), "macs")[2] == 1
