"""Measured latencies → sections of a page: tables with captions, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from profiler import units
from profiler.records import (
    DESCRIBING_FLAGS,
    MeasuredLatency,
    Measurement,
    Report,
)
from profiler.records.base import distinct
from profiler.render.cells import flag_name, how_texts
from profiler.render.messages import Messages
from profiler.report.layouts import layout_measured
from profiler.report.sections import CaptionedTable, Section, device_name
from profiler.report.tables.measured import (
    OUT_OF_MEMORY,
    MeasuredTable,
    measured_tables,
    model_measured_tables,
)
from profiler.timing.latencies.measured import MeasuringSetup, measured_on, measuring_setup


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
    """What the table was measured with, and what those that failed say."""
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
    """What each flag says, those that cast doubt first."""
    for flag in sorted(set(flags), key=lambda flag: (flag in DESCRIBING_FLAGS, flag)):
        about = messages.texts.get(f"flags.about.{flag}") or messages.text("flags.unknown")
        kind = "describing" if flag in DESCRIBING_FLAGS else "doubtful"
        yield messages.text(f"flags.{kind}", flag=flag_name(flag, messages), about=about)
