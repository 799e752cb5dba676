"""``--inputs file.py:function``, on every command that takes ``--input``."""

import json
from textwrap import dedent

import pytest

from profiler.cli import main
from profiler.timing.latencies.measurement_file import read
from profiler.tracing.cache import TraceCache

DECODER = dedent("""
    from dataclasses import dataclass
    import torch
    from torch import nn

    @dataclass
    class Cache:
        keys: list

    class Decoder(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.query = nn.Linear(8, 8)
            self.out = nn.Linear(8, width)

        def forward(self, batch, cache=None, turns=1):
            x = self.query(batch["x"])
            if cache is not None:
                assert len(cache.keys) == 1, "a call finds what the one before left"
                cache.keys.append(x)
                x = x @ torch.cat(cache.keys, 1).mT @ torch.cat(cache.keys, 1)
            for _ in range(turns):
                y = self.out(x)
            return y

    def decoder(width=4): return Decoder(width)
    def other(): return nn.Sequential(Decoder(4))
    def linear(): return nn.Linear(8, 4)
""")

INPUTS = dedent("""
    import torch
    import decoders

    rows = 3

    def batch(): return ({"x": torch.zeros(1, rows, 8)},)
    def filled():
        return {
            "batch": {"x": torch.zeros(1, 1, 8)},
            "cache": decoders.Cache([torch.zeros(1, 9, 8)]),
            "turns": 2,
        }
    def tensor(): return torch.zeros(rows, 8)
    def a_list(): return [torch.zeros(rows, 8)]
    def numbers(): return (3,)
    def fails(): raise ValueError("one\\ntwo")
""")

#: Of ``filled``: the query, one row against ten keys, these times ten values, and two outputs.
FILLED = 64 + 10 * 8 + 10 * 8 + 2 * 8 * 4
DECODER_ON = ("decoders.py:decoder", "--inputs", "batches.py:filled")


@pytest.fixture
def nets(folder):
    (folder / "decoders.py").write_text(DECODER)
    (folder / "batches.py").write_text(INPUTS)
    return folder


