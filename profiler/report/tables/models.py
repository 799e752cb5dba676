"""Published figures beside traced ones → Table: of a series, and of one model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Literal

from profiler.audit import CountCheck
from profiler.catalog import UNSTATED
from profiler.records import (
    UNDEFINED,
    Cell,
    CellRef,
    Column,
    Published,
    PublishedCounts,
    Report,
    Series,
    SeriesModel,
    Table,
)

Metric = Literal["flops", "params"]
#: The metrics that published tables state, and so can be compared.
COMPARED: tuple[Metric, ...] = ("flops", "params")

_UNIT: dict[str, tuple[str, int]] = {"flops": ("giga", 10**9), "params": ("mega", 10**6)}
_UNPUBLISHED = Cell(value=None, origin="missing", reason="not_published")


def comparison_table(
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
    columns = (
        Column(key="model", hint="label", align="left"),
        Column(key=f"compared.{metric}.published", hint="published"),
        Column(key="compared.convention", hint="text"),
        Column(key="compared.graph", hint="text"),
        Column(key=f"compared.{metric}.given", hint=f"{hint}_as_published"),
        Column(key=f"compared.{metric}.true", hint=hint),
        Column(key="compared.difference", hint="difference"),
    )
    by_cell = {cell: check for check in checks for cell in check.cells}
    rows = []
    for row in true.rows:
        if models and row.model.name not in models:
            continue
        value: int = getattr(row.counts.totals, metric)
        for figure, at in _figures(true.series.counts, row.model.name, metric):
            rows.append(
                (
                    _label(row.model),
                    Cell(value=figure.text, origin="published", at=at),
                    *_given(by_cell.get(at[0])),
                    Cell(value=value, origin="traced"),
                    _difference(figure, value / factor),
                )
            )
    return Table(key="comparison", columns=columns, rows=tuple(rows), notes=("quoted",))


def published_table(series: Series, model: str) -> Table:
    """What pages print of one model, a row per page: accuracy, FLOPs and parameters."""
    stated: dict[str, Callable[[PublishedCounts], Published | None]] = {
        "top1": lambda row: row.top1,
        "top5": lambda row: row.top5,
        "reference_top1": lambda row: row.reference_top1,
        "reference_top5": lambda row: row.reference_top5,
        "quoted.flops": lambda row: row.flops_g,
        "quoted.params": lambda row: row.params_m,
    }
    columns = (
        Column(key="source.page", hint="label", align="left"),
        *(Column(key=key, hint="published") for key in stated),
    )
    rows = tuple(
        (
            _page(series, row.page),
            *(_published(figure(row)) for figure in stated.values()),
        )
        for row in series.counts
        if row.model == model
    )
    return Table(key="published", columns=columns, rows=rows, notes=("quoted",))


def model_latencies_table(report: Report, model: str, page: str) -> Table:
    """What one page prints of one model's latencies, a row each, with all that it states."""
    hints = {
        "source.hw": "label",
        "source.precision": "text",
        "source.batch_size": "integer",
        "crop_size": "integer",
        "resize_short_size": "integer",
        "quoted.latency_ms": "published",
    }
    rows = tuple(
        (
            _device(report, each.hw),
            Cell(value=each.precision.upper(), origin="label"),
            Cell(value=each.batch_size, origin="label"),
            Cell(value=each.crop_size, origin="label", at=(each.crop_cell,)),
            Cell(value=each.resize_short_size, origin="label"),
            Cell(value=each.latency_ms.text, origin="published", at=(each.cell,)),
        )
        for each in report.series.latencies
        if (each.model, each.page) == (model, page)
    )
    columns = tuple(Column(key=key, hint=hint) for key, hint in hints.items())
    return Table(key="latencies", columns=columns, rows=rows, notes=("quoted",))


def _given(check: CountCheck | None) -> tuple[Cell, Cell, Cell]:
    """The convention and the graph that give a published figure, and what they give."""
    if check is None or check.given is None:
        return (UNDEFINED,) * 3
    convention, graph, _ = check.reproduced[0]
    return (
        Cell(value=convention, origin="label"),
        Cell(value=graph, origin="label"),
        Cell(value=check.given, origin="traced"),
    )


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
    if hw == UNSTATED:
        return Cell(value=None, origin="missing", reason="not_stated")
    return Cell(value=report.device_name(hw), origin="label")


def _page(series: Series, page: str) -> Cell:
    url = series.page_urls.get(page, "")
    return Cell(value=series.pages.get(page, page), origin="label", link=url)


def _difference(figure: Published, true: float) -> Cell:
    if not true:
        return UNDEFINED
    return Cell(value=float(figure.text) / true - 1, origin="traced")


def _published(figure: Published | None) -> Cell:
    return Cell(value=figure.text, origin="published") if figure else _UNPUBLISHED


def _label(model: SeriesModel) -> Cell:
    return Cell(value=model.label, origin="label", link=model.paper, model=model.name)
