"""The rows of a sweep, counted in processes of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from profiler.fleet.pool import Failure, answers
from profiler.fleet.sweep import Sweep, SweepRow, sweep_row
from profiler.tracing.cache import TraceCache


def swept(
    addresses: Sequence[str], sweep: Sweep, *, jobs: int, timeout_s: float, is_cached: bool = True
) -> Iterator[SweepRow]:
    """A row for each address, as they are done; what goes wrong with a model is said in its row.

    Args:
        addresses: what ``trace_address`` takes.
        sweep: what they are counted with.
        jobs: how many processes count at once.
        timeout_s: how long a model may take.
        is_cached: whether traces are kept, and those that are kept used.
    """
    work = partial(sweep_row, sweep=sweep, cache=TraceCache() if is_cached else None)
    for place, answer in answers(addresses, work, jobs=jobs, timeout_s=timeout_s):
        if isinstance(answer, Failure):
            yield SweepRow(model=addresses[place], error=answer.reason)
        else:
            yield answer
