"""A command line in a folder of its own, with small models and a series of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from profiler.cli import main

NETS = """
import torch
from torch import nn

def small():
    return nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(),
                         nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)))

def graphs(variant="deploy"):
    return nn.Conv2d(3, 2 if variant == "deploy" else 6, 1)

class Spectrum(nn.Module):
    def forward(self, x):
        return torch.fft.rfft(x).real

def spectrum():
    return nn.Sequential(nn.Conv2d(3, 3, 1), Spectrum())

def frozen():
    model = nn.Conv2d(3, 4, 3)
    model.weight.requires_grad_(False)
    return model

def wide(width=4, mode=""):
    assert mode in ("", "plain")
    return nn.Conv2d(3, width, 1, bias=False)

def halved():
    return small().bfloat16()

def wider(width=4):
    return wide(2 * width)

def text_only():
    return nn.Embedding(10, 3)

def more_text():
    return nn.Embedding(10, 5)

def fails():
    raise ValueError("one\\ntwo")
"""

SERIES = """
file_stem = "Mine"
[titles]
en = "My nets"
[pages]
blog = "A post of ours"
[[families]]
slug = "net"
name = "Net"
[[models]]
name = "small"
label = "Small net"
address = "nets.py:small"
family = "net"
crop_size = 16
[[models]]
name = "graphs"
label = "Graphs"
address = "nets.py:graphs"
family = "net"
crop_size = 8
"""

COUNTS = """page,model,top1,top5,flops_g,params_m
blog,small,0.5,0.75,1.50,
blog,graphs,0.6,,,
"""

LATENCY = """page,model,hw,precision,batch_size,crop_size,resize_short_size,latency_ms
blog,small,t4,fp16,1,16,18,1.250
blog,graphs,t4,fp16,1,8,9,2.5
"""

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: nets.py and series/mine/."""
    (tmp_path / "nets.py").write_text(NETS)
    mine = tmp_path / "series" / "mine"
    mine.mkdir(parents=True)
    for name, content in {
        "series.toml": SERIES, "counts.csv": COUNTS, "latency.csv": LATENCY, "nets.py": NETS,
    }.items():  # fmt: skip
        (mine / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def inprof(folder: Path) -> Run:
    """Run ``inprof`` there; an exception that would be a traceback fails the test."""

    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(main, arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def refuses(inprof: Run) -> Callable[..., str]:
    """Run ``inprof``, expect an exit code and one line on standard error; return the line."""

    def run(exit_code: int, *arguments: str) -> str:
        result = inprof(*arguments)
        assert result.exit_code == exit_code, result.output
        assert result.stdout == ""
        (line,) = result.stderr.splitlines()
        assert line.startswith("Error: ")
        return line

    return run
