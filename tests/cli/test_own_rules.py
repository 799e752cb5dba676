"""``--rules``: a file of rules of one's own, for every command that counts."""

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from profiler.tracing import own_rules

MODELS = """
import torch
from torch import nn


@torch.library.custom_op("inprof_cli::scan", mutates_args=())
def scan(x: torch.Tensor, state: int) -> torch.Tensor:
    return x.clone()


@scan.register_fake
def _(x, state):
    return torch.empty_like(x)


class Scan(nn.Module):
    def forward(self, x):
        return scan(x, 4)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(8, 8)

    def forward(self, x):
        return self.layer(x)


def scanned():
    return nn.Sequential(nn.Linear(8, 8), Scan())


def blocks():
    return nn.Sequential(Block(), Block())
"""

RULES = """
import profiler


@profiler.rule("inprof_cli::scan")
def scan(call):
    batch, channels = call.inputs[0]
    return {factor} * batch * channels * call.attributes["state"]
"""

OF_A_CLASS = """
import profiler
from own import Block


@profiler.rule(Block)
def block(call):
    return 1000
"""

#: A linear layer 8 x 8 on a row.
LAYER = 64
ROW = ("--input", "1x8", "--format", "csv")


@pytest.fixture(autouse=True)
def files(folder):
    (folder / "own.py").write_text(MODELS)
    (folder / "rules.py").write_text(RULES.format(factor=3))
    (folder / "class_rules.py").write_text(OF_A_CLASS)
    yield
    assert not own_rules.any_registered()
    assert own_rules.VARIABLE not in os.environ


def total(result, metric="macs"):
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    return int(rows[-1][metric])


def count(inprof, model="own.py:scanned", *options):
    result = inprof("count", "--model", model, *ROW, *options)
    assert result.exit_code == 0, result.stderr
    return total(result), "uncounted" in result.stderr or "no rule" in result.stderr


def test_count(inprof):
    assert count(inprof, "own.py:scanned", "--rules", "rules.py", "--strict") == (LAYER + 96, False)
    # another request without them is another question
    assert count(inprof) == (LAYER, True)
    assert count(inprof, "own.py:scanned", "--rules", "rules.py") == (LAYER + 96, False)


def test_a_class_that_both_files_name_is_one(inprof):
    assert count(inprof, "own.py:blocks", "--rules", "class_rules.py")[0] == 2000
    assert count(inprof, "own.py:blocks")[0] == 2 * LAYER


def test_a_change_in_the_file_is_seen(inprof, folder):
    assert count(inprof, "own.py:scanned", "--rules", "rules.py")[0] == LAYER + 96
    (folder / "rules.py").write_text(RULES.format(factor=5))
    assert count(inprof, "own.py:scanned", "--rules", "rules.py")[0] == LAYER + 160


def test_a_change_in_what_the_file_imports_is_seen(inprof, folder):
    (folder / "factors.py").write_text("FACTOR = 3\n")
    text = RULES.format(factor="FACTOR")
    (folder / "rules.py").write_text(f"from factors import FACTOR\n{text}")
    assert count(inprof, "own.py:scanned", "--rules", "rules.py")[0] == LAYER + 96
    (folder / "factors.py").write_text("FACTOR = 50\n")
    assert count(inprof, "own.py:scanned", "--rules", "rules.py")[0] == LAYER + 1600


def test_what_was_counted_before_needs_no_torch():
    code = (
        "import sys\nfrom profiler.cli import main\n"
        "try: main(['count', '--model', 'own.py:scanned', '--input', '1x8', '--rules', 'rules.py'])"
        "\nexcept SystemExit: pass\nprint('torch' in sys.modules)"
    )
    for needs_torch in ("True", "False"):
        command = [sys.executable, "-c", code]
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
        assert ran.stdout.splitlines()[-1] == needs_torch
        assert "160" in ran.stdout


def test_several_processes(inprof):
    models = ("--model", "own.py:scanned", "--model", "own.py:blocks")
    found = inprof("count", *models, *ROW, "--rules", "rules.py", "--jobs", "2", "--no-cache")
    rows = {row["model"]: row for row in csv.DictReader(io.StringIO(found.stdout))}
    assert int(rows["own.py:scanned"]["macs"]) == LAYER + 96


