"""The latencies of all models of a series side by side, a table for each page and device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from profiler import units
from profiler.records import (
    Cell,
    CellRef,
    Column,
    Record,
    Table,
)
from profiler.records.base import distinct, grouped
from profiler.render.cells import how_texts
from profiler.render.messages import Messages
from profiler.report.audited import TableNote, with_notes
from profiler.report.comparable_figures import LatencyRow
from profiler.report.tables.model_comparison import hardware, timed
from profiler.website.content import SeriesContent


class PageLatencies(Record, frozen=True):
    """What one page prints, or what was measured on one device, and what an audit says of it.

    The table has a row for each model and, after its name, a column for each of ``rows``.
    ``number`` is its place among those of the series.
    """

    number: int
    title: str
    rows: tuple[LatencyRow, ...]
    table: Table
    notes: tuple[TableNote, ...]


def page_latencies(
    content: SeriesContent, latencies: Sequence[LatencyRow], messages: Messages
) -> tuple[PageLatencies, ...]:
    """The latencies by where they are from: published ones first.

    Args:
        content: the series.
        latencies: those of its models.
        messages: the language.
    """
    groups = grouped(latencies, _where_from)
    found = []
    for number, ((page, hw), rows) in enumerate(groups.items()):
        name = (
            content.series.pages.get(page, page)
            if page
            else hardware(rows[0].conditions, device_texts(hw, content), messages)
        )
        kind = messages.text("compare.published" if page else "compare.measured")
        table, notes = with_notes(_table(content, rows, messages), content.audited, messages)
        found.append(PageLatencies(number, f"{kind}: {name}", tuple(rows), table, notes))
    return tuple(found)


def _where_from(row: LatencyRow) -> tuple[str, str]:
    """The page, or the device that it was measured on."""
    page = row.conditions.page
    return page, "" if page else row.conditions.hw


def device_texts(hw: str, content: SeriesContent) -> Mapping[str, str]:
    """The device's name by its slug, nothing where it has none."""
    name = content.true.device_name(hw)
    return {} if name == hw else {hw: name}


def _table(content: SeriesContent, rows: Sequence[LatencyRow], messages: Messages) -> Table:
    lines = []
    for at, model in enumerate(content.series.models):
        label = Cell(value=model.label, origin="label", model=model.name, at=_crops(rows, at))
        lines.append((label, *(timed(row.figures[at], row.reasons[at]) for row in rows)))
    columns = (
        Column(key="model", hint="label", align="left"),
        *(_column(row, content, messages) for row in rows),
    )
    return Table(key="latencies", columns=columns, rows=tuple(lines))


def _column(row: LatencyRow, content: SeriesContent, messages: Messages) -> Column:
    conditions, how = row.conditions, row.conditions.how
    told: dict[str, str | int] = {
        "hardware": hardware(conditions, device_texts(conditions.hw, content), messages),
        "precision": conditions.precision.upper(),
        "batch": messages.text("compare.batch", batch_size=conditions.batch_size),
    }
    if how:
        told["how"] = messages.join(how_texts(how, messages))
    inputs = map(units.shape, row.grids(range(len(row.figures))))
    return Column(
        key="compare.timed_how" if how else "compare.timed",
        hint="measured_ms" if how else "published",
        align="right",
        placeholders={**told, "input": messages.text("list.alternatives").join(inputs)},
    )


def _crops(rows: Sequence[LatencyRow], model: int) -> tuple[CellRef, ...]:
    """Where the inputs of the model's figures are printed."""
    figures = (row.figures[model] for row in rows)
    return distinct(each.crop_cell for each in figures if each and each.crop_cell)
