"""Quoted figures against made-up counts: what matches, what is nearest, in which order."""

from fractions import Fraction

import pytest
import torch
from tool_networks import vit_b_16
from torch import nn

import profiler
from profiler.counting.conventions import convention, list_conventions
from profiler.counting.identification import (
    COMMON_SIZES,
    Candidate,
    Skipped,
    candidates,
    identify,
    read_quotes,
    sizes_to_try,
)
from profiler.errors import UsageError
from profiler.records import Totals
from profiler.render.renderers import render
from profiler.report.documents.identification import (
    identification_document,
    identification_table,
    notes,
    summary,
)


def totals(macs=0, flops=0, params=0):
    return Totals(params, params, macs, flops, 0, 0, 0, 0)


TRUE = totals(macs=500, flops=1000, params=70)


def candidate(name="flops", variant="deploy", size=224, complete=True, **figures):
    return Candidate(
        convention=name,
        unit=convention(name).unit,
        variant=variant,
        size=size,
        counted=totals(**{"macs": 500, "flops": 1000, "params": 70, **figures}),
        true=TRUE,
        complete=complete,
    )


def found_in(*tried, default_size=224, skipped=(), **quoted):
    return identify("net", read_quotes(**quoted), tried, default_size, skipped)


def places(findings):
    return [
        (*each.conventions, *each.variants, *map(str, each.sizes)) for each in findings
    ]  # fmt: skip


# --- what is read -----------------------------------------------------------------------------


def test_quotes_come_in_one_order():
    quotes = read_quotes(params="8.46M", macs=None, flops="11.46 GFLOPs")
    assert [quote.metric for quote in quotes] == ["flops", "params"]
    assert quotes[1].figure.value == 8_460_000


def test_something_must_be_quoted():
    with pytest.raises(UsageError, match=r"--flops 11\.46G, --macs .*--params"):
        read_quotes(flops=None, macs=None, params=None)


def test_a_figure_that_calls_itself_something_else():
    with pytest.raises(UsageError, match=r"given as --flops and calls itself macs.*as --macs"):
        read_quotes(flops="5.7 GMACs")


def test_sizes_start_with_the_models_own():
    assert sizes_to_try(299)[0] == 299
    assert sorted(sizes_to_try(299)) == sorted(COMMON_SIZES)
    assert sizes_to_try(75) == (75, *COMMON_SIZES)
    assert sizes_to_try(299, (64, 32, 64)) == (64, 32)


# --- what matches -----------------------------------------------------------------------------


def test_the_printed_precision_decides():
    assert found_in(candidate(flops=1004), flops="1.00K").matches
    assert found_in(candidate(flops=1005), flops="1.00K").matches  # a tie may round either way
    assert not found_in(candidate(flops=1006), flops="1.00K").matches
    assert not found_in(candidate(flops=1004), flops="1,000").matches


def test_a_figure_quoted_as_flops_may_be_a_number_of_macs():
    found = found_in(candidate("flops"), candidate("macs"), flops="500")
    assert places(found.matches) == [("macs", "deploy", "224")]
    assert summary(found) == (
        "net: 500 FLOPs is macs on the deploy graph at 224x224; "
        "quoted as FLOPs, but these are MACs; true FLOPs there: 1.00 k"
    )


def test_a_figure_quoted_as_macs_may_be_a_number_of_flops():
    found = found_in(candidate("flops"), candidate("macs"), macs="1.00K")
    assert places(found.matches) == [("flops", "deploy", "224")]
    assert "quoted as MACs, but these are FLOPs; true MACs there: 500" in summary(found)


def test_flops_and_macs_together_are_each_compared_with_their_own():
    tried = (candidate("flops"), candidate("macs"), candidate("torchinfo", macs=501))
    found = found_in(*tried, flops="1.00K", macs="500")
    assert places(found.matches) == [("flops", "macs", "deploy", "224")]
    assert summary(found) == (
        "net: 1.00K FLOPs and 500 MACs are flops (or macs) on the deploy graph at 224x224"
    )
    assert not found_in(*tried, flops="500", macs="1.00K").matches


