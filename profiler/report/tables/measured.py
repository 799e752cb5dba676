"""Measured latencies → Table: of a series on one device, of one model, of sessions of ``time``.

A table of a series or a model holds one quantity under one set of conditions, so that no column
mixes what can't be compared, and no published figure stands in any of them. A table of sessions
has a row per session and conditions, or two sets of sessions held against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from profiler import units
from profiler.models.arguments import input_text
from profiler.records import (
    UNDEFINED,
    Cell,
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
from profiler.report.tables.columns import (
    ColumnSpec,
    flags,
    interval,
    label,
    measured,
    missing,
    model_label,
    table,
)
from profiler.timing.latencies.comparison import AXES, ComparedTiming, Difference, TimingComparison
from profiler.timing.latencies.measured import Timing, day_of, has_own_input, latency_of

#: The flag of a record whose network did not fit into the device's memory.
OUT_OF_MEMORY = "oom"
_NOTHING = label(None)


class _Row(Record, frozen=True):
    """A model at some batch size."""

    model: SeriesModel
    crop: int | str
    batch_size: int | str
    #: The latency, a record without samples, or None where nothing was tried.
    record: MeasuredLatency | Measurement | None = None

    def tried(self, cell: Callable[[MeasuredLatency | Measurement], Cell]) -> Cell:
        """A cell of the record, empty where nothing was tried."""
        return cell(self.record) if self.record else _NOTHING

    def found(self, cell: Callable[[MeasuredLatency], Cell]) -> Cell:
        """A cell of the latency, empty where there is none."""
        return cell(self.record) if isinstance(self.record, MeasuredLatency) else _NOTHING

    @property
    def median(self) -> Cell:
        """The median, or why there is none."""
        if self.record is None:
            return missing("not_measured")
        if isinstance(self.record, MeasuredLatency):
            return median(self.record)
        return missing("oom" if OUT_OF_MEMORY in self.record.flags else "failed")


#: What tells the rows of a series' table apart, and those of a model's.
_OF_A_SERIES: tuple[ColumnSpec[_Row], ...] = (
    ColumnSpec("model", "label", lambda row: model_label(row.model), "left"),
)
_OF_A_MODEL: tuple[ColumnSpec[_Row], ...] = (
    ColumnSpec("source.precision", "text",
               lambda row: row.tried(lambda each: label(each.precision.upper()))),
)  # fmt: skip
#: What every table states.
_FIGURES: tuple[ColumnSpec[_Row], ...] = (
    ColumnSpec("crop_size", "integer", lambda row: label(row.crop)),
    ColumnSpec("measured.batch_size", "integer", lambda row: label(row.batch_size)),
    ColumnSpec("measured.median_ms", "measured_ms", lambda row: row.median),
    ColumnSpec("measured.interval_ms", "interval_ms",
               lambda row: row.found(lambda each: interval(each.low_ms, each.high_ms))),
    ColumnSpec("measured.images_per_s", "images_per_s",
               lambda row: row.found(lambda each: measured(each.images_per_s))),
    ColumnSpec("measured.samples", "integer",
               lambda row: row.found(lambda each: label(each.samples))),
    ColumnSpec("measured.runs", "integer", lambda row: row.found(lambda each: label(each.runs))),
    ColumnSpec("measured.flags", "flags",
               lambda row: row.tried(lambda each: flags(each.flags))),
    ColumnSpec("measured.day", "day",
               lambda row: row.tried(lambda each: label(day_of(each)))),
)  # fmt: skip


class MeasuredTable(Record, frozen=True):
    """A table of measured latencies with what holds for all of it."""

    hw: str
    conditions: HowTimed
    #: Empty where a column states it.
    precision: str
    table: Table
    #: Those in the table.
    latencies: tuple[MeasuredLatency, ...]
    #: Records that say why a figure is missing.
    failed: tuple[Measurement, ...] = ()


def measured_tables(report: Report, hw: str) -> tuple[MeasuredTable, ...]:
    """Latencies of a series on one device: a table for each quantity, conditions and precision.

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
    """Latencies of one model: a table for each device, quantity and conditions."""
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
    """Records without samples, of a device under some conditions."""
    there = (each for each in report.failed if each.device == hw)
    return (each for each in there if each.how == conditions)


def _series_rows(
    report: Report, group: list[MeasuredLatency], failed: Sequence[Measurement]
) -> list[_Row]:
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
            batch_sizes = untried[0] if len(untried) == 1 else ", ".join(map(str, untried))
            rows.append(_Row(model, model.crop_size, batch_sizes))
    return rows


def _model_rows(
    model: SeriesModel, latencies: Sequence[MeasuredLatency], failed: Sequence[Measurement]
) -> list[_Row]:
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
    return [_Row(model, _crop(each.input_shape), each.batch_size, each) for each in tried]


def _table(rows: Iterable[_Row], leading: Iterable[ColumnSpec[_Row]]) -> Table:
    return table("measured", rows, (*leading, *_FIGURES), notes=("measured",), centred=True)


