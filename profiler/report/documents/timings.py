"""Measured latencies, alone or held against others, as documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from profiler.models.arguments import input_text
from profiler.records import Block, Document, Lines, Measurement, Table, TableBlock
from profiler.render.cells import flag_names
from profiler.render.messages import load_messages
from profiler.report.sections import flag_notes
from profiler.report.tables.measured import (
    differences_table,
    input_of,
    timing_comparison_table,
    timing_tables,
    whole_timing_comparison_table,
    whole_timing_table,
)
from profiler.timing.latencies.comparison import ComparedTiming, TimingComparison
from profiler.timing.latencies.measured import Timing, latency_of

_LANGUAGE = "en"
#: What a narrow terminal does without, in this order, after what tells no rows apart.
_FIRST_TO_GO = (
    "runs",
    "samples",
    "p95_ms",
    "images_per_s",
    "flags_a",
    "flags_b",
    "ratio_interval",
    "started_at",
)
#: Conditions that are only said where they are not these.
_USUAL = {"graph": "deploy", "layout": "nchw", "engine": "pytorch", "l2": "warm"}


def timings_document(timings: Sequence[Timing]) -> Document:
    """Latencies: tables, and what is to be said of them."""
    tables = [(_title(each.shared, timings), each.table) for each in timing_tables(timings)]
    notes = [*_flags(timings), *_failures(timings)]
    return _document(
        tables, whole_timing_table(timings), notes, timings, list(map(_timing, timings))
    )


def timing_comparison_document(comparison: TimingComparison, names: tuple[str, str]) -> Document:
    """Latencies held against others; ``names`` are what A and B are.

    CSV has the rows alone, without what else is different between A and B.
    """
    return _document(
        _tables(comparison),
        whole_timing_comparison_table(comparison),
        _notes(comparison, names),
        _sides(comparison),
        _comparison(comparison, names),
    )


def _document(
    tables: Iterable[tuple[str, Table]],
    whole: Table,
    notes: Sequence[str],
    timings: Sequence[Timing],
    data: object,
) -> Document:
    """Tables for people, with the conditions that their rows share as titles, and one for CSV."""
    first_to_go = (*_idle(timings), *_FIRST_TO_GO)
    blocks: list[Block] = []
    for title, table in tables:
        blocks.append(Lines((title,), formats=("markdown",)))
        blocks.append(TableBlock(title, table, first_to_go=first_to_go))
    blocks.append(Lines(tuple(notes), style="dim", listed=True))
    blocks.append(TableBlock("", whole, formats=("csv",)))
    return Document(tuple(blocks), data)


def _idle(timings: Sequence[Timing]) -> tuple[str, ...]:
    """The columns that tell no rows apart: of one session, or with one input for each model."""
    records = [timing.first for timing in timings]
    sessions = {record.session for record in records}
    inputs = {(record.model, input_of(record)) for record in records}
    one_input = len(inputs) == len({record.model for record in records})
    return ("started_at",) * (len(sessions) == 1) + ("input",) * one_input


def _tables(comparison: TimingComparison) -> list[tuple[str, Table]]:
    compared = timing_comparison_table(comparison)
    title = _title(compared.shared, _sides(comparison))
    tables = [(f"B against A: {title}" if title else "B against A", compared.table)]
    if comparison.differences:
        tables.append(("Also different", differences_table(comparison)))
    return tables


def _notes(comparison: TimingComparison, names: tuple[str, str]) -> list[str]:
    band = f"{100 * comparison.band:g}"
    return [
        f"A is {names[0]}, B is {names[1]}.",
        f"SAME: B / A is within {band} % of 1, and known well enough to say so. FASTER and SLOWER: "
        f"all of its interval is beyond {band} %. AMBIGUOUS: it can't be told.",
        *_flags(_sides(comparison)),
        *(f"A: {line}" for line in _failures(row.a for row in comparison.rows if row.a)),
        *(f"B: {line}" for line in _failures(row.b for row in comparison.rows if row.b)),
    ]


def _sides(comparison: TimingComparison) -> list[Timing]:
    """The timings of both sides of the rows, A's first."""
    sides = [row.a for row in comparison.rows] + [row.b for row in comparison.rows]
    return [timing for timing in sides if timing]


