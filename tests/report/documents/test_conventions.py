"""Conventions side by side and explained, and tools beside them: what is never claimed."""

import pytest
import torch
from narrow_terminal import order_of_going
from torch import nn

import profiler
from profiler.counting.explain import explain, explain_all
from profiler.records import Lines, TableBlock, Verification
from profiler.report.documents.conventions import (
    conventions_document,
    explanation_document,
    verification_document,
    why,
)
from profiler.report.tables.conventions import explanations_table


class Spectrum(nn.Module):
    """An op without a rule under any of our conventions that count all ops."""

    def forward(self, x):
        return x + torch.special.bessel_j0(x)


@pytest.fixture(scope="module")
def unruled():
    layers = (nn.Sequential(nn.Linear(6, 6), Spectrum()) for _ in range(12))
    return profiler.trace(nn.Sequential(*layers), (5, 6))


@pytest.fixture(scope="module")
def unseen():
    """Attention below vmap, of which patched functions see other shapes than the ops have."""

    class Mapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(6, 4)

        def forward(self, x):
            return torch.vmap(self.linear)(x)

    return profiler.trace(Mapped(), (2, 3, 6))


def lines(document):
    return [line for block in document.blocks if isinstance(block, Lines) for line in block.lines]


def test_a_line_for_each_function_however_many_layers_call_it(unruled):
    said = [
        line for line in lines(explanation_document([explain(unruled, "flops")])) if "No" in line
    ]
    assert len(said) == 1
    assert said[0].endswith("in 12 layers, 0.1 the first (12 calls): it is not in the figure.")


def test_one_layer_is_named(unruled):
    one = profiler.trace(nn.Sequential(Spectrum()), (5, 6))
    assert "in 0 (1 call): it is" in "".join(lines(explanation_document([explain(one, "flops")])))


def test_no_tool_is_quoted_while_an_op_is_left_out(unseen):
    explained = explain(unseen, "calflops")
    assert explained.uncounted
    said = " ".join(lines(explanation_document([explained])))
    assert "It is what" not in said
    assert "calflops.calculate_flops may print another" in said
    assert all(part.reason == "" for part in explained.parts if part.kind == "linear")
    assert "no rule for" in why(explained)


def test_a_tool_is_quoted_where_every_op_has_a_rule(unruled):
    said = " ".join(lines(explanation_document([explain(unruled, "fvcore")])))
    assert "It is what fvcore.nn.FlopCountAnalysis prints." in said
    assert "flops has no rule for 12 calls." in said


def test_no_convention_is_said_to_be_true_while_an_op_is_left_out(unruled, unseen):
    for trace in (unruled, unseen):
        explained = explain_all(trace)
        for line, each in zip(lines(conventions_document([explained])), explained, strict=True):
            if each.uncounted or each.without_true:
                assert "the true figure" not in line
                assert "nothing beside" not in line
        table = explanations_table(explained)
        at = [column.key for column in table.columns].index("rules.beside_true")
        for row, each in zip(table.rows, explained, strict=True):
            assert (row[at].value is None) == bool(each.uncounted or each.without_true)


def test_the_names_of_conventions_stay_on_a_narrow_terminal(unruled):
    verified = [
        Verification("fvcore", "fvcore", "macs", 1, 1),
        Verification("thop", "thop", "macs", error="thop fails on this model: it is too long"),
    ]
    documents = (
        conventions_document([explain_all(unruled)]),
        verification_document([("net", verified)]),
    )
    for document in documents:
        (block,) = [block for block in document.blocks if isinstance(block, TableBlock)]
        assert "convention" in order_of_going(block)[1]
    assert "thop fails on this model: it is too long" in lines(documents[1])
