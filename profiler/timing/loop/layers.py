"""One call's time by layer: boundaries that neighbours share, so that the parts are the whole.

A dry run sees in which order modules are entered and left, and between which of these crossings
any op runs. Only there a boundary is needed: from one to the next all work belongs to one module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from profiler.errors import MeasurementError
from profiler.models.state import walk
from profiler.records import LayerSpan, LayerTimes, TimingSettings
from profiler.timing.devices.backend import Backend, Call
from profiler.timing.loop import statistics

#: Calls to take where the budget allows, and the fewest that say anything.
_MOST_CALLS, _FEWEST_CALLS = 200, 6
#: Calls after which it is seen whether the instruments slow it too much.
_TRIAL_CALLS = 20

Owner = tuple[str, int, str]


class _Crossing(NamedTuple):
    """A module entered or left; ``owner`` is the call that was running until then."""

    path: str
    entered: bool
    owner: Owner | None
    ops_before: int


class _OpCounter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the ops that reach a device."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.ops = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # otherwise the first op under a dispatch mode imports torch._dynamo and sympy (seconds)
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.ops += not getattr(func, "is_view", False)  # a view leaves the device nothing to do
        return func(*args, **(kwargs or {}))


class Boundaries:
    """Where one forward passes from one layer to the next, and hooks that mark these places.

    Args:
        model: the module whose layers are told apart.
        call: runs its forward once.
        depth: modules below this depth count towards their parents; None for all.
    """

    def __init__(self, model: torch.nn.Module, call: Call, depth: int | None = None) -> None:
        self._modules = {
            path: module
            for path, module in walk(model)
            if depth is None or not path or path.count(".") < depth
        }
        crossings = self._dry_run(call)
        marked = self._needed(crossings)
        self._hooked = {(crossings[at].path, crossings[at].entered) for at in marked}
        fired = [at for at, it in enumerate(crossings) if (it.path, it.entered) in self._hooked]
        #: Of the hooks that fire, in order: whether this is a boundary.
        self._plan = [at in marked for at in fired]
        self.owners = [crossings[at].owner for at in sorted(marked)][1:]
        self.count = len(marked)
        self.depth = depth

    @contextmanager
    def marked(self, call: Call, mark: Callable[[int], None]) -> Iterator[Call]:
        """Put the hooks on, and yield the call with ``mark(0)``, ``mark(1)`` … at its boundaries.

        Putting them on takes longer than many a layer, so it stays outside what is timed.
        """
        fired = passed = 0

        def cross(*_: Any) -> None:
            nonlocal fired, passed
            if fired < len(self._plan) and self._plan[fired]:
                mark(passed)
                passed += 1
            fired += 1

        def instrumented() -> None:
            nonlocal fired, passed
            fired = passed = 0
            call()
            if fired != len(self._plan):
                raise MeasurementError("its layers run differently from call to call")

        handles = [
            self._modules[path].register_forward_pre_hook(cross)
            if entered
            else self._modules[path].register_forward_hook(cross)
            for path, entered in self._hooked
        ]
        try:
            yield instrumented
        finally:
            for handle in handles:
                handle.remove()

    def _dry_run(self, call: Call) -> list[_Crossing]:
        crossings: list[_Crossing] = []
        stack: list[Owner] = []
        calls: dict[str, int] = {}
        counter = _OpCounter()

        def crossing(path: str, entered: bool) -> None:
            owner = stack[-1] if stack else None
            crossings.append(_Crossing(path, entered, owner, counter.ops))

        def enter(path: str) -> Callable[..., None]:
            def hook(module: torch.nn.Module, *_: Any) -> None:
                crossing(path, True)
                stack.append((path, calls.get(path, 0), type(module).__name__))
                calls[path] = calls.get(path, 0) + 1

            return hook

        def leave(path: str) -> Callable[..., None]:
            def hook(*_: Any) -> None:
                crossing(path, False)
                stack.pop()

            return hook

        handles = []
        for path, module in self._modules.items():
            handles.append(module.register_forward_pre_hook(enter(path)))
            handles.append(module.register_forward_hook(leave(path)))
        try:
            with counter:
                call()
        finally:
            for handle in handles:
                handle.remove()
        if not crossings:
            raise MeasurementError("its forward was not called, so there are no layers to time")
        return crossings

    @staticmethod
    def _needed(crossings: Sequence[_Crossing]) -> set[int]:
        """The first crossing, and every one that ops of the call before it precede."""
        ops = [it.ops_before for it in crossings]
        return {0} | {at for at in range(1, len(crossings)) if ops[at] > ops[at - 1]}


def layer_times(
    backend: Backend[Any],
    boundaries: Boundaries,
    call: Call,
    settings: TimingSettings,
    *,
    captured: bool,
    budget_s: float,
) -> LayerTimes:
    """Time the layers of a call, in turn with calls that carry no instruments.

    Args:
        backend: the device.
        boundaries: where the layers of the call meet.
        call: runs one forward.
        settings: the limits past which the times are refused.
        captured: whether both calls are replays of a captured graph.
        budget_s: when to stop taking more calls.

    Raises:
        CaptureError: it can't be captured.
        MeasurementError: the layers run in another order than before.
    """
    begin, end = backend.events(2)
    marks = backend.events(boundaries.count, inside_graph=captured)

    def mark(index: int) -> None:
        backend.record(marks[index])

    plain = backend.capture(call) if captured else call

    def span(launch: Call) -> float:
        for _ in range(settings.pre_roll_calls if backend.queued else 0):
            plain()  # so that the queue is not empty when the timed call is launched
        backend.record(begin)
        launch()
        backend.record(end)
        backend.synchronize()
        return backend.elapsed_ms(begin, end)

    def hooked() -> AbstractContextManager[Call]:
        return boundaries.marked(call, mark)

    if captured:
        with hooked() as marked:
            replay = backend.capture(marked)
    else:
        replay = None
    until_ns = backend.now_ns() + int(budget_s * 1e9)
    plain_ms: list[float] = []
    totals: list[float] = []
    parts: list[list[float]] = []
    while len(totals) < _MOST_CALLS and (
        len(totals) < _FEWEST_CALLS or backend.now_ns() < until_ns
    ):
        plain_ms.append(span(plain))
        # what was captured with the hooks needs them no more
        with nullcontext(replay) if replay else hooked() as marked:
            totals.append(span(marked))
        at = [backend.elapsed_ms(begin, mark) for mark in marks]
        inner = [after - before for before, after in pairwise(at)]
        parts.append([*inner, totals[-1] - sum(inner)])
        if len(totals) == _TRIAL_CALLS and _inflation(totals, plain_ms) > settings.max_inflation:
            break  # more calls would not change that
    return _summed(backend, boundaries, settings, plain_ms, totals, parts)


def _summed(
    backend: Backend[Any],
    boundaries: Boundaries,
    settings: TimingSettings,
    plain_ms: Sequence[float],
    totals: Sequence[float],
    parts: Sequence[Sequence[float]],
) -> LayerTimes:
    total = statistics.median(totals)
    plain = statistics.median(plain_ms)
    medians = [statistics.median(column) for column in zip(*parts, strict=True)]
    rescaled = total / sum(medians)
    *spans, unattributed = [median * rescaled for median in medians]
    inflation = _inflation(totals, plain_ms)
    refused = ""
    if inflation > settings.max_inflation:
        refused = f"the instruments slow it by {inflation:.0%}, over {settings.max_inflation:.0%}"
    elif unattributed > settings.max_unattributed * total:
        share = unattributed / total
        refused = (
            f"{share:.0%} of the time is outside any layer, over {settings.max_unattributed:.0%}"
        )
    return LayerTimes(
        method=backend.layer_method,
        calls=len(totals),
        total_ms=total,
        plain_ms=plain,
        unattributed_ms=unattributed,
        inflation=inflation,
        rescaled=rescaled,
        resolution_ms=backend.resolution_ms,
        depth=boundaries.depth,
        spans=()
        if refused
        else tuple(
            LayerSpan(*owner, span_ms=ms)
            for owner, ms in zip(boundaries.owners, spans, strict=True)
            if owner is not None
        ),
        refused=refused,
    )


def _inflation(totals: Sequence[float], plain_ms: Sequence[float]) -> float:
    return statistics.median(totals) / statistics.median(plain_ms) - 1
