"""``inprof count``: every convention side by side, one explained, tools verified."""

import json

import pytest

from profiler.counting import tools
from profiler.counting.conventions import convention, list_conventions
from profiler.counting.tools import TOOLS


def test_all_as_json(inprof):
    result = inprof("count", "--model", "googlenet", "--convention", "all", "--format", "json")
    report = json.loads(result.stdout)
    assert report["model"] == "googlenet"
    assert tuple(report["conventions"]) == list_conventions()
    for name, figures in report["conventions"].items():
        assert figures.keys() == {"unit", "total", "params", "uncounted"}
        assert figures["unit"] == convention(name).unit
    # the deploy graph at 224: expected_counts.csv of the reference data
    assert report["conventions"]["flops"]["total"] == 2 * report["conventions"]["macs"]["total"]


@pytest.mark.parametrize("output_format", ["table", "markdown", "csv"])
def test_all_names_every_rule_and_why(inprof, output_format):
    out = inprof(
        "count", "--model", "xception41", "--convention", "all", "--format", output_format
    ).stdout
    assert all(name in out for name in list_conventions())
    if output_format != "csv":
        assert "thop: MACs; batch" in out.replace("\\_", "_")
        assert "2 per element, 4 with an affine" in out


def test_several_models_give_a_list(inprof):
    result = inprof(
        "count", "--model", "googlenet", "--model", "xception41", "--convention", "all",
        "--format", "json",
    )  # fmt: skip
    assert [each["model"] for each in json.loads(result.stdout)] == ["googlenet", "xception41"]


def test_a_gap_adds_up(inprof):
    result = inprof("count", "--model", "googlenet", "--explain", "thop", "--format", "json")
    report = json.loads(result.stdout)
    assert sum(part["difference"] for part in report["parts"]) == report["gap"]
    assert report["gap"] == report["total"] - report["flops"]
    assert all(part["reason"] for part in report["parts"])


def test_a_gap_as_a_table(inprof, tmp_path):
    out = inprof("count", "--model", "googlenet", "--explain", "thop").stdout
    assert "a multiply-accumulate is one MAC and two FLOPs" in out
    assert "It is what thop.profile prints." in out
    file = tmp_path / "gap.md"
    inprof("count", "--model", "googlenet", "--explain", "thop", "--format", "markdown",
           "-o", str(file))  # fmt: skip
    assert file.read_text().startswith("### googlenet, input 1x3x224x224: thop beside flops\n")


def test_tools_are_run(inprof):
    result = inprof("count", "--model", "googlenet", "--verify", "--format", "json")
    report = json.loads(result.stdout)["tools"]
    assert {"fvcore", "thop"} <= report.keys()
    for name in ("fvcore", "thop"):
        assert report[name]["agrees"]
        assert report[name]["total"] == report[name]["emulated_total"]
        assert report[name]["layers"] > 60
        assert report[name]["disagreements"] == []


def test_a_disagreement_is_shown_and_exits_1(inprof, monkeypatch):
    real = TOOLS["thop"].run

    def wrong(model, shape):
        figures = real(model, shape)
        layers = {**figures.by_module, "stem.conv1": 7}
        return figures._replace(total=figures.total + 1, by_module=layers)

    for name in set(TOOLS) - {"thop", "fvcore"}:
        monkeypatch.delitem(TOOLS, name)
    monkeypatch.setitem(TOOLS, "thop", tools.Tool("thop", wrong))
    result = inprof("count", "--model", "googlenet", "--verify")
    assert result.exit_code == 1
    assert "DIFFERS" in result.stdout
    assert "layers at which thop differs" in result.stdout


def test_to_verify_nothing_is_a_failure(inprof, monkeypatch):
    def fails(model, shape):
        raise RuntimeError("not today")

    for name in set(TOOLS) - {"thop", "fvcore"}:
        monkeypatch.delitem(TOOLS, name)
    for name in ("thop", "fvcore"):
        monkeypatch.setitem(TOOLS, name, tools.Tool("torch", fails))
    result = inprof("count", "--model", "googlenet", "--verify")
    assert result.exit_code == 1
    assert "thop fails on this model: not today" in result.stdout
    assert "googlenet: no tool could be run, so that nothing is verified" in result.stderr
    result = inprof("count", "--model", "googlenet", "--verify", "--format", "csv")
    assert result.exit_code == 1
    assert "thop fails on this model: not today" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--explain", "thop", "--verify"], "--explain and --verify are two views of a model"),
        (["--convention", "all", "--by", "op"], "--convention all has no rows by layer"),
        (["--explain", "gold"], "Invalid value for '--explain'"),
        (["--convention", "al"], "Invalid value for '--convention'"),
    ],
)
def test_what_can_not_be_asked(inprof, arguments, message):
    result = inprof("count", "--model", "googlenet", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "view", [["--convention", "all"], ["--explain", "flops"], ["--verify"]], ids=" ".join
)
def test_strict_asks_for_a_rule_in_every_view(refuses, view):
    line = refuses(1, "count", "--model", "nets.py:spectrum", "--size", "8", "--strict", *view)
    assert "has no rule for torch.fft.rfft" in line


def test_an_explanation_says_what_it_leaves_out(inprof):
    arguments = ("count", "--model", "nets.py:spectrum", "--size", "8", "--explain", "flops")
    assert "No rule for torch.fft.rfft in" in inprof(*arguments).stdout
    (op,) = json.loads(inprof(*arguments, "--format", "json").stdout)["uncounted"]
    assert op["function"] == "torch.fft.rfft"
