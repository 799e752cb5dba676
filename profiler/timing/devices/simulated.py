"""A device that is not there: a queue, clocks and noise, to test the measuring loop with.

Time is simulated, so a second of it costs nothing, and what the loop should find is known: the
truth is a parameter. Reading an event before a synchronisation raises, as CUDA's does.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from profiler.records import Telemetry
from profiler.timing.devices.backend import Call, CaptureError


class NotReadyError(RuntimeError):
    """An event was read before the queue was known to have reached it."""


@dataclass
class Traits:
    """A simulated device's speeds and whims; microseconds unless the name says otherwise."""

    #: Host time to launch one kernel (or one graph).
    launch_us: float = 5.0
    #: Host time of a synchronisation beside the waiting.
    sync_us: float = 8.0
    #: Launches that fit in the queue; the host waits when it is full.
    queue_depth: int = 1000
    #: Standard deviation of a call's time as a fraction of it, independent.
    noise: float = 0.01
    #: Probability of a call that takes half as long again.
    tail: float = 0.0
    #: Of the noise of one call with the next one's (AR(1)).
    correlation: float = 0.0
    #: How much slower the device is before it is warm, a fraction.
    ramp: float = 0.0
    #: Busy seconds after which a third of that is left.
    ramp_s: float = 0.2
    #: The first call of all takes so much longer.
    first_call_us: float = 0.0
    #: How much slower the second clock state is; 0 for one state.
    slow_clock: float = 0.0
    #: Probability of a call to stay in its clock state.
    sticky: float = 0.98
    #: From that busy second on calls take ``step`` longer, a fraction.
    step_at_s: float = math.inf
    step: float = 0.0
    #: Events read multiples of this.
    quantum_us: float = 0.5
    #: Time that an event inside a graph takes the device.
    graph_event_us: float = 0.0
    #: ``MemoryError`` for more than this.
    memory_bytes: float = math.inf


@dataclass
class Event:
    """A marker in the queue: when the device reached it, and whether the host may know."""

    at_us: float | None = None
    synchronised: bool = False


@dataclass
class SimulatedDevice:
    """A ``Backend`` over a discrete-event simulation; the same seed gives the same times.

    ``log`` says what the host did, in order, for tests of how the loop uses a device.
    """

    traits: Traits = field(default_factory=Traits)
    seed: int = 0
    queued: bool = True
    resolution_ms: float = 0.0005
    layer_method: str = "simulated"
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._host_us = 0.0
        self._device_us = 0.0
        self._busy_us = 0.0
        self._deviation = 0.0
        self._slow = False
        self._first = True
        self._pending: deque[float] = deque()
        self._events: list[Event] = []
        self._captured: list[float | Event] | None = None

    def network(self, *kernels_us: float, bytes_needed: float = 0.0) -> Call:
        """A call that launches kernels of these lengths when the device is warm and quiet."""

        def call() -> None:
            if bytes_needed > self.traits.memory_bytes:
                raise MemoryError(f"{bytes_needed} bytes do not fit")
            factor = self._factor() if self._captured is None else 1.0
            for kernel in kernels_us:
                self.launch(kernel, factor)

        return call

    def launch(self, kernel_us: float, factor: float = 1.0) -> None:
        """Put one kernel into the queue; while capturing, into the graph."""
        if self._captured is not None:
            self._captured.append(kernel_us)
            return
        self._launch([kernel_us], factor)

    def events(self, count: int, *, inside_graph: bool = False) -> Sequence[Event]:
        """Make events."""
        self.log.append("events")
        return [Event() for _ in range(count)]

    def record(self, event: Event) -> None:
        """The device reaches the event when all before it is done."""
        if self._captured is not None:
            self._captured.append(event)
            return
        self.log.append("record")
        self._reach(event, max(self._device_us, self._host_us))

    def elapsed_ms(self, start: Event, end: Event) -> float:
        """The time between, to the device's resolution; ``NotReadyError`` before a sync."""
        if not (start.synchronised and end.synchronised):
            raise NotReadyError("the device may not have reached this event yet")
        assert start.at_us is not None
        assert end.at_us is not None
        quantum = self.traits.quantum_us
        span = end.at_us - start.at_us
        return (round(span / quantum) * quantum if quantum else span) / 1000

    def synchronize(self) -> None:
        """The host waits for the device."""
        self.log.append("sync")
        self._host_us = max(self._host_us, self._device_us) + self.traits.sync_us
        self._pending.clear()
        for event in self._events:
            event.synchronised = True
        self._events.clear()

    def flush(self) -> None:
        """Eviction takes the device 20 µs, outside the events of a sample."""
        self.log.append("flush")
        self.launch(20.0)

    def capture(self, call: Call) -> Call:
        """The kernels of the call as one launch."""
        self.log.append("capture")
        parts: list[float | Event] = []
        self._captured = parts
        try:
            call()
        except Exception as error:
            raise CaptureError(f"the call can't be captured: {error}") from error
        finally:
            self._captured = None
        return lambda: self._launch(parts, self._factor())

    def telemetry(self) -> Telemetry | None:
        """A clock that falls with the sticky state and rises with the ramp."""
        return Telemetry(at_s=0.0, sm_clock_mhz=round(1500 / self._clock()), foreign_processes=0)

    def now_ns(self) -> int:
        """The host's simulated clock."""
        return round(self._host_us * 1000)

    def kernels(self, call: Call) -> tuple[str, ...] | None:
        """Simulated kernels have no names."""
        return None

    def reset_peak(self) -> None:
        """Nothing is allocated here."""

    def peak_bytes(self) -> int | None:
        """Nothing is allocated here."""
        return None

    def _launch(self, parts: Sequence[float | Event], factor: float) -> None:
        """Kernels, and events between them, that the host puts into the queue at once."""
        self.log.append("launch")
        self._host_us += self.traits.launch_us
        while self._pending and self._pending[0] <= self._host_us:
            self._pending.popleft()
        if len(self._pending) >= self.traits.queue_depth:
            self._host_us = self._pending.popleft()
        self._device_us = max(self._device_us, self._host_us)
        for part in parts:
            if isinstance(part, Event):
                self._device_us += self.traits.graph_event_us
                self._reach(part, self._device_us)
            else:
                self._device_us += part * factor
                self._busy_us += part * factor
        self._pending.append(self._device_us)

    def _reach(self, event: Event, at_us: float) -> None:
        event.at_us = at_us
        event.synchronised = False
        self._events.append(event)

    def _clock(self) -> float:
        traits = self.traits
        warmth = math.exp(-self._busy_us / 1e6 / traits.ramp_s)
        return (1 + traits.ramp * warmth) * (1 + traits.slow_clock * self._slow)

    def _factor(self) -> float:
        """The factor of the next call's time."""
        traits, rho = self.traits, self.traits.correlation
        if traits.slow_clock and self._random.random() > traits.sticky:
            self._slow = not self._slow
        fresh = self._random.gauss(0.0, 1.0)
        self._deviation = rho * self._deviation + math.sqrt(1 - rho * rho) * fresh
        factor = self._clock() * (1 + traits.noise * self._deviation)
        if traits.tail and self._random.random() < traits.tail:
            factor *= 1.5
        if self._busy_us / 1e6 >= traits.step_at_s:
            factor *= 1 + traits.step
        if self._first:
            self._first = False
            self._host_us += traits.first_call_us
        return max(factor, 0.01)
