"""One measuring process: an order on standard input, replies on standard output.

A process of its own for every model and precision, so that what one leaves behind (an allocator's
state, chosen algorithms, a crash) is not the next one's.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic
from typing import Any

import msgspec
import torch
from msgspec.structs import replace

from profiler.errors import InprofError
from profiler.records import Environment, LayerTimes, Measurement
from profiler.timing.backend import Backend, Call
from profiler.timing.environment import environment
from profiler.timing.jobs import Job, Task
from profiler.timing.layers import Boundaries, layer_times
from profiler.timing.messages import (
    Answer,
    Finished,
    Inquiry,
    Order,
    Progress,
    Refused,
    Reply,
    Started,
)
from profiler.timing.precision import set_precision, verify_precision
from profiler.timing.protocol import is_captured, measure
from profiler.timing.telemetry import Sampler, telemetry_flags
from profiler.timing.workload import Workload, is_finite, is_out_of_memory, open_backend
from profiler.tracing.addresses import cause_of

#: The share of a record's budget that the layers get where they are asked for.
_LAYERS_SHARE = 0.3

Send = Callable[[Reply], None]


def main() -> None:
    """Carry out the order; whoever gave it may close the pipe at any time."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command decides what an interrupt means
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a user's builder prints must not stand among the replies

    def send(reply: Reply) -> None:
        replies.write(msgspec.json.encode(reply) + b"\n")
        replies.flush()

    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    try:
        if isinstance(order, Inquiry):
            answer(order, send)
        else:
            do(order.job, send)
    except BrokenPipeError:
        os._exit(1)
    except InprofError as error:
        send(Refused(str(error)))


def answer(inquiry: Inquiry, send: Send) -> None:
    """Say what the device is; refuse a precision it lacks."""
    open_backend(inquiry.device)
    _use_threads(inquiry.threads)
    for precision in inquiry.precisions:
        with set_precision(precision, inquiry.device):
            verify_precision(precision, inquiry.device)
    threads = torch.get_num_threads() if inquiry.device == "cpu" else None
    send(Answer(environment(inquiry.device), threads))


def do(job: Job, send: Send) -> None:
    """Measure every task of a job; what fails becomes a record that says so."""
    backend = open_backend(job.request.device)
    _use_threads(job.request.threads)
    torch.backends.cudnn.benchmark = job.request.settings.cudnn_benchmark
    with ExitStack() as stack:
        stack.enter_context(set_precision(job.precision, job.request.device))
        verify_precision(job.precision, job.request.device)
        where = environment(job.request.device)
        try:
            workload = Workload(job)
            verify_precision(job.precision, job.request.device)  # a builder may have set flags
        except Exception as error:
            for task in job.tasks:
                send(Started(task))
                send(Finished(_failed(job, where, task, error)))
            return
        for task in job.tasks:
            send(Started(task))
            backend.reset_peak()
            try:
                record = _measured(backend, workload, job, task, where, send)
            except BrokenPipeError:
                raise
            except Exception as error:
                record = _failed(job, where, task, error)
                record = replace(record, peak_bytes=backend.peak_bytes())
            send(Finished(record))
            gc.collect()
            if job.request.device == "cuda":
                torch.cuda.empty_cache()


def _failed(job: Job, where: Environment, task: Task, error: BaseException) -> Measurement:
    """Why a task has no samples."""
    reason = str(error) if isinstance(error, InprofError) else cause_of(error)
    flag = "oom" if is_out_of_memory(error) else "failed"
    return job.record(where, task, flags=(flag,), reason=" ".join(reason.split())[:500])


def _measured(
    backend: Backend[Any],
    workload: Workload,
    job: Job,
    task: Task,
    where: Environment,
    send: Send,
) -> Measurement:
    began = monotonic()
    settings, request = job.request.settings, job.request
    call = workload.call(task.batch_size)
    begun = job.record(where, task, flags=())
    share = 1 - _LAYERS_SHARE if request.per_layer else 1
    # on a device that runs behind the host's back; on a CPU a thread would be in the way
    beside = Sampler(backend.telemetry if backend.queued else lambda: None)
    beside.start()
    try:
        timed = measure(
            backend,
            call,
            task.quantity,
            replace(settings, budget_s=share * settings.budget_s),
            lambda samples, median_ms: send(Progress(samples, median_ms)),
        )
    finally:
        telemetry = beside.stop()
    telemetry = tuple(sorted((*telemetry, *timed.telemetry), key=lambda state: state.at_s))
    peak = backend.peak_bytes()
    finite = is_finite(call())
    layers = None
    if request.per_layer:
        left_s = settings.budget_s - (monotonic() - began)
        layers = _layers(backend, workload, call, job, task, max(left_s, 0))
    return replace(
        begun,
        samples_ms=timed.samples_ms,
        flags=(*timed.flags, *telemetry_flags(telemetry), *(() if finite else ("not_finite",))),
        cold_first_ms=timed.cold_first_ms,
        enqueue_ms=timed.enqueue_ms,
        peak_bytes=peak,
        window_medians_ms=timed.window_medians_ms,
        telemetry=telemetry,
        layers=layers,
    )


def _layers(
    backend: Backend[Any], workload: Workload, call: Call, job: Job, task: Task, budget_s: float
) -> LayerTimes:
    """The time by layer, or why there is none."""
    refusal = ""
    if job.request.engine != "pytorch":
        refusal = "torch.compile fuses layers, so their times can't be told apart"
    elif backend.queued and task.quantity == "host":
        refusal = "host time can't be split where a queue runs behind the host: ask for eager"
    else:
        try:
            boundaries = Boundaries(workload.model, call, job.request.layer_depth)
            captured = is_captured(task.quantity)
            settings = job.request.settings
            return layer_times(
                backend, boundaries, call, settings, captured=captured, budget_s=budget_s
            )
        except InprofError as error:
            refusal = str(error)
    return LayerTimes(backend.layer_method, 0, 0, 0, 0, 0, 1, backend.resolution_ms, (), refusal)


def _use_threads(threads: int | None) -> None:
    if threads:
        torch.set_num_threads(threads)


if __name__ == "__main__":
    main()
