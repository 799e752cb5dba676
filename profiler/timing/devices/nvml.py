"""One GPU as NVIDIA's management library tells of it; every answer may be missing.

The library is reached through ``pynvml`` (package nvidia-ml-py), which inprof does without where it
is not installed. What a driver, a board or a container does not tell is None, never an error: a
measurement must not fail because a fan has no sensor.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

from profiler.records import Fact, Telemetry

# Numbers of NVML's stable interface (nvml.h).
_CLOCK_SM, _CLOCK_MEMORY = 1, 2
_SENSOR_GPU = 0
_P_STATE_UNKNOWN = 32


class NvmlDevice:
    """One GPU, found by its UUID: CUDA numbers devices in another order than NVML does."""

    def __init__(self, nvml: Any, handle: Any) -> None:
        self._nvml = nvml
        self._handle = handle

    @classmethod
    def find(cls, uuid: str) -> NvmlDevice | None:
        """The GPU, or the MIG slice, with this UUID (without prefix); None where NVML is mute."""
        try:
            nvml = importlib.import_module("pynvml")
            nvml.nvmlInit()
        except Exception:  # not installed, no driver, a driver of another version
            return None
        for kind in ("GPU-", "MIG-"):
            try:
                # As bytes: older releases of the package do not convert text.
                handle = nvml.nvmlDeviceGetHandleByUUID(f"{kind}{uuid}".encode())
            except Exception:
                continue
            return cls(nvml, handle)
        return None

    def telemetry(self) -> Telemetry:
        """The state now, ``at_s`` left at zero."""
        power_mw = self._ask("nvmlDeviceGetPowerUsage")
        p_state = self._ask("nvmlDeviceGetPerformanceState")
        reasons = self._ask("nvmlDeviceGetCurrentClocksEventReasons")
        if reasons is None:
            reasons = self._ask("nvmlDeviceGetCurrentClocksThrottleReasons")
        temperature = self._ask("nvmlDeviceGetTemperature", _SENSOR_GPU)
        if temperature is None:
            temperature = self._ask("nvmlDeviceGetTemperatureV", _SENSOR_GPU)
        return Telemetry(
            at_s=0.0,
            sm_clock_mhz=self._ask("nvmlDeviceGetClockInfo", _CLOCK_SM),
            memory_clock_mhz=self._ask("nvmlDeviceGetClockInfo", _CLOCK_MEMORY),
            power_w=None if power_mw is None else power_mw / 1000,
            temperature_c=temperature,
            p_state=None if p_state == _P_STATE_UNKNOWN else p_state,
            clock_reasons=reasons,
            foreign_processes=self._foreign_processes(),
        )

    def facts(self) -> dict[str, Fact]:
        """What does not change while a process runs: limits, clocks, modes, the bus; no serial.

        ``application_clocks_set`` says that somebody chose other application clocks than the
        board's own. NVML does not tell whether clocks were locked.
        """
        app_sm = self._ask("nvmlDeviceGetApplicationsClock", _CLOCK_SM)
        default_sm = self._ask("nvmlDeviceGetDefaultApplicationsClock", _CLOCK_SM)
        known = app_sm is not None and default_sm is not None
        return {
            "vbios": self._ask("nvmlDeviceGetVbiosVersion"),
            "power_limit_w": self._watts("nvmlDeviceGetEnforcedPowerLimit"),
            "default_power_limit_w": self._watts("nvmlDeviceGetPowerManagementDefaultLimit"),
            "max_sm_clock_mhz": self._ask("nvmlDeviceGetMaxClockInfo", _CLOCK_SM),
            "max_memory_clock_mhz": self._ask("nvmlDeviceGetMaxClockInfo", _CLOCK_MEMORY),
            "application_sm_clock_mhz": app_sm,
            "application_memory_clock_mhz": self._ask(
                "nvmlDeviceGetApplicationsClock", _CLOCK_MEMORY
            ),
            "application_clocks_set": app_sm != default_sm if known else None,
            "ecc": self._mode("nvmlDeviceGetEccMode"),
            "mig": self._mode("nvmlDeviceGetMigMode"),
            "persistence": self._mode("nvmlDeviceGetPersistenceMode"),
            # An idle link falls back to generation 1, so what it can do stands beside it.
            "pcie": self._link("Curr"),
            "pcie_max": self._link("Max"),
        }

    def driver(self) -> str | None:
        """The driver's version."""
        return self._call("nvmlSystemGetDriverVersion")  # type: ignore[no-any-return]

    def _foreign_processes(self) -> int | None:
        """How many other processes hold a context on the GPU; this one holds one too.

        In a container NVML may know this process by another number, or not at all: one of those it
        lists is taken for this one, and an empty list tells nothing.
        """
        pids: set[int] = set()
        for kind in ("Compute", "Graphics"):
            for process in self._ask(f"nvmlDeviceGet{kind}RunningProcesses") or ():
                pids.add(process.pid)
        if not pids:
            return None
        return len(pids - {os.getpid()}) if os.getpid() in pids else len(pids) - 1

    def _watts(self, name: str) -> float | None:
        milliwatts = self._ask(name)
        return None if milliwatts is None else milliwatts / 1000

    def _mode(self, name: str) -> bool | None:
        """A mode that is on or off; some are told as the current and the pending one."""
        mode = self._ask(name)
        if isinstance(mode, list | tuple):
            mode = mode[0]
        return None if mode is None else bool(mode)

    def _link(self, which: str) -> str | None:
        generation = self._ask(f"nvmlDeviceGet{which}PcieLinkGeneration")
        width = self._ask(f"nvmlDeviceGet{which}PcieLinkWidth")
        return None if generation is None or width is None else f"gen{generation} x{width}"

    def _ask(self, name: str, *arguments: int) -> Any:
        return self._call(name, self._handle, *arguments)

    def _call(self, name: str, *arguments: Any) -> Any:
        try:
            answer = getattr(self._nvml, name)(*arguments)
        except Exception:  # a function that the package, the driver or the board does not have
            return None
        return answer.decode() if isinstance(answer, bytes) else answer
