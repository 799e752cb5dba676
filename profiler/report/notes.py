"""Report → Note: what a reader must know beside the figures, as message keys and facts."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from profiler import units
from profiler.catalog import UNSTATED
from profiler.records import (
    DEPLOY,
    Latency,
    Published,
    Record,
    Report,
    ReportRow,
)
from profiler.report.tables.series import work_of

_NAMED_RULES = ("flops", "macs", "flops_all", "paddle_static")


class Note(Record, frozen=True):
    """A message key below "notes" and its placeholders; a tuple is a list of names."""

    key: str
    placeholders: dict[str, str | tuple[str, ...]] = msgspec.field(default_factory=dict)


def count_notes(report: Report) -> tuple[Note, ...]:
    """What is counted, on which graph, at which input, and where published figures differ."""
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
    """What is known of the latencies on a page, and what is not."""
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
