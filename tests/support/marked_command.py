"""A command in a process group of its own, and the processes that it has left behind."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


def started(folder: Path, *arguments: str, mark: str) -> subprocess.Popen[str]:
    """The command, with a mark in its environment that every process of it inherits."""
    return subprocess.Popen(
        [sys.executable, "-c", "from profiler.cli import run; run()", *arguments],
        cwd=folder,
        env=os.environ | {"INPROF_TEST_MARK": mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def marked_processes(mark: str) -> list[int]:
    """Processes that have the mark; one that is gone, or not ours to look at, is none."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark.encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return found


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether the condition comes true within the seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False
