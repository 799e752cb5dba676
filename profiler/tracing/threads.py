"""Threads that a forward starts: what runs in them is part of the forward.

torch's modes are a thread's own. A thread that is started is watched as the forward is, and waited
for, so that every trace of a model is the same; a task for an executor gets a thread of its own.
One that stands still, since it waits for the forward in turn, is let go on beside it.
"""

from __future__ import annotations

import _thread
import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

#: Seconds between two looks at a thread, and the looks at the same place that say it is waiting.
_LOOK, _LOOKS = 0.002, 15


@contextlib.contextmanager
def followed_threads(
    watched: Callable[[], contextlib.AbstractContextManager[None]],
    failed: Callable[[Exception], None],
) -> Iterator[None]:
    """Watch the threads that are started meanwhile from here, and those that they start.

    Args:
        watched: called where a thread is started; gives what is entered in that thread.
        failed: told of what ends a thread.
    """
    ours = {threading.get_ident()}
    start, submit = threading.Thread.start, ThreadPoolExecutor.submit
    start_bare = _thread.start_new_thread

    def started(thread: threading.Thread) -> None:
        if threading.get_ident() not in ours:
            start(thread)
            return
        thread.run = followed(thread.run)  # type: ignore[method-assign]
        start(thread)
        _wait(thread)

    def followed(run: Callable[..., Any]) -> Callable[..., Any]:
        watch = watched()

        def run_watched(*args: Any, **kwargs: Any) -> None:
            ours.add(threading.get_ident())
            try:
                with watch:
                    run(*args, **kwargs)
            except Exception as error:  # which nobody may notice
                failed(error)
            finally:
                ours.discard(threading.get_ident())

        return run_watched

    def started_bare(
        run: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any] | None = None
    ) -> int:
        # nobody waits for such a thread: here it has done its work where it was started
        if threading.get_ident() not in ours:
            return start_bare(run, args, kwargs or {})
        thread = threading.Thread(target=run, args=args, kwargs=kwargs)
        started(thread)
        return thread.ident or 0

    def submitted(
        executor: ThreadPoolExecutor, work: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        if threading.get_ident() not in ours:
            return submit(executor, work, *args, **kwargs)
        done: Future[Any] = Future()
        done.set_running_or_notify_cancel()

        def work_it() -> None:
            try:
                done.set_result(work(*args, **kwargs))
            except BaseException as error:
                done.set_exception(error)

        started(threading.Thread(target=work_it, daemon=True))
        return done

    threading.Thread.start = started  # type: ignore[method-assign,assignment]
    ThreadPoolExecutor.submit = submitted  # type: ignore[method-assign,assignment]
    _thread.start_new_thread = started_bare
    try:
        yield
    finally:
        threading.Thread.start = start  # type: ignore[method-assign]
        ThreadPoolExecutor.submit = submit  # type: ignore[method-assign]
        _thread.start_new_thread = start_bare


def _wait(thread: threading.Thread) -> None:
    """Until the thread has ended, or stands still: it waits for somebody."""
    place, seen = None, 0
    while thread.is_alive() and seen < _LOOKS:
        thread.join(_LOOK)
        frame = sys._current_frames().get(thread.ident or 0)
        now = None if frame is None else (id(frame), frame.f_lasti)
        place, seen = now, seen + 1 if now == place else 0
