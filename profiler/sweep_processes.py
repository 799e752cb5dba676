"""Models counted in processes of their own, several at once.

What a model does to its process, ending it included, is a row with the reason. A process is
replaced after a number of models, so that what they leave behind is bounded.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait

from profiler.cache import TraceCache
from profiler.errors import one_line
from profiler.sweep import Sweep, SweepRow, sweep_row

#: Models of one process.
_MOST_MODELS = 50
#: Seconds between looks at models that take too long.
_PATIENCE_S = 1.0


class _Process:
    """A process that counts models one after another."""

    def __init__(self, sweep: Sweep, is_cached: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, sweep, is_cached), daemon=True, name="inprof-sweep"
        )
        self._process.start()
        theirs.close()
        self.address = ""
        self.since_s = 0.0
        self._left = _MOST_MODELS

    @property
    def is_used_up(self) -> bool:
        return self._left == 0

    def take(self, address: str) -> None:
        self.address, self.since_s = address, time.monotonic()
        self._left -= 1
        with suppress(BrokenPipeError):  # it has ended already, which its silence will tell
            self.connection.send(address)

    def reply(self) -> SweepRow:
        """Its row; where the process has ended over it, a row that says so."""
        address, self.address = self.address, ""
        try:
            row: SweepRow = self.connection.recv()
        except (EOFError, OSError):
            self._process.join(5)
            code = self._process.exitcode or 0
            how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit status {code}"
            self._left = 0
            return SweepRow(model=address, error=f"its process was ended {how}")
        return row

    def stop(self) -> None:
        self._process.kill()
        self._process.join(5)
        self.connection.close()


def swept(
    addresses: Sequence[str], sweep: Sweep, *, jobs: int, timeout_s: float, is_cached: bool = True
) -> Iterator[SweepRow]:
    """A row for each address, as they are done.

    Args:
        addresses: what ``trace_address`` takes.
        sweep: what they are counted with.
        jobs: how many processes count at once.
        timeout_s: how long a model may take.
        is_cached: whether traces are kept, and those that are kept used.
    """
    waiting = deque(addresses)
    processes: list[_Process] = []
    try:
        while waiting or any(each.address for each in processes):
            for each in [each for each in processes if each.is_used_up and not each.address]:
                each.stop()
                processes.remove(each)
            while waiting and len(processes) < jobs:
                processes.append(_Process(sweep, is_cached))
                processes[-1].take(waiting.popleft())
            for each in processes:
                if waiting and not each.address and not each.is_used_up:
                    each.take(waiting.popleft())
            busy = {each.connection: each for each in processes if each.address}
            for connection in wait(list(busy), _PATIENCE_S):
                assert isinstance(connection, Connection)
                yield busy[connection].reply()
            for each in [each for each in processes if each.address]:
                if time.monotonic() - each.since_s > timeout_s:
                    yield SweepRow(model=each.address, error=f"took longer than {timeout_s:g} s")
                    each.stop()
                    processes.remove(each)
    finally:
        for each in processes:
            each.stop()


def _serve(connection: Connection, sweep: Sweep, is_cached: bool) -> None:
    """What a process does: an address in, a row out, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the command's to deal with
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # what models print and warn of is no part of a row
        os.dup2(nowhere, stream)
    cache = TraceCache() if is_cached else None
    while True:
        try:
            address = connection.recv()
        except EOFError:
            return
        try:
            row = sweep_row(address, sweep, cache)
        except Exception as error:  # a fault of ours costs this model's row, and says so
            row = SweepRow(model=address, error=f"{type(error).__name__}: {one_line(error)}")
        connection.send(row)
