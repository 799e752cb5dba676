"""An ONNX file as an address: counted, kept, and refused where it can't serve."""

import json
import sys

import pytest

pytest.importorskip("onnx")

from click.testing import CliRunner
from onnx_files import exported
from torch import nn

from profiler.cli import main
from profiler.errors import BuildError, UsageError
from profiler.models.address import check_address
from profiler.tracing.addressed import input_shape, trace_address
from profiler.tracing.cache import TraceCache


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    net = nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.ReLU(), nn.Flatten(), nn.Linear(288, 5))
    return exported(tmp_path_factory.mktemp("onnx") / "net.onnx", net, (1, 3, 8, 8))


def test_the_command_counts_it(address):
    result = CliRunner().invoke(main, ["count", "--model", address, "--format", "json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    # 6 * 6 places of 8 channels by 27, and 288 by 5; weights 216 + 1440 + 5
    assert found["totals"]["macs"] == 36 * 8 * 27 + 288 * 5
    assert found["totals"]["params"] == 216 + 1440 + 5
    assert input_shape(address) == (1, 3, 8, 8)


def test_what_is_kept_is_of_this_file(address, tmp_path):
    cache = TraceCache(tmp_path / "cache")
    first = trace_address(address, cache=cache)
    assert trace_address(address, cache=cache) == first
    assert len(cache.entries()) == 1
    other = tmp_path / "other.onnx"
    other.write_bytes(b"no graph")
    with pytest.raises(BuildError, match=r"other\.onnx"):
        trace_address(str(other), cache=cache)


@pytest.mark.parametrize(
    "options", [{"variant": "train"}, {"options": {"width": 2}}], ids=["graph", "argument"]
)
def test_what_a_file_does_not_leave_open(address, options):
    with pytest.raises(UsageError, match=r"net\.onnx"):
        trace_address(address, **options)


def test_it_can_not_be_run(address):
    result = CliRunner().invoke(main, ["count", "--model", address, "--verify"])
    assert result.exit_code == 1
    assert "can be counted, not timed" in result.stderr


def test_a_file_that_is_not_there(monkeypatch):
    for ask in (check_address, trace_address):
        with pytest.raises(BuildError, match="there is no file"):
            ask("none.onnx")


def test_without_the_package_it_is_said_what_to_install(address, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    result = CliRunner().invoke(main, ["count", "--model", address, "--no-cache"])
    assert (result.exit_code, "pip install onnx" in result.stderr) == (1, True)
