"""Work in processes of their own: answers with their places, failures, interrupts."""

import os
import signal
import sys
import threading
import time

import pytest

from profiler.errors import UsageError
from profiler.fleet import pool
from profiler.fleet.pool import Failure, map_models


def work(task):
    if task == "wrong":
        raise UsageError("not so")
    if task == "bug":
        raise KeyError("one\ntwo")
    return task * 2


def ending(task):
    if task == "leaves":
        os._exit(0)
    if task == "thread":
        threading.Thread(target=time.sleep, args=(600,)).start()
    if task == "exits":
        sys.exit(4)
    if task == "stops":
        raise KeyboardInterrupt
    if task == "term":
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(600)
    return os.getpid()


def test_every_task_has_its_answer_or_why_there_is_none():
    tasks = ["a", "wrong", "a", "bug", "b"]
    found = dict(map_models(tasks, work, jobs=2))
    assert found == {
        0: "aa", 1: Failure("not so", UsageError.exit_code), 2: "aa",
        3: Failure("KeyError: 'one\\ntwo'"), 4: "bb",
    }  # fmt: skip
    assert list(map_models([], work, jobs=2)) == []


def test_a_process_is_replaced_before_what_models_leave_behind_grows(monkeypatch):
    monkeypatch.setattr(pool, "_MOST_MODELS", 2)
    found = list(map_models(["", "thread", "", ""], ending, jobs=1))
    assert [place for place, _ in found] == [0, 1, 2, 3]
    first, second, third, fourth = (process for _, process in found)
    assert first == second != third == fourth


def test_a_process_that_ends_however_is_named_with_how():
    tasks = ["leaves", "exits", "", "stops", "term", ""]
    found = dict(map_models(tasks, ending, jobs=2))
    assert [isinstance(found[place], int) for place in (2, 5)] == [True, True]
    reasons = [found[place].reason for place in (0, 1, 3, 4)]
    assert [reason.removeprefix("its process was ended ") for reason in reasons] == [
        "with exit status 0", "with exit status 4", "with exit status 1", "by SIGTERM",
    ]  # fmt: skip


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals can't be held here")
def test_an_interrupt_is_not_heard_even_as_a_process_starts(monkeypatch):
    real, started = pool._Process.start, []

    def start(process):
        real(process)
        time.sleep(0.1 * len(started))
        os.kill(process.pid, signal.SIGINT)
        started.append(process)

    monkeypatch.setattr(pool, "_MOST_MODELS", 1)  # the second comes from a thread of the pool
    monkeypatch.setattr(pool._Process, "start", start)
    assert [answer for _, answer in map_models(["a", "b"], work, jobs=1)] == ["aa", "bb"]
    assert len(started) >= 2
