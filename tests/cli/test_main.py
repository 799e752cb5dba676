"""The command line as a whole: help, mistakes, exit codes."""

import subprocess
import sys

import click
import pytest

from profiler.cli import COMMANDS, main

EVERY = list(COMMANDS)


def command(name):
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def test_help_lists_every_command(inprof):
    text = inprof("--help").output
    assert text == inprof("-h").output
    for name, (_, summary) in COMMANDS.items():
        assert f"{name} " in text
        assert summary.split()[0] in text
    assert "Examples:" in text


@pytest.mark.parametrize("name", EVERY)
def test_every_command_has_help_with_an_example(name, inprof):
    result = inprof(name, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert f"  inprof {name}" in result.output


@pytest.mark.parametrize("name", EVERY)
def test_examples_use_options_that_exist(name):
    lines = [line for line in (command(name).help or "").splitlines() if "inprof " in line]
    assert lines
    for line in lines:
        called = command(name)
        if isinstance(called, click.Group):
            called = called.get_command(click.Context(called), line.split()[2]) or called
        known = {option for param in called.params for option in param.opts}
        assert {word for word in line.split() if word.startswith("-")} <= known


@pytest.mark.parametrize("name", EVERY)
def test_every_option_is_explained(name):
    self_explaining = {"--batch-size", "--sort", "--format", "--output"}
    for param in command(name).params:
        if isinstance(param, click.Argument):  # has none of its own: the text above explains it
            continue
        assert isinstance(param, click.Option)
        assert param.help or self_explaining & set(param.opts), param.opts


@pytest.mark.parametrize("name", EVERY)
def test_the_summary_is_the_first_line_of_the_help(name):
    assert (command(name).help or "").lstrip("\b\n").startswith(COMMANDS[name][1].rstrip("."))


def test_the_version(inprof):
    from importlib.metadata import version

    assert inprof("--version").output == f"inprof, version {version('inprof')}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["coun"], "No such command 'coun'"),
        (["count", "--modell", "x"], "--modell"),
        (["count", "--depth", "none"], "--depth"),
        (["count", "--depth", "0"], "--depth"),
        (["count", "--by", "leaf"], "layer"),
        (["sweep", "googlenet"], "--out"),
        (["page", "--lang", "fr"], "zh_CN"),
    ],
)
def test_a_wrong_request_is_one_line_and_exit_2(arguments, words, refuses):
    line = refuses(2, *arguments)
    assert words in line
    assert "--help" in line


def test_as_a_process(folder):
    script = "from profiler.cli import main; main()"

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-c", script, *arguments],
            capture_output=True, text=True, check=False, cwd=folder,
        )  # fmt: skip

    good = run("count", "--model", "nets.py:small", "--size", "8", "--format", "csv")
    assert (good.returncode, good.stderr) == (0, "")  # no progress in a pipe
    assert good.stdout.startswith("path,kind,output_shape,params,macs,flops,share\n")
    bad = run("count", "--model", "nets.py:smal")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.startswith("Error: unknown builder in nets.py 'smal': did you mean small?")
    assert bad.stderr.count("\n") == 1


def test_a_reader_that_leaves_early_is_no_error(folder):
    script = "from profiler.cli import main; main()"
    arguments = ["count", "--model", "nets.py:small", "--format", "csv"]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.close()  # before anything is written
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert errors == b""