def test_all_figures_must_come_from_one_candidate():
    tried = (candidate("flops"), candidate("paddle_static", flops=1300, params=60))
    assert not found_in(*tried, flops="1.00K", params="60").matches
    both = found_in(*tried, flops="1.3K", params="60")
    assert places(both.matches) == [("paddle_static", "deploy", "224")]
    assert summary(both).endswith(
        "at 224x224; true FLOPs there: 1.00 k; true parameters there: 70"
    )  # fmt: skip


def test_true_parameters_are_called_that():
    found = found_in(candidate("flops"), candidate("macs"), params="70")
    assert summary(found) == "net: 70 parameters is the true count on the deploy graph at 224x224"


# --- order and groups -------------------------------------------------------------------------


def test_order():
    tried = [
        candidate(name, variant, size, flops=1000 + i, macs=1000 + i)
        for i, (name, variant, size) in enumerate(
            (name, variant, size)
            for name in ("deepspeed", "flops_all", "paddle_static", "macs")
            for variant in ("train", "deploy")
            for size in (192, 224)
        )
    ]
    matches = found_in(*tried, flops="1.0K").matches
    assert [each.first.convention for each in matches[:4]] == [
        "macs", "flops_all", "paddle_static", "deepspeed",
    ]  # fmt: skip
    assert [(each.first.size, each.first.variant) for each in matches[::4]] == [
        (224, "deploy"), (224, "train"), (192, "deploy"), (192, "train"),
    ]  # fmt: skip


def test_fewer_departures_from_the_true_count_come_first():
    fewer, more = "torch", "deepspeed"
    departures = [len(set(convention(name).reasons.values())) for name in (fewer, more)]
    assert departures[0] < departures[1]
    tried = (candidate(more, flops=999), candidate(fewer, flops=1001))
    assert [m.first.convention for m in found_in(*tried, flops="1.0K").matches] == [fewer, more]


def test_sizes_graphs_and_conventions_that_do_not_matter_are_one():
    tried = [
        candidate(name, variant, size, flops=size)
        for name in ("flops", "macs", "deepspeed")
        for variant in ("train", "deploy")
        for size in (192, 224, 299)
    ]
    found = found_in(*tried, params="70")
    (match,) = found.matches
    assert match.conventions == ("flops", "macs", "deepspeed")
    assert match.variants == ("deploy", "train")
    assert match.sizes == (224, 192, 299)  # the model's own first
    assert found.at_any_size(match)
    assert summary(found) == "net: 70 parameters is the true count on the deploy graph"
    # where their figures are asked for they are three
    assert len(found_in(*tried, flops="300").matches) == 0
    assert places(found_in(*tried, flops="299").matches) == [
        ("flops", "deepspeed", "deploy", "train", "299"),
    ]


def test_macs_and_flops_of_the_same_figure_stay_apart():
    tried = (candidate("flops", flops=500), candidate("macs", macs=500))
    assert places(found_in(*tried, flops="500").matches) == [
        ("flops", "deploy", "224"), ("macs", "deploy", "224"),
    ]  # fmt: skip


def test_graphs_with_other_figures_are_not_joined():
    tried = [
        candidate(variant=variant, size=size, params=params)
        for variant, params in (("deploy", 70), ("train", 71))
        for size in (192, 224)
    ]
    assert places(found_in(*tried, params="70").matches) == [("flops", "deploy", "224", "192")]
    assert places(found_in(*tried, params="0.07K").matches) == [
        ("flops", "deploy", "224", "192"), ("flops", "train", "224", "192"),
    ]  # fmt: skip


# --- misses -----------------------------------------------------------------------------------


def test_the_five_nearest_misses_and_how_far_off_they_are():
    tried = [candidate(size=size, flops=10 * size) for size in range(100, 120)]
    tried.append(candidate("torch", size=104, flops=1040))  # the same figure is the same miss
    found = found_in(*tried, flops="1042", default_size=100)
    assert found.matches == ()
    assert [each.figures for each in found.nearest] == [(1040,), (1050,), (1030,), (1060,), (1020,)]
    assert found.nearest[0].conventions == ("flops", "torch")
    assert [each.difference for each in found.nearest[:3]] == [
        Fraction(-2, 1042), Fraction(8, 1042), Fraction(-12, 1042),
    ]  # fmt: skip
    assert summary(found) == (
        "net: nothing tried gives 1042 FLOPs; "
        "the nearest is flops on the deploy graph at 104x104, 1.04 k (−0.192%)"
    )


