"""The registry: each name once, each with a sentence."""

import subprocess
import sys

import pytest

from profiler.counting.conventions import convention, list_conventions, register
from profiler.errors import UnknownNameError


def test_the_names():
    assert list_conventions() == tuple(sorted(list_conventions()))
    assert {"macs", "flops", "flops_all", "paddle_static"} <= set(list_conventions())


def test_each_says_what_it_counts():
    for name in list_conventions():
        rule = convention(name)
        assert rule.name == name
        assert rule.summary
        assert rule.unit in {"macs", "flops"}


def test_a_name_is_taken_once():
    with pytest.raises(ValueError, match="'flops' is registered twice"):
        register("flops", unit="flops", summary="another")(convention("macs").rule)
    assert convention("flops").summary != "another"


def in_a_new_process(code):
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


def test_a_rule_is_imported_when_it_is_looked_up():
    loaded = in_a_new_process(
        "import sys\nfrom profiler.counting.conventions import convention, list_conventions\n"
        "list_conventions(); convention('flops')\n"
        "print(*(name for name in sys.modules if name.startswith('profiler.counting.conv')))"
    )
    package = "profiler.counting.conventions"
    assert set(loaded) == {package, f"{package}.macs", f"{package}.contractions"}


def test_a_name_is_taken_before_its_module_is_imported():
    said = in_a_new_process(
        "from profiler.counting.conventions import convention, register\n"
        "try: register('thop', unit='macs', summary='another')(lambda trace, left_out: None)\n"
        "except ValueError as error: print(error)\n"
        "assert convention('thop').tool == 'thop.profile'"
    )
    assert said == ["convention", "'thop'", "is", "registered", "twice"]


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(UnknownNameError, match=r"unknown convention 'flop': did you mean flops"):
        convention("flop")
