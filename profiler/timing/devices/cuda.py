"""An NVIDIA GPU as a device: CUDA events in its queue, CUDA graphs, NVML's news of its state."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import torch

from profiler.errors import MeasurementError, one_line
from profiler.records import Telemetry
from profiler.timing.devices.backend import Call, CaptureError
from profiler.timing.devices.nvml import NvmlDevice

#: Calls on the side stream before a capture, so that libraries set themselves up outside it.
_WARM_CALLS = 3
#: Replays after it: the first uploads the graph to the device.
_WARM_REPLAYS = 3
#: The first PyTorch whose replays launch nothing but the graph.
_REPLAYS_ALONE = (2, 7)
#: The cache to evict where the driver does not tell its size; larger than any known.
_LARGEST_L2 = 128 << 20


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
