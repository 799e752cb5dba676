"""Published latencies against the peaks of devices: the work of the deployed graph over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from profiler.audit.counts import AuditTraces
from profiler.audit.latencies import latency_id, milliseconds
from profiler.catalog import UNSTATED
from profiler.catalog.devices import peak
from profiler.counting.conventions import TRUE_CONVENTION
from profiler.counting.conventions.contractions import conv_macs
from profiler.counting.explain import figures
from profiler.records import (
    DEPLOY,
    Device,
    Evidence,
    Finding,
    Latency,
    OpRecord,
    Record,
    Series,
    Trace,
)

#: What a figure called by the first may have run at: frameworks take TF32 for FP32 by default.
_MAY_BE = {"fp32": ("fp32", "tf32")}


#: Share of a 3x3 convolution's products that a minimal filtering algorithm saves: it takes 16 of 36
#: for a 2x2 tile (Winograd's F(2x2, 3x3); Lavin and Gray, "Fast Algorithms for Convolutional Neural
#: Networks", 2015), so that a fast convolution can pass for one above the device's peak.
_SAVED = 1 - Fraction(16, 36)


class _Rate(Record, frozen=True):
    """FLOP/s that a latency implies."""

    latency: Latency
    #: By direct convolutions.
    direct: Fraction
    #: With the fewest products that will do.
    fewest: Fraction


def physics_findings(
    series: Series, traces: AuditTraces, devices: Mapping[str, Device]
) -> Iterator[Finding]:
    """Rates above the stated device's peak, and the devices that unstated hardware can't be.

    A latency at a crop that its network has no trace at is not judged.
    """
    unstated: dict[tuple[str, str, str], list[_Rate]] = {}
    known: dict[tuple[str, int], tuple[int, Fraction]] = {}
    for latency in series.latencies:
        key = latency.model, latency.crop_size
        trace = traces.get(latency.model, {}).get((DEPLOY, latency.crop_size))
        if trace is None:
            continue
        if key not in known:
            known[key] = _work(trace)
        seconds = milliseconds(latency) / 1000 / latency.batch_size
        rate = _Rate(latency, *(work / seconds for work in known[key]))
        if latency.hw == UNSTATED:
            table = latency.page, latency.latency_ms.source.table, latency.precision
            unstated.setdefault(table, []).append(rate)
        elif latency.hw in devices:
            yield from _above_peak(rate, devices)
    for rates in unstated.values():
        yield from _ruled_out(max(rates, key=lambda rate: rate.fewest), devices)


def exceeds_peak(
    trace: Trace,
    images_per_s: float,
    precision: str,
    device: Device,
    devices: Mapping[str, Device],
) -> bool:
    """Whether a network would need more than the peak even with the least arithmetic there is."""
    limit = peak(device, devices, precision)
    return limit is not None and _work(trace)[1] * Fraction(images_per_s) > limit


def _work(trace: Trace) -> tuple[int, Fraction]:
    flops = figures(trace, TRUE_CONVENTION)["flops"]
    return flops, fewest_flops(trace, flops)


def _above_peak(rate: _Rate, devices: Mapping[str, Device]) -> Iterator[Finding]:
    latency = rate.latency
    limit = peak(devices[latency.hw], devices, latency.precision)
    if limit is None or rate.direct <= limit:
        return
    yield Finding(
        id=latency_id("above-peak", latency),
        rule="above-peak",
        severity="error" if rate.fewest > limit else "warning",
        model=latency.model,
        cells=(latency.cell,),
        evidence=_conditions(rate)
        | {"peak_flops_per_s": float(limit), "winograd_explains": rate.fewest <= limit},
    )


def _ruled_out(rate: _Rate, devices: Mapping[str, Device]) -> Iterator[Finding]:
    """Devices that the hardware of a column can't be, by its fastest figure."""
    precision = rate.latency.precision
    limits: dict[str, Fraction] = {}
    for slug, device in devices.items():
        peaks = [peak(device, devices, each) for each in _MAY_BE.get(precision, (precision,))]
        known = [each for each in peaks if each is not None]
        if known and peaks[0] is not None:
            limits[slug] = max(known)
    ruled_out = tuple(slug for slug, limit in limits.items() if rate.fewest > limit)
    unless_short = tuple(
        slug for slug, limit in limits.items() if rate.fewest <= limit < rate.direct
    )
    if ruled_out:
        yield Finding(
            id=latency_id("device-ruled-out", rate.latency),
            rule="device-ruled-out",
            severity="info",
            model=rate.latency.model,
            cells=(rate.latency.cell,),
            evidence=_conditions(rate) | {"devices": ruled_out, "unless_winograd": unless_short},
        )


def _conditions(rate: _Rate) -> dict[str, Evidence]:
    latency = rate.latency
    return {
        "hw": latency.hw,
        "precision": latency.precision,
        "batch_size": latency.batch_size,
        "crop_size": latency.crop_size,
        "latency_ms": latency.latency_ms.text,
        "flops_per_s": float(rate.direct),
        "fewest_flops_per_s": float(rate.fewest),
    }


def winograd_flops(trace: Trace) -> int:
    """FLOPs of the convolutions that minimal filtering applies to, as ``flops`` counts them."""
    return sum(2 * conv_macs(op) for op in trace.ops if op.kind == "conv" and _applies(op))


def fewest_flops(trace: Trace, flops: int) -> Fraction:
    """The work left of ``flops`` where every such convolution is done the short way."""
    return flops - _SAVED * winograd_flops(trace)


def _applies(op: OpRecord) -> bool:
    """Whether a convolution is 3x3 of stride 1, without dilation and of one group."""
    attributes = op.attributes
    return (
        attributes["kernel"] == (3, 3)
        and attributes["stride"] == (1, 1)
        and attributes["dilation"] == (1, 1)
        and attributes["groups"] == 1
        and not attributes["transposed"]
    )
