"""Functions that say what a forward gets."""

import sys

import pytest
import torch

import profiler
from profiler.errors import BuildError, InprofError, UnknownNameError, UsageError
from profiler.models.given import imported_inputs
from profiler.tracing.addressed import trace_address

NETS = """
from dataclasses import dataclass
import torch
from torch import nn
from kinds import Batch

class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.table = nn.Embedding(100, width)
        self.out = nn.Linear(width, 4)
    def forward(self, batch, scale=1):
        assert isinstance(batch, Batch)
        assert isinstance(scale, int)
        return self.out(self.table(batch.ids)) * scale

def net(width=8): return Net(width)

def ids(): return Batch(torch.zeros(2, 5, dtype=torch.int64))
def one(): return (ids(),)
def positional(): return (ids(), 3)
def keywords(): return {"batch": ids(), "scale": 3}
def tensor(): return torch.zeros(2, 8)
def a_list(): return [torch.zeros(3)]
def nothing(): pass
def numbered(): return {1: torch.zeros(3)}
def fails(): raise ValueError("no\\nway")
def stops(): raise SystemExit("not today")
def needs(x): return x
def noisy():
    print("here")
    torch.manual_seed(3)
    return torch.rand(3)
constant = torch.zeros(3)
"""


@pytest.fixture
def nets(tmp_path):
    (tmp_path / "kinds.py").write_text(
        "from dataclasses import dataclass\nimport torch\n"
        "@dataclass\nclass Batch:\n    ids: torch.Tensor"
    )
    path = tmp_path / "nets.py"
    path.write_text(NETS)
    return path


def given(address):
    with imported_inputs(address) as give:
        return give()


def test_a_tensor_a_tuple_or_a_mapping(nets):
    tensor = given(f"{nets}:tensor")
    assert [each.shape for each in tensor.args] == [(2, 8)]
    assert tensor.kwargs == {}
    positional = given(f"{nets}:positional")
    assert (len(positional.args), positional.args[1], positional.kwargs) == (2, 3, {})
    keywords = given(f"{nets}:keywords")
    assert (keywords.args, list(keywords.kwargs)) == ((), ["batch", "scale"])
    assert not {"nets", "kinds"} & sys.modules.keys()


@pytest.mark.parametrize("name", ["one", "positional", "keywords"])
def test_a_class_that_model_and_inputs_name_is_one(nets, name):
    trace = trace_address(f"{nets}:net", inputs_from=f"{nets}:{name}", options={"width": 6})
    # 2 x 5 rows through the layer from 6 to 4
    assert profiler.count(trace, "macs").totals.macs == 2 * 5 * 6 * 4


def test_model_and_inputs_of_different_files(nets, tmp_path):
    """Beside the model, and in a folder with a neighbour of the same name that is another."""
    (tmp_path / "beside.py").write_text("import nets\ndef batch(): return nets.one()")
    trace = trace_address(f"{nets}:net", inputs_from=f"{tmp_path / 'beside.py'}:batch")
    assert profiler.count(trace, "macs").totals.macs == 2 * 5 * 8 * 4
    away = tmp_path / "away"
    away.mkdir()
    (away / "kinds.py").write_text("rows = 7")
    (away / "inputs.py").write_text(
        "import torch, kinds\ndef x(): return torch.zeros(kinds.rows, 8)"
    )
    (tmp_path / "plain.py").write_text(
        "import kinds\nfrom torch import nn\nkinds.Batch\ndef net(): return nn.Linear(8, 4)"
    )
    trace = trace_address(f"{tmp_path / 'plain.py'}:net", inputs_from=f"{away / 'inputs.py'}:x")
    assert profiler.count(trace, "macs").totals.macs == 7 * 8 * 4
    assert not {"inputs", "kinds", "plain", "nets", "beside"} & sys.modules.keys()


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("a_list", BuildError, "it returned a list: return a tensor"),
        ("nothing", BuildError, "it returned nothing: return a tensor"),
        ("numbered", BuildError, "a mapping with the key 1, which names no argument"),
        ("fails", BuildError, "calling it failed: ValueError: no"),
        ("stops", BuildError, "calling it failed: SystemExit: not today"),
        ("needs", BuildError, "calling it failed: TypeError: needs.. missing 1 required"),
        ("constant", BuildError, "'constant' is a Tensor, not a function"),
        (
            "tenser",
            UnknownNameError,
            "function of inputs in .*nets.py 'tenser': did you mean tensor",
        ),
    ],
)
def test_what_is_no_input_is_said_in_a_line(nets, name, error, said):
    with pytest.raises(error, match=said) as caught:
        given(f"{nets}:{name}")
    assert "\n" not in str(caught.value)


def test_no_function_at_all(nets):
    with pytest.raises(UsageError, match=r"expected package.module:function or path/to/file"):
        given(str(nets))
    with pytest.raises(BuildError, match="there is no file"):
        given(f"{nets.parent / 'none.py'}:x")


def test_inputs_that_do_not_fit_say_where_they_are_from(nets):
    with pytest.raises(InprofError, match=r"it was given what .*nets.py:tensor returns"):
        trace_address(f"{nets}:net", inputs_from=f"{nets}:tensor")


def test_a_graph_takes_whole_tensors(nets):
    with pytest.raises(UsageError, match=r"model.onnx is a graph, which takes whole tensors"):
        trace_address("model.onnx", inputs_from=f"{nets}:tensor")


def test_what_the_function_does_to_the_process_is_undone(nets, capsys):
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    assert given(f"{nets}:noisy").args[0].shape == (3,)
    assert torch.equal(torch.rand(1), expected)
    assert capsys.readouterr().out == ""


def test_sources_of_a_function(nets):
    behind = given(f"{nets}:one").sources
    assert {str(nets), str(nets.parent / "kinds.py")} == set(behind.files)
    assert behind.complete
