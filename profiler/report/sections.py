"""Report → the parts of a page under their headings, with their notes; plain text, no markup."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from profiler import units
from profiler.catalog import UNSTATED
from profiler.counting import TRUE_CONVENTION
from profiler.records import (
    DEPLOY,
    DESCRIBING_FLAGS,
    Latency,
    MeasuredLatency,
    Measurement,
    Published,
    Record,
    Report,
    ReportRow,
    Table,
)
from profiler.records.base import distinct, grouped
from profiler.render.cells import flag_name, graph_name, how_texts
from profiler.render.messages import Messages
from profiler.report.audited import (
    NOT_AUDITED,
    Audited,
    TableNote,
    with_notes,
)
from profiler.report.layouts import counts_page, layout_latencies, layout_measured
from profiler.report.tables.measured import (
    OUT_OF_MEMORY,
    MeasuredTable,
    measured_tables,
    model_measured_tables,
)
from profiler.report.tables.series import accuracy_table, latency_table, speed_table, work_of
from profiler.timing.latencies.measured import MeasuringSetup, measured_on, measuring_setup

_T = TypeVar("_T")
#: Where what a device's name says in brackets begins.
_ADDITION = re.compile(r"\s*[(\uff08]")
_NAMED_RULES = ("flops", "macs", "flops_all", "paddle_static")


class Note(Record, frozen=True):
    """Something a reader must know beside the figures."""

    #: A message key below "notes".
    key: str
    #: A tuple is a list of names.
    placeholders: dict[str, str | tuple[str, ...]] = msgspec.field(default_factory=dict)


class CaptionedTable(Record, frozen=True):
    """One of a section's tables under a caption."""

    caption: str
    table: Table
    #: Those to it alone.
    notes: tuple[str, ...] = ()


class Section(Record, frozen=True):
    """A part of a page under a heading of its own: tables, or notes, or both; plain text."""

    anchor: str
    title: str
    #: One table without a caption.
    table: Table | None = None
    #: Instead of it any number with captions.
    tables: tuple[CaptionedTable, ...] = ()
    #: How a table looks, explained.
    legend: tuple[str, ...] = ()
    #: What stands in the tables, explained.
    notes: tuple[str, ...] = ()
    #: What an audit says of the cells.
    findings: tuple[TableNote, ...] = ()
    #: Short names of the pages that it quotes.
    pages: tuple[str, ...] = ()


class Paper(Record, frozen=True):
    """A paper and the labels of its models."""

    models: tuple[str, ...]
    #: May be empty, as the title may.
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
    """The commands that make this page again, and that show its counts by layer."""
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
    """The message of a heading about the hardware: a GPU only where that is known."""
    if hw == UNSTATED:
        return "speed_unstated"
    gpus = {device.slug for device in report.devices if device.compute_capability}
    return "speed_gpu" if hw in gpus else "speed"


def count_notes(report: Report) -> tuple[Note, ...]:
    """Notes on the rule, the graphs, the inputs, and the published figures that differ."""
    notes = []
    if report.convention in _NAMED_RULES:
        notes.append(Note(key=f"rule.{report.convention}"))
    else:
        notes.append(Note(key="rule.other", placeholders={"convention": report.convention}))
    variants = {row.model.label: row.counts.variant for row in report.rows}
    if set(variants.values()) == {DEPLOY}:
        notes.append(Note(key="graph.deploy"))
    for variant in sorted(set(variants.values()) - {DEPLOY}):
        names = tuple(label for label in variants if variants[label] == variant)
        notes.append(Note(key="graph.variant", placeholders={"variant": variant, "models": names}))
    shapes: dict[str, tuple[str, ...]] = {}
    for row in report.rows:
        shape = units.shape(row.counts.input_shape)
        shapes[shape] = (*shapes.get(shape, ()), row.model.label)
    notes += [
        Note(key="input", placeholders={"shape": shape, "models": names})
        for shape, names in shapes.items()
    ]
    differing = tuple(row.model.label for row in report.rows if _differs(report, row))
    if differing:
        notes.append(Note(key="published_differ", placeholders={"models": differing}))
    return tuple(notes)


def latency_notes(shown: Sequence[Latency]) -> tuple[Note, ...]:
    """Notes on where the latencies of a page are from."""
    if not shown:
        return (Note(key="no_latencies"),)
    notes = [Note(key="latencies")]
    # where only some are without, the headings of their tables say so
    if all(latency.hw == UNSTATED for latency in shown):
        notes.append(Note(key="hardware_unstated"))
    return tuple(notes)


def crop_notes(report: Report, shown: Sequence[Latency]) -> tuple[Note, ...]:
    """One note per input size that latencies were taken at; the models where it is not all."""
    sizes: dict[tuple[int, int], list[str]] = {}
    for latency in shown:
        names = sizes.setdefault((latency.crop_size, latency.resize_short_size), [])
        label = report.series.model(latency.model).label
        if label not in names:
            names.append(label)
    key = "crop" if len(sizes) == 1 else "crop_of"
    return tuple(
        Note(
            key=key,
            placeholders={"crop": str(crop), "resize": str(resize)}
            | ({"models": tuple(names)} if key == "crop_of" else {}),
        )
        for (crop, resize), names in sizes.items()
    )


def _differs(report: Report, row: ReportRow) -> bool:
    """Whether a published FLOPs or parameters figure is not the traced one to its digits."""
    for printed in report.series.counts:
        if printed.model == row.model.name:
            work = work_of(row, report.convention)
            params = row.counts.totals.params
            if _is_other(printed.flops_g, work, 10**9) or _is_other(
                printed.params_m, params, 10**6
            ):
                return True
    return False


