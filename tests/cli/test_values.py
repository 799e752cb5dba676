"""``inprof count`` on forwards that look at values, and up to a module: marked in every format."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner

from profiler.cli import main

NETS = """
import torch
from torch import nn

class Looks(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.head = nn.Linear(4, 8), nn.Linear(8, 2)
    def forward(self, x):
        y = self.stem(x)
        return self.head(y[torch.isfinite(y).all(-1)])

class Counts(Looks):
    def forward(self, x):
        for _ in range(torch.tensor([2], device=x.device).long().sum().item()):
            x = self.stem(x)[:, :4]
        return x

class Fails(Looks):
    def forward(self, x):
        return self.head(self.stem(x)[:, :3])

looks, counts, fails = Looks, Counts, Fails
"""
GIVEN = ("--input", "3x4")


@pytest.fixture
def nets(tmp_path, monkeypatch):
    (tmp_path / "nets.py").write_text(NETS)
    monkeypatch.chdir(tmp_path)


def run(*arguments):
    return CliRunner().invoke(main, ["count", *arguments, *GIVEN])


@pytest.mark.usefixtures("nets")
@pytest.mark.parametrize("form", ["table", "markdown"])
def test_a_figure_that_depends_on_values_says_so(form):
    result = run("--model", "nets.py:looks", "--format", form)
    assert result.exit_code == 0
    assert "depends on the values of this input" in " ".join(result.stdout.split())
    assert "depends on the values of this" in run(
        "--model", "nets.py:looks", "--convention", "all", "--format", form
    ).stdout.replace("\n", " ")
    assert "depends on the values of this" in run(
        "--model", "nets.py:looks", "--explain", "thop", "--format", form
    ).stdout.replace("\n", " ")


@pytest.mark.usefixtures("nets")
def test_so_do_data():
    # 3 x 4 x 8 + 3 x 8 x 2 MACs
    data = json.loads(run("--model", "nets.py:looks", "--format", "json").stdout)
    assert (data["values"], data["totals"]["macs"]) == ("real", 144)
    rows = list(
        csv.DictReader(io.StringIO(run("--model", "nets.py:looks", "--format", "csv").stdout))
    )
    assert {row["values"] for row in rows} == {"real"}
    every = json.loads(
        run("--model", "nets.py:looks", "--convention", "all", "--format", "json").stdout
    )
    assert every["values"] == "real"
    both = ("--model", "nets.py:looks", "--model", "nets.py:fails", "--until", "stem")
    rows = list(csv.DictReader(io.StringIO(run(*both, "--format", "csv").stdout)))
    assert [row["until"] for row in rows] == ["stem", "stem"]


@pytest.mark.usefixtures("nets")
def test_values_forbids_and_forces_a_run():
    refused = run("--model", "nets.py:looks", "--values", "never")
    assert refused.exit_code == 1
    assert "nets.py:11: return self.head(y[torch.isfinite(y).all(-1)])" in refused.stderr
    assert "--values real" in refused.stderr
    assert "depends" not in run("--model", "nets.py:looks", "--until", "stem").stdout
    # two rounds of 3 x 4 x 8, which a constant of the forward's own says
    plain = json.loads(run("--model", "nets.py:counts", "--format", "json").stdout)
    assert ("values" in plain, plain["totals"]["macs"]) == (False, 192)
    for values in ("fake", "real"):
        forced = run("--model", "nets.py:counts", "--values", values, "--format", "json")
        data = json.loads(forced.stdout)
        assert (data["values"], data["totals"]) == (values, plain["totals"])


@pytest.mark.usefixtures("nets")
def test_until_counts_up_to_a_module():
    data = json.loads(run("--model", "nets.py:fails", "--until", "stem", "--format", "json").stdout)
    # 3 x 4 x 8 MACs, 4 x 8 + 8 parameters
    assert (data["until"], data["totals"]["macs"], data["totals"]["params"]) == ("stem", 96, 40)
    unknown = run("--model", "nets.py:fails", "--until", "stm")
    assert unknown.exit_code == 2
    assert unknown.stderr == "Error: unknown module 'stm': did you mean stem?\n"


@pytest.mark.usefixtures("nets")
def test_an_error_shows_the_rows_before_it():
    result = run("--model", "nets.py:fails")
    assert result.exit_code == 1
    assert "up to head, where it fails" in result.stdout
    assert "stem" in result.stdout
    assert "nets.py:21: return self.head(self.stem(x)[:, :3])" in result.stderr
    assert run("--model", "nets.py:fails", "--format", "json").stdout == ""


@pytest.mark.usefixtures("nets")
def test_the_cache_tells_them_apart(monkeypatch, tmp_path):
    monkeypatch.setenv("INPROF_CACHE_DIR", str(tmp_path / "cache"))
    for _ in range(2):
        assert run("--model", "nets.py:looks", "--values", "never").exit_code == 1
        assert '"values": "real"' in run("--model", "nets.py:looks", "--format", "json").stdout
        assert (
            '"until": "stem"'
            in run("--model", "nets.py:looks", "--until", "stem", "--format", "json").stdout
        )


def test_a_graph_is_read_and_not_run(tmp_path):
    result = run("--model", str(tmp_path / "net.onnx"), "--values", "real")
    assert result.exit_code == 2
    assert "is a graph, which is read and not run: leave out --values" in result.stderr


@pytest.mark.usefixtures("nets")
@pytest.mark.parametrize("how", [("--convention", "all"), ("--explain", "thop")])
def test_rows_of_conventions_say_so(how):
    result = run("--model", "nets.py:looks", *how, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert {row["values"] for row in rows} == {"real"}
    plain = run("--model", "nets.py:counts", *how, "--format", "csv")
    assert "values" not in plain.stdout.splitlines()[0].split(",")


@pytest.mark.usefixtures("nets")
@pytest.mark.parametrize("form", ["table", "markdown", "csv", "json"])
def test_so_does_a_comparison(form):
    result = CliRunner().invoke(
        main, ["compare", "nets.py:looks", "nets.py:counts", *GIVEN, "--format", form]
    )
    assert result.exit_code == 0
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        assert {(row["model"], row["values"]) for row in rows} == {
            ("nets.py:looks", "real"),
            ("nets.py:counts", ""),
        }
    elif form == "json":
        models = json.loads(result.stdout)["models"]
        assert [model.get("values") for model in models] == ["real", None]
    else:
        said = "nets.py:looks: depends on the values of this input."
        assert said in " ".join(result.stdout.split())


@pytest.mark.usefixtures("nets")
def test_so_does_what_is_identified():
    asked = ["identify", "--model", "nets.py:looks", "--macs", "144", *GIVEN]
    result = CliRunner().invoke(main, asked)
    assert "depends on the values of this input" in " ".join(result.stdout.split())
    data = json.loads(CliRunner().invoke(main, [*asked, "--format", "json"]).stdout)
    assert {match["values"] for match in data["matches"]} == {"real"}


@pytest.mark.usefixtures("nets")
def test_so_do_rows_of_a_sweep(tmp_path):
    (tmp_path / "images.py").write_text(
        NETS.replace("nn.Linear(4, 8)", "nn.Conv2d(3, 4, 1)").replace(
            "self.head(y[torch.isfinite(y).all(-1)])", "y[torch.isfinite(y)]"
        )
    )
    out = tmp_path / "counts.csv"
    asked = ["sweep", "images.py:looks", "--size", "8", "--out", str(out)]
    assert CliRunner().invoke(main, asked).exit_code == 0
    assert [row["values"] for row in csv.DictReader(io.StringIO(out.read_text()))] == ["real"]