def median(latency: MeasuredLatency) -> Cell:
    """The median, and whether a flag casts doubt on it."""
    return measured(latency.median_ms, doubtful=latency.doubtful)


def _crop(shape: Shape) -> int | str:
    """The side of a square image, both sides of another, the whole shape of anything else."""
    sizes = shape[1:]
    if len(sizes) != 3:
        return units.shape(sizes)
    return sizes[1] if sizes[1] == sizes[2] else units.shape(sizes[1:])


_RowT = TypeVar("_RowT")


def input_of(record: Measurement) -> str:
    """The input: one image's shape, or every input in whole where it is no image."""
    if record.inputs:
        shapes = " + ".join(map(input_text, record.inputs))
        return f"{record.inputs_from} ({shapes})" if record.inputs_from else shapes
    return units.shape(record.input_shape[1:])


#: What may tell rows apart: name → how it prints, and its value.
_CONDITIONS: dict[str, tuple[str, Callable[[Measurement], int | str | None]]] = {
    "model": ("label", lambda record: record.model),
    "hw": ("text", AXES["hw"]),
    "quantity": ("text", lambda record: record.quantity),
    "graph": ("text", lambda record: record.variant),
    "layout": ("text", AXES["layout"]),
    "engine": ("text", AXES["engine"]),
    "threads": ("integer", AXES["threads"]),
    "l2": ("text", AXES["l2"]),
    "input": ("text", input_of),
    "precision": ("text", lambda record: record.precision),
    "batch_size": ("integer", lambda record: record.batch_size),
}
#: These are columns whether they differ or not.
_ALWAYS = ("model", "batch_size")
#: These make a table of their own where they differ.
_APART = ("hw", "quantity", "graph", "layout", "engine", "threads", "l2")
_ORDER = (*_APART, "model", "input", "precision", "batch_size")
#: Found of a session, after the conditions.
_OF_A_SESSION: tuple[ColumnSpec[Timing], ...] = (
    ColumnSpec("time.median_ms", "measured_ms", lambda timing: _median(timing)),
    ColumnSpec("time.interval_ms", "interval_ms", lambda timing: _interval(timing)),
    ColumnSpec("time.p95_ms", "measured_ms", lambda timing: _p95(timing)),
    ColumnSpec("time.images_per_s", "images_per_s", lambda timing: _images_per_s(timing)),
    ColumnSpec("time.flags", "flags", lambda timing: flags(timing.flags)),
    ColumnSpec("time.samples", "integer", lambda timing: label(len(timing.samples_ms))),
    ColumnSpec("time.runs", "integer", lambda timing: label(timing.runs)),
    ColumnSpec("time.started_at", "text", lambda timing: label(timing.first.started_at)),
    ColumnSpec("time.session", "text", lambda timing: label(timing.first.session)),
)
#: Found of two sides.
_OF_TWO_SESSIONS: tuple[ColumnSpec[ComparedTiming], ...] = (
    ColumnSpec("time.a_ms", "measured_ms", lambda row: _median(row.a)),
    ColumnSpec("time.b_ms", "measured_ms", lambda row: _median(row.b)),
    ColumnSpec("time.ratio", "factor", lambda row: measured(row.ratio)),
    ColumnSpec("time.ratio_interval", "factor_interval",
               lambda row: interval(row.low, row.high) if row.verdict is not None else UNDEFINED),
    ColumnSpec("time.verdict", "text", lambda row: label(_said(row))),
    ColumnSpec("time.flags_a", "flags", lambda row: flags(row.a.flags) if row.a else UNDEFINED),
    ColumnSpec("time.flags_b", "flags", lambda row: flags(row.b.flags) if row.b else UNDEFINED),
)  # fmt: skip
_DIFFERENCES: tuple[ColumnSpec[Difference], ...] = (
    ColumnSpec("time.fact", "label", lambda each: label(each.fact)),
    ColumnSpec("time.a", "text", lambda each: label(each.a)),
    ColumnSpec("time.b", "text", lambda each: label(each.b)),
)


class TimingTable(Record, frozen=True, gc=False):
    """A table and the conditions that are the same in all its rows: name → value."""

    table: Table
    shared: dict[str, str]


def timing_tables(timings: Iterable[Timing]) -> tuple[TimingTable, ...]:
    """A row for each session and set of conditions; what can't be compared is in tables apart."""
    groups: dict[tuple[object, ...], list[Timing]] = {}
    for timing in sorted(timings, key=_place):
        key = tuple(_CONDITIONS[name][1](timing.first) for name in _APART)
        groups.setdefault(key, []).append(timing)
    tables = []
    for group in groups.values():
        records = [timing.first for timing in group]
        shown = [each for each in _OF_A_SESSION if each.key != "time.session"]
        columns = (*_conditions(_telling(records), lambda timing: timing.first), *shown)
        tables.append(TimingTable(table("timings", group, columns), _shared(records, ())))
    return tuple(tables)


