"""A device as the measuring loop needs it: a clock in its queue, and news of its state."""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from msgspec.structs import replace

from profiler.errors import MeasurementError
from profiler.records import Telemetry

#: Seconds between two readings beside the measuring loop: 5 Hz.
PERIOD_S = 0.2

Call = Callable[[], object]
EventT = TypeVar("EventT")


class CaptureError(MeasurementError):
    """A forward that can't be captured as one graph; the message says why."""


class Backend(Protocol[EventT]):
    """A device as the loop sees it: calls go into a queue, and events between them have times.

    On a device without a queue a call is over when it returns, and an event is a reading of the
    host's clock.
    """

    #: Whether a call returns before it is over.
    queued: bool
    #: What two events can be told apart by, ms.
    resolution_ms: float
    #: How times of layers are taken on it, for the record.
    layer_method: str

    def events(self, count: int, *, inside_graph: bool = False) -> Sequence[EventT]:
        """Make events ahead of a chunk, so that none is made inside it.

        Those that are recorded while a call is captured have to be made for it; ``CaptureError``
        where the device's software has none of that kind.
        """

    def record(self, event: EventT) -> None:
        """Put an event behind what is in the queue."""

    def elapsed_ms(self, start: EventT, end: EventT) -> float:
        """Milliseconds between two recorded events; an error before a synchronisation."""

    def synchronize(self) -> None:
        """Wait until the queue is empty."""

    def flush(self) -> None:
        """Put work into the queue that evicts the device's last-level cache."""

    def capture(self, call: Call) -> Call:
        """Return a replay of the call as one launch; ``CaptureError`` where that fails."""

    def telemetry(self) -> Telemetry | None:
        """The device's state now; None where it does not tell."""

    def now_ns(self) -> int:
        """The host's monotonic clock."""

    def reset_peak(self) -> None:
        """Forget the allocator's peak."""

    def kernels(self, call: Call) -> tuple[str, ...] | None:
        """Names of the kernels that a call runs, in order; None where they can't be told."""

    def peak_bytes(self) -> int | None:
        """The allocator's peak since ``reset_peak``; None where it is not known."""


class ClockReason(enum.IntFlag):
    """Why the clocks are what they are: NVML's clocks-event-reasons bits, by their NVML names.

    Older drivers call them throttle reasons. Source: nvml.h, ``nvmlClocksEventReason…``.
    """

    GPU_IDLE = 0x1
    APPLICATIONS_CLOCKS_SETTING = 0x2
    SW_POWER_CAP = 0x4
    HW_SLOWDOWN = 0x8
    SYNC_BOOST = 0x10
    SW_THERMAL_SLOWDOWN = 0x20
    HW_THERMAL_SLOWDOWN = 0x40
    HW_POWER_BRAKE_SLOWDOWN = 0x80


#: The board protects itself: what was measured is not what it can do.
_PROTECTING = (
    ClockReason.HW_SLOWDOWN
    | ClockReason.SW_THERMAL_SLOWDOWN
    | ClockReason.HW_THERMAL_SLOWDOWN
    | ClockReason.HW_POWER_BRAKE_SLOWDOWN
)


def telemetry_flags(samples: Iterable[Telemetry]) -> tuple[str, ...]:
    """Flags of a result by the device's state: ``thermal``, ``power_capped``, ``shared_gpu``.

    ``thermal`` stands for every slowdown that protects the board, the power brake included.
    ``power_capped`` is normal for a board with a low limit. Fields that the device does not tell
    raise no flag.
    """
    seen = list(samples)
    reasons = 0
    for sample in seen:
        reasons |= sample.clock_reasons or 0
    said = {
        "thermal": reasons & _PROTECTING,
        "power_capped": reasons & ClockReason.SW_POWER_CAP,
        "shared_gpu": any(sample.foreign_processes for sample in seen),
    }
    return tuple(flag for flag, holds in said.items() if holds)


def relative_clock_range(samples: Iterable[Telemetry]) -> float | None:
    """How far the SM clock moved, as a fraction of its highest; None if it was not told twice."""
    clocks = [sample.sm_clock_mhz for sample in samples if sample.sm_clock_mhz]
    if len(clocks) < 2:
        return None
    return (max(clocks) - min(clocks)) / max(clocks)


class Sampler:
    """Reads a device's state at intervals, on a thread beside the measuring loop.

    Args:
        read: gives the state now, or None where the device does not tell; must not raise.
        period_s: seconds between two readings.
    """

    def __init__(self, read: Callable[[], Telemetry | None], period_s: float = PERIOD_S) -> None:
        self._read = read
        self._period_s = period_s
        self._samples: list[Telemetry] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)
        #: ``perf_counter`` when it was started; times in the samples count from there.
        self.began_s = 0.0

    def start(self) -> None:
        """Start reading; times in the samples count from here."""
        self.began_s = time.perf_counter()
        self._thread.start()

    def stop(self) -> tuple[Telemetry, ...]:
        """Stop reading and return the samples in order."""
        self._over.set()
        self._thread.join()
        return tuple(self._samples)

    def _run(self) -> None:
        while not self._over.wait(self._period_s):
            at_s = time.perf_counter() - self.began_s
            if (sample := self._read()) is None:
                return
            self._samples.append(replace(sample, at_s=round(at_s, 3)))
