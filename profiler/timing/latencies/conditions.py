"""What a measured latency was taken under, beside model, hardware, precision and batch size.

Latencies of different quantities or conditions never share a table's column or a plot.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from profiler.records import (
    QUANTITIES,
    Condition,
    Layout,
    MeasuredLatency,
    Measurement,
    Quantity,
    Record,
    SeriesModel,
    Shape,
)

#: The engine that goes without saying.
USUAL_ENGINE = "pytorch"

_USUAL_LAYOUT: Layout = "nchw"


class TimingConditions(Record, frozen=True, gc=False):
    """The quantity that was measured, and how the model ran."""

    quantity: Quantity
    layout: Layout
    engine: str
    threads: int | None
    flush_l2: bool

    @property
    def rank(self) -> tuple[int | bool | str, ...]:
        """A key that sorts quantities in their order and the usual conditions first."""
        return (
            QUANTITIES.index(self.quantity),
            self.layout != _USUAL_LAYOUT,
            self.engine != USUAL_ENGINE,
            self.engine,
            self.flush_l2,
            self.threads or 0,
        )

    @property
    def unusual(self) -> tuple[Condition, ...]:
        """What a reader has to be told; nothing where all is as usual."""
        said = (
            ("layout", self.layout.upper() if self.layout != _USUAL_LAYOUT else ""),
            ("engine", self.engine if self.engine != USUAL_ENGINE else ""),
            ("threads", str(self.threads) if self.threads is not None else ""),
            ("l2", "flushed" if self.flush_l2 else ""),
        )
        return tuple((name, value) for name, value in said if value)


def conditions_of(timed: MeasuredLatency | Measurement) -> TimingConditions:
    """The conditions of a measured latency or of a record of one."""
    return TimingConditions(
        quantity=timed.quantity,
        layout=timed.layout,
        engine=timed.engine,
        threads=timed.threads,
        flush_l2=timed.flush_l2,
    )


def has_own_input(model: SeriesModel, shape: Shape) -> bool:
    """Whether the input is the image that the model's counts are stated for, in any batch."""
    return shape[2:] == (model.crop_size, model.crop_size)


def measured_on(latencies: Iterable[MeasuredLatency]) -> tuple[str, str]:
    """The first and the last day, as ISO dates, that any of these was measured on."""
    days = sorted({day_of(latency) for latency in latencies})
    return days[0], days[-1]


def day_of(timed: MeasuredLatency | Measurement) -> str:
    """The day it was measured on, as an ISO date."""
    return datetime.datetime.fromisoformat(timed.started_at).date().isoformat()
