"""The registry: each name once, each with a sentence."""

import pytest

from profiler.counting.conventions import convention, list_conventions
from profiler.counting.conventions.registry import register
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


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(UnknownNameError, match=r"unknown convention 'flop': did you mean flops"):
        convention("flop")
