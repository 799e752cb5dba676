"""What every table of measured latencies says in the same cells: a median, an interval, flags."""

from __future__ import annotations

from collections.abc import Iterable

from profiler.records import Cell, MeasuredLatency

TOO_FEW_SAMPLES = Cell(value=None, origin="missing", reason="too_few_samples")


def median_cell(latency: MeasuredLatency) -> Cell:
    """The median, and whether a flag casts doubt on it."""
    return Cell(value=latency.median_ms, origin="measured", doubtful=latency.doubtful)


def interval_cell(low: float | None, high: float | None) -> Cell:
    """An interval; missing where there are too few samples for one."""
    if low is None or high is None:
        return TOO_FEW_SAMPLES
    return Cell(value=low, origin="measured", upper=high)


def flags_cell(flags: Iterable[str]) -> Cell:
    """Flags, in their order."""
    return Cell(value=" ".join(flags), origin="label")
