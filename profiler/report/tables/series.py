"""Report → Table: accuracy with counts, and latencies in the two forms pages print them.

A verbatim report (see ``Report.verbatim``) gives the published tables to the letter: their rows,
their order, their printed names and blanks. Any other report gives every model of the series in
every table, says why a cell is empty, and marks quoted figures as such. FLOPs and parameters are
the traced ones in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from profiler import units
from profiler.records import (
    ACCURACIES,
    Cell,
    CellRef,
    Column,
    Latency,
    Published,
    PublishedCounts,
    Report,
    ReportRow,
    SeriesModel,
    Table,
)
from profiler.records.base import distinct

_NAMED_RULES = ("flops", "macs", "flops_all")
#: The units a count may be shown in, largest first: hint, factor, what the heading calls it.
_UNITS = (("giga", 10**9, "G"), ("mega", 10**6, "M"), ("kilo", 10**3, "k"), ("integer", 1, "1"))
_SMALLEST_SHOWN = 0.01

_BLANK = Cell(value=None, origin="missing")
_UNPUBLISHED = Cell(value=None, origin="missing", reason="not_published")


def accuracy_table(report: Report, page: str = "") -> Table:
    """Accuracy, work and parameters of each model.

    Args:
        report: the series and its counts.
        page: whose printed rows a verbatim report repeats; every page's if empty.
    """
    printed = [row for row in report.series.counts if page in ("", row.page)]
    if report.verbatim and printed:
        return _verbatim_accuracy(report, printed)
    figures = [key for key in ACCURACIES if any(_accuracy(row, key) for row in report.rows)]
    work = [work_of(row, report.convention) for row in report.rows]
    params = [row.counts.totals.params for row in report.rows]
    rule = report.convention if report.convention in _NAMED_RULES else "other"
    named = {} if rule != "other" else {"convention": report.convention}
    columns = (
        Column(key="model", hint="label", align="left"),
        Column(key="input_size", hint="text"),
        *(Column(key=key, hint="published") for key in figures),
        _count_column(f"work.{rule}", work, "G", named),
        _count_column("params", params, "M", {}),
    )
    rows = tuple(
        (
            _name(row.model),
            Cell(value=input_size(row), origin="label"),
            *(_published(_accuracy(row, key), _UNPUBLISHED) for key in figures),
            Cell(value=row_work, origin="traced", at=_at(report, row, "flops_g")),
            Cell(value=row_params, origin="traced", at=_at(report, row, "params_m")),
        )
        for row, row_work, row_params in zip(report.rows, work, params, strict=True)
    )
    return Table(key="accuracy", columns=columns, rows=rows, notes=_legend(report, rows))


def latency_table(report: Report, hw: str, page: str = "") -> Table:
    """Published latencies on one device: a column per precision and batch size.

    A model that was timed at two crop sizes has a row for each.
    """
    shown = [latency for latency in latencies(report, page) if latency.hw == hw]
    prefix, hint = ("published.", "verbatim") if report.verbatim else ("", "published")
    conditions = _conditions(shown)
    columns = (
        Column(key=f"{prefix}model", hint=_name_hint(report), align="left"),
        Column(key=f"{prefix}crop_size", hint="integer"),
        Column(key=f"{prefix}resize_short_size", hint="integer"),
        *(
            Column(
                key=f"{prefix}latency_ms",
                hint=hint,
                placeholders={"precision": precision.upper(), "batch_size": batch_size},
            )
            for precision, batch_size in conditions
        ),
    )
    rows = []
    for name, timed in _by_model(report, shown):
        for crop, resize in distinct((each.crop_size, each.resize_short_size) for each in timed):
            figures = {
                (each.precision, each.batch_size): each
                for each in timed
                if (each.crop_size, each.resize_short_size) == (crop, resize)
            }
            at = distinct(each.crop_cell for each in figures.values())
            sizes = (Cell(value=crop, origin="label", at=at), Cell(value=resize, origin="label"))
            rows.append((name, *sizes, *_figures(report, figures, conditions)))
        if not timed:
            rows.append((name, *[_UNPUBLISHED] * (2 + len(conditions))))
    return Table(key="latency", columns=columns, rows=tuple(rows), notes=_legend(report, rows))


def speed_table(report: Report, hw: str, precision: str, page: str = "") -> Table:
    """Published latencies on one device at one precision: a column per batch size."""
    shown = [
        latency
        for latency in latencies(report, page)
        if (latency.hw, latency.precision) == (hw, precision)
    ]
    prefix, hint = ("published.", "verbatim") if report.verbatim else ("", "published")
    conditions = _conditions(shown)
    columns = (
        Column(key=f"{prefix}model", hint=_name_hint(report), align="left"),
        *(
            Column(
                key=f"{prefix}batch_latency_ms",
                hint=hint,
                placeholders={"batch_size": batch_size},
            )
            for _, batch_size in conditions
        ),
    )
    rows = []
    for name, timed in _by_model(report, shown):
        figures = {(each.precision, each.batch_size): each for each in timed}
        rows.append((name, *_figures(report, figures, conditions)))
    return Table(key="speed", columns=columns, rows=tuple(rows), notes=_legend(report, rows))


def latencies(report: Report, page: str = "") -> tuple[Latency, ...]:
    """The published latencies of a report, of one page or of all, in the order of the tables."""
    found: Iterable[Latency] = (
        report.series.latencies
        if report.verbatim
        else (latency for row in report.rows for latency in row.latencies)
    )
    return tuple(latency for latency in found if page in ("", latency.page))


def work_of(row: ReportRow, convention: str) -> int:
    """What a table calls the model's work: MACs under ``macs``, else FLOPs as counted."""
    totals = row.counts.totals
    return totals.macs if convention == "macs" else totals.flops


