"""What the measuring loop needs of a device: a clock in its queue, and news of its state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from profiler.errors import MeasurementError
from profiler.records import Telemetry

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
