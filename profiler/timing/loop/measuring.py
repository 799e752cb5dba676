"""A job's model on its device, and its tasks: each is measured, then looked at beside that."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from time import monotonic
from typing import Any

import torch
from msgspec.structs import replace

from profiler.errors import InprofError, MeasurementError
from profiler.models.arguments import argument_values
from profiler.models.builders import cause_of
from profiler.models.building import build_initialised, fingerprint
from profiler.models.given import imported_inputs
from profiler.records import Environment, Input, LayerTimes, Measurement, Telemetry
from profiler.timing.devices.backend import Backend, Call, Sampler, telemetry_flags
from profiler.timing.devices.cpu import CpuBackend
from profiler.timing.devices.cuda import CudaBackend
from profiler.timing.loop import statistics
from profiler.timing.loop.environment import without_places
from profiler.timing.loop.jobs import Job, Task
from profiler.timing.loop.layers import Boundaries, layer_times
from profiler.timing.loop.precision import DTYPES, verify_precision
from profiler.timing.loop.protocol import TimedCall, Watch, is_captured, measure
from profiler.tracing.inputs import SCALARS, map_tensors, tensors_in

#: What is looked up by whole numbers.
_TABLES = (torch.nn.Embedding, torch.nn.EmbeddingBag)
#: The share of a record's budget that the layers get where they are asked for.
_LAYERS_SHARE = 0.3
#: Above this share of launching, a layer's span shows when it was launched.
_LAUNCHING = 0.5
#: How deep layers are told apart where no depth was asked for: the first that does not slow it.
_DEPTHS = (None, 3, 2, 1)


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
        with ExitStack() as stack:
            give = job.model.inputs_from and stack.enter_context(
                imported_inputs(job.model.inputs_from)
            )
            model = build_initialised(
                job.model.address,
                variant=job.model.variant,
                **argument_values(job.model.arguments),
            )
            self._given = give() if give else None
        model = model.eval().to(job.request.device, self._dtype)
        self.network = fingerprint(model)
        self.model = model
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.data = self._in_layout(tensor.data)

    def call(self, batch_size: int) -> Call:
        """One forward on a fixed batch, of random numbers as a rule, without a gradient."""
        args, kwargs = self._arguments(batch_size)
        forward: Callable[..., Any] = self.model
        if self._job.request.engine == "torch.compile":
            # a program for each batch size: one for all of them would depend on their order
            torch._dynamo.reset()
            forward = torch.compile(self.model, dynamic=False)

        def run() -> Any:
            with torch.inference_mode():
                return forward(*args, **kwargs)

        def run_on_copies() -> Any:
            own, named = map_tensors((args, kwargs), lambda tensor: tensor)
            with torch.inference_mode():
                return forward(*own, **named)

        # an object may be filled by a call (a cache of keys), and the next has to find it empty
        return run if _is_plain((args, kwargs)) else run_on_copies

    def _arguments(self, batch_size: int) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if self._given is not None:
            args, kwargs = map_tensors((self._given.args, self._given.kwargs), self._placed)
            return args, kwargs
        given = self._job.model.given(batch_size)
        return (
            tuple(self._tensor(each) for each in given if not each.name),
            {each.name: self._tensor(each) for each in given if each.name},
        )

    def _placed(self, tensor: torch.Tensor) -> torch.Tensor:
        """A tensor that was given, where and as the model is; numbers alone have its precision."""
        if tensor.is_meta:
            tensor = torch.zeros_like(tensor, device="cpu")
        dtype = self._dtype if tensor.is_floating_point() else None
        return self._in_layout(tensor.to(self._job.request.device, dtype, copy=True))

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


def _is_plain(value: Any) -> bool:
    """Whether it is tensors and other values in tuples, lists and dicts alone."""
    if isinstance(value, dict):
        return type(value) is dict and all(map(_is_plain, value.values()))
    if type(value) in (tuple, list):
        return all(map(_is_plain, value))
    return isinstance(value, torch.Tensor) or type(value) in SCALARS


class Measuring:
    """One task of a job: its call, and what is found about it."""

    def __init__(
        self,
        backend: Backend[Any],
        workload: Workload,
        job: Job,
        task: Task,
        later: Sequence[Task],
    ) -> None:
        self._backend = backend
        self._workload = workload
        self._job = job
        self._task = task
        self._later = later
        self._call = workload.call(task.batch_size)

    def record(self, where: Environment, watch: Watch) -> Measurement:
        """Measure, then look at what must not be in the way while it is measured."""
        began = monotonic()
        settings = self._job.request.settings
        begun = self._job.record(where, self._task, flags=())
        timed, telemetry = self._timed(watch)
        self._check_labels()
        if min(timed.samples_ms) <= 0:
            raise MeasurementError("a call took less than a tick of the device's clock")
        peak = self._backend.peak_bytes()
        flags = (*timed.flags, *telemetry_flags(telemetry), *self._flags_of_output())
        layers = None
        if self._job.request.per_layer:
            left_s = settings.budget_s - (monotonic() - began)
            layers = self._layers(timed, max(left_s, 0.0))
        return replace(
            begun,
            samples_ms=timed.samples_ms,
            flags=flags,
            cold_first_ms=timed.cold_first_ms,
            enqueue_ms=timed.enqueue_ms,
            measured_from_s=timed.measured_from_s,
            peak_bytes=peak,
            window_medians_ms=timed.window_medians_ms,
            telemetry=telemetry,
            network=self._workload.network,
            kernels=self._kernels(),
            layers=layers,
        )

    def _check_labels(self) -> None:
        """Refuse what was measured if the network changed the conditions while it ran."""
        request = self._job.request
        verify_precision(self._job.precision, request.device)
        if request.threads not in (None, torch.get_num_threads()):
            raise MeasurementError(
                f"the network sets the number of threads: {torch.get_num_threads()} instead of "
                f"{request.threads}; name it with --threads"
            )

    def _timed(self, watch: Watch) -> tuple[TimedCall, tuple[Telemetry, ...]]:
        """The loop's findings, and the device's state while it took samples."""
        settings = self._job.request.settings
        share = 1 - _LAYERS_SHARE if self._job.request.per_layer else 1
        # on a device that runs behind the host's back; on a CPU a thread would be in the way
        beside = Sampler(self._backend.telemetry if self._backend.queued else lambda: None)
        gc.collect()
        gc.disable()  # a collection of milliseconds would stand among the samples
        beside.start()
        try:
            timed = measure(
                self._backend,
                self._call,
                self._task.quantity,
                replace(settings, budget_s=share * settings.budget_s),
                watch,
            )
        finally:
            gc.enable()
            between = beside.stop()
        # the thread's clock began before the record's
        ahead_s = timed.began_s - beside.began_s
        between = tuple(replace(state, at_s=round(state.at_s - ahead_s, 3)) for state in between)
        telemetry = sorted((*between, *timed.telemetry), key=lambda state: state.at_s)
        return timed, tuple(state for state in telemetry if state.at_s >= timed.measured_from_s)

    def _flags_of_output(self) -> tuple[str, ...]:
        try:
            return () if is_finite(self._call()) else ("not_finite",)
        except Exception:  # the samples stand, whatever there is to say of the output
            return ("not_finite",)

    def _kernels(self) -> str | None:
        """A hash of the kernels' names.

        Where a call that the host launches is still to be timed in this process they are not asked
        for: the counters it takes stay in the way of launches.
        """
        if not all(is_captured(task.quantity) for task in self._later):
            return None
        names = self._backend.kernels(self._call)
        return hashlib.sha256("\n".join(names).encode()).hexdigest()[:12] if names else None

    def _layers(self, timed: TimedCall, budget_s: float) -> LayerTimes:
        """The time by layer, or why there is none.

        Unless a depth was asked for, the deepest one is taken whose boundaries do not slow the
        call too much.
        """
        request, backend = self._job.request, self._backend
        launching = (timed.enqueue_ms or 0.0) / statistics.median(timed.samples_ms)
        if budget_s <= 0:
            return self._no_layers("no time was left in the budget")
        if request.engine != "pytorch":
            return self._no_layers("torch.compile fuses layers: their times can't be told apart")
        if backend.queued and self._task.quantity == "host":
            return self._no_layers(
                "host time can't be split where the device has a queue: use eager"
            )
        if self._task.quantity == "eager" and launching >= _LAUNCHING:
            return self._no_layers(
                f"launching takes {launching:.0%} of the time, which layers would show: use device"
            )
        depths = _DEPTHS if request.layer_depth is None else (request.layer_depth,)
        found = None
        boundaries = None
        for left, depth in zip(range(len(depths), 0, -1), depths, strict=True):
            try:
                closer = Boundaries(self._workload.model, self._call, depth)
                if boundaries is not None and closer.count >= boundaries.count:
                    continue
                boundaries = closer
                found = layer_times(
                    backend,
                    boundaries,
                    self._call,
                    request.settings,
                    captured=is_captured(self._task.quantity),
                    budget_s=budget_s / left,
                )
            except BrokenPipeError:
                raise
            except Exception as error:  # the samples stand, whatever becomes of the layers
                return self._no_layers(told(error), depth)
            if found.inflation <= request.settings.max_inflation:
                break
        assert found is not None
        return found

    def _no_layers(self, why: str, depth: int | None = None) -> LayerTimes:
        method, resolution_ms = self._backend.layer_method, self._backend.resolution_ms
        return LayerTimes(method, 0, 0, 0, 0, 0, 1, resolution_ms, depth, (), why)


def told(error: BaseException) -> str:
    """An error on one line that may be published."""
    text = str(error) if isinstance(error, InprofError) else cause_of(error)
    return without_places(" ".join(text.split()))[:500]


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
