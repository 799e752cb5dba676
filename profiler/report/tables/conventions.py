"""Costs under a convention, and the gaps between conventions → Table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from profiler.counting.conventions.flops_all import COST, INTERPOLATION_COST, REDUCTION_COST
from profiler.counting.explain import UNIT
from profiler.records import (
    DEPLOY,
    UNDEFINED,
    Cell,
    Explanation,
    ExplanationPart,
    LayerAgreement,
    Record,
    Table,
    Verification,
)
from profiler.report.tables.columns import (
    ColumnSpec,
    label,
    named,
    quotient,
    relative_error,
    table,
    traced,
)
from profiler.report.tables.layers import calls_text

#: The unit of a figure as it is written.
UNIT_NAMES = {"macs": "MACs", "flops": "FLOPs"}

#: Kind of op → what one element of it costs under ``flops_all``, by the op's name.
_COSTS = {
    "elementwise": COST,
    "reduction": REDUCTION_COST,
    "interpolate": INTERPOLATION_COST,
}


_COST_COLUMNS: tuple[ColumnSpec[tuple[str, str, int]], ...] = (
    ColumnSpec("cost.op", "label", lambda cost: label(cost[0])),
    ColumnSpec("count.kind", "text", lambda cost: label(cost[1])),
    ColumnSpec("cost.flops", "integer", lambda cost: traced(cost[2])),
)
_EXPLANATIONS: tuple[ColumnSpec[Explanation], ...] = (
    ColumnSpec("rules.convention", "label", lambda each: label(each.convention)),
    ColumnSpec("rules.graph", "text", lambda each: label(each.variant)),
    ColumnSpec("rules.unit", "text", lambda each: label(UNIT_NAMES[each.unit])),
    ColumnSpec("rules.total", "integer", lambda each: traced(each.total)),
    ColumnSpec("rules.beside_true", "fine_difference",
               lambda each: UNDEFINED if each.uncounted or each.without_true
               else relative_error(each.total, each.true_total)),
    ColumnSpec("rules.params", "integer", lambda each: traced(each.params)),
)  # fmt: skip


class _Apart(Record, frozen=True):
    """The explanations with the least and the most that tools print of one model."""

    model: str
    least: Explanation
    most: Explanation


_TOOLS_APART: tuple[ColumnSpec[_Apart], ...] = (
    ColumnSpec("model", "label", lambda row: label(row.model)),
    ColumnSpec("rules.true_flops", "giga", lambda row: traced(row.least.true_flops)),
    ColumnSpec("rules.least", "giga", lambda row: traced(row.least.total)),
    ColumnSpec("rules.least_by", "text", lambda row: label(row.least.convention)),
    ColumnSpec("rules.most", "giga", lambda row: traced(row.most.total)),
    ColumnSpec("rules.most_by", "text", lambda row: label(row.most.convention)),
    ColumnSpec("rules.apart", "ratio", lambda row: quotient(row.most.total, row.least.total)),
)
_PARTS: tuple[ColumnSpec[ExplanationPart], ...] = (
    ColumnSpec("rules.kind", "label", lambda part: label(part.kind)),
    ColumnSpec("rules.true", "integer", lambda part: traced(part.true)),
    ColumnSpec("rules.figure", "integer", lambda part: traced(part.figure)),
    ColumnSpec("rules.difference", "signed_integer", lambda part: traced(part.difference)),
    ColumnSpec("rules.why", "text", lambda part: label(part_reason(part))),
)
_VERIFICATIONS: tuple[ColumnSpec[Verification], ...] = (
    ColumnSpec("rules.convention", "label", lambda each: label(each.convention)),
    ColumnSpec("rules.unit", "text", lambda each: label(UNIT_NAMES[each.unit])),
    ColumnSpec("rules.tool_total", "integer", lambda each: _ran(each, each.total)),
    ColumnSpec("rules.total", "integer", lambda each: _ran(each, each.emulated_total)),
    ColumnSpec("rules.tool_params", "integer", lambda each: _ran(each, each.params)),
    ColumnSpec("rules.params", "integer", lambda each: _ran(each, each.emulated_params)),
    ColumnSpec("rules.layers", "text", lambda each: label(_agreeing(each.layers)), "right"),
    ColumnSpec("rules.verdict", "text",
               lambda each: label(_verdict(each))),
)  # fmt: skip
_DISAGREEMENTS: tuple[ColumnSpec[LayerAgreement], ...] = (
    ColumnSpec("rules.path", "label", lambda layer: label(layer.path)),
    ColumnSpec("rules.tool_total", "integer", lambda layer: traced(layer.figure)),
    ColumnSpec("rules.total", "integer", lambda layer: traced(layer.emulated)),
)


def element_cost_table() -> Table:
    """The ops that cost more than 1 an element under ``flops_all``, the dearest of a kind first."""
    rows = [
        (name, kind, cost)
        for kind, costs in _COSTS.items()
        for name, cost in sorted(costs.items(), key=lambda item: (-item[1], item[0]))
        if cost > 1
    ]
    return table("costs", rows, _COST_COLUMNS)


def explanations_table(explained: Sequence[Explanation], with_graph: bool = False) -> Table:
    """A row per convention: its unit, total and parameters, and how far from the true figure."""
    columns = [each for each in _EXPLANATIONS if with_graph or each.key != "rules.graph"]
    return table("conventions", explained, columns)


def tools_apart_table(models: Iterable[tuple[str, Sequence[Explanation]]]) -> Table:
    """A row per model, by its label: the least and the most that tools print of one graph.

    Units are left as each tool has them, since a reader of "FLOPs" is told none.
    """
    rows = []
    for model, explained in models:
        printed = [each for each in explained if each.tool and each.variant == DEPLOY]
        if printed:
            least, most = (pick(printed, key=lambda each: each.total) for pick in (min, max))
            rows.append(_Apart(model, least, most))
    return table("tools_apart", rows, _TOOLS_APART)


def explanation_table(explanation: Explanation) -> Table:
    """A row per part of the gap between one convention and ``flops``, and their sum."""
    total = {
        "rules.kind": named("total"),
        "rules.true": traced(explanation.true_flops),
        "rules.figure": traced(explanation.total),
        "rules.difference": traced(explanation.gap),
    }
    return table("layers", explanation.parts, _PARTS, sums=[total])


def part_reason(part: ExplanationPart) -> str:
    """Why a part of a gap is there, in words."""
    if part.kind == UNIT:
        return "a multiply-accumulate is one MAC and two FLOPs"
    if part.without_rule:
        return f"no rule for {calls_text(part.without_rule)}"
    if part.reason:
        return part.reason
    return "not counted" if part.figure < part.true else "counted as well"


def verifications_table(verified: Sequence[Verification]) -> Table:
    """A row per tool: its own figures beside the emulation's, and how many layers agree."""
    return table("verification", verified, _VERIFICATIONS)


def disagreements_table(layers: Sequence[LayerAgreement]) -> Table:
    """A row per module where a tool and its emulation differ."""
    rows = [layer for layer in layers if layer.figure != layer.emulated]
    return table("disagreements", rows, _DISAGREEMENTS)


def _verdict(verification: Verification) -> str:
    if verification.error:
        return "not run"
    if verification.agrees:
        return "agrees"
    calls = verification.without_rule
    return f"DIFFERS, no rule for {calls_text(calls)}" if calls else "DIFFERS"


def _ran(verification: Verification, figure: int | None) -> Cell:
    """A figure, undefined where the tool failed."""
    return traced(None if verification.error else figure)


def _agreeing(layers: Sequence[LayerAgreement]) -> str:
    same = sum(layer.figure == layer.emulated for layer in layers)
    return f"{same} of {len(layers)}" if layers else ""
