"""Several addresses → their traces, in this process or in several at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any

from profiler.errors import InprofError
from profiler.records import Record, Trace
from profiler.tracing.addressed import cached_trace, trace_address
from profiler.tracing.cache import TraceCache

if TYPE_CHECKING:
    from profiler.fleet.pool import Failure


class Target(Record, frozen=True):
    """A model to trace: its address, and the side of its images in pixels, None for its own."""

    address: str
    crop_size: int | None = None


def traced(
    targets: Sequence[Target],
    *,
    jobs: int = 1,
    cache: TraceCache | None = None,
    progress: Callable[[str], None] = lambda address: None,
    **how: Any,
) -> Iterator[Trace]:
    """The trace of each target, in their order, whatever the number of processes.

    Traces that are kept are taken from the cache here; only the others need a process.

    Args:
        targets: the models.
        jobs: how many processes trace at once; with 1 it is this one.
        cache: where traces are kept.
        progress: called with each address as its turn comes.
        how: what else ``trace_address`` takes, the same for all.

    Raises:
        InprofError: a target can't be traced, the first in order; the message names it where there
            are several.
    """
    if len(targets) == 1:  # which model it is needs no word
        (target,) = targets
        progress(target.address)
        yield trace_address(target.address, crop_size=target.crop_size, cache=cache, **how)
        return
    if jobs == 1:
        for target in targets:
            progress(target.address)
            yield _traced(target, cache=cache, how=how)
        return
    from profiler.fleet.pool import Failure, map_models  # which take a while to import

    done: dict[int, Trace | Failure] = {}
    for place, target in enumerate(targets):
        kept = cache and cached_trace(
            target.address, crop_size=target.crop_size, cache=cache, **how
        )
        if kept:
            done[place] = kept
    places = [place for place in range(len(targets)) if place not in done]
    work = partial(_traced, cache=cache, how=how)
    left = [targets[place] for place in places]
    with closing(map_models(left, work, jobs=jobs, is_heard=True)) as told:
        for place, target in enumerate(targets):
            progress(target.address)
            while place not in done:
                at, answer = next(told)
                done[places[at]] = answer
            found = done.pop(place)
            if isinstance(found, Failure):
                raise _error(found, target)
            yield found


def _traced(target: Target, *, cache: TraceCache | None, how: dict[str, Any]) -> Trace:
    """One trace; an error that does not say which model it is about is made to."""
    try:
        return trace_address(target.address, crop_size=target.crop_size, cache=cache, **how)
    except InprofError as error:
        error.args = (_named(str(error), target),)
        raise


def _error(failure: Failure, target: Target) -> InprofError:
    error = InprofError(_named(failure.reason, target))
    error.exit_code = failure.exit_code
    return error


def _named(reason: str, target: Target) -> str:
    return reason if target.address in reason else f"{target.address}: {reason}"
