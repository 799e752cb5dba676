"""Report → Table: accuracy with counts, and latencies in the two forms pages print them.

A verbatim report (see ``Report.verbatim``) gives the published tables to the letter: their rows,
their order, their printed names and blanks. Any other report gives every model of the series in
every table, says why a cell is empty, and marks quoted figures as such. FLOPs and parameters are
the traced ones in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from msgspec.structs import replace

from profiler import units
from profiler.records import (
    ACCURACIES,
    Cell,
    CellRef,
    Latency,
    Published,
    PublishedCounts,
    Record,
    Report,
    ReportRow,
    Table,
)
from profiler.records.base import distinct
from profiler.report.tables.columns import (
    BLANK,
    NOT_PUBLISHED,
    ColumnSpec,
    label,
    model_label,
    published,
    table,
    traced,
)

_NAMED_RULES = ("flops", "macs", "flops_all")
#: The units a count may be shown in, largest first: hint, factor, what the heading calls it.
_UNITS = (("giga", 10**9, "G"), ("mega", 10**6, "M"), ("kilo", 10**3, "k"), ("integer", 1, "1"))
_SMALLEST_SHOWN = 0.01
#: Precision and batch size.
_Timed = tuple[str, int]


class _LatencyRow(Record, frozen=True):
    """A model's latencies, those of one input size in a table that states it."""

    name: Cell
    figures: dict[_Timed, Latency]
    #: Crop and resize, None where the model has no latency.
    sizes: tuple[int, int] | None = None

    def size(self, place: int) -> Cell:
        """The crop or the resize."""
        if self.sizes is None:
            return NOT_PUBLISHED
        at = () if place else distinct(each.crop_cell for each in self.figures.values())
        return label(self.sizes[place], at=at)


def accuracy_table(report: Report, page: str = "") -> Table:
    """Accuracy, work and parameters of each model.

    Args:
        report: the series and its counts.
        page: whose printed rows a verbatim report repeats; every page's if empty.
    """
    printed = [row for row in report.series.counts if page in ("", row.page)]
    if report.verbatim and printed:
        return _verbatim_accuracy(report, printed)
    rule = report.convention if report.convention in _NAMED_RULES else "other"
    named = {} if rule != "other" else {"convention": report.convention}
    work = [work_of(row, report.convention) for row in report.rows]
    params = [row.counts.totals.params for row in report.rows]
    columns: tuple[ColumnSpec[ReportRow], ...] = (
        ColumnSpec("model", "label", lambda row: model_label(row.model), "left"),
        ColumnSpec("input_size", "text", lambda row: label(input_size(row))),
        *(
            ColumnSpec(key, "published", partial(_accuracy_cell, key))
            for key in ACCURACIES
            if any(_accuracy(key, row) for row in report.rows)
        ),
        ColumnSpec(f"work.{rule}", _unit(work, "G")[0],
                   lambda row: traced(work_of(row, report.convention), _at(report, row, "flops_g")),
                   placeholders={**named, "unit": _unit(work, "G")[1]}),
        ColumnSpec("params", _unit(params, "M")[0],
                   lambda row: traced(row.counts.totals.params, _at(report, row, "params_m")),
                   placeholders={"unit": _unit(params, "M")[1]}),
    )  # fmt: skip
    return _explained(report, table("accuracy", report.rows, columns, centred=True))


def latency_table(report: Report, hw: str, page: str = "") -> Table:
    """Published latencies on one device: a column per precision and batch size.

    A model that was timed at two crop sizes has a row for each.
    """
    shown = [latency for latency in latencies(report, page) if latency.hw == hw]
    prefix = "published." if report.verbatim else ""
    columns: tuple[ColumnSpec[_LatencyRow], ...] = (
        _name_column(report),
        ColumnSpec(f"{prefix}crop_size", "integer", lambda row: row.size(0)),
        ColumnSpec(f"{prefix}resize_short_size", "integer", lambda row: row.size(1)),
        *_latency_columns(report, shown, "latency_ms"),
    )
    rows = []
    for name, timed in _by_model(report, shown):
        for sizes in distinct((each.crop_size, each.resize_short_size) for each in timed):
            own = [each for each in timed if (each.crop_size, each.resize_short_size) == sizes]
            rows.append(_LatencyRow(name, _by_conditions(own), sizes))
        if not timed:
            rows.append(_LatencyRow(name, {}))
    return _explained(report, table("latency", rows, columns, centred=True))


def speed_table(report: Report, hw: str, precision: str, page: str = "") -> Table:
    """Published latencies on one device at one precision: a column per batch size."""
    shown = [
        latency
        for latency in latencies(report, page)
        if (latency.hw, latency.precision) == (hw, precision)
    ]
    columns = (_name_column(report), *_latency_columns(report, shown, "batch_latency_ms"))
    rows = [_LatencyRow(name, _by_conditions(own)) for name, own in _by_model(report, shown)]
    return _explained(report, table("speed", rows, columns, centred=True))


def latencies(report: Report, page: str = "") -> tuple[Latency, ...]:
    """The published latencies of a report, of one page or of all, in the order of the tables."""
    found: Iterable[Latency] = (
        report.series.latencies
        if report.verbatim
        else (latency for row in report.rows for latency in row.latencies)
    )
    return tuple(latency for latency in found if page in ("", latency.page))


