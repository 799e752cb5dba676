"""Published counts beside what gives them → Table."""

from __future__ import annotations

from collections.abc import Iterable

from profiler.audit import CountCheck
from profiler.records import (
    UNDEFINED,
    Cell,
    Column,
    Metric,
    Table,
)
from profiler.report.tables.conventions import beside_true


def checked_counts_table(checks: Iterable[CountCheck], metric: Metric) -> Table:
    """A row per published figure: the rule that gives its digits, and the truth on that graph."""
    columns = (
        Column(key="model", hint="label", align="left"),
        Column(key=f"quoted.{metric}", hint="published", align="right"),
        Column(key="rules.gives_it", hint="text", align="left"),
        Column(key="rules.graph", hint="text", align="left"),
        Column(key="rules.given", hint="integer", align="right"),
        Column(key="rules.true_figure", hint="integer", align="right"),
        Column(key="rules.beside_true", hint="fine_difference", align="right"),
    )
    rows = tuple(_row(check) for check in checks if check.metric == metric)
    return Table(key="checked_counts", columns=columns, rows=rows)


def _row(check: CountCheck) -> tuple[Cell, ...]:
    model = check.model
    own = (
        Cell(value=model.label, origin="label", model=model.name),
        Cell(value=check.text, origin="published"),
    )
    true = Cell(value=check.true, origin="traced")
    if check.given is None:
        return (*own, UNDEFINED, UNDEFINED, UNDEFINED, true, UNDEFINED)
    rule, graph, _ = check.reproduced[0]
    return (
        *own,
        Cell(value=rule, origin="label"),
        Cell(value=graph, origin="label"),
        Cell(value=check.given, origin="traced"),
        true,
        beside_true(check.given, check.true),
    )
