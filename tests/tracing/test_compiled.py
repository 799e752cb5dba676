"""What torch.compile made is traced as the code that it was made of, under that code's paths."""

import subprocess
import sys
from textwrap import dedent

import pytest
import torch
from torch import nn

import profiler


def layers():
    return nn.Sequential(nn.Linear(8, 4), nn.ReLU())


class Decorated(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 4)

    @torch.compile(fullgraph=True)
    def forward(self, x):
        return torch.relu(self.linear(x))


class CompilesInside(nn.Module):
    """A function and a layer that the forward compiles each time, and one beside ``_modules``."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 4)
        self.beside = [torch.compile(self.linear)]

    def forward(self, x):
        function = torch.compile(lambda x: self.linear(x) * 2, dynamic=True)
        return function(x) + torch.compile(self.linear)(x) + self.beside[0](x)


def in_place():
    model = layers()
    model.compile()
    return model


def as_rows(model):
    """The ops of a trace on two rows of eight, with what they cost."""
    trace = profiler.trace(model, (2, 8))
    return [(op.path, op.function, op.parameters, op.module) for op in trace.ops]


@pytest.mark.parametrize(
    ("compiled", "plain"),
    [
        (lambda: torch.compile(layers()), layers),
        (lambda: nn.Sequential(torch.compile(layers())), lambda: nn.Sequential(layers())),
        (in_place, layers),
        (lambda: nn.ModuleDict({"a": torch.compile(layers())})["a"], layers),
    ],
)
def test_the_same_trace_as_uncompiled(compiled, plain, capfd):
    assert as_rows(compiled()) == as_rows(plain())
    assert profiler.trace(compiled(), (2, 8)) == profiler.trace(plain(), (2, 8))
    assert capfd.readouterr().err == ""


def test_functions_and_forwards(capfd):
    def macs(model):
        trace = profiler.trace(model, (2, 8))
        assert {op.path for op in trace.ops} <= {"", "linear"}
        return profiler.count(trace, "macs").totals.macs

    assert macs(Decorated()) == 2 * 8 * 4
    assert macs(CompilesInside()) == 3 * 2 * 8 * 4
    assert capfd.readouterr().err == ""


def test_one_layer_under_two_names():
    """A layer and what was compiled of it share a path, as a layer that stands twice does."""
    layer = nn.Linear(8, 8)
    trace = profiler.trace(nn.Sequential(layer, torch.compile(layer)), (2, 8))
    same = profiler.trace(nn.Sequential(layer, layer), (2, 8))
    assert [(call.path, call.shared_with) for call in trace.modules] == [
        (call.path, call.shared_with) for call in same.modules
    ]
    assert profiler.count(trace, "macs").totals.macs == 2 * 2 * 8 * 8
    assert profiler.count(trace, "macs").totals.params == 8 * 8 + 8


def test_it_is_compiled_again_afterwards():
    compiled = nn.Sequential(torch.compile(layers())).train()
    profiler.trace(compiled, (2, 8))
    assert type(compiled[0]).__name__ == "OptimizedModule"
    assert compiled[0].training
    seen = []
    torch._dynamo.reset()
    again = torch.compile(lambda x: x + 1, backend=lambda graph, _: seen.append(1) or graph)
    again(torch.zeros(2))
    assert seen == [1]


def test_a_hook_of_the_compiled_module_runs():
    compiled = torch.compile(nn.Linear(8, 4))
    compiled.register_forward_hook(lambda module, args, output: output @ torch.zeros(4, 3))
    trace = profiler.trace(nn.Sequential(compiled), (2, 8))
    assert profiler.count(trace, "macs").totals.macs == 2 * 8 * 4 + 2 * 4 * 3


@pytest.mark.slow  # a process that has not imported the compiler yet
def test_the_first_compile_of_a_process_in_a_forward():
    script = dedent("""
        import sys, torch, profiler
        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.linear = torch.nn.Linear(8, 4)
            def forward(self, x):
                return torch.compile(self.linear)(x) + torch.compile(lambda x: self.linear(x))(x)
        assert "torch._dynamo" not in sys.modules
        compile_ = torch.compile
        trace = profiler.trace(Net(), (2, 8))
        assert torch.compile is compile_
        print(profiler.count(trace, "macs").totals.macs, [op.path for op in trace.ops])
    """)
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (run.stdout.strip(), run.stderr) == ("128 ['linear', 'linear', '']", "")
