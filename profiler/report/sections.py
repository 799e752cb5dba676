"""Report → the parts of a page under their headings, before anything is markdown or html."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from msgspec.structs import replace

from profiler.catalog import UNSTATED
from profiler.counting import TRUE_CONVENTION
from profiler.records import Record, Report, Table
from profiler.records.base import distinct, grouped
from profiler.render.cells import graph_name
from profiler.render.messages import Messages
from profiler.report.layouts import counts_page, layout_latencies
from profiler.report.notes import Note, count_notes
from profiler.report.table_notes import (
    NOT_AUDITED,
    Audited,
    TableNote,
    with_notes,
)
from profiler.report.tables.series import accuracy_table, latency_table, speed_table

_T = TypeVar("_T")

#: Where what a device's name says in brackets begins.
_ADDITION = re.compile(r"\s*[(\uff08]")


class CaptionedTable(Record, frozen=True):
    """One of a section's tables: what it shows under a heading, and notes to it alone."""

    caption: str
    table: Table
    notes: tuple[str, ...] = ()


class Section(Record, frozen=True):
    """A part of a page under a heading of its own: tables, or notes, or both; plain text.

    It has one table without a caption, or any number with. ``legend`` explains how a table looks,
    ``notes`` what stands in it, ``findings`` what an audit says of its cells, ``pages`` are the
    short names of those that it quotes.
    """

    anchor: str
    title: str
    table: Table | None = None
    tables: tuple[CaptionedTable, ...] = ()
    legend: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[TableNote, ...] = ()
    pages: tuple[str, ...] = ()


class Paper(Record, frozen=True):
    """A paper and the labels of its models; ``address`` and ``title`` may be empty."""

    models: tuple[str, ...]
    address: str
    title: str
    year: int | None


def paper_sentence(paper: Paper, key: str, messages: Messages) -> tuple[str, str, str]:
    """A sentence of the catalogue around a paper's title: what stands before it, it, and after.

    The message is ``<key>``, or ``<key>_of_year`` with its year. A paper without a title goes by
    its address; without either the models alone are left.
    """
    names = messages.join(paper.models)
    title = paper.title or paper.address
    if not title:
        return names, "", ""
    if paper.year is not None:
        key = f"{key}_of_year"
    before, after = messages.around(key, "paper", models=names, year=paper.year or "")
    return before, title, after


def counts_section(
    report: Report, layout: str, messages: Messages, audited: Audited = NOT_AUDITED
) -> Section:
    """Accuracy, work and parameters, with what is counted as notes."""
    rule = "published" if report.verbatim else "macs" if report.convention == "macs" else "flops"
    has_accuracy = any(row.accuracy and row.accuracy.top1 for row in report.rows)
    accuracy = "accuracy_as_published" if report.verbatim else "accuracy"
    title = messages.text(
        f"headings.{accuracy if has_accuracy else 'counts'}",
        work=messages.text(f"work.{rule}"),
    )
    table = accuracy_table(report, counts_page(report, layout))
    section = noted_section("accuracy", title, table, messages, audited, marked=not report.verbatim)
    # an audit says of each figure by what it differs
    notes = (
        note
        for note in count_notes(report)
        if note.key != "published_differ" or not section.findings
    )
    pages = distinct(row.accuracy.page for row in report.rows if row.accuracy)
    return replace(section, notes=note_texts(notes, messages), pages=pages)


def speed_sections(
    report: Report, layout: str, messages: Messages, audited: Audited = NOT_AUDITED
) -> Iterator[Section]:
    """One per device, or one per device and precision in the classic layout.

    A verbatim table repeats the published one to the letter, so no mark stands in it.
    """
    marked = not report.verbatim
    shown = layout_latencies(report, layout)
    if layout == "full":
        for number, (page, hw) in enumerate(distinct((x.page, x.hw) for x in shown), start=1):
            title, table = speed_title(report, hw, messages), latency_table(report, hw, page)
            section = noted_section(
                f"speed-{number}", title, table, messages, audited, marked=marked
            )
            yield replace(section, pages=(page,))
        return
    tables = distinct((each.page, each.hw, each.precision) for each in shown)
    for number, (page, hw, precision) in enumerate(tables, start=1):
        title = precision_title(report, hw, precision, messages)
        table = speed_table(report, hw, precision, page)
        section = noted_section(f"speed-{number}", title, table, messages, audited, marked=marked)
        yield replace(section, pages=(page,))


def speed_title(report: Report, hw: str, messages: Messages) -> str:
    """The title of the published latencies on one device."""
    return messages.text(f"headings.{_kind(report, hw)}", device=device_name(report, hw))


def precision_title(report: Report, hw: str, precision: str, messages: Messages) -> str:
    """The title of those at one precision."""
    return messages.text(
        "headings.precision" if hw == UNSTATED else "headings.precision_on",
        precision=precision.upper(),
        device=device_name(report, hw),
    )


def device_name(report: Report, hw: str) -> str:
    """A device's short name: "V100" of "V100 (variant not stated)"; its slug if it has no entry."""
    return _ADDITION.split(report.device_name(hw))[0]


def note_texts(notes: Iterable[Note], messages: Messages) -> tuple[str, ...]:
    """Notes as sentences of the language."""
    return tuple(
        messages.text(
            f"notes.{note.key}",
            **{key: _placeholder(key, value, messages) for key, value in note.placeholders.items()},
        )
        for note in notes
    )


def _placeholder(key: str, value: str | tuple[str, ...], messages: Messages) -> str:
    if isinstance(value, tuple):
        return messages.join(value)
    return graph_name(value, messages) if key == "variant" else value


def papers(report: Report) -> tuple[Paper, ...]:
    """The papers of a series in the order of its models."""
    by_paper = grouped(
        (row.model for row in report.rows),
        lambda model: (model.paper, model.paper_title, model.year),
    )
    return tuple(
        Paper(
            models=tuple(model.label for model in models), address=address, title=title, year=year
        )
        for (address, title, year), models in by_paper.items()
    )


def page_commands(report: Report, language: str, layout: str) -> tuple[str, ...]:
    """What to type to get this page again, and what its counts consist of."""
    series = ["--series", report.series.name]
    rule = [] if report.convention == TRUE_CONVENTION else ["--convention", report.convention]
    page = ["page", *series, "--lang", language, "--layout", layout, *rule]
    return (
        shlex.join(["inprof", *page, "-o", f"{report.series.file_stem}.md"]),
        shlex.join(["inprof", "count", *series, *rule]),
    )


def in_language(texts: Mapping[str, _T], language: str, default: _T) -> _T:
    """The text in this language, else in the first there is."""
    return texts.get(language, next(iter(texts.values()), default))


def noted_section(
    anchor: str, title: str, table: Table, messages: Messages, audited: Audited, *, marked: bool
) -> Section:
    """One table with what explains its looks and what an audit says of it.

    ``marked`` says whether marks may stand in its cells.
    """
    table, findings = with_notes(table, audited, messages, marked=marked)
    return Section(
        anchor=anchor,
        title=title,
        table=table,
        legend=tuple(messages.text(f"notes.{key}") for key in table.notes),
        findings=findings,
    )


def _kind(report: Report, hw: str) -> str:
    """What a heading may call the hardware: a GPU only where that is known."""
    if hw == UNSTATED:
        return "speed_unstated"
    gpus = {device.slug for device in report.devices if device.compute_capability}
    return "speed_gpu" if hw in gpus else "speed"
