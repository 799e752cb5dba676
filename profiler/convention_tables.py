"""What a convention says an op costs → Table, from the very tables it counts with."""

from __future__ import annotations

from profiler.conventions.flops_all import COST, INTERPOLATION_COST, REDUCTION_COST
from profiler.records import Cell, Column, Table

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
