"""Published latencies against each other: batch sizes and precisions of one table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

from profiler.records import (
    Evidence,
    Finding,
    Latency,
    Series,
    Severity,
)

#: A rise of the time per image above the first is for information, above the second a warning.
_RISE_NOTED = Fraction(2, 100)
_RISE_WARNED = Fraction(10, 100)
#: How much slower than FP32 an FP16 figure may be and pass for as fast.
_AS_FAST = Fraction(2, 100)


def latency_findings(series: Series) -> Iterator[Finding]:
    """Batches that take less time than smaller ones or more per image, and idle half precision."""
    for sweep in _groups(series.latencies, with_precision=True):
        for smaller, larger in pairwise(sorted(sweep, key=lambda each: each.batch_size)):
            yield from _batches(smaller, larger)
    for pair in _groups(series.latencies, with_precision=False):
        by_precision = {each.precision: each for each in pair}
        if "fp16" in by_precision and "fp32" in by_precision:
            yield from _precisions(by_precision["fp16"], by_precision["fp32"])


def milliseconds(latency: Latency) -> Fraction:
    """The printed figure, exactly."""
    return Fraction(latency.latency_ms.text)


def latency_id(rule: str, latency: Latency) -> str:
    """The name of a finding about one latency: unique, as its conditions are."""
    conditions = latency.hw, latency.precision, f"bs{latency.batch_size}"
    return ":".join((rule, latency.page, *conditions, latency.model))


def _groups(latencies: Iterable[Latency], *, with_precision: bool) -> Iterable[list[Latency]]:
    """Latencies that differ in batch size alone, or in precision alone."""
    groups: dict[tuple[object, ...], list[Latency]] = {}
    for each in latencies:
        varied = each.precision if with_precision else each.batch_size
        key = each.page, each.hw, each.model, each.crop_size, each.resize_short_size, varied
        groups.setdefault(key, []).append(each)
    return groups.values()


def _batches(smaller: Latency, larger: Latency) -> Iterator[Finding]:
    before, after = milliseconds(smaller), milliseconds(larger)
    rise = (after / larger.batch_size) / (before / smaller.batch_size) - 1
    if after < before:
        faster = float(1 - after / before)
        yield _finding("batch-faster", "warning", smaller, larger, {"faster": faster})
    elif rise >= _RISE_NOTED:
        severity: Severity = "warning" if rise > _RISE_WARNED else "info"
        yield _finding("per-image-rising", severity, smaller, larger, {"rise": float(rise)})


def _precisions(half: Latency, single: Latency) -> Iterator[Finding]:
    slower = milliseconds(half) / milliseconds(single) - 1
    if slower > _AS_FAST:
        yield _finding("fp16-not-faster", "warning", single, half, {"slower": float(slower)})


def _finding(
    rule: str,
    severity: Severity,
    other: Latency,
    suspect: Latency,
    evidence: dict[str, Evidence],
) -> Finding:
    both = other, suspect
    return Finding(
        id=latency_id(rule, suspect),
        rule=rule,
        severity=severity,
        model=suspect.model,
        cells=tuple(each.cell for each in both),
        evidence={
            "hw": suspect.hw,
            "precisions": tuple(each.precision for each in both),
            "batch_sizes": tuple(each.batch_size for each in both),
            "latencies_ms": tuple(each.latency_ms.text for each in both),
            **evidence,
        },
    )
