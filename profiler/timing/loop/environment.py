"""The fingerprint of the surroundings of a measurement, for its record.

A record is published: there is no host name, no user name and no path in it. Variables that could
hold one, and identifiers of devices, are kept as hashes: enough to see that two runs differed. A
fact that the system does not tell is None.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import platform
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import torch

from profiler.catalog.devices import slug_of
from profiler.records import Environment, Fact
from profiler.timing.devices.cpu import ROOT, processor_facts, processor_name
from profiler.timing.devices.cuda import NvmlDevice, device_uuid, require_cuda
from profiler.timing.loop.precision import fp32_flags

#: What is kept; every other variable is nobody's business.
_PREFIXES = (
    "CUDA_ CUBLAS_ CUBLASLT_ CUDNN_ NVIDIA_ OMP_ GOMP_ KMP_ MKL_ DNNL_ ONEDNN_ OPENBLAS_ TORCH_ "
    "TORCHINDUCTOR_ TORCHDYNAMO_ TRITON_ PYTORCH_ ATEN_ MALLOC_ LD_PRELOAD".split()
)
#: A hash of these could be guessed back, so not even that is kept.
_SECRET = re.compile(r"TOKEN|SECRET|PASSW|CREDENTIAL|API_?KEY|AUTH", re.IGNORECASE)
#: The folders of an absolute path, of either kind.
_FOLDERS = re.compile(r"(?:(?<![\w.…])/|[A-Za-z]:\\)(?:[^\s'\"/\\:]+[/\\])+|…/(?:[^\s'\"/]+/)*")
#: Names this short ("me", "pc") would tear words apart, and tell nobody apart.
_SHORTEST_NAME = 3
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-", re.IGNORECASE)


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


def kept_variables(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables that concern the libraries, sorted by name; telling values as hashes."""
    own = tuple(own_names())
    return {
        name: hashed(value) if _tells(value, own) else value
        for name, value in sorted(variables.items())
        if name.startswith(tuple(_PREFIXES)) and not _SECRET.search(name)
    }


def without_places(text: str) -> str:
    """A text with the folders of its paths and this machine's names left out."""
    for name in sorted(own_names(), key=len, reverse=True):
        if len(name) > _SHORTEST_NAME:
            text = text.replace(name, "…")
    return _FOLDERS.sub("…/", text)


def hashed(text: str) -> str:
    """A short name for a text that must not be published."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def own_names() -> Iterable[str]:
    """The names of this machine and its user: host name, user name, home folder."""
    node = platform.node()
    yield from {node, node.partition(".")[0]} - {""}
    # A container's user may have neither a name nor a home.
    with suppress(OSError, KeyError):
        yield getpass.getuser()
    with suppress(RuntimeError):
        yield str(Path.home())


def _tells(value: str, own: tuple[str, ...]) -> bool:
    lower = value.lower()
    return (
        any(mark in value for mark in "/\\@")
        or _UUID.search(value) is not None
        or any(name.lower() in lower for name in own)
    )
