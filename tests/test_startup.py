"""What each command loads: torch only to trace, matplotlib only to draw, never dynamo or sympy."""

import os
import subprocess
import sys

import pytest
from made_measurements import made

from profiler.timing.latencies.measurement_file import append

LIST = (
    "import sys; sys.argv = ['inprof', *sys.argv[1:]]\n"
    "from profiler.cli import main\n"
    "try: main()\n"
    "except SystemExit as end: code = end.code\n"
    "print(*sorted(name for name in sys.modules if name.count('.') < 2), file=sys.stderr)\n"
    "sys.exit(code)"
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Run a command in a process of its own; returns the modules it loaded."""
    folder = tmp_path_factory.mktemp("start")
    environment = {**os.environ, "INPROF_CACHE_DIR": str(folder / "cache")}

    def run(*arguments):
        result = subprocess.run(
            [sys.executable, "-c", LIST, *arguments], cwd=folder, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        return set(result.stderr.splitlines()[-1].split())

    return run


def test_a_count_loads_nothing_of_timing_and_shown_latencies_no_torch(loaded, tmp_path):
    append(tmp_path / "m.jsonl", made())
    assert not loaded("time", "show", str(tmp_path / "m.jsonl")) & {"torch", "matplotlib", "numpy"}
    for arguments in (["count", "--help"], ["count", "--model", "googlenet"]):
        assert "profiler.timing" not in loaded(*arguments)


#: What draws pictures, fills in templates or reads pages.
OF_PAGES = {"jinja2", "matplotlib", "markdown_it"}


def test_counts_and_times_load_nothing_of_pages(loaded, tmp_path):
    append(tmp_path / "m.jsonl", made())
    count = ["count", "--model", "googlenet"]
    for arguments in (count, ["time", "show", str(tmp_path / "m.jsonl")], ["time", "--help"]):
        assert not loaded(*arguments) & OF_PAGES, arguments
    for output_format in ("csv", "json"):
        assert "rich" not in loaded(*count, "--format", output_format)


def test_help_loads_neither(loaded):
    for arguments in (["--help"], ["count", "--help"], ["plot", "--help"], ["site", "--help"]):
        assert not loaded(*arguments) & {"torch", "matplotlib", "numpy"}


@pytest.mark.slow
def test_a_cold_count_of_the_eight_networks_loads_no_dynamo_and_no_sympy(loaded):
    modules = loaded("count", "--series", "inception", "--no-cache")
    assert "torch" in modules
    assert not {name for name in modules if name.startswith(("torch._dynamo", "sympy"))}


@pytest.mark.slow
def test_cached_counts_need_no_torch_and_unchanged_drawings_no_matplotlib(loaded):
    commands = [
        ["count", "--series", "inception"],
        ["compare", "googlenet", "inceptionv3"],
        ["plot", "--hw", "t4", "--precision", "fp32", "--bs", "4"],
        ["plot", "--hw", "t4", "--precision", "fp32", "--bs", "4", "--combined"],
        ["audit", "--format", "json"],
        ["page", "-o", "page.md"],
        ["site", "-o", "site"],
    ]
    for command in commands:
        loaded(*command)
    for command in commands:
        assert not loaded(*command) & {"torch", "matplotlib", "numpy"}, command
