"""What README and pages show is what the tool gives today, and what they say to type exists."""

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from profiler.cli import main
from profiler.docs.lint.config import read_config

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "site" / "pages").glob("*.md"))
HOW_TO = [page for page in PAGES if page.name.startswith("pages-that-stay-true")]


def fenced(page, language):
    return re.findall(rf"```{language}\n(.*?)```", page, flags=re.DOTALL)


def exists(line):
    """Whether a line that begins with inprof names a command and options that there are."""
    arguments = shlex.split(line, comments=True)[1:]
    # a command of a group goes by two words
    words = [word for word in arguments[:2] if word.isalpha()]
    shown = CliRunner().invoke(main, [*words, "--help"])
    assert shown.exit_code == 0, line
    for option in (argument for argument in arguments if argument.startswith("-")):
        assert option in shown.output, line


def test_what_is_generated_in_pages_is_current():
    paths = [str(ROOT / "README.md"), str(ROOT / "site" / "pages")]
    result = CliRunner().invoke(main, ["docs", "check", *paths, "--no-measurements", "--diff"])
    assert result.exit_code == 0, f"make docs writes them: {result.output}"


def test_no_figure_in_pages_contradicts_another():
    paths = [str(ROOT / "README.md"), str(ROOT / "site" / "pages")]
    result = CliRunner().invoke(main, ["docs", "lint", *paths])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_every_command_in_it_exists(page):
    for block in fenced(page.read_text(encoding="utf-8"), "sh"):
        for line in block.splitlines():
            if line.startswith("inprof "):
                exists(line)


@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.name)
def test_the_workflow_and_the_settings_are_right(page, tmp_path):
    yaml = pytest.importorskip("yaml")
    text = page.read_text(encoding="utf-8")
    hooks, workflow = (yaml.safe_load(block) for block in fenced(text, "yaml"))
    manifest = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    named = {hook["id"] for hook in hooks["repos"][0]["hooks"]}
    assert named <= {hook["id"] for hook in manifest}
    # YAML 1.1 reads the word "on" as true; GitHub does not
    assert workflow[True] == ["push", "pull_request"]
    (job,) = workflow["jobs"].values()
    commands = [step["run"] for step in job["steps"] if step.get("run", "").startswith("inprof")]
    assert len(commands) == 2
    for command in commands:
        exists(command)
    (settings,) = fenced(text, "toml")
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    config = read_config(tmp_path / "pyproject.toml")
    assert (config.ignore, config.fail_on) == (("empty-alt",), "error")
    assert config.severities == {"flops-double": "error"}


@pytest.mark.parametrize("page", ["how-we-count.md", "how-we-count.zh_CN.md"])
def test_the_example_of_inputs_is_right(page, tmp_path, monkeypatch):
    text = (ROOT / "site" / "pages" / page).read_text(encoding="utf-8")
    (nets,) = [block for block in fenced(text, "python") if "@profiler.rule" not in block]
    (command,) = fenced(text, "sh")
    (tmp_path / "my_nets.py").write_text(nets, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    arguments = shlex.split(command)[1:]
    result = CliRunner().invoke(main, [*arguments, "--convention", "macs", "--format", "json"])
    assert result.exit_code == 0, result.output
    # 128 positions, from 64 features to 32
    assert json.loads(result.stdout)["totals"]["macs"] == 128 * 64 * 32


def test_the_python_example_is_right():
    (code,) = [block for block in fenced(README, "python") if "profiler.build" in block]
    names: dict = {}
    exec(code, names)
    # expected_counts.csv: googlenet, deploy
    assert names["profiler"].count(names["trace"], "macs").totals.macs == 1431556352
