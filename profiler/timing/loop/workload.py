"""A job's model on its device, and the call that is timed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from profiler.models.arguments import argument_values
from profiler.models.building import build_initialised, fingerprint
from profiler.records import Input
from profiler.timing.devices.backend import Backend, Call
from profiler.timing.devices.cpu import CpuBackend
from profiler.timing.devices.cuda import CudaBackend
from profiler.timing.loop.jobs import Job
from profiler.timing.loop.precision import DTYPES
from profiler.tracing.inputs import tensors_in

#: What is looked up by whole numbers.
_TABLES = (torch.nn.Embedding, torch.nn.EmbeddingBag)


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
        model = build_initialised(
            job.model.address,
            variant=job.model.variant,
            **argument_values(job.model.arguments),
        )
        model = model.eval().to(job.request.device, self._dtype)
        self.network = fingerprint(model)
        self.model = model
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.data = self._in_layout(tensor.data)

    def call(self, batch_size: int) -> Call:
        """One forward on a fixed batch of random numbers, without a gradient."""
        given = self._job.model.given(batch_size)
        positional = [self._tensor(each) for each in given if not each.name]
        named = {each.name: self._tensor(each) for each in given if each.name}
        forward: Callable[..., Any] = self.model
        if self._job.request.engine == "torch.compile":
            # a program for each batch size: one for all of them would depend on their order
            torch._dynamo.reset()
            forward = torch.compile(self.model, dynamic=False)

        def run() -> Any:
            with torch.inference_mode():
                return forward(*positional, **named)

        return run

    def _tensor(self, given: Input) -> torch.Tensor:
        """Random numbers; whole ones are rows that every table of the network has."""
        generator = torch.Generator().manual_seed(0)
        device = self._job.request.device
        if given.kind == "tokens":
            tables = [each for each in self.model.modules() if isinstance(each, _TABLES)]
            rows = min((table.num_embeddings for table in tables), default=1)
            return torch.randint(rows, given.shape, generator=generator).to(device)
        numbers = torch.randn(given.shape, generator=generator)
        return self._in_layout(numbers.to(device, self._dtype))

    def _in_layout(self, tensor: torch.Tensor) -> torch.Tensor:
        """The tensor as it is for NCHW; NHWC is defined for four dimensions alone."""
        if self._job.request.layout == "nchw" or tensor.dim() != 4:
            return tensor
        return tensor.contiguous(memory_format=torch.channels_last)


def is_finite(output: Any) -> bool:
    """Whether every number of a forward's output is one."""
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors_in(output))


def is_lasting(error: BaseException) -> bool:
    """Whether an error leaves the device unusable for this process, as CUDA's own errors do."""
    return "CUDA error" in str(error) and not is_out_of_memory(error)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that the device's memory, or the host's, is too small."""
    told: BaseException | None = error
    while told is not None:  # a failed build has the builder's own error behind it
        if isinstance(told, (MemoryError, torch.OutOfMemoryError)):
            return True
        if isinstance(told, RuntimeError) and "can't allocate memory" in str(told):
            return True
        told = told.__cause__
    return False