def as_json(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def counted(inprof, *arguments):
    return as_json(inprof("count", "--model", *arguments, "--format", "json"))


def test_count(nets, inprof):
    # the query on 3 rows of 8, and the output from 8 to 4
    batch = ("decoders.py:decoder", "--inputs", "batches.py:batch")
    assert counted(inprof, *batch)["totals"]["macs"] == 3 * (64 + 32)
    assert counted(inprof, *batch, "--arg", "width=5")["totals"]["macs"] == 3 * (64 + 40)
    assert counted(inprof, *DECODER_ON)["totals"]["macs"] == FILLED
    table = inprof("count", "--model", *DECODER_ON)
    assert table.exit_code == 0, table.output


def test_the_cache_knows_the_function_and_what_it_imports(nets, inprof):
    def kept():
        return len(TraceCache().entries()) - before

    before = len(TraceCache().entries())
    batch = ("decoders.py:linear", "--inputs", "batches.py:tensor")
    for _ in range(2):
        assert counted(inprof, *batch)["totals"]["macs"] == 3 * 32
    assert kept() == 1
    counted(inprof, "decoders.py:linear", "--input", "3x8")
    counted(inprof, "decoders.py:decoder", "--inputs", "batches.py:batch")
    assert kept() == 3
    (nets / "batches.py").write_text(INPUTS.replace("rows = 3", "from sizes import rows"))
    (nets / "sizes.py").write_text("rows = 5")
    assert counted(inprof, *batch)["totals"]["macs"] == 5 * 32
    (nets / "sizes.py").write_text("rows = 17")
    assert counted(inprof, *batch)["totals"]["macs"] == 17 * 32
    (nets / "elsewhere").mkdir()
    (nets / "elsewhere" / "batches.py").write_text(
        "import torch\ndef tensor(): return torch.ones(2, 8)"
    )
    elsewhere = ("decoders.py:linear", "--inputs", "elsewhere/batches.py:tensor")
    assert counted(inprof, *elsewhere)["totals"]["macs"] == 2 * 32


def test_what_reads_other_files_is_counted_anew(nets, inprof):
    (nets / "rows.txt").write_text("3")
    (nets / "reads.py").write_text(
        "import torch\ndef x():\n    with open('rows.txt') as file:\n"
        "        return torch.zeros(int(file.read()), 8)"
    )
    asked = ("decoders.py:linear", "--inputs", "reads.py:x")
    assert counted(inprof, *asked)["totals"]["macs"] == 3 * 32
    (nets / "rows.txt").write_text("4")
    assert counted(inprof, *asked)["totals"]["macs"] == 4 * 32


def test_several_models_and_processes(nets, inprof):
    result = inprof(
        "count", "--model", "decoders.py:decoder", "--model", "decoders.py:other", "--inputs",
        "batches.py:batch", "--jobs", "2", "--format", "json",
    )  # fmt: skip
    assert [each["totals"]["macs"] for each in as_json(result)] == [3 * 96] * 2


def test_compare(nets, inprof):
    result = inprof(
        "compare", "decoders.py:decoder", "decoders.py:other", "--inputs", "batches.py:batch",
        "--convention", "macs", "--format", "json",
    )  # fmt: skip
    text = json.dumps(as_json(result))
    assert str(3 * 96) in text


def test_identify(nets, inprof):
    asked = ("identify", "--model", *DECODER_ON)
    found = as_json(inprof(*asked, "--macs", str(FILLED), "--format", "json"))
    assert found["inputs"] == ["batches.py:filled"]
    assert "macs" in [match["convention"] for match in found["matches"]]
    assert "batches.py:filled" in inprof(*asked, "--macs", str(FILLED)).stdout
    assert inprof(*asked, "--macs", "7").exit_code == 1


def test_time(nets, inprof):
    asked = ("--device", "cpu", "--budget", "1", "--runs", "1", "--out", "t.jsonl", "--per-layer")
    result = inprof("time", "--model", *DECODER_ON, *asked)
    assert result.exit_code == 0, result.output
    assert "batches.py:filled (1x1x8 + 1x9x8)" in result.stdout
    (record,) = read(nets / "t.jsonl").records
    assert record.samples_ms, record.reason
    assert record.inputs_from == "batches.py:filled"
    assert [each.shape for each in record.inputs] == [(1, 1, 8), (1, 9, 8)]
    assert (record.batch_size, record.input_shape) == (1, (1, 1, 8))
    (shown,) = json.loads(inprof("time", "show", "t.jsonl", "--format", "json").stdout)
    assert shown["inputs_from"] == "batches.py:filled"


@pytest.mark.parametrize(
    ("exit_code", "options", "words"),
    [
        (2, ["--inputs", "batches.py:tensor", "--size", "8"], "--inputs states whole shapes"),
        (2, ["--inputs", "batches.py:tensor", "--batch-size", "8"], "leave out --batch-size"),
        (2, ["--inputs", "batches.py:tensor", "--input", "1x8"], "leave out one"),
        (2, ["--inputs", "batches.py:tensor", "--verify"], "--verify hands one tensor"),
        (2, ["--inputs", "batches.py"], "expected package.module:function"),
        (1, ["--inputs", "none.py:tensor"], "there is no file 'none.py'"),
        (2, ["--inputs", "batches.py:tenser"], "did you mean tensor"),
        (1, ["--inputs", "batches.py:rows"], "'rows' is a int, not a function"),
        (1, ["--inputs", "batches.py:a_list"], "it returned a list: return a tensor"),
        (1, ["--inputs", "batches.py:fails"], "calling it failed: ValueError: one"),
        (1, ["--inputs", "batches.py:batch"], "it was given what batches.py:batch returns"),
    ],
)
def test_mistakes(nets, refuses, exit_code, options, words):
    asked = ("--model", "decoders.py:linear", *options)
    assert words in refuses(exit_code, "count", *asked)


def test_mistakes_of_other_commands(nets, refuses):
    both = ("--inputs", "batches.py:tensor", "--input", "3x8")
    model = ("--model", "decoders.py:linear")
    assert "leave out one" in refuses(2, "time", *model, *both)
    assert "leave out one" in refuses(2, "identify", *model, *both, "--macs", "3")
    assert "leave out one" in refuses(2, "compare", "decoders.py:linear", "googlenet", *both)
    numbers = ("--inputs", "batches.py:numbers", "--device", "cpu", "--out", "t.jsonl")
    assert "gives no tensor" in refuses(2, "time", *model, *numbers)
    fails = ("--inputs", "batches.py:fails", "--device", "cpu", "--out", "t.jsonl")
    assert "calling it failed: ValueError: one" in refuses(1, "time", *model, *fails)
    assert not (nets / "t.jsonl").exists()


def test_every_command_with_input_has_inputs():
    for name, command in main.commands.items():
        options = {option for each in command.params for option in each.opts}
        assert ("--input" in options) == ("--inputs" in options), name
