"""Measured latencies → Table: of a series on one device, and of one model.

A table holds one quantity under one set of conditions, so that no column mixes what can't be
compared, and no published figure stands in any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from profiler import units
from profiler.records import (
    Cell,
    Column,
    HowTimed,
    MeasuredLatency,
    Measurement,
    Record,
    Report,
    SeriesModel,
    Shape,
    Table,
    precision_rank,
)
from profiler.records.base import grouped
from profiler.report.tables.measured_cells import flags_cell, interval_cell, median_cell
from profiler.timing.latencies.measured import day_of, has_own_input

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
#: The flag of a record whose network did not fit into the device's memory.
OUT_OF_MEMORY = "oom"
_NOT_MEASURED = Cell(value=None, origin="missing", reason="not_measured")
_NOTHING = Cell(value=None, origin="label")


class MeasuredTable(Record, frozen=True):
    """A table with what holds for all of it; ``precision`` is empty where a column states it.

    ``latencies`` are those in it, ``failed`` the records that say why a figure is missing.
    """

    hw: str
    conditions: HowTimed
    precision: str
    table: Table
    latencies: tuple[MeasuredLatency, ...]
    failed: tuple[Measurement, ...] = ()


def measured_tables(report: Report, hw: str) -> tuple[MeasuredTable, ...]:
    """What was measured on one device: a table for each quantity, conditions and precision.

    Each has every model of the series at every batch size; where a figure is missing it says why.
    """
    groups = grouped(
        (each for each in report.measured if each.hw == hw),
        lambda each: (each.how, each.precision),
    )
    return tuple(
        MeasuredTable(
            hw=hw,
            conditions=conditions,
            precision=precision,
            table=_table(_series_rows(report, group, failed), _OF_A_SERIES),
            latencies=tuple(group),
            failed=failed,
        )
        for (conditions, precision), group in groups.items()
        for failed in [
            tuple(each for each in _failed(report, hw, conditions) if each.precision == precision)
        ]
    )


def model_measured_tables(report: Report, model: str) -> tuple[MeasuredTable, ...]:
    """What was measured of one model: a table for each device, quantity and conditions."""
    groups = grouped(
        (each for each in report.measured if each.model == model),
        lambda each: (each.hw, each.how),
    )
    labelled = next(row.model for row in report.rows if row.model.name == model)
    tables = []
    for (hw, conditions), group in groups.items():
        lost = tuple(each for each in _failed(report, hw, conditions) if each.model == model)
        tables.append(
            MeasuredTable(
                hw=hw,
                conditions=conditions,
                precision="",
                table=_table(_model_rows(labelled, group, lost), _OF_A_MODEL),
                latencies=tuple(group),
                failed=lost,
            )
        )
    return tuple(tables)


def _failed(report: Report, hw: str, conditions: HowTimed) -> Iterator[Measurement]:
    """What was tried in vain on a device under some conditions."""
    there = (each for each in report.failed if each.device == hw)
    return (each for each in there if each.how == conditions)


def _series_rows(
    report: Report, group: list[MeasuredLatency], failed: Sequence[Measurement]
) -> list[dict[str, Cell]]:
    """Every model's figures, each size's or the reason why there is none."""
    sizes = {each.batch_size for each in group} | {each.batch_size for each in failed}
    rows = []
    for model in (row.model for row in report.rows):
        own = [each for each in group if each.model == model.name]
        lost = [each for each in failed if each.model == model.name]
        rows += _model_rows(model, own, lost)
        tried = {each.batch_size for each in own} | {each.batch_size for each in lost}
        untried = sorted(sizes - tried)
        if untried:
            rows.append(_untried_cells(model, untried))
    return rows


def _model_rows(
    model: SeriesModel, latencies: Sequence[MeasuredLatency], failed: Sequence[Measurement]
) -> list[dict[str, Cell]]:
    """Rows of one model as a series orders latencies, whether there is a figure or not."""
    tried: list[MeasuredLatency | Measurement] = [*latencies, *failed]
    tried.sort(
        key=lambda each: (
            precision_rank(each.precision),
            not has_own_input(model, each.input_shape),
            each.input_shape[1:],
            each.batch_size,
        ),
    )
    return [
        _cells(each, model) if isinstance(each, MeasuredLatency) else _failed_cells(each, model)
        for each in tried
    ]


def _table(rows: Iterable[Mapping[str, Cell]], leading: Mapping[str, str]) -> Table:
    columns = tuple(
        Column(key=key, hint=hint, align="left" if hint == "label" else "center")
        for key, hint in {**leading, **_FIGURES}.items()
    )
    return Table(
        key="measured",
        columns=columns,
        rows=tuple(tuple(row.get(column.key, _NOTHING) for column in columns) for row in rows),
        notes=("measured",),
    )


def _cells(latency: MeasuredLatency, model: SeriesModel) -> dict[str, Cell]:
    """Everything a table may state of a latency, by column."""
    return {
        "model": _label(model),
        "crop_size": Cell(value=_crop(latency.input_shape), origin="label"),
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


def _failed_cells(record: Measurement, model: SeriesModel) -> dict[str, Cell]:
    """What a table states of a record without samples."""
    reason = "oom" if OUT_OF_MEMORY in record.flags else "failed"
    return {
        "model": _label(model),
        "crop_size": Cell(value=_crop(record.input_shape), origin="label"),
        "source.precision": Cell(value=record.precision.upper(), origin="label"),
        "measured.batch_size": Cell(value=record.batch_size, origin="label"),
        "measured.median_ms": Cell(value=None, origin="missing", reason=reason),
        "measured.flags": flags_cell(record.flags),
        "measured.day": Cell(value=day_of(record), origin="label"),
    }


def _untried_cells(model: SeriesModel, batch_sizes: Sequence[int]) -> dict[str, Cell]:
    """One row for all batch sizes that nobody measured a model at."""
    sizes: int | str = batch_sizes[0]
    if len(batch_sizes) > 1:
        sizes = ", ".join(str(size) for size in batch_sizes)
    return {
        "model": _label(model),
        "crop_size": Cell(value=model.crop_size, origin="label"),
        "measured.batch_size": Cell(value=sizes, origin="label"),
        "measured.median_ms": _NOT_MEASURED,
    }


def _label(model: SeriesModel) -> Cell:
    return Cell(value=model.label, origin="label", link=model.paper, model=model.name)


def _crop(shape: Shape) -> int | str:
    """The side of a square image, both sides of another, the whole shape of anything else."""
    sizes = shape[1:]
    if len(sizes) != 3:
        return units.shape(sizes)
    return sizes[1] if sizes[1] == sizes[2] else units.shape(sizes[1:])
