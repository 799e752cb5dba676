"""Measurements → Table: a row per session and conditions, and two sets held against each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from profiler import units
from profiler.models.arguments import input_text
from profiler.records import (
    UNDEFINED,
    Cell,
    Column,
    Measurement,
    Record,
    Table,
)
from profiler.report.tables.measured_cells import (
    TOO_FEW_SAMPLES,
    flags_cell,
    interval_cell,
    median_cell,
)
from profiler.timing.latencies.comparison import AXES, ComparedTiming, TimingComparison
from profiler.timing.latencies.measured import Timing, latency_of


def input_of(record: Measurement) -> str:
    """What was given: one image's shape, or every input in whole where it is no image."""
    if record.inputs:
        return " + ".join(map(input_text, record.inputs))
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
#: What was found, after the conditions.
_FIGURES = {
    "median_ms": "measured_ms",
    "interval_ms": "interval_ms",
    "p95_ms": "measured_ms",
    "images_per_s": "images_per_s",
    "flags": "flags",
    "samples": "integer",
    "runs": "integer",
    "started_at": "text",
    "session": "text",
}
_COMPARED = {
    "a_ms": "measured_ms",
    "b_ms": "measured_ms",
    "ratio": "factor",
    "ratio_interval": "factor_interval",
    "verdict": "text",
    "flags_a": "flags",
    "flags_b": "flags",
}
_FACTS = {"fact": "label", "a": "text", "b": "text"}
_LEFT = ("label", "text", "flags")


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
        shown = tuple(name for name in _FIGURES if name != "session")
        table = _timing_table(group, _telling(records), shown)
        tables.append(TimingTable(table, _shared(records, ())))
    return tuple(tables)


def whole_timing_table(timings: Iterable[Timing]) -> Table:
    """A row for each session and set of conditions, with every condition."""
    return _timing_table(sorted(timings, key=_place), tuple(_CONDITIONS), tuple(_FIGURES))


def comparison_table(comparison: TimingComparison) -> TimingTable:
    """A row for each set of conditions of either side; what only one side has is there as well."""
    records = [_one(row).first for row in comparison.rows]
    apart = _not_shared(comparison)
    conditions = tuple(name for name in _telling(records) if name not in apart)
    figures = tuple(name for name in _COMPARED if not _is_idle(name, comparison))
    return TimingTable(_comparison_table(comparison, conditions, figures), _shared(records, apart))


def whole_comparison_table(comparison: TimingComparison) -> Table:
    """The same with every condition that is the same on both sides, and both sides' flags."""
    apart = _not_shared(comparison)
    conditions = tuple(name for name in _CONDITIONS if name not in apart)
    return _comparison_table(comparison, conditions, tuple(_COMPARED))


def differences_table(comparison: TimingComparison) -> Table:
    """What is not the same on the two sides, beside the latencies."""
    rows = tuple(
        tuple(Cell(value=text, origin="label") for text in (each.fact, each.a, each.b))
        for each in comparison.differences
    )
    return Table(key="differences", columns=_columns(tuple(_FACTS)), rows=rows)


def _timing_table(
    timings: Sequence[Timing], conditions: Sequence[str], figures: Sequence[str]
) -> Table:
    rows = []
    for timing in timings:
        found = _figure_cells(timing)
        rows.append((*_cells(timing.first, conditions), *(found[name] for name in figures)))
    return Table(key="timings", columns=_columns((*conditions, *figures)), rows=tuple(rows))


def _comparison_table(
    comparison: TimingComparison, conditions: Sequence[str], figures: Sequence[str]
) -> Table:
    rows = []
    for row in sorted(comparison.rows, key=lambda row: _place(_one(row))):
        found = _compared_cells(row)
        rows.append((*_cells(_one(row).first, conditions), *(found[name] for name in figures)))
    return Table(key="comparison", columns=_columns((*conditions, *figures)), rows=tuple(rows))


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


def _columns(names: Iterable[str]) -> tuple[Column, ...]:
    hints = {name: hint for name, (hint, _) in _CONDITIONS.items()} | _FIGURES | _COMPARED | _FACTS
    return tuple(
        Column(
            key=f"time.{name}", hint=hints[name], align="left" if hints[name] in _LEFT else "right"
        )
        for name in names
    )


def _cells(record: Measurement, conditions: Iterable[str]) -> Iterable[Cell]:
    for name in conditions:
        value = _CONDITIONS[name][1](record)
        yield UNDEFINED if value is None else Cell(value=value, origin="label")


def _figure_cells(timing: Timing) -> dict[str, Cell]:
    latency = latency_of(timing)
    p95 = timing.percentile_ms(0.95)
    return {
        "median_ms": median_cell(latency) if latency else UNDEFINED,
        "interval_ms": interval_cell(latency.low_ms, latency.high_ms) if latency else UNDEFINED,
        "p95_ms": _measured(p95) if p95 else TOO_FEW_SAMPLES if latency else UNDEFINED,
        "images_per_s": _measured(latency.images_per_s) if latency else UNDEFINED,
        "samples": Cell(value=len(timing.samples_ms), origin="label"),
        "runs": Cell(value=timing.runs, origin="label"),
        "flags": _flags(timing),
        "started_at": Cell(value=timing.first.started_at, origin="label"),
        "session": Cell(value=timing.first.session, origin="label"),
    }


def _compared_cells(row: ComparedTiming) -> dict[str, Cell]:
    compared = row.verdict is not None
    return {
        "a_ms": _median(row.a),
        "b_ms": _median(row.b),
        "ratio": UNDEFINED if row.ratio is None else _measured(row.ratio),
        "ratio_interval": interval_cell(row.low, row.high) if compared else UNDEFINED,
        "verdict": Cell(value=_said(row), origin="label"),
        "flags_a": _flags(row.a),
        "flags_b": _flags(row.b),
    }


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


def _is_idle(name: str, comparison: TimingComparison) -> bool:
    """Whether this is the column of a side's flags, and that side has none."""
    if name not in ("flags_a", "flags_b"):
        return False
    sides = (row.a if name == "flags_a" else row.b for row in comparison.rows)
    return not any(timing.flags for timing in sides if timing)


def _median(timing: Timing | None) -> Cell:
    latency = latency_of(timing) if timing else None
    return median_cell(latency) if latency else UNDEFINED


def _measured(value: float) -> Cell:
    return Cell(value=value, origin="measured")


def _flags(timing: Timing | None) -> Cell:
    return flags_cell(timing.flags) if timing else UNDEFINED
