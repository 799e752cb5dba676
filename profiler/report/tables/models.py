"""Published figures beside traced ones → Table: of a series, and of one model."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from profiler.audit import CountCheck
from profiler.catalog import UNSTATED
from profiler.records import (
    UNDEFINED,
    Cell,
    CellRef,
    Latency,
    Published,
    PublishedCounts,
    Record,
    Report,
    ReportRow,
    Series,
    Table,
)
from profiler.report.tables.columns import (
    ColumnSpec,
    label,
    missing,
    model_label,
    published,
    relative_error,
    table,
    traced,
)

Metric = Literal["flops", "params"]
#: The metrics that published tables state, and so can be compared.
COMPARED: tuple[Metric, ...] = ("flops", "params")

_UNIT: dict[str, tuple[str, int]] = {"flops": ("giga", 10**9), "params": ("mega", 10**6)}


class _Compared(Record, frozen=True):
    """A published figure of a model with the cells that print it."""

    row: ReportRow
    figure: Published
    at: tuple[CellRef, ...]
    #: What an audit found that gives it, None where nothing does.
    check: CountCheck | None


def published_counts_table(
    true: Report, checks: Sequence[CountCheck], metric: Metric, models: Collection[str] = ()
) -> Table:
    """Each published figure, the convention that gives it and what that gives, and the true one.

    Args:
        true: the report whose counts are the true cost of the deployed graph.
        checks: what an audit found of each published figure.
        metric: which of the two published metrics.
        models: names of the models to show; all if empty.
    """
    hint, factor = _UNIT[metric]
    by_cell = {cell: check for check in checks for cell in check.cells if check.given is not None}
    rows = [
        _Compared(row, figure, at, by_cell.get(at[0]))
        for row in true.rows
        if not models or row.model.name in models
        for figure, at in _figures(true.series.counts, row.model.name, metric)
    ]

    def value(each: _Compared) -> int:
        count: int = getattr(each.row.counts.totals, metric)
        return count

    columns: tuple[ColumnSpec[_Compared], ...] = (
        ColumnSpec("model", "label", lambda each: model_label(each.row.model), "left"),
        ColumnSpec(f"compared.{metric}.published", "published",
                   lambda each: published(each.figure, at=each.at)),
        ColumnSpec("compared.convention", "text",
                   lambda each: label(each.check.reproduced[0][0]) if each.check else UNDEFINED),
        ColumnSpec("compared.graph", "text",
                   lambda each: label(each.check.reproduced[0][1]) if each.check else UNDEFINED),
        ColumnSpec(f"compared.{metric}.given", f"{hint}_as_published",
                   lambda each: traced(each.check.given if each.check else None)),
        ColumnSpec(f"compared.{metric}.true", hint, lambda each: traced(value(each))),
        ColumnSpec("compared.difference", "difference",
                   lambda each: relative_error(float(each.figure.text), value(each) / factor)),
    )  # fmt: skip
    return table("comparison", rows, columns, notes=("quoted",), centred=True)


def published_table(series: Series, model: str) -> Table:
    """Printed accuracy, FLOPs and parameters of one model, a row per page."""
    columns: tuple[ColumnSpec[PublishedCounts], ...] = (
        ColumnSpec("source.page", "label", lambda row: _page(series, row.page), "left"),
        ColumnSpec("top1", "published", lambda row: published(row.top1)),
        ColumnSpec("top5", "published", lambda row: published(row.top5)),
        ColumnSpec("reference_top1", "published", lambda row: published(row.reference_top1)),
        ColumnSpec("reference_top5", "published", lambda row: published(row.reference_top5)),
        ColumnSpec("quoted.flops", "published", lambda row: published(row.flops_g)),
        ColumnSpec("quoted.params", "published", lambda row: published(row.params_m)),
    )
    rows = [row for row in series.counts if row.model == model]
    return table("published", rows, columns, notes=("quoted",), centred=True)


def model_latencies_table(report: Report, model: str, page: str) -> Table:
    """Latencies of one model on one page, a row each, with all that it states."""
    columns: tuple[ColumnSpec[Latency], ...] = (
        ColumnSpec("source.hw", "label", lambda each: _device(report, each.hw)),
        ColumnSpec("source.precision", "text", lambda each: label(each.precision.upper())),
        ColumnSpec("source.batch_size", "integer", lambda each: label(each.batch_size)),
        ColumnSpec("crop_size", "integer",
                   lambda each: label(each.crop_size, at=(each.crop_cell,))),
        ColumnSpec("resize_short_size", "integer", lambda each: label(each.resize_short_size)),
        ColumnSpec("quoted.latency_ms", "published",
                   lambda each: published(each.latency_ms, at=(each.cell,))),
    )  # fmt: skip
    rows = [each for each in report.series.latencies if (each.model, each.page) == (model, page)]
    return table("latencies", rows, columns, notes=("quoted",), centred=True)


def _figures(
    printed: Sequence[PublishedCounts], model: str, metric: Metric
) -> Iterator[tuple[Published, tuple[CellRef, ...]]]:
    """A model's published figures, each digit string once with the cells that print it."""
    column = "flops_g" if metric == "flops" else "params_m"
    figures: dict[str, Published] = {}
    cells: dict[str, list[CellRef]] = {}
    for row in printed:
        if row.model != model:
            continue
        figure: Published | None = getattr(row, column)
        cell = row.cell(column)
        if figure is not None and cell is not None:
            figures.setdefault(figure.text, figure)
            cells.setdefault(figure.text, []).append(cell)
    for text, figure in figures.items():
        yield figure, tuple(cells[text])


def _device(report: Report, hw: str) -> Cell:
    return missing("not_stated") if hw == UNSTATED else label(report.device_name(hw))


def _page(series: Series, page: str) -> Cell:
    return label(series.pages.get(page, page), link=series.page_urls.get(page, ""))
