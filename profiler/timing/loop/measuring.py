"""One task of a job: what is measured of it, and what is looked at afterwards."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Sequence
from time import monotonic
from typing import Any

import torch
from msgspec.structs import replace

from profiler.errors import InprofError, MeasurementError
from profiler.models.builders import cause_of
from profiler.records import (
    Environment,
    LayerTimes,
    Measurement,
    Telemetry,
)
from profiler.timing.devices.backend import Backend
from profiler.timing.devices.telemetry import Sampler, telemetry_flags
from profiler.timing.loop import statistics
from profiler.timing.loop.jobs import Job, Task
from profiler.timing.loop.layers import Boundaries, layer_times
from profiler.timing.loop.precision import verify_precision
from profiler.timing.loop.protocol import (
    Timed,
    Watch,
    is_captured,
    measure,
)
from profiler.timing.loop.variables import without_places
from profiler.timing.loop.workload import Workload, is_finite

#: The share of a record's budget that the layers get where they are asked for.
_LAYERS_SHARE = 0.3
#: Above this share of launching, a layer's span shows when it was launched.
_LAUNCHING = 0.5
#: How deep layers are told apart where no depth was asked for: the first that does not slow it.
_DEPTHS = (None, 3, 2, 1)


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

    def _timed(self, watch: Watch) -> tuple[Timed, tuple[Telemetry, ...]]:
        """What the loop found, and the device's state while it took samples."""
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

    def _layers(self, timed: Timed, budget_s: float) -> LayerTimes:
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
