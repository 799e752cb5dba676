"""Traces of several models: in order, from one process or from several, and whose fault it was."""

import sys

import pytest

from profiler.errors import BuildError, InprofError, UnknownNameError
from profiler.fleet import pool
from profiler.fleet.traces import Target, traced
from profiler.tracing.addressed import cached_trace, trace_address
from profiler.tracing.cache import TraceCache

NETS = """
import os, time
from torch import nn

def net(width=4):
    return nn.Conv2d(3, width, 1, bias=False)

def late(width=4):
    time.sleep(1)
    return nn.Conv2d(3, width, 1, bias=False)

def fails():
    raise ValueError("one\\ntwo")

def leaves():
    os._exit(3)

def words():
    return nn.Embedding(10, 3)
"""

#: No clock and no files, so that a trace can be kept.
PLAIN = """
from torch import nn

def net(width=4):
    return nn.Conv2d(3, width, 1, bias=False)
"""


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "plain.py"
    path.write_text(PLAIN)
    return [Target(f"{path}:net", side) for side in (4, 5)]


@pytest.fixture
def nets(tmp_path):
    path = tmp_path / "nets.py"
    path.write_text(NETS)
    return path


def targets(nets, *names):
    return [Target(f"{nets}:{name}", size) for size, name in enumerate(names, start=4)]


@pytest.mark.slow
def test_traces_come_in_order_whoever_is_done_first(nets):
    # the first is done last, and one model is there at two sizes
    asked = [*targets(nets, "late", "net", "net"), Target(f"{nets}:net", 4)]
    how = {"batch_size": 2, "options": {"width": 7}}
    one, two = (list(traced(asked, jobs=jobs, **how)) for jobs in (1, 2))
    assert one == two
    assert [trace.input_shape for trace in two] == [(2, 3, side, side) for side in (4, 5, 6, 4)]
    assert [trace.ops[0].weight_shape for trace in two] == [(7, 3, 1, 1)] * 4


@pytest.mark.parametrize(
    ("jobs", "name", "why"),
    [
        (1, "fails", "ValueError: one"),
        (2, "fails", "ValueError: one"),
        (1, "words", "it was given 1x3x5x5"),
    ],
)
def test_a_failure_says_which_model_it_was(jobs, name, why, nets):
    with pytest.raises(InprofError) as caught:
        list(traced(targets(nets, "net", name, "fails"), jobs=jobs))
    assert f"{nets}:{name}: " in str(caught.value)
    assert str(caught.value).count(str(nets)) == 1
    assert why in str(caught.value)
    assert caught.value.exit_code == 1


@pytest.mark.slow
def test_the_first_in_order_is_told_of_and_costs_what_it_costs_here(nets):
    asked = [Target("googlenett"), *targets(nets, "fails")]
    told = []
    for jobs in (1, 2):
        with pytest.raises(InprofError) as caught:
            list(traced(asked, jobs=jobs))
        told.append((str(caught.value), caught.value.exit_code))
    assert told[0] == told[1]
    assert told[0][1] == UnknownNameError.exit_code


@pytest.mark.slow
def test_a_process_that_is_ended_names_its_model(nets):
    with pytest.raises(InprofError, match=r"nets\.py:leaves: its process was ended with exit st"):
        list(traced(targets(nets, "net", "leaves"), jobs=2))


@pytest.mark.slow
def test_processes_share_the_cache(plain, tmp_path, monkeypatch):
    # as in python -c: multiprocessing puts a folder's name there, and builders' traces go by it
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    cache = TraceCache(tmp_path / "cache")
    first = trace_address(plain[0].address, crop_size=plain[0].crop_size, cache=cache)
    assert cached_trace(plain[1].address, crop_size=5, cache=cache) is None
    found = list(traced(plain, jobs=2, cache=cache))
    assert found[0] == first
    assert cached_trace(plain[1].address, crop_size=5, cache=cache) == found[1]
    assert len(cache.entries()) == 2
    monkeypatch.setattr(pool, "ProcessPool", None)  # none can be started any more
    assert list(traced(plain, jobs=2, cache=cache)) == found


def test_one_model_needs_no_process(nets, monkeypatch):
    monkeypatch.setattr(pool, "ProcessPool", None)
    assert len(list(traced(targets(nets, "net"), jobs=8))) == 1
    with pytest.raises(BuildError, match="no file"):
        list(traced([Target("absent.py:net")], jobs=8))
