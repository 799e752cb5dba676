"""The fingerprint of a measurement: what it tells, and what it must never tell."""

import getpass
import os
import platform
import re
import sys
import types
from pathlib import Path

import msgspec
import pytest
import torch
from fake_nvml import BOARD, UUID, fake_nvml

from profiler.errors import MeasurementError
from profiler.records import Environment
from profiler.timing.devices.cpu import (
    ROOT,
    processor_facts,
    processor_features,
    processor_name,
)
from profiler.timing.loop.environment import environment, hashed, kept_variables

HOST, USER, HOME = "lab-gpu-07", "jane.doe", "/home/jane.doe"
GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")

CPUINFO = """processor\t: {number}
model name\t: AMD EPYC 7763 64-Core Processor
physical id\t: {package}
core id\t\t: {core}
flags\t\t: fpu avx avx2 f16c hypervisor

"""
#: Two packages of two cores with two threads each.
MACHINE = {
    "proc/cpuinfo": "".join(
        CPUINFO.format(number=number, package=number // 4, core=number % 2) for number in range(8)
    ),
    "proc/1/cgroup": "0::/\n",
    "proc/driver/nvidia/version": (
        "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build\n"
        "GCC version:  gcc version 12.3.0\n"
    ),
    "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n",
    "sys/devices/system/cpu/cpu0/cache/index0/level": "1\n",
    "sys/devices/system/cpu/cpu0/cache/index0/type": "Data\n",
    "sys/devices/system/cpu/cpu0/cache/index0/size": "32K\n",
    "sys/devices/system/cpu/cpu0/cache/index1/level": "1\n",
    "sys/devices/system/cpu/cpu0/cache/index1/type": "Instruction\n",
    "sys/devices/system/cpu/cpu0/cache/index1/size": "64K\n",
    "sys/devices/system/cpu/cpu0/cache/index3/level": "3\n",
    "sys/devices/system/cpu/cpu0/cache/index3/type": "Unified\n",
    "sys/devices/system/cpu/cpu0/cache/index3/size": "32M\n",
    "sys/fs/cgroup/cpu.max": "150000 100000\n",
}


@pytest.fixture
def root(tmp_path):
    """Lay out the system's files; None leaves one out."""

    def lay(**changes: str | None) -> Path:
        for path, text in (MACHINE | changes).items():
            if text is not None:
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / path).write_text(text)
        return tmp_path

    return lay


@pytest.fixture
def telling_machine(monkeypatch):
    """A host, a user and variables that say all about themselves."""
    monkeypatch.setattr(platform, "node", lambda: f"{HOST}.corp.example")
    monkeypatch.setattr(getpass, "getuser", lambda: USER)
    monkeypatch.setattr(Path, "home", lambda: Path(HOME))
    for name, value in {
        "CUDA_VISIBLE_DEVICES": f"GPU-{UUID}",
        "NVIDIA_VISIBLE_DEVICES": f"MIG-{UUID.upper()}",
        "CUDA_CACHE_PATH": f"{HOME}/.nv",
        "TORCH_HOME": "C:\\Users\\someone",
        "TORCH_NODE": HOST.upper(),
        "PYTORCH_OWNER": USER,
        "PYTORCH_MAIL": "someone@elsewhere",
        "MKL_TAG": f"run-by-{USER}-at-night",
        "TORCH_HUB_TOKEN": "hunter2",
        "OMP_NUM_THREADS": "8",
        "NVIDIA_TF32_OVERRIDE": "0",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        "USER": USER,
        "HOSTNAME": HOST,
        "PATH": f"{HOME}/bin",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def h100(monkeypatch):
    """A GPU without CUDA: what torch and the driver would say."""
    properties = types.SimpleNamespace(
        major=9, minor=0, multi_processor_count=132, L2_cache_size=52_428_800,
        total_memory=85_024_112_640, uuid=UUID,
    )  # fmt: skip
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "NVIDIA H100 80GB HBM3")
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: properties)
    monkeypatch.setitem(sys.modules, "pynvml", fake_nvml(BOARD))


def text_of(record: Environment) -> str:
    return msgspec.json.encode(record).decode()


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_nothing_tells_who_measured_or_on_which_machine(telling_machine, h100, root, device):
    text = text_of(environment(device, root())).lower()
    for secret in (HOST, USER, HOME, "corp.example", UUID, "hunter2", "someone", str(root())):
        assert secret.lower() not in text
    assert str(BOARD[("nvmlDeviceGetSerial",)]) not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)
    assert "/" not in text


def test_variables_are_kept_hashed_or_not_at_all(telling_machine):
    kept = kept_variables(os.environ)
    assert list(kept) == sorted(kept)
    assert kept["OMP_NUM_THREADS"] == "8"
    assert kept["NVIDIA_TF32_OVERRIDE"] == "0"
    assert kept["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    for name in (
        "CUDA_VISIBLE_DEVICES NVIDIA_VISIBLE_DEVICES CUDA_CACHE_PATH TORCH_HOME TORCH_NODE "
        "PYTORCH_OWNER PYTORCH_MAIL MKL_TAG"
    ).split():
        assert re.fullmatch(r"sha256:[0-9a-f]{12}", kept[name]), name
    assert not kept.keys() & {"USER", "HOSTNAME", "PATH", "TORCH_HUB_TOKEN"}


