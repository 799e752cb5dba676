"""Work on many models in processes of their own, several at once.

What a model does to its process, ending it included, costs that model alone. A process is replaced
after a number of models, so that what they leave behind is bounded.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

from profiler.errors import InprofError, one_line, process_end
from profiler.records import Record

#: Models of one process.
_MOST_MODELS = 50
#: Exit status of a process that has served its models; the pool takes that for 0.
_SERVED = 213
#: What the pool is told instead of 0, where a model has ended the process as if all were well.
_SILENT = 256

_Task = TypeVar("_Task")
_Answer = TypeVar("_Answer")


class Failure(Record, frozen=True):
    """Why there is no answer, one line, and the exit code of a command that ends with it."""

    reason: str
    exit_code: int = 1


def map_models(
    tasks: Sequence[_Task],
    work: Callable[[_Task], _Answer],
    *,
    jobs: int,
    timeout_s: float = float("inf"),
    is_heard: bool = False,
) -> Generator[tuple[int, _Answer | Failure]]:
    """The answer or failure of each task, with the task's place, as they are done.

    Args:
        tasks: what the work takes, one model each; picklable, as the work and its answers are.
        work: a function of a module. What it raises is a ``Failure``.
        jobs: how many processes there are at once.
        timeout_s: how long a task may take.
        is_heard: whether what models print goes to standard error, and not nowhere.
    """
    if not tasks:
        return
    pool = ProcessPool(
        max_workers=min(jobs, len(tasks)), max_tasks=_MOST_MODELS,
        initializer=_begin, initargs=(is_heard, tuple(sys.path)), context=_Context(),
    )  # fmt: skip
    limit_s = None if timeout_s == float("inf") else timeout_s
    try:
        with _interrupts_held():  # the pool's threads keep it so for processes that come later
            places: dict[Future[_Answer | Failure], int] = {
                pool.schedule(_answered, (work, task), timeout=limit_s): place
                for place, task in enumerate(tasks)
            }
        for future in as_completed(places):
            answer: _Answer | Failure
            try:
                answer = future.result()
            except ProcessExpired as error:
                code = 0 if error.exitcode == _SILENT else error.exitcode
                answer = Failure(f"its process was ended {process_end(code)}")
            except TimeoutError:
                answer = Failure(f"took longer than {timeout_s:g} s")
            except BrokenProcessPool as error:
                raise InprofError(f"the processes can't go on: {one_line(error)}") from error
            except Exception as error:  # it can't be handed over; that costs this model
                answer = Failure(f"{type(error).__name__}: {one_line(error)}")
            yield places.pop(future), answer
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


class _Process(SpawnProcess):
    """A process whose end tells a model's doing from its own."""

    def run(self) -> None:
        super().run()
        os._exit(_SERVED)  # and not wait for threads that models have left behind

    @property
    def exitcode(self) -> int | None:
        code = super().exitcode
        return code if code is None else {_SERVED: 0, 0: _SILENT}.get(code, code)


class _Context(SpawnContext):
    Process = _Process


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Start threads and processes that no interrupt ever reaches, not even as they begin."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # multiprocessing's own process, which lifts what is held
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(is_heard: bool, path: Sequence[str]) -> None:
    """Set up a process before its first task."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # it ends at once, and by that name
    sys.path[:] = path  # a trace is kept under where its builder is looked for
    if not is_heard:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.dup2(2, 1)  # what models print is no part of an answer


def _answered(work: Callable[[_Task], _Answer], task: _Task) -> _Answer | Failure:
    try:
        return work(task)
    except InprofError as error:
        return Failure(str(error), error.exit_code)
    except Exception as error:  # a fault of ours costs this model, and says so
        return Failure(f"{type(error).__name__}: {one_line(error)}")
    except BaseException as error:  # it asks for the end of the process
        code = getattr(error, "code", 1)
        os._exit(code if isinstance(code, int) else bool(code))