def _is_other(figure: Published | None, value: int, factor: int) -> bool:
    if figure is None:
        return False
    places = len(figure.text.partition(".")[2])
    # A page may pad two decimals with a zero: both readings of its digits count as agreement.
    readings = {units.fixed(value, factor, places), units.as_published(value, factor)}
    return float(figure.text) not in {float(text) for text in readings}


def measured_sections(report: Report, layout: str, messages: Messages) -> Iterator[Section]:
    """One per device that a series was measured on.

    Pages that repeat published ones have no such section; see ``layout_measured``.
    """
    shown = layout_measured(report, layout)
    for number, hw in enumerate(distinct(each.hw for each in shown), start=1):
        latencies = [each for each in shown if each.hw == hw]
        yield Section(
            anchor=f"measured-{number}",
            title=messages.text("headings.measured", device=device_name(report, hw)),
            tables=measured_captions(report, measured_tables(report, hw), messages),
            legend=(messages.text("notes.measured"),),
            notes=measured_notes(report, latencies, messages),
        )


def measured_captions(
    report: Report, tables: Iterable[MeasuredTable], messages: Messages
) -> tuple[CaptionedTable, ...]:
    """The tables of one device, each under its conditions."""
    return tuple(
        CaptionedTable(
            caption=_caption(each, messages),
            table=each.table,
            notes=_table_notes(report, each, messages),
        )
        for each in tables
    )


def model_measured_captions(
    report: Report, model: str, messages: Messages
) -> tuple[CaptionedTable, ...]:
    """The tables of one model, with the device in their captions."""
    return tuple(
        CaptionedTable(
            caption=messages.text(
                "measured.on", device=device_name(report, each.hw), what=_caption(each, messages)
            ),
            table=each.table,
            notes=_table_notes(report, each, messages),
        )
        for each in model_measured_tables(report, model)
    )


def measured_notes(
    report: Report, latencies: Sequence[MeasuredLatency], messages: Messages
) -> tuple[str, ...]:
    """On what and when, what each quantity is, and what each flag says."""
    notes = []
    for hw in distinct(each.hw for each in latencies):
        here = [each for each in latencies if each.hw == hw]
        device = report.device_name(hw)
        names = [name for name in distinct(x.hw_name for x in here) if name != device]
        notes.append(
            messages.text(
                "measured.device_named" if names else "measured.device",
                device=device,
                names=messages.join(names),
                days=units.span(measured_on(here), " – "),
            )
        )
    for quantity in distinct(each.quantity for each in latencies):
        notes.append(messages.text(f"quantities.about.{quantity}"))
    return (*notes, *flag_notes((flag for each in latencies for flag in each.flags), messages))


def _caption(table: MeasuredTable, messages: Messages) -> str:
    parts = (
        table.precision.upper(),
        *how_texts(table.conditions, messages),
    )
    return messages.join([part for part in parts if part])


def _table_notes(report: Report, table: MeasuredTable, messages: Messages) -> tuple[str, ...]:
    """A table's measuring setup, and the reasons of those that failed."""
    labels = {row.model.name: row.model.label for row in report.rows}
    return (
        setup_text(measuring_setup(table.latencies), messages),
        *(
            _failure(each, labels[each.model], messages)
            for each in table.failed
            if _tells_more(each)
        ),
    )


def setup_text(setup: MeasuringSetup, messages: Messages) -> str:
    """One line: software, driver, clocks, warm-up, and what stands behind a figure."""
    parts = [(name, " / ".join(values)) for name, values in setup.facts.items()]
    if setup.engines:
        parts.insert(0, ("engine", " / ".join(setup.engines)))
    if setup.sm_clock_mhz:
        parts.append(("sm_clock", units.span(setup.sm_clock_mhz)))
    texts = [messages.text(f"measured.setup.{name}", value=value) for name, value in parts]
    texts += [
        messages.text(
            "measured.setup.warmup", calls=calls, seconds=units.significant(float(seconds))
        )
        for calls, seconds in setup.warmups
    ]
    texts.append(
        messages.text(
            "measured.setup.statistic",
            runs=units.span(setup.runs),
            samples=units.span((units.integer(setup.samples[0]), units.integer(setup.samples[1]))),
        )
    )
    if setup.versions:
        texts.append(messages.text("measured.setup.inprof", value=" / ".join(setup.versions)))
    return messages.text("measured.setup.line", facts=messages.text("list.clauses").join(texts))


def _tells_more(record: Measurement) -> bool:
    """Whether the reason says more than the table's cell."""
    return bool(record.reason) and OUT_OF_MEMORY not in record.flags


def _failure(record: Measurement, label: str, messages: Messages) -> str:
    return messages.text(
        "measured.failure",
        model=label,
        what=messages.text(
            "measured.batch", precision=record.precision.upper(), batch_size=record.batch_size
        ),
        reason=record.reason,
    )


def flag_notes(flags: Iterable[str], messages: Messages) -> Iterator[str]:
    """A sentence for each flag, those that cast doubt first."""
    for flag in sorted(set(flags), key=lambda flag: (flag in DESCRIBING_FLAGS, flag)):
        about = messages.texts.get(f"flags.about.{flag}") or messages.text("flags.unknown")
        kind = "describing" if flag in DESCRIBING_FLAGS else "doubtful"
        yield messages.text(f"flags.{kind}", flag=flag_name(flag, messages), about=about)
