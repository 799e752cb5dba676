"""Why a convention's figure of a trace is not the true one: op by op, then kind by kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from profiler.counting.conventions import Convention
from profiler.counting.conventions import convention as find_convention
from profiler.counting.counts import count
from profiler.records import (
    Cause,
    LayerCounts,
    OpRecord,
    Record,
    Trace,
)

Metric = Literal["flops", "params"]

#: The rule of the true figures.
TRUE_CONVENTION = "flops"
#: Stands for a rule's kind in a cause that is about its unit.
_UNIT = "unit"


class _Departure(Record, frozen=True):
    """An op, or an entry beside the ops, of which the rule and the truth differ."""

    kind: str
    path: str
    effect: str
    amount: int


def figures(trace: Trace, convention: str) -> dict[Metric, int]:
    """What a convention's tool prints for a trace: work in its own unit, and parameters."""
    totals = count(trace, convention, by="kind").totals
    return {"flops": find_convention(convention).figure(totals), "params": totals.params}


def causes(trace: Trace, convention: str, metric: Metric) -> tuple[Cause, ...]:
    """What separates a convention's figure from the true one, the largest part first.

    The amounts add up to the difference exactly.
    """
    rule = find_convention(convention)
    own = count(trace, convention, by="op").layers
    true = count(trace, TRUE_CONVENTION, by="op").layers
    unit = 2 if metric == "flops" and rule.unit == "macs" else 1
    groups: dict[tuple[str, str], list[_Departure]] = {}
    for one in _departures(trace.ops, own, true, _name(rule, metric), metric, unit):
        groups.setdefault((one.kind, one.effect), []).append(one)
    costly: dict[str, int] = {}
    for op, row in zip(trace.ops, true, strict=False):
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
        total = sum(_value(row, metric) for row in true)
        found.append(Cause(kind=_UNIT, effect="unit", amount=total // unit - total))
    return tuple(sorted(found, key=lambda cause: (-abs(cause.amount), cause.kind, cause.effect)))


def _name(rule: Convention, metric: Metric) -> str:
    return rule.unit if metric == "flops" else metric


def _value(row: LayerCounts, name: str) -> int:
    value: int = getattr(row, name)
    return value


def _departures(
    ops: Sequence[OpRecord],
    own: Sequence[LayerCounts],
    true: Sequence[LayerCounts],
    name: str,
    metric: Metric,
    unit: int,
) -> Iterable[_Departure]:
    """The ops first: by="op" gives a row to each, in the trace's order, and the rest behind."""
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
    """What the rule does to the op, as far as the two figures tell."""
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
