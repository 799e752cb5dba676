"""Why a convention's figure is not ``flops``: the gap, op kind by op kind."""

from __future__ import annotations

from profiler.conventions import convention, list_conventions
from profiler.counting import count
from profiler.records import Explanation, ExplanationPart, LayerCounts, Trace

#: The rule that a gap is measured from.
TRUE = "flops"
#: The part of a gap that comes from counting MACs where ``flops`` counts two for each.
UNIT = "unit"


def explain(trace: Trace, name: str) -> Explanation:
    """One trace under one convention beside ``flops``.

    The parts add up to the gap exactly: one for the unit, where the convention counts MACs, and
    one for each op kind whose figure is not what ``flops`` says of it in that unit.

    Raises:
        UnknownNameError: no convention of that name.
    """
    rule = convention(name)
    counts, true = count(trace, name, by="kind"), count(trace, TRUE, by="kind")
    figures = _by_kind(counts.layers, rule.unit)
    bases = _by_kind(true.layers, rule.unit)
    parts = [
        ExplanationPart(
            kind=kind,
            true=bases.get(kind, 0),
            figure=figures.get(kind, 0),
            reason=rule.reasons.get(kind, ""),
        )
        for kind in dict.fromkeys((*bases, *figures))
        if figures.get(kind, 0) != bases.get(kind, 0)
    ]
    parts.sort(key=lambda part: (-abs(part.difference), part.kind))
    if rule.unit == "macs":
        totals = true.totals
        parts.insert(0, ExplanationPart(kind=UNIT, true=totals.flops, figure=totals.macs))
    return Explanation(
        model=trace.arch,
        input_shapes=trace.input_shapes,
        variant=trace.variant,
        convention=name,
        tool=rule.tool,
        unit=rule.unit,
        total=counts.totals.macs if rule.unit == "macs" else counts.totals.flops,
        params=counts.totals.params,
        true_flops=true.totals.flops,
        true_params=true.totals.params,
        parts=tuple(parts),
        uncounted=counts.uncounted,
    )


def explain_all(trace: Trace) -> tuple[Explanation, ...]:
    """One trace under every convention."""
    return tuple(explain(trace, name) for name in list_conventions())


def _by_kind(rows: tuple[LayerCounts, ...], unit: str) -> dict[str, int]:
    return {row.kind: row.macs if unit == "macs" else row.flops for row in rows}
