"""One model's latencies over batch size, as a small plot shows them.

Published and measured latencies, devices and conditions never share a plot. A plot needs two batch
sizes: a single figure has no curve.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Literal

from profiler.records import (
    HowTimed,
    Latency,
    MeasuredLatency,
    Record,
    Report,
    Source,
    precision_rank,
)

#: The unit of a plot's vertical axis: ms or images/s.
View = Literal["latency", "throughput"]


class BatchPoint(Record, frozen=True, gc=False):
    """One figure: of a whole batch, in ms."""

    batch_size: int
    ms: float
    #: Bounds of a measured one, where they are known.
    low_ms: float | None = None
    high_ms: float | None = None
    doubtful: bool = False

    def value(self, view: View) -> float:
        """The latency in ms, or the throughput in images/s."""
        return self._seen(self.ms, view)

    def ends(self, view: View) -> tuple[float, float] | None:
        """The lower and the upper end of the interval, in the same unit."""
        if self.low_ms is None or self.high_ms is None:
            return None
        low, high = sorted((self._seen(self.low_ms, view), self._seen(self.high_ms, view)))
        return low, high

    def _seen(self, ms: float, view: View) -> float:
        return ms if view == "latency" else 1000 * self.batch_size / ms


class BatchCurve(Record, frozen=True, gc=False):
    """One precision, by ascending batch size."""

    precision: str
    points: tuple[BatchPoint, ...]


class BatchPlot(Record, frozen=True, gc=False):
    """Curves that share everything but their precision."""

    source: Source
    hw: str
    #: The side of the images, or both sides of ones that are not square.
    crop: str
    curves: tuple[BatchCurve, ...]
    #: Of published figures.
    page: str = ""
    #: Of measured ones.
    conditions: HowTimed | None = None

    @property
    def batch_sizes(self) -> tuple[int, ...]:
        """Those of any curve, in ascending order."""
        return tuple(sorted({point.batch_size for each in self.curves for point in each.points}))


def published_curves(report: Report, model: str) -> tuple[BatchPlot, ...]:
    """A plot for each page, device and crop with figures for several batch sizes."""
    groups: dict[tuple[str, str, int], list[Latency]] = {}
    for each in report.series.latencies:
        if each.model == model:
            groups.setdefault((each.page, each.hw, each.crop_size), []).append(each)
    return _with_curves(
        BatchPlot(
            source="published",
            hw=hw,
            crop=str(crop),
            page=page,
            curves=_curves(
                (each.precision, BatchPoint(each.batch_size, float(each.latency_ms.text)))
                for each in group
            ),
        )
        for (page, hw, crop), group in groups.items()
    )


def measured_curves(report: Report, model: str) -> tuple[BatchPlot, ...]:
    """A plot for each device, quantity, conditions and crop measured at several batch sizes."""
    groups: dict[Hashable, list[MeasuredLatency]] = {}
    for each in report.measured:
        if each.model == model:
            key = each.hw, each.how, each.input_shape[1:]
            groups.setdefault(key, []).append(each)
    return _with_curves(
        BatchPlot(
            source="measured",
            hw=group[0].hw,
            crop="x".join(str(size) for size in dict.fromkeys(group[0].input_shape[2:])),
            conditions=group[0].how,
            curves=_curves(
                (
                    each.precision,
                    BatchPoint(
                        each.batch_size, each.median_ms, each.low_ms, each.high_ms, each.doubtful
                    ),
                )
                for each in group
            ),
        )
        for group in groups.values()
    )


def _curves(points: Iterable[tuple[str, BatchPoint]]) -> tuple[BatchCurve, ...]:
    """Wider precisions first, and one figure for a batch size: the first."""
    by_precision: dict[str, dict[int, BatchPoint]] = {}
    for precision, point in points:
        by_precision.setdefault(precision, {}).setdefault(point.batch_size, point)
    return tuple(
        BatchCurve(precision, tuple(found[size] for size in sorted(found)))
        for precision, found in sorted(
            by_precision.items(), key=lambda item: precision_rank(item[0])
        )
    )


def _with_curves(plots: Iterable[BatchPlot]) -> tuple[BatchPlot, ...]:
    return tuple(plot for plot in plots if len(plot.batch_sizes) > 1)
