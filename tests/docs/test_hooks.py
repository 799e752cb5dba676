"""The hooks that pre-commit is offered: real commands, which do what their hook says."""

import importlib.metadata
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from profiler.cli import main

ROOT = Path(__file__).parents[2]
PAGE = "<!-- inprof:begin table=element-costs -->\n<!-- inprof:end -->\n"
#: A page that shows a picture which is not there.
FAULTY = "# Nets\n\n![accuracy against FLOPs](images/plot.png)\n"


@pytest.fixture(scope="module")
def hooks():
    yaml = pytest.importorskip("yaml")
    listed = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return {hook["id"]: hook for hook in listed}


@pytest.fixture
def run(hooks, tmp_path, monkeypatch):
    """Run a hook as pre-commit does, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(id):
        command, *arguments = shlex.split(hooks[id]["entry"]) + hooks[id]["args"]
        assert command == "inprof"
        return CliRunner().invoke(main, arguments)

    return run


def test_every_hook_has_what_pre_commit_needs(hooks):
    assert set(hooks) == {"inprof-docs-check", "inprof-docs-write", "inprof-docs-lint"}
    for hook in hooks.values():
        assert hook["name"]
        assert hook["language"] == "python"
        # each reads the whole folder, so that it must not be started for a few files at a time
        assert hook["pass_filenames"] is False
        assert hook["require_serial"] is True


def test_the_command_is_installed_with_the_package():
    (script,) = importlib.metadata.entry_points(group="console_scripts", name="inprof")
    assert callable(script.load())


def test_the_hooks_check_and_write_regions(run, tmp_path):
    page = tmp_path / "README.md"
    page.write_text(PAGE)
    assert run("inprof-docs-check").exit_code == 1
    assert page.read_text() == PAGE
    assert run("inprof-docs-write").exit_code == 0
    assert page.read_text() != PAGE
    assert run("inprof-docs-check").exit_code == 0
    page.write_text("<!-- inprof:begin table=nothing -->\n<!-- inprof:end -->\n")
    assert run("inprof-docs-check").exit_code == 2


def test_the_lint_hook_reports_a_fault(run, tmp_path):
    page = tmp_path / "models.md"
    page.write_text(FAULTY)
    assert run("inprof-docs-lint").exit_code == 1
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "plot.png").write_bytes(b"")
    assert run("inprof-docs-lint").exit_code == 0