def test_the_environment_may_name_the_file(inprof, folder, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("INPROF_RULES", "rules.py")
        assert count(inprof)[0] == LAYER + 96


def test_identify_finds_a_figure_by_a_rule(inprof):
    options = ("--model", "own.py:scanned", "--input", "1x8", "--macs", "160")
    assert inprof("identify", *options).exit_code == 1
    assert inprof("identify", *options, "--rules", "rules.py").exit_code == 0


def test_compare(inprof):
    models = ("own.py:scanned", "own.py:blocks")
    found = inprof("compare", *models, "--input", "1x8", "--rules", "rules.py", "--format", "json")
    assert found.exit_code == 0, found.stderr
    assert str(2 * (LAYER + 96)) in found.stdout


@pytest.mark.parametrize(
    "command", "count compare identify sweep time audit plot page site".split()
)
def test_every_command_that_counts_takes_it(inprof, command):
    assert "--rules FILE.PY" in inprof(command, "--help").stdout


# --- mistakes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", 2, "registers no rule: decorate a function with @profiler.rule"),
        ("import no_such_thing", 1, "no_such_thing"),
        ("import profiler\nprofiler.rule('scan')", 1, "name an op as library::op"),
        ("def f(:", 1, "SyntaxError"),
        ("raise SystemExit(0)", 1, "importing it failed: SystemExit"),
        (f"{RULES.format(factor=3)}\n{RULES.format(factor=4)}", 1, "has two rules"),
    ],
    ids="empty import target syntax exit twice".split(),
)
def test_a_file_that_is_no_file_of_rules(refuses, folder, text, code, said):
    (folder / "wrong.py").write_text(text)
    options = ("--model", "own.py:scanned", "--input", "1x8", "--rules", "wrong.py")
    line = refuses(code, "count", *options)
    assert said in line
    assert "wrong.py" in line


@pytest.mark.parametrize(
    ("factor", "said"),
    [("'x' + 3", "failed: TypeError"), (-3, "return MACs, a whole number")],
    ids=["failing", "negative"],
)
def test_a_rule_that_says_nothing_right(inprof, folder, factor, said):
    (folder / "wrong.py").write_text(RULES.format(factor=factor))
    found = inprof("count", "--model", "own.py:scanned", "--input", "1x8", "--rules", "wrong.py")
    assert found.exit_code == 1
    (line,) = found.stderr.splitlines()
    assert said in line
    assert "wrong.py:5" in line


def test_a_file_that_is_not_there(refuses):
    assert "missing.py" in refuses(2, "count", "--model", "googlenet", "--rules", "missing.py")


def test_a_graph_has_no_rules(refuses, folder):
    (folder / "model.onnx").write_bytes(b"")
    line = refuses(2, "count", "--model", "model.onnx", "--rules", "rules.py")
    assert "--rules are of ops of torch" in line


# --- what README shows ------------------------------------------------------------------------

#: The op and the class that its file of rules is about.
README_MODELS = """
import torch
from torch import nn


@torch.library.custom_op("mylib::selective_scan", mutates_args=())
def selective_scan(x: torch.Tensor, state: int) -> torch.Tensor:
    return x.clone()


@selective_scan.register_fake
def _(x, state):
    return torch.empty_like(x)


class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = 2

    def forward(self, x):
        return x * 2


class Mamba(nn.Module):
    def __init__(self):
        super().__init__()
        self.mixer = Mixer()

    def forward(self, x):
        return self.mixer(selective_scan(x, 16))


def mamba():
    return Mamba()
"""


@pytest.mark.parametrize(
    "page", ["README.md", *(f"site/pages/how-we-count{lang}.md" for lang in ("", ".zh_CN"))]
)
def test_the_example_runs(inprof, folder, page):
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    (example,) = [
        block for block in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
        if "@profiler.rule" in block
    ]  # fmt: skip
    (folder / "my_rules.py").write_text(example)
    (folder / "my_nets.py").write_text(README_MODELS)
    options = ("--input", "1x4x8", "--rules", "my_rules.py", "--format", "csv")
    found = inprof("count", "--model", "my_nets.py:mamba", *options, "--convention", "flops_all")
    # 3 x 32 numbers x 16 states
    scanned = 3 * 32 * 16
    # README: 32 numbers x 2 heads, and 32 more; the pages: 32, and 3 x 32 FLOPs
    mixed = (64, 2 * 64 + 32) if page == "README.md" else (32, 3 * 32)
    assert total(found) == scanned + mixed[0]
    assert total(found, "flops") == 2 * scanned + mixed[1]
