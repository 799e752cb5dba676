"""An NVIDIA GPU as a device: CUDA events in its queue, CUDA graphs, NVML's news of its state."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

import torch

from profiler.errors import MeasurementError, one_line
from profiler.records import Fact, Telemetry
from profiler.timing.devices.backend import Call, CaptureError

#: Calls on the side stream before a capture, so that libraries set themselves up outside it.
_WARM_CALLS = 3
#: Replays after it: the first uploads the graph to the device.
_WARM_REPLAYS = 3
#: The first PyTorch whose replays launch nothing but the graph.
_REPLAYS_ALONE = (2, 7)
#: The cache to evict where the driver does not tell its size; larger than any known.
_LARGEST_L2 = 128 << 20


# Numbers of NVML's stable interface (nvml.h).
_CLOCK_SM, _CLOCK_MEMORY = 1, 2
_SENSOR_GPU = 0
_P_STATE_UNKNOWN = 32


class CudaBackend:
    """Times calls on the current CUDA device and its current stream.

    Raises:
        MeasurementError: there is no such device, or PyTorch can't use it.
    """

    queued = True
    #: Events are stamped about every half microsecond.
    resolution_ms = 0.0005
    layer_method = "events inside one CUDA graph"

    def __init__(self) -> None:
        require_cuda()
        self._nvml = NvmlDevice.find(device_uuid())
        self._evicting: torch.Tensor | None = None
        # one for all captures: libraries keep a workspace for each stream they have seen
        self._side = torch.cuda.Stream()  # type: ignore[no-untyped-call]

    def events(self, count: int, *, inside_graph: bool = False) -> Sequence[torch.cuda.Event]:
        """Events that can be timed; those for the inside of a graph become nodes of it."""
        if inside_graph:
            return [_external_event() for _ in range(count)]
        events = [torch.cuda.Event(enable_timing=True) for _ in range(count)]  # type: ignore[no-untyped-call]
        for event in events:
            event.record()  # the driver makes an event at its first record, not before
        return events

    def record(self, event: torch.cuda.Event) -> None:
        """Put the event behind what is in the current stream."""
        event.record()

    def elapsed_ms(self, start: torch.cuda.Event, end: torch.cuda.Event) -> float:
        """Milliseconds between; ``RuntimeError`` while the device has not reached them."""
        return float(start.elapsed_time(end))

    def synchronize(self) -> None:
        """Wait until the device is idle."""
        torch.cuda.synchronize()

    def flush(self) -> None:
        """Overwrite twice what the L2 cache holds."""
        if self._evicting is None:
            properties = torch.cuda.get_device_properties(torch.cuda.current_device())
            size = 2 * (properties.L2_cache_size or _LARGEST_L2)
            self._evicting = torch.empty(size, dtype=torch.uint8, device="cuda")
        self._evicting.zero_()

    def capture(self, call: Call) -> Call:
        """Return a replay of the call as one graph launch.

        The replay keeps the call, and so its model and inputs, alive: a graph knows only their
        addresses.

        Raises:
            CaptureError: with the cause; CUDA can be used afterwards.
            torch.OutOfMemoryError: where capturing needs more memory than there is.
        """
        if _torch_version() < _REPLAYS_ALONE:
            raise CaptureError(
                f"PyTorch {torch.__version__} runs two kernels of its own with every replay, which "
                "would count as the network's (pytorch#143572): take 2.7 or newer, or measure eager"
            )
        own, side = torch.cuda.current_stream(), self._side
        side.wait_stream(own)
        with torch.cuda.stream(side):
            for _ in range(_WARM_CALLS):
                call()
        own.wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        before = sys.exception()
        try:
            with torch.cuda.graph(graph, stream=side):
                call()
            for _ in range(_WARM_REPLAYS):
                graph.replay()
            torch.cuda.synchronize()
        except Exception as error:
            cause = _first(error, before)
            # A capture that can't be ended leaves its stream the current one.
            torch.cuda.set_stream(own)
            if isinstance(cause, torch.OutOfMemoryError):
                raise cause from None
            raise CaptureError(
                f"the forward can't be captured as one CUDA graph: {one_line(cause)}"
            ) from error
        return _Replay(graph, call)

    def telemetry(self) -> Telemetry | None:
        """NVML's reading of the device; None without NVML."""
        return self._nvml.telemetry() if self._nvml else None

    def now_ns(self) -> int:
        """The host's monotonic clock."""
        return time.perf_counter_ns()

    def kernels(self, call: Call) -> tuple[str, ...] | None:
        """The names as CUPTI tells them; None where it may not be asked."""
        from torch.profiler import ProfilerActivity, profile

        try:
            with profile(activities=[ProfilerActivity.CUDA]) as seen:
                call()
                torch.cuda.synchronize()
            events = [event for event in seen.events() if event.device_type.name == "CUDA"]
        except Exception:  # a counter that somebody else holds must not cost the record
            return None
        names = [event.name for event in sorted(events, key=lambda event: event.time_range.start)]
        return tuple(names) or None

    def reset_peak(self) -> None:
        """Forget the allocator's peak."""
        torch.cuda.reset_peak_memory_stats()

    def peak_bytes(self) -> int | None:
        """The most the allocator has given out, without what ``flush`` writes to."""
        own = 0 if self._evicting is None else self._evicting.numel()
        return torch.cuda.max_memory_allocated() - own


class _Replay:
    """Launches a captured graph and keeps alive what it reads and writes."""

    def __init__(self, graph: torch.cuda.CUDAGraph, call: Call) -> None:
        self._launch = graph.replay
        self._call = call

    def __call__(self) -> None:
        self._launch()


def require_cuda() -> None:
    """``MeasurementError`` where PyTorch can't use an NVIDIA GPU; says what to do."""
    if torch.version.hip:
        raise MeasurementError(
            "this PyTorch is built for ROCm; inprof times NVIDIA GPUs and CPUs (--device cpu)"
        )
    if torch.version.cuda is None:
        raise MeasurementError(
            f"PyTorch {torch.__version__} is built without CUDA; install a CUDA build, or measure "
            "on the CPU with --device cpu"
        )
    if not torch.cuda.is_available():
        raise MeasurementError(
            "PyTorch finds no CUDA device; check nvidia-smi and CUDA_VISIBLE_DEVICES, or measure "
            "on the CPU with --device cpu"
        )


def _torch_version() -> tuple[int, ...]:
    return tuple(int(part) for part in torch.__version__.split("+")[0].split(".")[:2])


def device_uuid() -> str:
    """The current device's UUID, without NVML's prefix."""
    return str(torch.cuda.get_device_properties(torch.cuda.current_device()).uuid)


def _external_event() -> torch.cuda.Event:
    """An event that a capture turns into a node of the graph, rather than a dependency."""
    try:
        return torch.cuda.Event(enable_timing=True, external=True)  # type: ignore[no-untyped-call]
    except TypeError:
        raise CaptureError(
            f"PyTorch {torch.__version__} has no events for the inside of a graph; take a newer one"
        ) from None


def _first(error: BaseException, before: BaseException | None) -> BaseException:
    """The exception that led to this one: ending a broken capture fails too, and says less."""
    while (context := error.__context__) is not None and context is not before:
        error = context
    return error


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
        """Facts that do not change while a process runs: limits, clocks, modes, the bus; no serial.

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
