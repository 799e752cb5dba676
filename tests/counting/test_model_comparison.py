"""Models side by side: parts that add up, ratios, and what most of a difference comes from."""

import itertools

import pytest
from compared_nets import SHAPE, plain, separable
from msgspec.structs import replace
from quirky_networks import QUIRKS

import archs
import profiler
from profiler.counting.conventions import list_conventions
from profiler.counting.counts import count
from profiler.counting.model_comparison import (
    CUTS,
    MOST,
    PART_METRICS,
    TOTAL_METRICS,
    amount,
    compare_models,
    dominance,
    model_parts,
    ratio,
    total_of,
)

REAL = ("googlenet", "xception41", "inceptionv3")


@pytest.fixture(scope="module")
def traces():
    shapes = {name: archs.default_input_shape(name) for name in REAL}
    named = {name: profiler.trace(profiler.build(name), shape) for name, shape in shapes.items()}
    return named | {name: profiler.trace(build(), shape) for name, (build, shape) in QUIRKS.items()}


@pytest.fixture(scope="module")
def pair():
    nets = (("plain", plain), ("separable", separable))
    return compare_models([model_parts(profiler.trace(net(), SHAPE), name) for name, net in nets])


def amounts(comparison, cut, metric):
    return {
        part.key: tuple(amount(counts, metric) for counts in part.counts)
        for part in comparison.parts(cut)
        if any(amount(counts, metric) for counts in part.counts)
    }


def of_networks(traces, *names, convention="flops"):
    return compare_models([model_parts(traces[name], name, convention) for name in names])


def test_a_pair_by_hand(pair):
    # plain, input 8x8: conv 4*4*4 = 64 outputs * 27; pointwise 8*4*4 = 128 outputs * 4;
    # linear 8*2. Two FLOPs a MAC.
    # separable: depthwise 3*4*4 = 48 outputs * 9; pointwise 128 * 3; grouped, at 2x2 behind the
    # pool, 8*2*2 = 32 outputs * 8/4 channels * 9; linear 8*2
    assert amounts(pair, "kinds", "flops") == {
        "regular_conv": (2 * 64 * 27, 0),
        "pointwise_conv": (2 * 128 * 4, 2 * 128 * 3),
        "depthwise_conv": (0, 2 * 48 * 9),
        "grouped_conv": (0, 2 * 32 * 18),
        "linear": (2 * 16, 2 * 16),
    }
    # weights and biases; the batch norm has 3 of each
    assert amounts(pair, "kinds", "params") == {
        "regular_conv": (4 * 27 + 4, 0),
        "pointwise_conv": (8 * 4 + 8, 8 * 3 + 8),
        "depthwise_conv": (0, 3 * 9 + 3),
        "grouped_conv": (0, 8 * 18 + 8),
        "linear": (18, 18),
        "norm": (0, 6),
    }
    # 8x8 → 4x4 is stage 2, the pool's 2x2 stage 4
    assert amounts(pair, "stages", "flops") == {
        "2": (2 * (64 * 27 + 128 * 4), 2 * (48 * 9 + 128 * 3)),
        "4": (0, 2 * 32 * 18),
        "head": (32, 32),
    }
    assert [model.counts.totals.flops for model in pair.models] == [4512, 2816]
    assert [model.counts.totals.params for model in pair.models] == [170, 238]


def test_what_most_of_the_pairs_difference_comes_from(pair):
    # FLOPs 2816 - 4512 = -1696; regular -3456, pointwise -256, depthwise +864, grouped +1152:
    # the regular one alone is more than all of it, and three others take 1760 back
    found = dominance(pair, "kinds", "flops", 1)
    assert found.difference == -1696
    assert found.parts == (("regular_conv", -3456),)
    assert (found.rest, found.others, found.explained) == (1760, 3, -3456)
    # parameters 238 - 170 = 68, of which the grouped one is 152
    found = dominance(pair, "kinds", "params", 1)
    assert (found.difference, found.parts) == (68, (("grouped_conv", 152),))
    # by stage: 2 has 1632 - 4480, 4 has 1152
    found = dominance(pair, "stages", "flops", 1)
    assert (found.parts, found.rest) == ((("2", -2848),), 1152)
    # and the other way round
    found = dominance(pair, "kinds", "flops", 0, baseline=1)
    assert (found.difference, found.parts) == (1696, (("regular_conv", 3456),))


