"""Why a convention's figure is not ``flops``: the gap, op kind by op kind."""

from __future__ import annotations

from profiler.counting.conventions import convention, list_conventions
from profiler.counting.counts import count
from profiler.records import (
    Counts,
    Explanation,
    ExplanationPart,
    Trace,
)

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
    return _beside(count(trace, TRUE, by="kind"), trace, name)


def explain_all(trace: Trace) -> tuple[Explanation, ...]:
    """One trace under every convention."""
    true = count(trace, TRUE, by="kind")
    return tuple(_beside(true, trace, name) for name in list_conventions())


def _beside(true: Counts, trace: Trace, name: str) -> Explanation:
    rule = convention(name)
    counts = count(trace, name, by="kind")
    figures = {row.kind: rule.figure(row) for row in counts.layers}
    bases = {row.kind: rule.figure(row) for row in true.layers}
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
        total=rule.figure(counts.totals),
        params=counts.totals.params,
        true_flops=true.totals.flops,
        parts=tuple(parts),
        uncounted=counts.uncounted,
    )