def whole_timing_table(timings: Iterable[Timing]) -> Table:
    """A row for each session and set of conditions, with every condition."""
    columns = (*_conditions(_CONDITIONS, lambda timing: timing.first), *_OF_A_SESSION)
    return table("timings", sorted(timings, key=_place), columns)


def timing_comparison_table(comparison: TimingComparison) -> TimingTable:
    """A row for each set of conditions of either side; what only one side has is there as well."""
    records = [_one(row).first for row in comparison.rows]
    apart = _not_shared(comparison)
    conditions = tuple(name for name in _telling(records) if name not in apart)
    figures = [each for each in _OF_TWO_SESSIONS if not _is_idle(each.key, comparison)]
    return TimingTable(_comparison_table(comparison, conditions, figures), _shared(records, apart))


def whole_timing_comparison_table(comparison: TimingComparison) -> Table:
    """The same with every condition that is the same on both sides, and both sides' flags."""
    apart = _not_shared(comparison)
    conditions = tuple(name for name in _CONDITIONS if name not in apart)
    return _comparison_table(comparison, conditions, _OF_TWO_SESSIONS)


def differences_table(comparison: TimingComparison) -> Table:
    """A row for each thing that is not the same on the two sides, beside the latencies."""
    return table("differences", comparison.differences, _DIFFERENCES)


def _comparison_table(
    comparison: TimingComparison,
    conditions: Iterable[str],
    figures: Iterable[ColumnSpec[ComparedTiming]],
) -> Table:
    rows = sorted(comparison.rows, key=lambda row: _place(_one(row)))
    columns = (*_conditions(conditions, lambda row: _one(row).first), *figures)
    return table("comparison", rows, columns)


def _conditions(
    names: Iterable[str], record_of: Callable[[_RowT], Measurement]
) -> Iterator[ColumnSpec[_RowT]]:
    """Columns of conditions; ``record_of`` gives a row's record."""
    for name in names:
        hint, value = _CONDITIONS[name]
        yield ColumnSpec(f"time.{name}", hint, partial(_condition, value, record_of))


def _condition(
    value: Callable[[Measurement], int | str | None],
    record_of: Callable[[_RowT], Measurement],
    row: _RowT,
) -> Cell:
    found = value(record_of(row))
    return UNDEFINED if found is None else label(found)


def _shared(records: Sequence[Measurement], apart: Collection[str]) -> dict[str, str]:
    """The conditions that are no column because they are the same in every row."""
    columns = _telling(records)
    values = {
        name: value(records[0])
        for name, (_, value) in _CONDITIONS.items()
        if name not in columns and name not in apart
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def _telling(records: Sequence[Measurement]) -> tuple[str, ...]:
    """The conditions that are not the same in all records, and those that are always shown."""
    return tuple(
        name
        for name, (_, value) in _CONDITIONS.items()
        if name in _ALWAYS or len({value(record) for record in records}) > 1
    )


def _place(timing: Timing) -> tuple[int | str, ...]:
    """Where a row stands: tables that are apart, models, then sizes, precisions and time."""
    record = timing.first
    values = [_CONDITIONS[name][1](record) or 0 for name in _ORDER]
    return (*values, record.started_at, record.session)


def _said(row: ComparedTiming) -> str:
    """The verdict, or why there is none."""
    if row.verdict is not None:
        return row.verdict
    if row.a is None:
        return "only in B"
    return "only in A" if row.b is None else "–"


def _one(row: ComparedTiming) -> Timing:
    """Either side; both have the conditions of the row."""
    return next(timing for timing in (row.a, row.b) if timing)


def _not_shared(comparison: TimingComparison) -> set[str]:
    """The conditions that are one thing on one side and another on the other."""
    differing = {each.fact for each in comparison.differences} - set(comparison.matched_on)
    return differing & _CONDITIONS.keys()


def _is_idle(key: str, comparison: TimingComparison) -> bool:
    """Whether this is the column of a side's flags, and that side has none."""
    if key not in ("time.flags_a", "time.flags_b"):
        return False
    sides = (row.a if key == "time.flags_a" else row.b for row in comparison.rows)
    return not any(timing.flags for timing in sides if timing)


def _median(timing: Timing | None) -> Cell:
    latency = latency_of(timing) if timing else None
    return median(latency) if latency else UNDEFINED


def _interval(timing: Timing) -> Cell:
    latency = latency_of(timing)
    return interval(latency.low_ms, latency.high_ms) if latency else UNDEFINED


def _p95(timing: Timing) -> Cell:
    p95 = timing.percentile_ms(0.95)
    return missing("too_few_samples") if not p95 and latency_of(timing) else measured(p95)


def _images_per_s(timing: Timing) -> Cell:
    latency = latency_of(timing)
    return measured(latency.images_per_s if latency else None)
