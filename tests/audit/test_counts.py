"""Published counts against the trace: seeded faults, and a clean twin of each."""

import pytest

from profiler.audit.counts import check_counts
from profiler.counting.conventions import list_conventions
from profiler.counting.explain import explain, figures
from profiler.tracing.addressed import trace_address

CLEAN = "blog,counts,small,0.000147616,0.000378"


def parts(finding):
    return [(cause.kind, cause.effect, cause.amount) for cause in finding.causes]


@pytest.mark.parametrize(
    "row",
    [
        CLEAN,
        "blog,counts,small,0.00015,0.0004",  # 0.147616 M to two digits, 0.378 k to one
        "blog,counts,small,,",
        "blog,counts,small,0.0001476,",
    ],
)
def test_right_figures_are_no_finding(audited, row):
    assert audited(counts=(row,)) == ()


def test_macs_printed_as_flops(audited):
    (finding,) = audited(counts=("blog,counts,small,0.000073808,0.000378",))
    assert (finding.rule, finding.severity) == ("count-differs", "warning")
    assert (finding.published, finding.true) == ("0.000073808", 147_616)
    assert finding.reproduced_by == "macs"
    assert parts(finding) == [("unit", "unit", -73_808)]
    (cell,) = finding.cells
    assert (cell.page, cell.table, cell.row, cell.column) == (
        "blog", "counts", "Small net", "flops_g",
    )  # fmt: skip


def test_a_page_of_plain_macs_is_not_put_down_to_a_tool(audited):
    # torchinfo gives 73,808 + 10 for the linear layer's bias, which prints alike; it has parameters
    # of its own, and the true ones are those of every rule that has not
    (finding,) = audited(counts=("blog,counts,small,0.0000738,0.000378",))
    assert finding.reproduced_by == "macs"
    assert "torchinfo" in finding.evidence["also_reproduced_by"]


def test_right_parameters_beside_macs_are_not_put_down_to_a_tool(traced):
    # torchinfo has parameters of its own and gives both figures; macs, which has none, the first
    series, traces = traced(counts=("blog,counts,small,0.0000738,0.000378",))
    flops, params = check_counts(series, traces)
    assert (flops.reproduced[0][0], params.reproduced[0][0]) == ("macs", "flops")
    assert params.right


def test_every_cause_of_another_rule_is_named(audited):
    # paddle_static by hand: 110,592 of the first convolution, 36,864 / 8 of the depthwise one,
    # minus the 8*16*16 elements of the ReLU, 8 outputs of the pool, 80 of the linear layer
    (flops, params) = audited(counts=("blog,counts,small,0.00011324,0.000306",))
    assert (flops.rule, flops.reproduced_by, flops.true) == (
        "count-differs", "paddle_static", 147_616,
    )  # fmt: skip
    assert parts(flops) == [
        ("conv", "divided_by_groups", -32_256),
        ("relu", "subtracted", -2_048),
        ("linear", "halved", -80),
        ("pool", "added", 8),
    ]
    assert (flops.causes[0].layers, flops.causes[0].of_layers) == (1, 2)
    # 216 + 72 / 8 + 8 * 10 + 1 of 378
    assert (params.rule, params.reproduced_by) == ("params-differ", "paddle_static")
    assert params.true == 378
    assert parts(params) == [("conv", "divided_by_groups", -63), ("linear", "lower", -9)]


def test_a_figure_of_the_other_graph(audited):
    # 147,616 + 2 * 16,384
    (finding,) = audited(counts=("blog,counts,small,0.000180384,0.000378",))
    assert finding.reproduced_by == "flops"
    assert finding.evidence["graph"] == "train"
    assert (finding.true, finding.evidence["true_deployed"]) == (180_384, 147_616)
    assert finding.causes == ()


def test_a_figure_at_the_crop_of_a_latency(audited):
    # at 32 pixels the convolutions cost four times as much: 4 * 73,728 + 80 MACs
    (finding,) = audited(
        counts=("blog,counts,small,0.000589984,0.000378",),
        latency=("blog,speed,small,t4,fp32,1,32,36,1.5",),
    )
    assert finding.reproduced_by == "flops"
    assert (finding.evidence["graph"], finding.evidence["crop_size"]) == ("deploy", 32)


def test_a_figure_that_nothing_gives(audited):
    (finding,) = audited(counts=("blog,counts,small,0.000999,0.000378",))
    assert (finding.rule, finding.severity) == ("count-unexplained", "error")
    assert (finding.reproduced_by, finding.true) == ("", 147_616)
    near = finding.evidence["nearest_figures"]
    assert len(near) == 3
    assert sorted(near, key=lambda figure: abs(figure - 999_000)) == list(near)


def test_one_finding_for_the_same_digits_on_two_pages(audited):
    rows = ("blog,counts,small,0.000073808,", "old,zahlen,small,0.000073808,")
    (finding,) = audited(counts=rows)
    assert [cell.page for cell in finding.cells] == ["blog", "old"]
    rows = ("blog,counts,small,0.000073808,", "old,zahlen,small,0.00007381,")
    assert len({finding.id for finding in audited(counts=rows)}) == 2


def test_linear_layers_that_are_left_out_are_named():
    trace = trace_address("googlenet", variant="train")
    # expected_counts.csv: 8,458,690 where the graph has 11,535,736 parameters; three classifiers
    # of 1024 * 1000 + 1000 are gone, and 1024 biases of each of the two others count as one
    left_out, lower = explain(trace, "paddle_static").causes["params"]
    assert left_out.paths == ("classifier", "head1.classifier", "head2.classifier")
    assert (left_out.layers, left_out.of_layers, left_out.amount) == (3, 5, -3 * 1_025_000)
    assert (lower.effect, lower.layers, lower.amount) == ("lower", 2, -2 * 1023)


@pytest.mark.parametrize("convention", list_conventions())
@pytest.mark.parametrize("metric", ["flops", "params"])
def test_causes_add_up_to_the_difference(convention, metric):
    trace = trace_address("xception41", crop_size=75)
    difference = figures(trace, convention)[metric] - figures(trace, "flops")[metric]
    assert sum(cause.amount for cause in explain(trace, convention).causes[metric]) == difference


@pytest.mark.parametrize(
    ("row", "slip", "detail"),
    [
        # 147,616 FLOPs of one image in a batch of 8, and 378 parameters less the linear layer's 90
        ("blog,counts,small,0.001180928,", "batch", "8"),
        ("blog,counts,small,,0.000288", "without", "5"),
        # 147,616 / 1024^3
        ("blog,counts,small,0.000137478,", "binary", ""),
    ],
)
def test_what_happened_to_a_count_before_it_was_printed(row, slip, detail, audited):
    (finding,) = [each for each in audited(counts=(row,)) if each.rule != "missing-row"]
    assert (finding.rule, finding.severity) == ("count-slipped", "warning")
    assert (finding.evidence["slips"], finding.evidence["slip_details"]) == ((slip,), (detail,))
