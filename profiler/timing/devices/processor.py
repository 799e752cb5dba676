"""The CPU: what it calls itself, what it can compute, and what of it this process may use.

Everything is read from the system's files, so on systems without them fields are None. ``root`` is
where those files are; tests give one of their own.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path

from profiler.records import Fact

ROOT = Path("/")

#: Instruction sets that decide which kernels a library picks, as /proc/cpuinfo spells them.
_NOTED_FEATURES = frozenset(
    "avx avx2 avx_vnni avx512f avx512_vnni avx512_bf16 avx512_fp16 amx_tile amx_int8 amx_bf16 "
    "amx_fp16 asimd asimdhp asimddp bf16 i8mm sve sve2 svebf16".split()
)
_UNITS = {"K": 1 << 10, "M": 1 << 20}


def processor_name(root: Path = ROOT) -> str:
    """What the CPU calls itself; the architecture where it does not say."""
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
    cpu0 = root / "sys/devices/system/cpu/cpu0"
    return {
        "physical_cores": _physical_cores(root),
        "logical_cores": os.cpu_count(),
        "usable_cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "cpu_quota": _quota(root),
        "governor": _text(cpu0 / "cpufreq/scaling_governor"),
        "virtualised": "hypervisor" in features if features else None,
        "instruction_sets": " ".join(sorted(features & _NOTED_FEATURES)) or None,
        **_caches(cpu0 / "cache"),
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


def _caches(folder: Path) -> dict[str, Fact]:
    """Bytes of each cache of the first core, by level; ``l1d`` is the one for data."""
    caches: dict[str, Fact] = {}
    for index in sorted(folder.glob("index*")):
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