def work_of(row: ReportRow, convention: str) -> int:
    """A model's work as tables have it: MACs under ``macs``, else FLOPs as counted."""
    totals = row.counts.totals
    return totals.macs if convention == "macs" else totals.flops


def input_size(row: ReportRow) -> str:
    """The size of the counted input: "224x224" for an image, else the whole shape."""
    sizes = row.counts.input_shape
    return units.shape(sizes[2:] if len(sizes) == 4 else sizes)


def _verbatim_accuracy(report: Report, printed: Sequence[PublishedCounts]) -> Table:
    totals = {row.model.name: row.counts.totals for row in report.rows}

    def count(row: PublishedCounts, column: str, value: int) -> Cell:
        """A figure the page leaves blank stays blank, though its value is known."""
        cell = row.cell(column)
        return traced(value, (cell,)) if cell else BLANK

    columns: tuple[ColumnSpec[PublishedCounts], ...] = (
        ColumnSpec("published.model", "printed", lambda row: label(row.printed_name), "left"),
        *(
            ColumnSpec(f"published.{key}", "verbatim", partial(_printed_accuracy, key))
            for key in ACCURACIES
        ),
        ColumnSpec("published.flops", "giga_as_published",
                   lambda row: count(row, "flops_g", totals[row.model].flops)),
        ColumnSpec("published.params", "mega_as_published",
                   lambda row: count(row, "params_m", totals[row.model].params)),
    )  # fmt: skip
    rows = [row for row in printed if row.model in totals]
    return table("accuracy", rows, columns, centred=True)


def _printed_accuracy(key: str, row: PublishedCounts) -> Cell:
    return published(getattr(row, key), BLANK)


def _accuracy(key: str, row: ReportRow) -> Published | None:
    figure: Published | None = getattr(row.accuracy, key, None)
    return figure


def _accuracy_cell(key: str, row: ReportRow) -> Cell:
    return published(_accuracy(key, row))


def _at(report: Report, row: ReportRow, column: str) -> tuple[CellRef, ...]:
    """Where the pages print the model's figure of this name."""
    cells = (each.cell(column) for each in report.series.counts if each.model == row.model.name)
    return tuple(cell for cell in cells if cell)


def _name_column(report: Report) -> ColumnSpec[_LatencyRow]:
    key, hint = ("published.model", "printed") if report.verbatim else ("model", "label")
    return ColumnSpec(key, hint, lambda row: row.name, "left")


def _latency_columns(
    report: Report, shown: Sequence[Latency], key: str
) -> list[ColumnSpec[_LatencyRow]]:
    """Precisions in the order of the data, batch sizes rising within each."""
    prefix, hint, absent = (
        ("published.", "verbatim", BLANK) if report.verbatim else ("", "published", NOT_PUBLISHED)
    )
    precisions = distinct(latency.precision for latency in shown)
    found = _by_conditions(shown)
    return [
        ColumnSpec(
            f"{prefix}{key}",
            hint,
            partial(_latency_cell, condition, absent),
            placeholders={"precision": condition[0].upper(), "batch_size": condition[1]}
            if key == "latency_ms"
            else {"batch_size": condition[1]},
        )
        for condition in sorted(found, key=lambda pair: (precisions.index(pair[0]), pair[1]))
    ]


def _latency_cell(condition: _Timed, absent: Cell, row: _LatencyRow) -> Cell:
    latency = row.figures.get(condition)
    return published(latency.latency_ms, at=(latency.cell,)) if latency else absent


def _by_conditions(timed: Iterable[Latency]) -> dict[_Timed, Latency]:
    return {(each.precision, each.batch_size): each for each in timed}


def _by_model(report: Report, shown: Sequence[Latency]) -> list[tuple[Cell, list[Latency]]]:
    """A table's rows: the printed ones of a verbatim report, else every model of the series."""
    if not report.verbatim:
        printed_in = distinct((x.page, x.latency_ms.source.table, x.hw) for x in shown)
        return [
            (
                model_label(
                    row.model, at=tuple(row.model.missing_row(*place) for place in printed_in)
                ),
                [each for each in shown if each.model == row.model.name],
            )
            for row in report.rows
        ]
    printed = distinct((latency.model, latency.printed_name) for latency in shown)
    return [
        (label(name), [each for each in shown if (each.model, each.printed_name) == (model, name)])
        for model, name in printed
    ]


def _unit(values: Sequence[int], largest: str) -> tuple[str, str]:
    """Hint and name of the largest unit that still shows the smallest count's digits."""
    names = [unit for _, _, unit in _UNITS]
    smallest = min((value for value in values if value), default=0)
    return next(
        (hint, unit)
        for hint, factor, unit in _UNITS[names.index(largest) :]
        if not smallest or smallest >= factor * _SMALLEST_SHOWN
    )


def _explained(report: Report, shown: Table) -> Table:
    """With the note that explains italics, where a table has any: a verbatim one never has."""
    quoted = any(cell.origin == "published" for row in shown.rows for cell in row)
    return replace(shown, notes=("quoted",)) if quoted and not report.verbatim else shown
