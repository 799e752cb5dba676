"""The CPU as a device: a call is over when it returns, and an event is the host's clock."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from profiler.records import Telemetry
from profiler.timing.devices.backend import Call, CaptureError

#: Bytes to write where the size of the last-level cache is not known; and the most to write.
_FLUSHED, _MOST_FLUSHED = 64 << 20, 1 << 30


#: Of one core, what others may use unnoticed; and of all cores, what must be in use to be in
#: each other's way.
_UNNOTICED, _CROWDED = 0.1, 0.9
#: Kernel clock ticks are too coarse for shorter stretches.
_SHORTEST_S = 0.2
_STAT = Path("/proc/stat")


class _Use(NamedTuple):
    """CPU seconds so far, by this process and by all, on the cores it may run on."""

    at_s: float
    own_s: float
    all_s: float


class CpuBackend:
    """Times calls on the CPU with ``perf_counter_ns``."""

    queued = False
    resolution_ms = 0.0001
    layer_method = "host clock at layer boundaries"

    def __init__(self) -> None:
        self._evicting: torch.Tensor | None = None
        self._cores = _cores()
        self._before = _use(self._cores)

    def events(self, count: int, *, inside_graph: bool = False) -> Sequence[list[int]]:
        """Boxes for readings of the clock."""
        return [[0] for _ in range(count)]

    def record(self, event: list[int]) -> None:
        """Read the clock."""
        event[0] = time.perf_counter_ns()

    def elapsed_ms(self, start: list[int], end: list[int]) -> float:
        """Milliseconds between two readings."""
        return (end[0] - start[0]) / 1e6

    def synchronize(self) -> None:
        """Nothing is under way when a call has returned."""

    def flush(self) -> None:
        """Write more than the last-level cache holds."""
        if self._evicting is None:
            size = min(2 * (_cache_bytes() or _FLUSHED // 2), _MOST_FLUSHED)
            self._evicting = torch.empty(size, dtype=torch.uint8)
        self._evicting.zero_()

    def capture(self, call: Call) -> Call:
        """There is nothing to capture into."""
        raise CaptureError("a CPU has no graphs to capture a call in")

    def telemetry(self) -> Telemetry | None:
        """How many cores others kept busy since the last reading, where they were in the way.

        None where the system does not tell, or the last reading was a moment ago.
        """
        before, now = self._before, _use(self._cores)
        if before is None or now is None or now.at_s - before.at_s < _SHORTEST_S:
            return None
        self._before = now
        elapsed_s = now.at_s - before.at_s
        own = (now.own_s - before.own_s) / elapsed_s
        others = (now.all_s - before.all_s) / elapsed_s - own
        crowded = others > _UNNOTICED and own + others > _CROWDED * len(self._cores)
        return Telemetry(at_s=0.0, foreign_processes=math.ceil(others) if crowded else 0)

    def now_ns(self) -> int:
        """The monotonic clock that events read as well."""
        return time.perf_counter_ns()

    def kernels(self, call: Call) -> tuple[str, ...] | None:
        """There are no kernels to name."""
        return None

    def reset_peak(self) -> None:
        """The peak is the process's; it can't be forgotten."""

    def peak_bytes(self) -> int | None:
        """The most memory the process has held resident; None on Windows."""
        if sys.platform == "win32":
            return None
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def _cores() -> frozenset[int]:
    """The cores that this process may run on."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux alone has it
    return frozenset(allowed(0) if allowed else range(os.cpu_count() or 1))


def _use(cores: frozenset[int]) -> _Use | None:
    """CPU time so far; None where there is no ``/proc/stat``."""
    try:
        lines = _STAT.read_text().splitlines()
    except OSError:
        return None
    ticks = 0
    for line in lines:
        name, *columns = line.split()
        if name[:3] == "cpu" and name[3:].isdigit() and int(name[3:]) in cores:
            user, nice, system, _idle, _waiting, *interrupts_and_stolen = map(int, columns[:8])
            ticks += user + nice + system + sum(interrupts_and_stolen)
    return _Use(time.perf_counter(), time.process_time(), ticks / os.sysconf("SC_CLK_TCK"))


def _cache_bytes() -> int | None:
    """Size of the largest cache of the first core; None where the system does not tell."""
    sizes = []
    for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"):
        text = path.read_text().strip()
        factor = {"K": 1 << 10, "M": 1 << 20}.get(text[-1:])
        if factor and text[:-1].isdigit():
            sizes.append(int(text[:-1]) * factor)
    return max(sizes, default=None)
