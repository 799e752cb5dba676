"""Work on many models in processes of their own, several at once.

What a model does to its process, ending it included, costs that model alone. A process is replaced
after a number of models, so that what they leave behind is bounded.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar

from profiler.errors import InprofError, one_line
from profiler.records import Record

#: Models of one process.
_MOST_MODELS = 50
#: Seconds between looks at models that take too long.
_PATIENCE_S = 1.0

_Task = TypeVar("_Task")
_Answer = TypeVar("_Answer")


class Failure(Record, frozen=True):
    """Why there is no answer, one line, and the exit code of a command that ends with it."""

    reason: str
    exit_code: int = 1


class _Process(Generic[_Task, _Answer]):
    """A process that takes tasks one after another."""

    def __init__(self, work: Callable[[_Task], _Answer], is_heard: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, work, is_heard, tuple(sys.path)), daemon=True,
            name="inprof-models",
        )  # fmt: skip
        with _interrupts_held():
            self._process.start()
        theirs.close()
        self.place: int | None = None
        self.since_s = 0.0
        self._left = _MOST_MODELS

    @property
    def is_used_up(self) -> bool:
        return self._left == 0

    def take(self, place: int, task: _Task) -> None:
        self.place, self.since_s = place, time.monotonic()
        self._left -= 1
        with suppress(BrokenPipeError):  # it has ended already, which its silence will tell
            self.connection.send(task)

    def reply(self) -> _Answer | Failure:
        """Its answer; where the process has ended over it, how."""
        self.place = None
        try:
            answer: _Answer | Failure = self.connection.recv()
        except (EOFError, OSError):
            self._process.join(5)
            code = self._process.exitcode or 0
            how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit status {code}"
            self._left = 0
            return Failure(f"its process was ended {how}")
        return answer

    def stop(self) -> None:
        self._process.kill()
        self._process.join(5)
        self.connection.close()


def answers(
    tasks: Sequence[_Task],
    work: Callable[[_Task], _Answer],
    *,
    jobs: int,
    timeout_s: float = float("inf"),
    is_heard: bool = False,
) -> Generator[tuple[int, _Answer | Failure]]:
    """What the work comes to on each task, with the task's place, as they are done.

    Args:
        tasks: what the work takes, one model each; picklable, as the work and its answers are.
        work: a function of a module. What it raises is a ``Failure``.
        jobs: how many processes there are at once.
        timeout_s: how long a task may take.
        is_heard: whether what models print goes to standard error, and not nowhere.
    """
    waiting = deque(enumerate(tasks))
    processes: list[_Process[_Task, _Answer]] = []
    try:
        while waiting or any(each.place is not None for each in processes):
            for each in [each for each in processes if each.is_used_up and each.place is None]:
                each.stop()
                processes.remove(each)
            while waiting and len(processes) < jobs:
                processes.append(_Process(work, is_heard))
                processes[-1].take(*waiting.popleft())
            for each in processes:
                if waiting and each.place is None and not each.is_used_up:
                    each.take(*waiting.popleft())
            busy = {each.connection: each for each in processes if each.place is not None}
            for connection in wait(list(busy), _PATIENCE_S):
                assert isinstance(connection, Connection)
                place = busy[connection].place
                assert place is not None
                yield place, busy[connection].reply()
            for each in list(processes):
                if each.place is not None and time.monotonic() - each.since_s > timeout_s:
                    yield each.place, Failure(f"took longer than {timeout_s:g} s")
                    each.stop()
                    processes.remove(each)
    finally:
        for each in processes:
            each.stop()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Start a process that an interrupt never reaches, not even before it can say so itself."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # multiprocessing's own process, which lifts what is held
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(
    connection: Connection,
    work: Callable[[_Task], _Answer],
    is_heard: bool,
    path: Sequence[str],
) -> None:
    """What a process does: a task in, an answer out, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the command's to deal with
    sys.path[:] = path  # a trace is kept under where its builder is looked for
    if not is_heard:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.dup2(2, 1)  # what models print is no part of an answer
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        answer: _Answer | Failure
        try:
            answer = work(task)
        except InprofError as error:
            answer = Failure(str(error), error.exit_code)
        except Exception as error:  # a fault of ours costs this model, and says so
            answer = Failure(f"{type(error).__name__}: {one_line(error)}")
        try:
            connection.send(answer)
        except BrokenPipeError:  # the command is gone
            return
