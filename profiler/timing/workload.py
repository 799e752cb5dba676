"""A job's model on its device, and the call that is timed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from profiler.records import Layout, Shape
from profiler.timing.backend import Backend, Call
from profiler.timing.cpu import CpuBackend
from profiler.timing.cuda import CudaBackend
from profiler.timing.jobs import Job
from profiler.timing.precision import DTYPES
from profiler.tracing.inputs import tensors_in
from profiler.tracing.model import build_initialised

_MEMORY_FORMATS = {"nchw": torch.contiguous_format, "nhwc": torch.channels_last}


def open_backend(device: str) -> Backend[Any]:
    """The backend of ``cuda`` or ``cpu``; MeasurementError where PyTorch has no such device."""
    if device == "cpu":
        return CpuBackend()
    return CudaBackend()


class Workload:
    """A model in eval mode on its device, and the forward that the engine makes of it."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._dtype = DTYPES[job.precision]
        model = build_initialised(job.model.address, variant=job.model.variant)
        model = model.eval().to(job.request.device, self._dtype)
        self.model = model.to(memory_format=_MEMORY_FORMATS[job.request.layout])  # type: ignore[call-overload]
        compiled = job.request.engine == "torch.compile"
        self._forward: Callable[..., Any] = torch.compile(self.model) if compiled else self.model

    def call(self, batch_size: int) -> Call:
        """One forward on a fixed batch of random images, without a gradient."""
        batch = self._batch(
            (batch_size, *self._job.model.input_shape[1:]), self._job.request.layout
        )
        forward = self._forward

        def run() -> Any:
            with torch.inference_mode():
                return forward(batch)

        return run

    def _batch(self, shape: Shape, layout: Layout) -> torch.Tensor:
        generator = torch.Generator().manual_seed(0)
        images = torch.randn(shape, generator=generator).to(self._job.request.device, self._dtype)
        return (
            images.contiguous(memory_format=_MEMORY_FORMATS[layout])
            if images.dim() == 4
            else images
        )


def is_finite(output: Any) -> bool:
    """Whether every number of a forward's output is one."""
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors_in(output))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the device's memory, or the host's, is too small."""
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
