"""Tables that hold conventions and tools against each other."""

import pytest

import archs
import profiler
from profiler.counting.explain import explain
from profiler.records import Explanation, LayerAgreement, Verification
from profiler.render.cells import cell_lines
from profiler.render.messages import load_messages
from profiler.report.tables.conventions import (
    disagreements_table,
    explanation_table,
    explanations_table,
    tools_apart_table,
    verifications_table,
)

EN = load_messages("en")


def texts(table):
    return [
        [
            " ".join(cell_lines(cell, column, EN))
            for cell, column in zip(row, table.columns, strict=True)
        ]
        for row in table.rows
    ]


@pytest.fixture(scope="module")
def trace():
    shape = archs.default_input_shape("googlenet")
    return profiler.trace(profiler.build("googlenet", variant="train"), shape)


def test_a_row_for_every_convention(trace):
    # GoogLeNet's train graph in the reference data: macs 1437161728, flops 2874323456, params
    # 11535736 (true) and, under paddle_static, 2876311024 and 8458690
    table = explanations_table([explain(trace, name) for name in ("macs", "paddle_static")], True)
    assert texts(table) == [
        ["macs", "train", "MACs", "1,437,161,728", "0%", "11,535,736"],
        ["paddle_static", "train", "FLOPs", "2,876,311,024", "+0.0691%", "8,458,690"],
    ]


def test_a_gap_with_its_sum(trace):
    first, *_, last = texts(explanation_table(explain(trace, "macs")))
    why = "a multiply-accumulate is one MAC and two FLOPs"
    assert first == ["unit", "2,874,323,456", "1,437,161,728", "−1,437,161,728", why]
    assert last[1:4] == ["2,874,323,456", "1,437,161,728", "−1,437,161,728"]


LAYERS = (LayerAgreement("a", 1, 1), LayerAgreement("b", 2, 3))


def test_verdicts():
    agrees = Verification("thop", "thop.profile", "macs", 5, 5, 2, 2, LAYERS[:1])
    differs = Verification("torch", "torch", "flops", 5, 6, None, 2, LAYERS)
    failed = Verification("fvcore", "fvcore", "macs", error="fvcore fails on this model: no")
    listed = Verification("calflops", "calflops", "flops", 5, 6, 2, 2, without_rule=1)
    assert texts(verifications_table([agrees, differs, failed, listed])) == [
        ["thop", "MACs", "5", "5", "2", "2", "1 of 1", "agrees"],
        ["torch", "FLOPs", "5", "6", "–", "2", "1 of 2", "DIFFERS"],
        ["fvcore", "MACs", "–", "–", "–", "–", "", "not run"],
        ["calflops", "FLOPs", "5", "6", "2", "2", "", "DIFFERS, no rule for 1 call"],
    ]
    assert texts(disagreements_table(differs.layers)) == [["b", "2", "3"]]


def test_the_least_and_the_most_that_tools_print():
    def says(rule, tool, total, variant="deploy"):
        return Explanation(
            model="m", input_shapes={}, variant=variant, convention=rule, tool=tool, unit="flops",
            total=total, params=0, true_flops=4_000_000_000, parts=(),
        )  # fmt: skip

    table = tools_apart_table(
        [
            ("A", [says("flops", "", 1), says("x", "X 1", 2_000_000_000),
                   says("y", "Y", 5_000_000_000), says("y", "Y", 9_000_000_000, "train")]),
            ("B", [says("x", "X 1", 0), says("y", "Y", 7)]),
            ("no tool at all", [says("flops", "", 1)]),
        ]
    )  # fmt: skip
    assert texts(table) == [
        ["A", "4.000", "2.000", "x", "5.000", "y", "2.50"],
        ["B", "4.000", "0.000", "x", "0.000", "y", "–"],
    ]
