"""Where a measurement is taken: the fingerprint that goes into its record.

No host name, no user name, no path, and identifiers of devices as hashes. A fact that the system
does not tell is None.
"""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

import torch

from profiler.catalog.devices import slug_of
from profiler.records import Environment, Fact
from profiler.timing.devices.cuda import device_uuid, require_cuda
from profiler.timing.devices.nvml import NvmlDevice
from profiler.timing.devices.processor import ROOT, processor_facts, processor_name
from profiler.timing.loop.precision import fp32_flags
from profiler.timing.loop.variables import hashed, kept_variables


def environment(device: str, root: Path = ROOT) -> Environment:
    """The fingerprint of this process's conditions; take it with the flags that are measured.

    Args:
        device: ``cuda`` (the current device) or ``cpu``.
        root: where the system's files are.

    Raises:
        MeasurementError: ``cuda`` where there is none.
    """
    cpu = processor_name(root)
    if device == "cpu":
        name, facts, host = cpu, processor_facts(root), {}
    else:
        require_cuda()
        name = torch.cuda.get_device_name()
        facts = _cuda_facts(root)
        host = {"cpu": cpu, **processor_facts(root)}
    return Environment(
        hw=slug_of(name, cpu=device == "cpu"),
        name=name,
        device=facts,
        software=_software_facts(),
        host=host | _system_facts(root),
        variables=kept_variables(os.environ),
    )


def _cuda_facts(root: Path) -> dict[str, Fact]:
    properties = torch.cuda.get_device_properties(torch.cuda.current_device())
    nvml = NvmlDevice.find(device_uuid())
    return {
        "uuid": hashed(device_uuid()),
        "compute_capability": f"{properties.major}.{properties.minor}",
        "sms": properties.multi_processor_count,
        "l2_bytes": properties.L2_cache_size,
        "memory_bytes": properties.total_memory,
        "driver": (nvml.driver() if nvml else None) or _kernel_driver(root),
        "telemetry": "nvml" if nvml else "none",
        **(nvml.facts() if nvml else {}),
    }


def _kernel_driver(root: Path) -> str | None:
    """The version that the kernel's driver gives, for machines without NVML."""
    try:
        text = (root / "proc/driver/nvidia/version").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = re.search(r"\b\d{3}\.\d+(\.\d+)?\b", text)
    return found[0] if found else None


def _software_facts() -> dict[str, Fact]:
    """Versions, and the flags that decide which kernels run."""
    build = torch.__config__.show()
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version(),  # type: ignore[no-untyped-call]
        "mkl": _version_of(r"Math Kernel Library Version (\S+)", build),
        "onednn": _version_of(r"MKL-DNN v(\S+)", build),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "cudnn_benchmark": torch.backends.cudnn.benchmark,
        "cudnn_deterministic": torch.backends.cudnn.deterministic,
        **fp32_flags(),
    }


def _version_of(pattern: str, build: str) -> str | None:
    found = re.search(pattern, build)
    return found[1] if found else None


def _system_facts(root: Path) -> dict[str, Fact]:
    release = re.match(r"\d+\.\d+", platform.release())
    return {
        "os": f"{platform.system()} {release[0]}" if release else platform.system(),
        "machine": platform.machine(),
        "container": _in_container(root),
    }


def _in_container(root: Path) -> bool:
    """Whether the usual container runtimes left their marks."""
    if (root / ".dockerenv").exists() or (root / "run/.containerenv").exists():
        return True
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return True
    try:
        groups = (root / "proc/1/cgroup").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(mark in groups for mark in ("docker", "kubepods", "containerd", "lxc"))
