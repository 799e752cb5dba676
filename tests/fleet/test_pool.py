"""Work in processes of their own: answers with their places, failures, interrupts."""

import os
import signal
import time

import pytest

from profiler.errors import UsageError
from profiler.fleet.pool import Failure, _Process, answers


def work(task):
    if task == "wrong":
        raise UsageError("not so")
    if task == "bug":
        raise KeyError("one\ntwo")
    return task * 2


def test_every_task_has_its_answer_or_why_there_is_none():
    tasks = ["a", "wrong", "a", "bug", "b"]
    found = dict(answers(tasks, work, jobs=2))
    assert found == {
        0: "aa", 1: Failure("not so", UsageError.exit_code), 2: "aa",
        3: Failure("KeyError: 'one\\ntwo'"), 4: "bb",
    }  # fmt: skip


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals can't be held here")
def test_an_interrupt_is_not_heard_even_as_a_process_starts():
    for wait_s in (0, 0.1):
        process = _Process(len, is_heard=False)
        try:
            time.sleep(wait_s)
            os.kill(process._process.pid, signal.SIGINT)
            process.take(0, "abc")
            assert process.reply() == 3
        finally:
            process.stop()
