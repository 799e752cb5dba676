"""Measured latencies → sections of a page: tables with captions, and what is said about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from profiler import units
from profiler.measured_tables import (
    MeasuredTable,
    Unmeasured,
    measured_tables,
    model_measured_tables,
)
from profiler.records import DESCRIBING_FLAGS, MeasuredLatency, Report
from profiler.render.cells import condition_texts, flag_name
from profiler.render.layouts import layout_measured
from profiler.render.messages import Messages
from profiler.render.sections import CaptionedTable, Section, device_name, distinct
from profiler.timing_conditions import TimingConditions, measured_on


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
            tables=tuple(
                CaptionedTable(
                    caption=_caption(each, messages),
                    table=each.table,
                    notes=_unmeasured(each.unmeasured, messages),
                )
                for each in measured_tables(report, hw)
            ),
            legend=(messages.text("notes.measured"),),
            notes=measured_notes(report, latencies, messages),
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
    how: TimingConditions = table.conditions
    parts = (
        table.precision.upper(),
        messages.text(f"quantities.names.{how.quantity}"),
        *condition_texts(how.unusual, messages),
    )
    return messages.join([part for part in parts if part])


def _unmeasured(models: Sequence[Unmeasured], messages: Messages) -> tuple[str, ...]:
    if not models:
        return ()
    names = [
        messages.text(
            "measured.at_batch_sizes",
            model=each.label,
            batch_sizes=messages.join([str(size) for size in each.batch_sizes]),
        )
        if each.batch_sizes
        else each.label
        for each in models
    ]
    return (messages.text("measured.missing", models=messages.join(names)),)


def flag_notes(flags: Iterable[str], messages: Messages) -> Iterator[str]:
    """What each flag says, those that cast doubt first."""
    for flag in sorted(set(flags), key=lambda flag: (flag in DESCRIBING_FLAGS, flag)):
        about = messages.texts.get(f"flags.about.{flag}") or messages.text("flags.unknown")
        kind = "describing" if flag in DESCRIBING_FLAGS else "doubtful"
        yield messages.text(f"flags.{kind}", flag=flag_name(flag, messages), about=about)
