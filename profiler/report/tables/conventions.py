"""What conventions count, and how they differ → Table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from profiler.counting.conventions.flops_all import COST, INTERPOLATION_COST, REDUCTION_COST
from profiler.counting.explain import UNIT
from profiler.records import (
    DEPLOY,
    UNDEFINED,
    Cell,
    Column,
    Explanation,
    ExplanationPart,
    LayerAgreement,
    Table,
    Verification,
)

#: Kind of op → what one element of it costs under ``flops_all``, by the op's name.
_COSTS = {
    "elementwise": COST,
    "reduction": REDUCTION_COST,
    "interpolate": INTERPOLATION_COST,
}


def element_cost_table() -> Table:
    """The ops that cost more than 1 an element under ``flops_all``, the dearest of a kind first."""
    columns = (
        Column(key="cost.op", hint="label", align="left"),
        Column(key="count.kind", hint="text", align="left"),
        Column(key="cost.flops", hint="integer", align="right"),
    )
    rows = tuple(
        (
            Cell(value=name, origin="label"),
            Cell(value=kind, origin="label"),
            Cell(value=cost, origin="traced"),
        )
        for kind, costs in _COSTS.items()
        for name, cost in sorted(costs.items(), key=lambda item: (-item[1], item[0]))
        if cost > 1
    )
    return Table(key="costs", columns=columns, rows=rows)


def explanations_table(explained: Sequence[Explanation], with_graph: bool = False) -> Table:
    """A row per convention: its unit, total and parameters, and how far from the true figure."""
    columns = (
        Column(key="rules.convention", hint="label", align="left"),
        *((Column(key="rules.graph", hint="text", align="left"),) if with_graph else ()),
        Column(key="rules.unit", hint="text", align="left"),
        Column(key="rules.total", hint="integer", align="right"),
        Column(key="rules.beside_true", hint="fine_difference", align="right"),
        Column(key="rules.params", hint="integer", align="right"),
    )
    rows = tuple(
        (
            Cell(value=each.convention, origin="label"),
            *((Cell(value=each.variant, origin="label"),) if with_graph else ()),
            Cell(value=UNIT_NAMES[each.unit], origin="label"),
            Cell(value=each.total, origin="traced"),
            beside_true(each.total, each.true_total),
            Cell(value=each.params, origin="traced"),
        )
        for each in explained
    )
    return Table(key="conventions", columns=columns, rows=rows)


def tools_apart_table(models: Iterable[tuple[str, Sequence[Explanation]]]) -> Table:
    """A row per model, by its label: the least and the most that tools print of one graph.

    Units are left as each tool has them, since a reader of "FLOPs" is told none.
    """
    columns = (
        Column(key="model", hint="label", align="left"),
        Column(key="rules.true_flops", hint="giga", align="right"),
        Column(key="rules.least", hint="giga", align="right"),
        Column(key="rules.least_by", hint="text", align="left"),
        Column(key="rules.most", hint="giga", align="right"),
        Column(key="rules.most_by", hint="text", align="left"),
        Column(key="rules.apart", hint="ratio", align="right"),
    )
    rows = []
    for label, explained in models:
        printed = [each for each in explained if each.tool and each.variant == DEPLOY]
        if not printed:
            continue
        least, most = (pick(printed, key=lambda each: each.total) for pick in (min, max))
        rows.append(
            (
                Cell(value=label, origin="label"),
                Cell(value=least.true_flops, origin="traced"),
                Cell(value=least.total, origin="traced"),
                Cell(value=least.convention, origin="label"),
                Cell(value=most.total, origin="traced"),
                Cell(value=most.convention, origin="label"),
                Cell(value=most.total / least.total, origin="traced") if least.total else UNDEFINED,
            )
        )
    return Table(key="tools_apart", columns=columns, rows=tuple(rows))


def explanation_table(explanation: Explanation) -> Table:
    """A row per part of the gap between one convention and ``flops``, and their sum."""
    columns = (
        Column(key="rules.kind", hint="label", align="left"),
        Column(key="rules.true", hint="integer", align="right"),
        Column(key="rules.figure", hint="integer", align="right"),
        Column(key="rules.difference", hint="signed_integer", align="right"),
        Column(key="rules.why", hint="text", align="left"),
    )
    rows = [
        (
            Cell(value=part.kind, origin="label"),
            Cell(value=part.true, origin="traced"),
            Cell(value=part.figure, origin="traced"),
            Cell(value=part.difference, origin="traced"),
            Cell(value=part_reason(part), origin="label"),
        )
        for part in explanation.parts
    ]
    total = (
        Cell(value=None, origin="label", reason="total"),
        Cell(value=explanation.true_flops, origin="traced"),
        Cell(value=explanation.total, origin="traced"),
        Cell(value=explanation.gap, origin="traced"),
        Cell(value="", origin="label"),
    )
    return Table(key="layers", columns=columns, rows=(*rows, total))


def part_reason(part: ExplanationPart) -> str:
    """Why a part of a gap is there, in words."""
    if part.kind == UNIT:
        return "a multiply-accumulate is one MAC and two FLOPs"
    if part.reason:
        return part.reason
    return "not counted" if part.figure < part.true else "counted as well"


def verifications_table(verified: Sequence[Verification]) -> Table:
    """A row per tool: its own figures beside the emulation's, and how many layers agree."""
    columns = (
        Column(key="rules.convention", hint="label", align="left"),
        Column(key="rules.unit", hint="text", align="left"),
        Column(key="rules.tool_total", hint="integer", align="right"),
        Column(key="rules.total", hint="integer", align="right"),
        Column(key="rules.tool_params", hint="integer", align="right"),
        Column(key="rules.params", hint="integer", align="right"),
        Column(key="rules.layers", hint="text", align="right"),
        Column(key="rules.verdict", hint="text", align="left"),
    )
    rows = []
    for each in verified:
        agreeing = sum(layer.figure == layer.emulated for layer in each.layers)
        figures = [UNDEFINED] * 4
        if not each.error:
            values = (each.total, each.emulated_total, each.params, each.emulated_params)
            figures = [
                UNDEFINED if value is None else Cell(value=value, origin="traced")
                for value in values
            ]
        layers = f"{agreeing} of {len(each.layers)}" if each.layers else ""
        verdict = each.error or ("agrees" if each.agrees else "DIFFERS")
        rows.append(
            (
                Cell(value=each.convention, origin="label"),
                Cell(value=UNIT_NAMES[each.unit], origin="label"),
                *figures,
                Cell(value=layers, origin="label"),
                Cell(value=verdict, origin="label"),
            )
        )
    return Table(key="verification", columns=columns, rows=tuple(rows))


def disagreements_table(layers: Sequence[LayerAgreement]) -> Table:
    """A row per module where a tool and its emulation differ."""
    columns = (
        Column(key="rules.path", hint="label", align="left"),
        Column(key="rules.tool_total", hint="integer", align="right"),
        Column(key="rules.total", hint="integer", align="right"),
    )
    rows = tuple(
        (
            Cell(value=layer.path, origin="label"),
            Cell(value=layer.figure, origin="traced"),
            Cell(value=layer.emulated, origin="traced"),
        )
        for layer in layers
        if layer.figure != layer.emulated
    )
    return Table(key="disagreements", columns=columns, rows=rows)


#: What a figure is a number of, as it is written.
UNIT_NAMES = {"macs": "MACs", "flops": "FLOPs"}


def beside_true(figure: int, true: int) -> Cell:
    """How far a figure is from the true one, as a share of that."""
    if not true:
        return UNDEFINED
    return Cell(value=figure / true - 1, origin="traced")
