"""One measuring process: an order on standard input, replies on standard output.

A process of its own for every model and precision, so that what one leaves behind (an allocator's
state, chosen algorithms, a crash) is not the next one's.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

import msgspec
import torch
from msgspec.structs import replace

from profiler.errors import InprofError
from profiler.models.arguments import argument_values
from profiler.models.building import build, sized
from profiler.models.given import imported_inputs
from profiler.records import Environment, Measurement
from profiler.timing.loop.environment import environment
from profiler.timing.loop.jobs import Job, Task
from profiler.timing.loop.measuring import (
    Measuring,
    Workload,
    is_lasting,
    is_out_of_memory,
    open_backend,
    told,
)
from profiler.timing.loop.precision import set_precision, verify_precision
from profiler.timing.loop.processes import (
    DeviceAnswer,
    DeviceInquiry,
    Finished,
    Order,
    Progress,
    Refused,
    Reply,
    Sized,
    Sizing,
    Started,
)
from profiler.tracing.inputs import stated

#: Exit status of a process that can do no more; another one does the rest.
_UNUSABLE = 3
_PR_SET_PDEATHSIG = 1

Send = Callable[[Reply], None]


def main() -> None:
    """Carry out the order; whoever gave it may close the pipe at any time."""
    _end_with_the_command()
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a user's builder prints must not stand among the replies

    def send(reply: Reply) -> None:
        replies.write(msgspec.json.encode(reply) + b"\n")
        replies.flush()
        if isinstance(reply, Finished) and not sys.stdin.buffer.readline():
            os._exit(1)  # nobody is there to keep the next one

    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    try:
        if isinstance(order, DeviceInquiry):
            answer(order, send)
        elif isinstance(order, Sizing):
            size(order, send)
        else:
            do(order.job, send)
    except BrokenPipeError:
        os._exit(1)
    except InprofError as error:
        send(Refused(str(error)))
    sys.stderr.flush()
    os._exit(0)  # a library that fails while it is taken down must not cost what was measured


def answer(inquiry: DeviceInquiry, send: Send) -> None:
    """Say what the device is; refuse a precision it lacks."""
    open_backend(inquiry.device)
    _use_threads(inquiry.threads)
    for precision in inquiry.precisions:
        with set_precision(precision, inquiry.device):
            verify_precision(precision, inquiry.device)
    threads = torch.get_num_threads() if inquiry.device == "cpu" else None
    send(DeviceAnswer(environment(inquiry.device), threads))


def size(sizing: Sizing, send: Send) -> None:
    """Say of each model what it takes; what is wrong with one is said when it is timed."""
    for model in sizing.models:
        if model.inputs_from:  # what is wrong with the function is said at once
            with imported_inputs(model.inputs_from) as give:
                send(Sized(stated(give())))
            continue
        asked = model.given(1) if model.input_shape else ()
        try:
            built = build(model.address, variant=model.variant, **argument_values(model.arguments))
            send(Sized(sized(asked, model.address, built)))
        except (InprofError, MemoryError):
            send(Sized(()))


def do(job: Job, send: Send) -> None:
    """Measure every task of a job; what fails becomes a record that says so."""
    backend = open_backend(job.request.device)
    _use_threads(job.request.threads)
    torch.backends.cudnn.benchmark = job.request.settings.cudnn_benchmark
    with set_precision(job.precision, job.request.device):
        where = environment(job.request.device)
        try:
            workload = Workload(job)
            verify_precision(job.precision, job.request.device)  # a builder may have set flags
        except (Exception, SystemExit) as error:
            for task in job.tasks:
                send(Started(task))
                send(Finished(_failed(job, where, task, error)))
            return
        measuring: Measuring | None
        for index, task in enumerate(job.tasks):
            send(Started(task))
            _use_threads(job.request.threads)
            backend.reset_peak()
            later = job.tasks[index + 1 :]
            try:
                measuring = Measuring(backend, workload, job, task, later)
                record = measuring.record(where, lambda n, ms: send(Progress(n, ms)))
            except BrokenPipeError:
                raise
            except (Exception, SystemExit) as error:
                record = _failed(job, where, task, error)
                send(Finished(replace(record, peak_bytes=backend.peak_bytes())))
                if is_lasting(error):
                    os._exit(_UNUSABLE)
            else:
                send(Finished(record))
            measuring = None  # and with it the graphs that keep memory for this batch
            gc.collect()
            if job.request.device == "cuda":
                torch.cuda.empty_cache()


def _failed(job: Job, where: Environment, task: Task, error: BaseException) -> Measurement:
    """Why a task has no samples."""
    flag = "oom" if is_out_of_memory(error) else "failed"
    return job.record(where, task, flags=(flag,), reason=told(error))


def _end_with_the_command() -> None:
    """Ask Linux to end this process when the one that started it is gone, however it went."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _use_threads(threads: int | None) -> None:
    if threads:
        torch.set_num_threads(threads)


if __name__ == "__main__":
    main()