def test_a_hash_tells_two_values_apart_and_stays_the_same():
    assert hashed("a") == hashed("a") != hashed("b")
    assert hashed("") == "sha256:e3b0c44298fc"


def test_a_user_without_name_or_home(monkeypatch):
    def fails(*_: object) -> None:
        raise KeyError("getpwuid(): uid not found: 4711")

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(getpass, "getuser", fails)
    monkeypatch.setattr(Path, "home", homeless)
    monkeypatch.setattr(platform, "node", lambda: "")
    assert kept_variables({"OMP_NUM_THREADS": "8"}) == {"OMP_NUM_THREADS": "8"}


def test_the_cpu(root):
    record = environment("cpu", root())
    assert record.hw == "cpu-amd-epyc-7763-64-core"
    assert record.name == "AMD EPYC 7763 64-Core Processor"
    usable = record.device["usable_cores"]
    assert usable is None or (isinstance(usable, int) and usable >= 1)
    assert {name: record.device[name] for name in record.device if "_cores" not in name} == {
        "cpu_quota": 1.5,
        "governor": "performance",
        "virtualised": True,
        "instruction_sets": "avx avx2",
        "l1d_bytes": 32 << 10,
        "l3_bytes": 32 << 20,
    }
    assert record.device["physical_cores"] == 4
    assert record.software["torch"] == str(torch.__version__)
    assert record.software["threads"] == torch.get_num_threads()
    assert record.software["python"] == platform.python_version()
    assert record.host["container"] is False


def test_the_gpu_with_nvml(h100, root):
    record = environment("cuda", root())
    assert (record.hw, record.name) == ("h100-sxm", "NVIDIA H100 80GB HBM3")
    expected = {
        "uuid": hashed(UUID),
        "compute_capability": "9.0",
        "sms": 132,
        "l2_bytes": 52_428_800,
        "memory_bytes": 85_024_112_640,
        "driver": "570.86.15",
        "telemetry": "nvml",
        "power_limit_w": 650.0,
        "pcie_max": "gen5 x16",
    }
    assert expected.items() <= record.device.items()
    assert record.host["cpu"] == "AMD EPYC 7763 64-Core Processor"
    assert record.host["governor"] == "performance"
    assert record.software["cuda"] == "12.8"


def test_the_gpu_without_nvml(h100, root, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    record = environment("cuda", root())
    assert record.device["telemetry"] == "none"
    assert record.device["driver"] == "550.54.15"
    assert record.device["sms"] == 132
    assert "vbios" not in record.device


def test_no_driver_version_anywhere(h100, root, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    record = environment("cuda", root(**{"proc/driver/nvidia/version": None}))
    assert record.device["driver"] is None


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_the_gpu_that_is_not_there():
    with pytest.raises(MeasurementError, match="measure on the CPU"):
        environment("cuda")


def test_the_record_survives_its_file(h100, root):
    record = environment("cuda", root())
    assert msgspec.json.decode(text_of(record), type=Environment) == record


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".dockerenv", ""),
        ("run/.containerenv", ""),
        ("proc/1/cgroup", "12:cpu:/docker/0a1b2c\n"),
        ("proc/1/cgroup", "0::/kubepods.slice/pod1\n"),
    ],
)
def test_marks_of_containers(root, path, text):
    assert environment("cpu", root(**{path: text})).host["container"] is True


def test_the_kernel_is_told_without_its_builder(root, monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "release", lambda: "6.1.0-acme-secret+")
    assert environment("cpu", root()).host["os"] == "Linux 6.1"
    monkeypatch.setattr(platform, "release", lambda: "unknown")
    assert environment("cpu", root()).host["os"] == "Linux"


def test_a_system_without_these_files(tmp_path, monkeypatch):
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert processor_name(tmp_path) == "arm64"
    assert processor_features(tmp_path) == frozenset()
    facts = processor_facts(tmp_path)
    for name in "physical_cores governor virtualised instruction_sets cpu_quota".split():
        assert facts[name] is None
    assert environment("cpu", tmp_path).hw == "cpu-arm64"


def test_an_arm_cpu(root):
    lines = "processor\t: 0\nFeatures\t: fp asimd asimdhp bf16 sve\n\n"
    folder = root(**{"proc/cpuinfo": lines})
    assert processor_features(folder) == {"fp", "asimd", "asimdhp", "bf16", "sve"}
    facts = processor_facts(folder)
    assert facts["instruction_sets"] == "asimd asimdhp bf16 sve"
    assert facts["virtualised"] is False
    assert facts["physical_cores"] is None


@pytest.mark.parametrize("limit", ["max 100000\n", "", "garbage"])
def test_no_quota(root, limit):
    assert processor_facts(root(**{"sys/fs/cgroup/cpu.max": limit}))["cpu_quota"] is None


def test_the_real_machine_tells_a_name():
    record = environment("cpu")
    assert record.hw.startswith("cpu-")
    assert record.name == processor_name(ROOT)


@GPU
def test_the_real_gpu():
    record = environment("cuda")
    assert record.name == torch.cuda.get_device_name()
    assert not record.hw.startswith("cpu-")
    assert record.device["sms"]
    assert record.device["driver"]
    assert str(torch.cuda.get_device_properties(0).uuid) not in text_of(record)
