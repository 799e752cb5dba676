"""A model's summary: the figures it is chosen by, each with the exact one or its conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from profiler import units
from profiler.catalog import UNSTATED
from profiler.records import (
    Counts,
    Latency,
    MeasuredLatency,
    Record,
    ReportRow,
)
from profiler.render.cells import cell_lines, heading_lines, how_texts
from profiler.render.messages import Messages
from profiler.report.sections import device_name
from profiler.report.tables.layers import totals_table
from profiler.timing.latencies.measured import has_own_input
from profiler.website.content import SeriesContent

_COUNTED = (
    "params",
    "macs",
    "flops",
    "activations",
    "weight_bytes",
    "peak_activation_bytes",
    "input_shape",
    "variant",
)
#: The precision that a published latency is told at where there are several.
_PLAIN_PRECISION = "fp32"


class SummaryFact(Record, frozen=True):
    """A line of the summary: a value, and the exact one, its conditions or where it is from."""

    label: str
    value: str
    detail: str = ""
    quoted: bool = False
    measured: bool = False


def summary_facts(
    content: SeriesContent, row: ReportRow, messages: Messages
) -> tuple[SummaryFact, ...]:
    """Accuracy and a latency where there are any, then what was counted."""
    return (
        *_accuracy(row, messages),
        *_latency(content, row, messages),
        *_counted(row.counts, messages),
    )


def _accuracy(row: ReportRow, messages: Messages) -> Iterator[SummaryFact]:
    if row.accuracy and row.accuracy.top1:
        top5 = row.accuracy.top5
        yield SummaryFact(
            label=messages.text("columns.top1"),
            value=row.accuracy.top1.text,
            detail=messages.text("model.top5_published", top5=top5.text)
            if top5
            else messages.text("model.published_detail"),
            quoted=True,
        )


def _latency(content: SeriesContent, row: ReportRow, messages: Messages) -> Iterator[SummaryFact]:
    """The one that is founded best: measured without a doubt, else published without a finding."""
    measured, published = _measured(content, row), _published(content, row)
    if measured is not None:
        how = measured.how
        yield SummaryFact(
            label=messages.text("model.latency"),
            value=f"{units.milliseconds(measured.median_ms)} ms",
            detail=messages.join(
                [
                    device_name(content.true, measured.hw),
                    measured.precision.upper(),
                    messages.text("chart.batch_of", batch_size=measured.batch_size),
                    *how_texts(how, messages),
                    messages.text("model.measured_detail"),
                ]
            ),
            measured=True,
        )
    elif published is not None:
        yield SummaryFact(
            label=messages.text("model.latency"),
            value=f"{published.latency_ms.text} ms",
            detail=messages.join(
                [
                    device_name(content.true, published.hw),
                    published.precision.upper(),
                    messages.text("chart.batch_of", batch_size=published.batch_size),
                    messages.text("model.published_detail"),
                ]
            ),
            quoted=True,
        )


def _measured(content: SeriesContent, row: ReportRow) -> MeasuredLatency | None:
    """The first in the order of the tables: the usual conditions, the smallest batch."""
    return next(
        (
            each
            for each in content.true.measured
            if each.model == row.model.name
            and not each.doubtful
            and each.low_ms is not None
            and has_own_input(row.model, each.input_shape)
        ),
        None,
    )


def _published(content: SeriesContent, row: ReportRow) -> Latency | None:
    """On the device with the most figures, at the plain precision, at the smallest batch.

    The size is the one that the counts are for, and no finding of the audit is about it.
    """
    found_in = {cell for finding in content.audited.findings for cell in finding.cells}
    sound = [
        each
        for each in row.latencies
        if each.hw != UNSTATED
        and each.crop_size == row.model.crop_size
        and found_in.isdisjoint((each.cell, each.crop_cell))
    ]
    figures = Counter(each.hw for each in sound)
    return min(
        sound,
        key=lambda each: (
            -figures[each.hw],
            each.hw,
            each.precision != _PLAIN_PRECISION,
            each.precision,
            each.batch_size,
        ),
        default=None,
    )


def _counted(counts: Counts, messages: Messages) -> Iterator[SummaryFact]:
    table = totals_table((counts,))
    by_name = {
        column.key.rpartition(".")[2]: (column, cell)
        for column, cell in zip(table.columns, table.rows[0], strict=True)
    }
    for name in _COUNTED:
        column, cell = by_name[name]
        label = " ".join(heading_lines(column, messages))
        shown = " ".join(cell_lines(cell, column, messages))
        if not isinstance(cell.value, int):
            yield SummaryFact(label=label, value=shown)
            continue
        in_bytes = column.hint == "bytes"
        exact = units.byte_count(cell.value) if in_bytes else units.integer(cell.value)
        rounded = shown if in_bytes else units.scaled(cell.value)
        yield SummaryFact(label=label, value=rounded, detail=exact if exact != rounded else "")
