"""Regions that tell what an audit finds in the figures that a series publishes."""

from __future__ import annotations

from typing import get_args

from profiler.docs.kinds import Content, kind
from profiler.docs.models import series_name, series_of
from profiler.docs.notes import bullets
from profiler.docs.request import Request
from profiler.docs.sources import Sources
from profiler.docs.tables import audited_of, table_content
from profiler.errors import NoDataError
from profiler.records import Metric
from profiler.records.base import grouped
from profiler.render.markdown import paragraph
from profiler.render.messages import Messages
from profiler.report.audited import note_key, note_text
from profiler.report.layouts import localised_series
from profiler.report.tables.audit import causes_table, checked_counts_table, findings_table

_METRICS: tuple[Metric, ...] = get_args(Metric)


@kind("table", "findings", "series")
def _findings(request: Request, sources: Sources, messages: Messages) -> Content:
    series = localised_series(series_of(request, sources), messages.language)
    audited = audited_of(request, sources, messages)
    if not audited.findings:
        return _clean(series.name, messages)
    table = findings_table(audited.findings, audited.names, messages, series.pages)
    return table_content(table, messages)


@kind("table", "causes", "series")
def _causes(request: Request, sources: Sources, messages: Messages) -> Content:
    audited = audited_of(request, sources, messages)
    labelled = [(audited.names.models[each.model], each) for each in audited.findings]
    table = causes_table(labelled, messages)
    if not table.rows:
        raise NoDataError(f"{request.what}: no published FLOPs differ from the true ones")
    return table_content(table, messages)


@kind("table", "checked", "series metric")
def _checked(request: Request, sources: Sources, messages: Messages) -> Content:
    asked = request.choice("metric", _METRICS, _METRICS[0])
    metric = next(each for each in _METRICS if each == asked)
    table = checked_counts_table(audited_of(request, sources, messages).checks, metric)
    if not table.rows:
        raise NoDataError(f"{request.what}: no {metric} are published in the series")
    return table_content(table, messages)


@kind("note", "findings", "series")
def _finding_notes(request: Request, sources: Sources, messages: Messages) -> Content:
    audited = audited_of(request, sources, messages)
    if not audited.findings:
        return _clean(series_name(request), messages)
    alike = grouped(
        audited.findings,
        lambda each: (frozenset(cell.page for cell in each.cells), note_key(each)),
    )
    return bullets(tuple(note_text(each, audited.names, messages) for each in alike.values()))


def _clean(series: str, messages: Messages) -> Content:
    """A page does not break for its figures having been put right."""
    return Content(paragraph(messages.text("audit.report.clean", series=series)))
