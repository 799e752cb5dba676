"""Measured latencies → Table: of a series on one device, and of one model.

A table holds one quantity under one set of conditions, so that no column mixes what can't be
compared, and no published figure stands in any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from profiler import units
from profiler.measured_cells import flags_cell, interval_cell, median_cell
from profiler.records import (
    Cell,
    Column,
    MeasuredLatency,
    Record,
    Report,
    SeriesModel,
    Table,
)
from profiler.timing_conditions import TimingConditions, conditions_of, day_of

#: What every table states of a latency, after what tells its rows apart.
_FIGURES = {
    "measured.median_ms": "measured_ms",
    "measured.interval_ms": "interval_ms",
    "measured.images_per_s": "images_per_s",
    "measured.samples": "integer",
    "measured.runs": "integer",
    "measured.flags": "flags",
    "measured.day": "day",
}
_OF_A_SERIES = {"model": "label", "crop_size": "integer", "measured.batch_size": "integer"}
_OF_A_MODEL = {"source.precision": "text", "crop_size": "integer", "measured.batch_size": "integer"}


class Unmeasured(Record, frozen=True):
    """A model that a table lacks: at these batch sizes, or wholly where there are none."""

    label: str
    batch_sizes: tuple[int, ...]


class MeasuredTable(Record, frozen=True):
    """A table with what holds for all of it; ``precision`` is empty where a column states it."""

    hw: str
    conditions: TimingConditions
    precision: str
    table: Table
    unmeasured: tuple[Unmeasured, ...] = ()


def measured_tables(report: Report, hw: str) -> tuple[MeasuredTable, ...]:
    """What was measured on one device: a table for each quantity, conditions and precision."""
    groups = _groups(
        (each for each in report.measured if each.hw == hw),
        lambda each: (conditions_of(each), each.precision),
    )
    return tuple(
        MeasuredTable(
            hw=hw,
            conditions=conditions_of(group[0]),
            precision=group[0].precision,
            table=_table(report, group, _OF_A_SERIES),
            unmeasured=_unmeasured(report, group),
        )
        for group in groups
    )


def model_measured_tables(report: Report, model: str) -> tuple[MeasuredTable, ...]:
    """What was measured of one model: a table for each device, quantity and conditions."""
    groups = _groups(
        (each for each in report.measured if each.model == model),
        lambda each: (each.hw, conditions_of(each)),
    )
    return tuple(
        MeasuredTable(
            hw=group[0].hw,
            conditions=conditions_of(group[0]),
            precision="",
            table=_table(report, group, _OF_A_MODEL),
        )
        for group in groups
    )


def _groups(
    latencies: Iterable[MeasuredLatency], key: Callable[[MeasuredLatency], Hashable]
) -> list[list[MeasuredLatency]]:
    groups: dict[Hashable, list[MeasuredLatency]] = {}
    for latency in latencies:
        groups.setdefault(key(latency), []).append(latency)
    return list(groups.values())


def _table(report: Report, group: list[MeasuredLatency], leading: dict[str, str]) -> Table:
    models = {row.model.name: row.model for row in report.rows}
    columns = tuple(
        Column(key=key, hint=hint, align="left" if hint == "label" else "center")
        for key, hint in {**leading, **_FIGURES}.items()
    )
    rows = []
    for latency in group:
        cells = _cells(latency, models[latency.model])
        rows.append(tuple(cells[column.key] for column in columns))
    return Table(key="measured", columns=columns, rows=tuple(rows), notes=("measured",))


def _cells(latency: MeasuredLatency, model: SeriesModel) -> dict[str, Cell]:
    """Everything a table may state of a latency, by column."""
    return {
        "model": Cell(value=model.label, origin="label", link=model.paper, model=model.name),
        "crop_size": Cell(value=_crop(latency), origin="label"),
        "source.precision": Cell(value=latency.precision.upper(), origin="label"),
        "measured.batch_size": Cell(value=latency.batch_size, origin="label"),
        "measured.median_ms": median_cell(latency),
        "measured.interval_ms": interval_cell(latency.low_ms, latency.high_ms),
        "measured.images_per_s": Cell(value=latency.images_per_s, origin="measured"),
        "measured.samples": Cell(value=latency.samples, origin="label"),
        "measured.runs": Cell(value=latency.runs, origin="label"),
        "measured.flags": flags_cell(latency.flags),
        "measured.day": Cell(value=day_of(latency), origin="label"),
    }


def _crop(latency: MeasuredLatency) -> int | str:
    """The side of a square image, both sides of another, the whole shape of anything else."""
    sizes = latency.input_shape[1:]
    if len(sizes) != 3:
        return units.shape(sizes)
    return sizes[1] if sizes[1] == sizes[2] else units.shape(sizes[1:])


def _unmeasured(report: Report, group: list[MeasuredLatency]) -> tuple[Unmeasured, ...]:
    """The models and batch sizes that are missing from a table that others are in."""
    there: dict[str, set[int]] = {}
    for latency in group:
        there.setdefault(latency.model, set()).add(latency.batch_size)
    every = set().union(*there.values())
    return tuple(
        Unmeasured(
            label=row.model.label,
            batch_sizes=tuple(sorted(every - there[row.model.name]))
            if row.model.name in there
            else (),
        )
        for row in report.rows
        if there.get(row.model.name) != every
    )