def test_just_enough_parts_are_named(pair):
    def with_flops(*flops):
        return [replace(pair.kinds[0].counts[0], flops=each) for each in flops]

    def compared(first, second):
        # one part for each pair of figures
        kinds = [
            replace(part, counts=tuple(with_flops(one, two)))
            for part, one, two in zip(pair.kinds, first, second, strict=False)
        ]
        return replace(pair, kinds=tuple(kinds))

    names = [part.key for part in pair.kinds]
    assert dominance(compared((0, 0), (51, 49)), "kinds", "flops", 1).parts == ((names[0], 51),)
    # one half is not most of it
    found = dominance(compared((0, 0, 0), (50, 20, 30)), "kinds", "flops", 1)
    assert found.parts == ((names[0], 50), (names[2], 30))
    assert (found.rest, found.others) == (20, 1)
    # equals come in the order of the parts
    found = dominance(compared((0, 0, 0), (5, 5, 5)), "kinds", "flops", 1)
    assert [name for name, _ in found.parts] == names[:2]
    # what cancels out leaves nothing to explain
    found = dominance(compared((5, 0), (0, 5)), "kinds", "flops", 1)
    assert (found.difference, found.parts, found.rest) == (0, (), 0)


@pytest.mark.parametrize("convention", list_conventions())
def test_parts_add_up_to_totals_and_to_differences(convention, traces):
    for name, trace in traces.items():
        own = of_networks(traces, name, convention=convention)
        totals = count(trace, convention).totals
        for cut, metric in itertools.product(CUTS, PART_METRICS):
            assert sum(v[0] for v in amounts(own, cut, metric).values()) == amount(totals, metric)
        assert own.models[0].counts.totals == totals
    for one, two in (("googlenet", "xception41"), ("inceptionv3", "repeated")):
        both = of_networks(traces, one, two, convention=convention)
        for cut, metric in itertools.product(CUTS, PART_METRICS):
            found = dominance(both, cut, metric, 1)
            gap = [amount(model.counts.totals, metric) for model in both.models]
            assert found.difference == gap[1] - gap[0]
            assert sum(by for _, by in found.parts) + found.rest == found.difference


@pytest.mark.parametrize("metric", PART_METRICS)
def test_no_smaller_choice_explains_as_much(metric, traces):
    both = of_networks(traces, "xception41", "inceptionv3")
    for cut in CUTS:
        found = dominance(both, cut, metric, 1)
        sign = -1 if found.difference < 0 else 1
        most = [sign * (two - one) for one, two in amounts(both, cut, metric).values()]
        enough = MOST * sign * found.difference
        assert 100 * sign * found.explained > enough
        best = sum(sorted(most, reverse=True)[: len(found.parts) - 1])
        assert 100 * best <= enough


def test_modules_of_a_stage_add_up_to_it(traces):
    both = of_networks(traces, *REAL)
    for part in both.stages:
        for counts, modules in zip(part.counts, part.modules, strict=True):
            for metric in PART_METRICS:
                assert sum(amount(row, metric) for row in modules) == amount(counts, metric)
    googlenet = {part.key: [row.path for row in part.modules[0]] for part in both.stages}
    assert googlenet["8"] == ["stem", "inception3a", "inception3b"]
    assert googlenet["head"] == ["global_pool", "dropout", "classifier"]


def test_the_order_of_models_is_that_of_columns_and_of_nothing_else(traces):
    forward = of_networks(traces, *REAL)
    for order in itertools.permutations(range(len(REAL))):
        other = of_networks(traces, *(REAL[at] for at in order))
        for cut in CUTS:
            assert [part.key for part in other.parts(cut)] == [
                part.key for part in forward.parts(cut)
            ]
            for part, same in zip(other.parts(cut), forward.parts(cut), strict=True):
                assert part.counts == tuple(same.counts[at] for at in order)


def test_a_model_beside_itself_is_the_same(traces):
    twice = of_networks(traces, "googlenet", "googlenet")
    for metric in TOTAL_METRICS:
        one, two = (total_of(model, metric) for model in twice.models)
        assert ratio(two, one) == 1
    for cut, metric in itertools.product(CUTS, PART_METRICS):
        assert dominance(twice, cut, metric, 1).parts == ()


def test_a_ratio_to_nothing_is_none():
    assert ratio(3, 2) == 1.5
    assert ratio(3, 0) is ratio(None, 2) is ratio(2, None) is None