def test_the_furthest_of_several_figures_says_how_far_off_a_miss_is():
    tried = (candidate(flops=1100, params=70), candidate(size=192, flops=1000, params=77))
    found = found_in(*tried, flops="1000", params="70")
    assert [each.difference for each in found.nearest] == [Fraction(1, 10), Fraction(1, 10)]
    assert [each.first.size for each in found.nearest] == [224, 192]  # equals: the usual one first


def test_padded_figures_are_hinted_at():
    found = found_in(candidate(flops=1003), flops="1.000K")
    assert notes(found)[-1] == "Some pages pad figures with zeros: try --flops '1K' too."
    assert len(notes(found_in(candidate(flops=1000), flops="1.000K"))) == 1


# --- notes ------------------------------------------------------------------------------------


def test_what_was_tried_and_skipped_is_said():
    skipped = [
        Skipped(variant, size, f"{size} is too small.")
        for variant in ("deploy", "train")
        for size in (32, 64)
    ]
    found = found_in(candidate(), candidate(size=299), skipped=skipped, flops="1.0K")
    assert notes(found) == [
        "Tried: 1 convention on the deploy graph at 2 input sizes.",
        "Skipped: the deploy and train graph at 32, 64 px. The first says: 32 is too small.",
    ]
    found = found_in(candidate(), skipped=[Skipped("train", None, "broken")], flops="1.0K")
    assert notes(found)[1] == "Skipped: the train graph. The first says: broken."


def test_a_convention_without_a_rule_for_some_op_is_named():
    tried = (candidate("flops", complete=False), candidate("macs", complete=False, macs=9))
    (_, note) = notes(found_in(*tried, flops="1.0K"))
    assert note.startswith("Without a rule for some op, and so perhaps too low: flops (")


# --- one trace --------------------------------------------------------------------------------


def test_a_trace_is_counted_under_every_convention():
    trace = profiler.trace(nn.Conv2d(3, 4, 1), (1, 3, 8, 8))
    tried = {each.convention: each for each in candidates(trace, "deploy", 8)}
    assert tuple(tried) == list_conventions()
    # 8 * 8 positions, 3 x 4 channels
    assert {each.true.macs for each in tried.values()} == {768}
    assert (tried["macs"].figure, tried["flops"].figure) == (768, 1536)
    assert tried["flops_all"].figure == 1536 + 256  # and a bias add each
    found = identify("net", read_quotes(flops="1,792"), list(tried.values()), 8)
    assert "flops_all" in found.matches[0].conventions


# --- what is shown ----------------------------------------------------------------------------


def keys(found):
    return [column.key.removeprefix("identify.") for column in identification_table(found).columns]


def test_the_table_shows_what_was_asked_for():
    tried = candidate()
    assert keys(found_in(tried, flops="1.0K")) == ["rule", "unit", "graph", "input_size", "figure"]
    assert keys(found_in(tried, params="70")) == ["rule", "graph", "input_size", "params"]
    assert keys(found_in(tried, flops="1.0K", macs="500", params="71")) == [
        "rule", "graph", "input_size", "flops", "macs", "params", "difference",
    ]  # fmt: skip
    rows = identification_table(found_in(tried, flops="1.0K", macs="500", params="71")).rows
    assert [cell.value for cell in rows[0][3:]] == [1000, 500, 70, -1 / 71]


def test_the_same_bytes_again():
    tried = [candidate(size=size, flops=10 * size) for size in (192, 224)]
    first, second = (
        render(identification_document(found_in(*tried, flops="5K")), "json") for _ in range(2)
    )
    assert first == second


# --- a published network ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quoted", "rule"), [("17.61G", "ptflops_pytorch"), ("16.86G", "ptflops_aten")]
)
def test_what_ptflops_states_of_a_vision_transformer_is_found(quoted, rule):
    # vit_b_16 in the table of its README
    with torch.device("meta"):
        model = vit_b_16()
    trace = profiler.trace(model, (1, 3, 224, 224))
    found = found_in(*candidates(trace, "deploy", 224), macs=quoted)
    assert [each.conventions for each in found.matches] == [(rule,)]
