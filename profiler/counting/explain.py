"""Why a convention's figure is not that of ``flops``: kind by kind, and op by op."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from profiler.counting.conventions import TRUE_CONVENTION, Convention, list_conventions
from profiler.counting.conventions import convention as find_convention
from profiler.counting.counts import count, once_a_trace
from profiler.records import (
    Cause,
    Counts,
    Explanation,
    ExplanationPart,
    LayerCounts,
    Metric,
    OpRecord,
    Record,
    Totals,
    Trace,
)

#: Stands for an op kind where MACs are counted, of which ``flops`` counts two for each.
UNIT = "unit"


class _Departure(Record, frozen=True):
    """An op, or an entry beside the ops, of which the rule and the truth differ."""

    kind: str
    path: str
    effect: str
    amount: int


@once_a_trace
def explain(trace: Trace, convention: str) -> Explanation:
    """One trace under one convention beside ``flops``, and what separates the two.

    Raises:
        UnknownNameError: no convention of that name.
    """
    rule = find_convention(convention)
    # a row for each op, in the trace's order, and the rest behind
    own, true = (count(trace, name, by="op") for name in (convention, TRUE_CONVENTION))
    return Explanation(
        model=trace.arch,
        input_shapes=trace.input_shapes,
        variant=trace.variant,
        convention=convention,
        tool=rule.tool,
        unit=rule.unit,
        total=rule.figure(own.totals),
        params=own.totals.params,
        true_flops=true.totals.flops,
        parts=_parts(rule, own, true),
        causes={
            "flops": _causes(trace, rule, "flops", own, true),
            "params": _causes(trace, rule, "params", own, true),
        },
        uncounted=own.uncounted,
        values=trace.values,
        until=trace.until,
        without_true=sum(op.calls for op in true.uncounted),
    )


def explain_all(trace: Trace) -> tuple[Explanation, ...]:
    """One trace under every convention."""
    return tuple(explain(trace, name) for name in list_conventions())


def figures(trace: Trace, convention: str) -> Mapping[Metric, int]:
    """A convention's own figures of a trace: work in its unit, and parameters."""
    totals = count(trace, convention, by="op").totals
    return {"flops": find_convention(convention).figure(totals), "params": totals.params}


def _parts(rule: Convention, own: Counts, true: Counts) -> tuple[ExplanationPart, ...]:
    """One for the unit, where it is MACs, then each kind that differs, the largest first."""
    figure_of: dict[str, int] = {}
    true_of: dict[str, int] = {}
    for counts, sums in ((own, figure_of), (true, true_of)):
        for row in counts.layers:
            sums[row.kind] = sums.get(row.kind, 0) + rule.figure(row)
    without_rule: dict[str, int] = {}
    for op in own.uncounted:
        without_rule[op.kind] = without_rule.get(op.kind, 0) + op.calls
    parts = [
        ExplanationPart(
            kind=kind,
            true=true_of.get(kind, 0),
            figure=figure_of.get(kind, 0),
            reason="" if kind in without_rule else rule.reasons.get(kind, ""),
            without_rule=without_rule.get(kind, 0),
        )
        for kind in true_of.keys() | figure_of.keys()
        if figure_of.get(kind, 0) != true_of.get(kind, 0)
    ]
    parts.sort(key=lambda part: (-abs(part.difference), part.kind))
    totals = true.totals
    unit = ExplanationPart(kind=UNIT, true=totals.flops, figure=totals.macs)
    return (unit, *parts) if rule.unit == "macs" else tuple(parts)


def _causes(
    trace: Trace, rule: Convention, metric: Metric, own: Counts, true: Counts
) -> tuple[Cause, ...]:
    """The departures of each kind and effect together, the largest first.

    The amounts add up to the difference exactly.
    """
    unit = 2 if metric == "flops" and rule.unit == "macs" else 1
    name = rule.unit if metric == "flops" else metric
    groups: dict[tuple[str, str], list[_Departure]] = {}
    for one in _departures(trace.ops, own.layers, true.layers, name, metric, unit):
        groups.setdefault((one.kind, one.effect), []).append(one)
    costly: dict[str, int] = {}
    for op, row in zip(trace.ops, true.layers, strict=False):
        costly[op.kind] = costly.get(op.kind, 0) + (_value(row, metric) > 0)
    found = [
        Cause(
            kind=_label(kind, departures, trace),
            effect=effect,
            amount=sum(one.amount for one in departures),
            layers=len(departures),
            of_layers=max(costly.get(kind, 0), len(departures)),
            paths=tuple(dict.fromkeys(one.path for one in departures))
            if effect == "left_out"
            else (),
            reason=rule.reasons.get(kind, ""),
        )
        for (kind, effect), departures in groups.items()
    ]
    if unit > 1:
        total = _value(true.totals, metric)
        found.append(Cause(kind=UNIT, effect="unit", amount=total // unit - total))
    return tuple(sorted(found, key=lambda cause: (-abs(cause.amount), cause.kind, cause.effect)))


def _value(counted: LayerCounts | Totals, name: str) -> int:
    value: int = getattr(counted, name)
    return value


def _departures(
    ops: Sequence[OpRecord],
    own: Sequence[LayerCounts],
    true: Sequence[LayerCounts],
    name: str,
    metric: Metric,
    unit: int,
) -> Iterable[_Departure]:
    for op, own_row, true_row in zip(ops, own, true, strict=False):
        figure, expected = _value(own_row, name), _value(true_row, metric) // unit
        if figure != expected:
            yield _Departure(op.kind, op.path, _effect(op, figure, expected), figure - expected)
    beside: dict[tuple[str, str], int] = {}
    for rows, each, scale in ((own[len(ops) :], name, 1), (true[len(ops) :], metric, -1)):
        for row in rows:
            key = row.kind, row.path
            beside[key] = beside.get(key, 0) + scale * _value(row, each)
    for (kind, path), amount in beside.items():
        if amount:
            yield _Departure(kind, path, "added" if amount > 0 else "left_out", amount)


def _effect(op: OpRecord, figure: int, expected: int) -> str:
    """The rule's treatment of the op, as far as the two figures tell."""
    groups = op.attributes.get("groups", 1)
    assert isinstance(groups, int)
    if expected == 0:
        return "subtracted" if figure < 0 else "added"
    if figure == 0:
        return "left_out"
    # each op's figure may be cut to an integer
    if groups > 1 and 0 <= expected - figure * groups < groups:
        return "divided_by_groups"
    if 2 * figure == expected:
        return "halved"
    return "lower" if figure < expected else "higher"


def _label(kind: str, departures: Sequence[_Departure], trace: Trace) -> str:
    """The kind, or the one function behind all of it: "relu" says more than "activation"."""
    paths = {one.path for one in departures}
    names = {op.aten for op in trace.ops if op.kind == kind and op.path in paths}
    return names.pop() if kind == "activation" and len(names) == 1 else kind