def _title(shared: Mapping[str, str], timings: Iterable[Timing]) -> str:
    """The conditions that all rows of a table share, without those that go without saying."""
    messages = load_messages(_LANGUAGE)
    names = {timing.first.device: timing.first.environment.name for timing in timings}
    words: dict[str, Callable[[str], str]] = {
        "hw": lambda hw: hw if names[hw] == hw else f"{names[hw]} ({hw})",
        "quantity": lambda quantity: messages.text(f"quantities.names.{quantity}"),
        "graph": lambda graph: f"{graph} graph",
        "threads": lambda count: messages.text("conditions.threads", value=count),
        "l2": lambda _state: messages.text("conditions.l2"),
        "input": lambda shape: f"input {shape}",
    }
    return messages.join(
        [
            words[name](value) if name in words else value
            for name, value in shared.items()
            if value != _USUAL.get(name)
        ]
    )


def _flags(timings: Iterable[Timing]) -> list[str]:
    """A note for each flag that occurs."""
    flags = dict.fromkeys(flag for timing in timings if timing.runs for flag in timing.flags)
    return list(flag_notes(flags, load_messages(_LANGUAGE)))


def _failures(timings: Iterable[Timing]) -> list[str]:
    """A line for each way in which processes of a row came to no samples."""
    lines: dict[str, None] = {}
    for timing in timings:
        runs: dict[str, list[str]] = {}
        for record in timing.records:
            if not record.samples_ms:
                runs.setdefault(_why(record), []).append(str(record.run))
        for why, numbers in runs.items():
            # where others have samples the row has figures, and it matters which do not
            which = f", run {', '.join(numbers)}" if timing.runs else ""
            lines[f"Not measured: {_named(timing.first)}{which}: {why}"] = None
    return list(lines)


def _named(record: Measurement) -> str:
    return (
        f"{record.model} on {record.device}, {record.precision}, batch {record.batch_size}, "
        f"{record.quantity}"
    )


def _why(record: Measurement) -> str:
    flags = flag_names(record.flags, load_messages(_LANGUAGE))
    reason = " ".join(record.reason.split())
    return f"{flags} ({reason})" if reason else flags


def _timing(timing: Timing) -> dict[str, Any]:
    """One session under one set of conditions; what was not measured is null."""
    first, latency = timing.first, latency_of(timing)
    return {
        "model": first.model,
        "address": first.address,
        "arguments": first.arguments,
        "hw": first.device,
        "hw_name": first.environment.name,
        "precision": first.precision,
        "batch_size": first.batch_size,
        "quantity": first.quantity,
        "input_shape": first.input_shape,
        "inputs": list(map(input_text, first.given)),
        "inputs_from": first.inputs_from,
        "variant": first.variant,
        "layout": first.layout,
        "engine": first.engine,
        "threads": first.threads,
        "flush_l2": first.flush_l2,
        "median_ms": latency and latency.median_ms,
        "low_ms": latency and latency.low_ms,
        "high_ms": latency and latency.high_ms,
        "min_ms": min(timing.samples_ms, default=None),
        "mean_ms": fmean(timing.samples_ms) if timing.samples_ms else None,
        "p5_ms": timing.percentile_ms(0.05),
        "p95_ms": timing.percentile_ms(0.95),
        "p99_ms": timing.percentile_ms(0.99),
        "images_per_s": latency and latency.images_per_s,
        "samples": len(timing.samples_ms),
        "runs": timing.runs,
        "flags": timing.flags,
        "reasons": [record.reason for record in timing.records if not record.samples_ms],
        "started_at": first.started_at,
        "session": first.session,
    }


def _comparison(comparison: TimingComparison, names: tuple[str, str]) -> dict[str, Any]:
    return {
        "a": names[0],
        "b": names[1],
        "band": comparison.band,
        "rows": [_compared(row) for row in comparison.rows],
        "differences": comparison.differences,
    }


def _compared(row: ComparedTiming) -> dict[str, Any]:
    return {
        "a": row.a and _timing(row.a),
        "b": row.b and _timing(row.b),
        "ratio": row.ratio,
        "ratio_low": row.low,
        "ratio_high": row.high,
        "verdict": row.verdict,
    }