def input_size(row: ReportRow) -> str:
    """What the counts were made with: "224x224" for an image, else the whole shape."""
    sizes = row.counts.input_shape
    return units.shape(sizes[2:] if len(sizes) == 4 else sizes)


def _verbatim_accuracy(report: Report, printed: Sequence[PublishedCounts]) -> Table:
    columns = (
        Column(key="published.model", hint="printed", align="left"),
        *(Column(key=f"published.{key}", hint="verbatim") for key in ACCURACIES),
        Column(key="published.flops", hint="giga_as_published"),
        Column(key="published.params", hint="mega_as_published"),
    )
    totals = {row.model.name: row.counts.totals for row in report.rows}
    rows = tuple(
        (
            Cell(value=row.printed_name, origin="label"),
            *(_published(getattr(row, key), _BLANK) for key in ACCURACIES),
            # A figure the page leaves blank stays blank, though its value is known.
            *(
                Cell(value=value, origin="traced", at=(cell,)) if cell else _BLANK
                for value, cell in (
                    (totals[row.model].flops, row.cell("flops_g")),
                    (totals[row.model].params, row.cell("params_m")),
                )
            ),
        )
        for row in printed
        if row.model in totals
    )
    return Table(key="accuracy", columns=columns, rows=rows)


def _accuracy(row: ReportRow, key: str) -> Published | None:
    figure: Published | None = getattr(row.accuracy, key, None)
    return figure


def _published(figure: Published | None, absent: Cell) -> Cell:
    return Cell(value=figure.text, origin="published") if figure else absent


def _figures(
    report: Report,
    timed: dict[tuple[str, int], Latency],
    conditions: Sequence[tuple[str, int]],
) -> tuple[Cell, ...]:
    absent = _BLANK if report.verbatim else _UNPUBLISHED
    figures = (timed.get(condition) for condition in conditions)
    return tuple(
        replace(_published(each.latency_ms, absent), at=(each.cell,)) if each else absent
        for each in figures
    )


def _at(report: Report, row: ReportRow, column: str) -> tuple[CellRef, ...]:
    """Where the pages print the model's figure of this name."""
    cells = (each.cell(column) for each in report.series.counts if each.model == row.model.name)
    return tuple(cell for cell in cells if cell)


def _name(model: SeriesModel, missing_from: Iterable[tuple[str, str, str]] = ()) -> Cell:
    return Cell(
        value=model.label,
        origin="label",
        link=model.paper,
        model=model.name,
        at=tuple(model.missing_row(*table) for table in missing_from),
    )


def _name_hint(report: Report) -> str:
    return "printed" if report.verbatim else "label"


def _by_model(report: Report, shown: Sequence[Latency]) -> list[tuple[Cell, list[Latency]]]:
    """A table's rows: the printed ones of a verbatim report, else every model of the series."""
    if not report.verbatim:
        printed_in = distinct((x.page, x.latency_ms.source.table, x.hw) for x in shown)
        return [
            (_name(row.model, printed_in), [each for each in shown if each.model == row.model.name])
            for row in report.rows
        ]
    printed = distinct((latency.model, latency.printed_name) for latency in shown)
    return [
        (
            Cell(value=name, origin="label"),
            [each for each in shown if (each.model, each.printed_name) == (model, name)],
        )
        for model, name in printed
    ]


def _conditions(shown: Sequence[Latency]) -> tuple[tuple[str, int], ...]:
    """Columns: precisions in the order of the data, batch sizes rising within each."""
    precisions = distinct(latency.precision for latency in shown)
    found = distinct((latency.precision, latency.batch_size) for latency in shown)
    return tuple(sorted(found, key=lambda pair: (precisions.index(pair[0]), pair[1])))


def _count_column(
    key: str, values: Sequence[int], largest: str, placeholders: dict[str, str]
) -> Column:
    """A column of counts in the largest unit that still shows the smallest one's digits."""
    names = [unit for _, _, unit in _UNITS]
    choices = _UNITS[names.index(largest) :]
    smallest = min((value for value in values if value), default=0)
    hint, unit = next(
        (
            (hint, unit)
            for hint, factor, unit in choices
            if not smallest or smallest >= factor * _SMALLEST_SHOWN
        ),
    )
    return Column(key=key, hint=hint, placeholders={**placeholders, "unit": unit})


def _legend(report: Report, rows: Iterable[Sequence[Cell]]) -> tuple[str, ...]:
    """The note that explains italics, where a table has any: a verbatim one never has."""
    quoted = any(cell.origin == "published" for row in rows for cell in row)
    return ("quoted",) if quoted and not report.verbatim else ()
