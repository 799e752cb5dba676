"""Rules about latencies: against each other, and against what devices can do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from profiler.catalog import load_devices
from profiler.catalog.devices import peak
from profiler.docs.lint.columns import (
    FLOPS,
    LATENCY,
    MACS,
    THROUGHPUT,
)
from profiler.docs.lint.conditions import (
    BATCH,
    HARDWARE,
    PRECISION,
    SIZE,
)
from profiler.docs.lint.contradictions import contradicted, evidence_of, unexplained
from profiler.docs.lint.count_rules import is_no_amount
from profiler.docs.lint.facts import Fact, TableFacts, read_facts
from profiler.docs.lint.finding import LintFinding, rule
from profiler.docs.lint.page import Page
from profiler.records import Device, Evidence

_RULE = "latency-implausible"
#: FP16 that takes this many times as long as FP32, on a device that gains by it, did not run.
_MUCH_SLOWER = 2
#: The most that fast convolutions save, in multiplications: see ``profiler.audit.physics``.
_FAST_CONVOLUTION = Fraction(36, 16)
#: What a figure of a precision may have run at.
_MAY_BE = {
    "fp32": ("fp32", "tf32"),
    "tf32": ("tf32",),
    "fp16": ("fp16",),
    "bf16": ("bf16", "fp16"),
    "int8": ("int8",),
}
_PER_IMAGE = "per image"


@rule("latency-differ", "warning")
def latency_differ(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """Latencies of one model on the same hardware, under the same conditions, that differ.

    Only between tables that mostly agree: two measurements never agree in every digit.
    """
    for each in unexplained(pages):
        agreement = each.agreement
        if each.fact.metric in (LATENCY, THROUGHPUT) and agreement.differ <= agreement.agree:
            yield contradicted("latency-differ", each.fact, each.other)


@rule(_RULE, "warning")
def latency_implausible(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """Times that are none, batches faster than smaller ones, idle FP16, rates above the peak."""
    by_page: dict[str, list[TableFacts]] = {}
    for table in read_facts(pages).tables:
        by_page.setdefault(table.page.path, []).append(table)
        timed = [fact for fact in table.facts if fact.metric in (LATENCY, THROUGHPUT)]
        for fact in timed:
            if is_no_amount(fact, timed):
                yield LintFinding(_RULE, fact.place, evidence_of(fact), wording="nothing")
        yield from _faster_batches([fact for fact in timed if fact.metric == LATENCY])
        yield from _idle_precision([fact for fact in timed if fact.metric == LATENCY])
    for tables in by_page.values():
        yield from _above_peak([fact for table in tables for fact in table.facts])


def _faster_batches(latencies: Sequence[Fact]) -> Iterator[LintFinding]:
    """Larger batches of one table that take less time than smaller ones.

    If those of most rows do, and by every batch size, the table states the time of one image.
    """
    sweeps: dict[tuple[object, ...], list[tuple[int, Fact]]] = {}
    for fact in latencies:
        size = fact.conditions.get(BATCH, "")
        if size.isdigit() and fact.figure.is_positive and _PER_IMAGE not in fact.words:
            sweeps.setdefault(_but(fact, BATCH), []).append((int(size), fact))
    compared: Counter[tuple[object, ...]] = Counter()
    faster: dict[tuple[object, ...], list[tuple[Fact, Fact, bool]]] = {}
    for sweep in sweeps.values():
        sweep.sort(key=lambda each: each[0])
        falls = all(a.figure.value > b.figure.value for (_, a), (_, b) in pairwise(sweep))
        for (batch, smaller), (larger_batch, larger) in pairwise(sweep):
            if batch == larger_batch:
                continue
            batches = smaller.conditions.get(PRECISION), batch, larger_batch
            compared[batches] += 1
            is_less = larger.figure.value < smaller.figure.value
            if is_less and not larger.figure.agrees(smaller.figure):
                faster.setdefault(batches, []).append((larger, smaller, falls))
    for pair, found in faster.items():
        for larger, smaller, falls in found:
            if len(found) * 2 <= compared[pair] or not falls:
                yield _pair("batch", larger, smaller, BATCH)


def _idle_precision(latencies: Sequence[Fact]) -> Iterator[LintFinding]:
    pairs: dict[tuple[object, ...], dict[str, Fact]] = {}
    for fact in latencies:
        precision = fact.conditions.get(PRECISION, "")
        if fact.figure.is_positive and precision in ("fp16", "fp32"):
            pairs.setdefault(_but(fact, PRECISION), {})[precision] = fact
    for pair in pairs.values():
        if len(pair) < 2 or not _gains(pair["fp16"].conditions.get(HARDWARE, "")):
            continue
        if pair["fp16"].figure.value > _MUCH_SLOWER * pair["fp32"].figure.value:
            yield _pair("precision", pair["fp16"], pair["fp32"], PRECISION)


def _above_peak(facts: Sequence[Fact]) -> Iterator[LintFinding]:
    """Latencies that leave the stated device too little time for the FLOPs of the same page."""
    work: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.metric in (FLOPS, MACS) and fact.has_scale and fact.figure.is_positive:
            work.setdefault(fact.key, []).append(fact)
    for fact in facts:
        if fact.metric != LATENCY or not fact.has_scale or not fact.figure.is_positive:
            continue
        batch = "1" if _PER_IMAGE in fact.words else fact.conditions.get(BATCH, "1")
        limit = _peak(fact.conditions.get(HARDWARE, ""), fact.conditions.get(PRECISION, ""))
        if limit is None or not batch.isdigit():
            continue
        counted = [each for each in work.get(fact.key, ()) if _is_work_of(each, fact)]
        if not counted:
            continue
        least = min(counted, key=_flops)
        seconds = (fact.figure.value + fact.figure.step) / 1000
        rate = _flops(least) * int(batch) / seconds
        if rate > limit * _FAST_CONVOLUTION:
            yield _pair("peak", fact, least, HARDWARE, rate=_tera(rate), peak=_tera(limit))


def _pair(wording: str, fact: Fact, other: Fact, condition: str, **more: Evidence) -> LintFinding:
    both = {condition: fact, f"other_{condition}": other}
    conditions = {name: each.conditions.get(condition, "") for name, each in both.items()}
    return contradicted(_RULE, fact, other, wording, **conditions, **more)


def _but(fact: Fact, condition: str) -> tuple[object, ...]:
    """The key of two latencies of a table that differ in one condition."""
    known = frozenset(each for each in fact.conditions.items() if each[0] != condition)
    said = frozenset(fact.qualifiers.items())
    return fact.key, known, said, fact.words, fact.marks, fact.has_scale


def _is_work_of(work: Fact, latency: Fact) -> bool:
    sizes = {each.conditions[SIZE] for each in (work, latency) if SIZE in each.conditions}
    said = latency.qualifiers
    return (
        len(sizes) < 2
        and work.role == latency.role
        and all(said.get(heading, text) == text for heading, text in work.qualifiers.items())
    )


def _flops(fact: Fact) -> Fraction:
    return fact.figure.value - fact.figure.step


@lru_cache(maxsize=1 << 10)
def _peak(hardware: str, precision: str) -> Fraction | None:
    """The most FLOP/s that the device can do at the precision, at any if that is ""."""
    devices = load_devices()
    named = _named(hardware, devices)
    kinds = _MAY_BE.get(precision) or tuple(_MAY_BE)
    known = [peak(device, devices, kind) for device in named for kind in kinds]
    return max((each for each in known if each is not None), default=None)


@lru_cache(maxsize=1 << 10)
def _gains(hardware: str) -> bool:
    """Whether a device is much faster in FP16 than in FP32."""
    devices = load_devices()
    named = _named(hardware, devices)
    return bool(named) and all(
        (half := peak(device, devices, "fp16")) is not None
        and (single := peak(device, devices, "fp32")) is not None
        and half >= _MUCH_SLOWER * single
        for device in named
    )


def _named(hardware: str, devices: Mapping[str, Device]) -> list[Device]:
    """The catalog's devices that a page's name can mean: the one it names, or all its variants."""
    if not hardware:
        return []
    plain = {slug: slug.replace("-", "") for slug in devices}
    wanted = {hardware, f"rtx{hardware}"}
    exact = [devices[slug] for slug, name in plain.items() if name in wanted]
    if exact:
        return exact
    return [
        device
        for slug, device in devices.items()
        if plain[slug].startswith(hardware) and slug.startswith(f"{hardware}-")
    ]


def _tera(value: Fraction) -> float:
    return round(float(value / 10**12), 1)
