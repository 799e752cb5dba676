"""The CPU as a device: a call is over when it returns, and an event is the host's clock.

What it calls itself and can compute is read from the system's files; on systems without them facts
are None. ``root`` is where those files are.
"""

from __future__ import annotations

import math
import os
import platform
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from profiler.records import Fact, Telemetry
from profiler.timing.devices.backend import Call, CaptureError

ROOT = Path("/")
_FIRST_CORE = "sys/devices/system/cpu/cpu0"

#: Instruction sets that decide which kernels a library picks, as /proc/cpuinfo spells them.
_NOTED_FEATURES = frozenset(
    "avx avx2 avx_vnni avx512f avx512_vnni avx512_bf16 avx512_fp16 amx_tile amx_int8 amx_bf16 "
    "amx_fp16 asimd asimdhp asimddp bf16 i8mm sve sve2 svebf16".split()
)
_UNITS = {"K": 1 << 10, "M": 1 << 20}
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
            largest = max(_caches(ROOT).values(), default=_FLUSHED // 2)
            size = min(2 * largest, _MOST_FLUSHED)
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


def processor_name(root: Path = ROOT) -> str:
    """The CPU's own name; its architecture where it does not say."""
    for key in ("model name", "Model", "cpu model"):
        for name in _cpuinfo(key, root):
            return name
    return platform.processor() or platform.machine() or "unknown"


def processor_features(root: Path = ROOT) -> frozenset[str]:
    """Instruction sets and other features by their cpuinfo names; empty where not known."""
    for key in ("flags", "Features"):
        for line in _cpuinfo(key, root):
            return frozenset(line.split())
    return frozenset()


def processor_facts(root: Path = ROOT) -> dict[str, Fact]:
    """Cores, caches, clock governor and instruction sets; ``cpu_quota`` in cores."""
    features = processor_features(root)
    return {
        "physical_cores": _physical_cores(root),
        "logical_cores": os.cpu_count(),
        "usable_cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "cpu_quota": _quota(root),
        "governor": _text(root / _FIRST_CORE / "cpufreq/scaling_governor"),
        "virtualised": "hypervisor" in features if features else None,
        "instruction_sets": " ".join(sorted(features & _NOTED_FEATURES)) or None,
        **_caches(root),
    }


def _cpuinfo(key: str, root: Path) -> list[str]:
    """The key's value for each processor, in the file's order."""
    pairs = (line.partition(":") for line in (_text(root / "proc/cpuinfo") or "").splitlines())
    return [value.strip() for name, _, value in pairs if name.strip() == key and value.strip()]


def _physical_cores(root: Path) -> int | None:
    packages = _cpuinfo("physical id", root)
    cores = _cpuinfo("core id", root)
    return len(set(zip(packages, cores, strict=False))) or None


def _quota(root: Path) -> float | None:
    """How many cores' time the control group grants; None for no limit."""
    quota, _, period = (_text(root / "sys/fs/cgroup/cpu.max") or "").partition(" ")
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else None


def _caches(root: Path) -> dict[str, int]:
    """Bytes of each cache of the first core, by level; ``l1d`` is the one for data."""
    caches: dict[str, int] = {}
    for index in sorted((root / _FIRST_CORE / "cache").glob("index*")):
        level, kind, size = (_text(index / name) or "" for name in ("level", "type", "size"))
        unit = _UNITS.get(size[-1:])
        if kind != "Instruction" and unit and size[:-1].isdigit():
            name = f"l{level}{'d' if kind == 'Data' else ''}_bytes"
            caches[name] = int(size[:-1]) * unit
    return caches


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
