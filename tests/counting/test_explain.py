"""The gap between a convention and ``flops`` is explained to the last unit."""

import pytest
from quirky_networks import QUIRKS

import archs
import profiler
from profiler.counting.conventions import convention, list_conventions
from profiler.counting.counts import count
from profiler.counting.explain import UNIT, explain, explain_all
from profiler.errors import UnknownNameError


@pytest.fixture(scope="module")
def traces():
    shapes = {name: archs.default_input_shape(name) for name in ("googlenet", "xception41")}
    named = {name: profiler.trace(profiler.build(name), shape) for name, shape in shapes.items()}
    return named | {name: profiler.trace(build(), shape) for name, (build, shape) in QUIRKS.items()}


@pytest.mark.parametrize("name", list_conventions())
def test_the_parts_add_up_to_the_gap(name, traces):
    for trace in traces.values():
        explained = explain(trace, name)
        assert sum(part.difference for part in explained.parts) == explained.gap
        totals = count(trace, name).totals
        assert explained.total == getattr(totals, convention(name).unit)
        assert explained.params == totals.params
        assert explained.true_flops == count(trace, "flops").totals.flops


@pytest.mark.parametrize("name", list_conventions())
def test_every_part_of_a_real_network_has_a_reason(name, traces):
    for model in ("googlenet", "xception41"):
        for part in explain(traces[model], name).parts:
            assert part.kind == UNIT or part.reason, (name, part)


def test_thop_on_a_batch_norm(traces):
    # xception41 at 299: thop adds 4 per element of each batch norm and Y + kernel * Y = 101 * 2048
    # of the global pool over 10 x 10; a MAC is one
    explained = explain(traces["xception41"], "thop")
    batch_norms = sum(
        op.outputs[0].numel for op in traces["xception41"].ops if op.kind == "batch_norm"
    )
    parts = {part.kind: part.difference for part in explained.parts}
    assert parts == {
        UNIT: -explained.true_flops // 2,
        "batch_norm": 4 * batch_norms,
        "pool": 101 * 2048,
    }


def test_all_of_them(traces):
    explained = explain_all(traces["googlenet"])
    assert tuple(each.convention for each in explained) == list_conventions()
    by_name = {each.convention: each for each in explained}
    assert by_name["flops"].parts == ()
    assert by_name["torch"].gap == 0
    assert by_name["macs"].true_total == by_name["macs"].total


def test_an_unknown_convention(traces):
    with pytest.raises(UnknownNameError, match="did you mean thop"):
        explain(traces["googlenet"], "thopp")
