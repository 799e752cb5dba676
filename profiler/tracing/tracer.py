"""One forward → a Trace, on the meta device wherever that does.

A function mode sees every public torch function. What the vocabulary knows becomes one op record;
below anything else the dispatcher is watched while it runs. ``Module``'s calls are wrapped
meanwhile, which gives each op its path.
"""

from __future__ import annotations

import contextlib
import functools
import platform
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from typing import Any, NamedTuple

import torch

from profiler.errors import InprofError, TraceError, UnknownNameError, UsageError
from profiler.models.building import identity
from profiler.models.state import (
    ALONE,
    collector_paused,
    compiled_as_eager,
    fast_paths_off,
    global_state_kept,
    set_eval_mode,
    stand_in,
    untouched,
    walk,
)
from profiler.records import Shape, Trace, Values, ValuesUsed
from profiler.tracing import own_rules
from profiler.tracing.autograd_functions import forwards_told
from profiler.tracing.control_flow import uncompiled
from profiler.tracing.devices import devices_heard
from profiler.tracing.failures import FailedOp, explanation
from profiler.tracing.function_mode import SCRIPTED, FunctionRecorder
from profiler.tracing.functions import class_function
from profiler.tracing.inputs import (
    Inputs,
    all_tensors_in,
    arguments,
    floating_dtype,
    map_tensors,
    tensors_in,
)
from profiler.tracing.leaves import LEAVES
from profiler.tracing.module_options import kept_weights
from profiler.tracing.recording import Recording
from profiler.tracing.threads import followed_threads
from profiler.tracing.values import (
    VALUES,
    StandIns,
    check_memory,
    fake_tensors,
    memory_bounded,
    real_values,
    shapes_alone,
)


def trace(
    model: torch.nn.Module,
    inputs: Inputs,
    *,
    arch: str = "",
    variant: str = "",
    values: Values | None = None,
    until: str = "",
    with_weights: Callable[[], torch.nn.Module] | None = None,
    shape_rules: bool = True,
) -> Trace:
    """Run ``model`` once in eval mode and record what it does, on shapes alone if that goes.

    A forward that looks at the values of a tensor is run on fake tensors, and if that does not do,
    with values on the CPU; ``Trace.values`` says which run it was.

    Args:
        model: any module on any device; it is left as it was, also after an exception.
        inputs: a shape, or a tuple or mapping of shapes, tensors (only their shapes and dtypes
            matter, unless values are looked at), containers and objects that hold tensors, and
            other values; left as they were.
        arch: the name the trace goes by; the address it was built from, or its class, unless given.
        variant: which graph of the architecture this is; the one that was built unless given.
        values: ``never`` for shapes alone, ``fake`` or ``real`` for such a run and no other.
        until: path of the module after whose first call the forward is stopped.
        with_weights: builds the model anew, with weights, for a run with values; the weights it
            has on the meta device are drawn from a fixed seed without.
        shape_rules: take outputs of hot ops from ``shape_rules``; the trace is the same without.

    Raises:
        UsageError: what is given is no module, or has none at ``until``.
        TraceError: the forward fails; names the op, the module and the line, and has what was
            recorded before.
    """
    if not isinstance(model, torch.nn.Module):
        raise UsageError(f"trace takes a torch.nn.Module, not {type(model).__name__}")
    if values is not None and values not in VALUES:
        raise UsageError(f"values={values!r}: choose from {', '.join(VALUES)}")
    built_as, built_variant = identity(model)
    run = _Run(inputs, arch or built_as, variant or built_variant, until, shape_rules)
    if until:
        _check_until(model, until)
    failures: list[_FailedForwardError] = []
    for attempt in _ATTEMPTS:
        if not attempt.is_wanted(values) or not attempt.may_help(failures, forced=bool(values)):
            continue
        tried = model
        if attempt.values == "real" and with_weights:
            try:
                tried = with_weights()
            except InprofError as unbuilt:
                why = failures[0].failed.text if failures else "--values real"
                raise TraceError(f"{run.arch}: {why}; with its weights: {unbuilt}") from unbuilt
        try:
            # until all that was recorded is gone again, which is most of what it would look at
            with collector_paused() if not attempt.values else contextlib.nullcontext():
                return run.attempt(tried, attempt, failures)
        except _FailedForwardError as failure:
            failures.append(failure)
    first = failures[0]
    said = explanation(first.failed, first.cause)
    if first.failed.needs_values:
        said += f"; {_ways_out(failures)}"
    prefix = "" if said.startswith(run.arch) else f"{run.arch}: "
    error = TraceError(prefix + said)
    error.before = first.before
    raise error from first.cause


def _ways_out(failures: Sequence[_FailedForwardError]) -> str:
    """What to do about a forward that needs values: what was tried, or what to try."""
    real = [failure for failure in failures if failure.attempt.values == "real"]
    part = "--until PATH counts up to a module"
    if real:
        return f"with values on the CPU: {explanation(real[0].failed, real[0].cause)}; {part}"
    return f"--values real runs it with values on the CPU, {part}"


def _check_until(model: torch.nn.Module, until: str) -> None:
    paths = [path for path, _ in walk(model) if path]
    if until not in paths:
        raise UnknownNameError("module", until, paths)


class _Attempt(NamedTuple):
    """One way to run a forward."""

    values: ValuesUsed = ""
    gradients: bool = False
    all_on_meta: bool = False

    def is_wanted(self, values: Values | None) -> bool:
        """Whether the caller lets it be tried."""
        return values is None or self.values == ("" if values == "never" else values)

    def may_help(self, failures: Sequence[_FailedForwardError], forced: bool) -> bool:
        """Whether it may go where the others did not."""
        if not failures:
            return not self.values or forced
        if self.values:
            return any(each.lost_values or each.failed.lacks_values for each in failures)
        if self.gradients and failures[0].failed.needs_values:
            return False  # autograd has no values either, and warns of being asked
        return failures[-1].failed.is_one_of_device

    def stand_ins(self) -> StandIns:
        """What it runs on."""
        kinds = {"": shapes_alone, "fake": fake_tensors, "real": real_values}
        return kinds[self.values]()


#: What to try in turn: a plain run, with autograd on, with every tensor on meta; and then those in
#: which values are known.
_ATTEMPTS = (
    _Attempt(),
    _Attempt(gradients=True),
    _Attempt(all_on_meta=True),
    _Attempt("fake"),
    _Attempt("real"),
)


class _FailedForwardError(Exception):
    """A forward that raised, or went on without what it asked for."""

    def __init__(
        self,
        attempt: _Attempt,
        failed: FailedOp,
        cause: BaseException | None,
        before: Trace | None,
        lost_values: bool = False,
    ) -> None:
        super().__init__(failed.text)
        self.attempt = attempt
        self.failed = failed
        self.cause = cause
        #: What was recorded before.
        self.before = before
        #: Whether it had asked for values, and gone on without.
        self.lost_values = lost_values


class _ReachedError(BaseException):
    """The module after which a forward is to stop has been called; no error, and none to catch."""


class _Run(NamedTuple):
    """A forward to run, however that goes."""

    inputs: Inputs
    arch: str
    variant: str
    until: str
    shape_rules: bool

    def attempt(
        self,
        model: torch.nn.Module,
        attempt: _Attempt,
        failures: Sequence[_FailedForwardError],
    ) -> Trace:
        """Run it in one way.

        Raises:
            _FailedForwardError: it fails, or goes on without what it asked for.
        """
        walked = walk(model)
        modules = [module for _, module in walked]
        model = modules[0]  # torch.compile may have made another of it
        on_shapes = not attempt.values
        gradients = attempt.gradients or (
            not on_shapes and any("grad" in each.failed.text for each in failures)
        )
        with (
            ALONE,
            untouched(modules) as held,
            global_state_kept(),
            contextlib.redirect_stdout(sys.stderr),
            torch.set_grad_enabled(gradients),
            fast_paths_off(),
            compiled_as_eager(),
            uncompiled(),
        ):
            stand_ins = attempt.stand_ins()
            dtype = floating_dtype(model)
            given = arguments(self.inputs, dtype)
            args, kwargs = map_tensors(
                (given.args, dict(given.kwargs)), stand_ins.of_input, modules
            )
            if not on_shapes:
                torch.manual_seed(0)
                check_memory(self.arch, modules)
            kept = kept_weights(modules)
            stand_in(
                modules,
                stand_ins.of_state,
                held,
                attributes_too=attempt.all_on_meta or not on_shapes,
                meta_too=not on_shapes,
            )
            set_eval_mode(model, modules)
            for module in modules:  # one that was compiled in place is called in another way
                if "_compiled_call_impl" in vars(module):
                    module._compiled_call_impl = None
            recording = Recording(walked, kept, keeps=on_shapes)
            recording.add_inputs(all_tensors_in([args, kwargs]))
            placement = torch.device("meta") if attempt.all_on_meta else contextlib.nullcontext()

            def recorded(outputs: list[torch.Tensor], until: str) -> Trace:
                return recording.finish(
                    arch=self.arch,
                    variant=self.variant,
                    input_shapes=_input_shapes(args, kwargs),
                    outputs=outputs,
                    dtype=str(dtype).removeprefix("torch."),
                    versions=versions(),
                    values=stand_ins.values,
                    until=until,
                )

            try:
                bounded = memory_bounded() if not on_shapes else contextlib.nullcontext()
                with bounded, placement, stand_ins.mode, devices_heard():
                    mode = FunctionRecorder(
                        recording, self.shape_rules and on_shapes, stand_ins.home
                    )
                    with (
                        forwards_told(recording.enter_function, recording.leave_function),
                        recorded_calls(recording, mode, self.until),
                        mode.entered(),
                    ):
                        output = model(*args, **kwargs)
                        if isinstance(output, Iterator):  # which has not run yet
                            output = list(output)
            except _ReachedError:
                return recorded([], self.until)
            except KeyboardInterrupt:
                raise
            except MemoryError as error:
                if on_shapes:
                    raise
                raise TraceError(
                    f"{self.arch}: with values the forward takes more memory than is free; "
                    "--until PATH counts up to a module"
                ) from error
            except BaseException as error:  # a model that calls sys.exit must not end us in silence
                failed = recording.failures.behind(error)
                in_thread = recording.failures.in_thread()
                if in_thread is not None and not failed.op:  # what the forward waits for in vain
                    failed, error = recording.failures.behind(in_thread), in_thread
                lost_values = recording.failures.swallowed() is not None
                recording.failures.forget()
                before = recorded([], f"{failed.path or 'the model itself'}, where it fails")
                raise _FailedForwardError(attempt, failed, error, before, lost_values) from error
            in_thread = recording.failures.in_thread()
            if in_thread is not None:
                failed = recording.failures.behind(in_thread)
                recording.failures.forget()
                raise _FailedForwardError(attempt, failed, in_thread, None) from in_thread
            unwatched = recording.failures.unwatched()
            if unwatched is not None:
                raise TraceError(
                    f"{self.arch}: module {unwatched!r} is called in a thread that the forward did "
                    "not start: what runs there can't be counted"
                )
            swallowed = recording.failures.swallowed()
            if swallowed is not None and attempt.values != "real":
                # what the model does instead is not what it does with values
                raise _FailedForwardError(attempt, swallowed, None, None)
            if self.until:
                raise TraceError(f"{self.arch}: the forward does not call {self.until!r}")
            return recorded(tensors_in(output), "")


@functools.cache
def versions() -> dict[str, str]:
    """Versions of what a count depends on."""
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "inprof": metadata.version("inprof"),
    }


def _input_shapes(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Shape]:
    named = {**{str(i): value for i, value in enumerate(args)}, **kwargs}
    return {
        name: tuple(tensors[0].shape)
        for name, value in named.items()
        if (tensors := all_tensors_in(value))
    }


_Tensor = torch.Tensor
_ScriptModule = torch.jit.ScriptModule
Call = Callable[..., Any]


@contextlib.contextmanager
def recorded_calls(recording: Recording, mode: FunctionRecorder, until: str = "") -> Iterator[None]:
    """Record every module call meanwhile; undone whatever happens.

    Args:
        recording: receives the calls.
        mode: records layers that need not be run, and names what runs unseen.
        until: path of the module after whose call _ReachedError is raised.
    """
    # not __call__ itself: to set that costs as much as many calls, class by class below Module
    original: Call = torch.nn.Module._call_impl
    of_threads: dict[int, Call] = {}

    def elsewhere(module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        record = of_threads.get(threading.get_ident())
        if record is not None:
            return record(module, *args, **kwargs)
        if recording.has(module):  # else another thread's model, which is not ours to record
            recording.failures.add_unwatched(recording.path_of(module))
        return original(module, *args, **kwargs)

    def watched() -> contextlib.AbstractContextManager[None]:
        beside, gradients = mode.beside(), torch.is_grad_enabled()

        @contextlib.contextmanager
        def entered() -> Iterator[None]:
            here = threading.get_ident()
            _beside.append((threading.current_thread(), beside))
            of_threads[here] = _recorder(beside.recording, beside, original, original)
            try:
                with beside.entered_by_thread(gradients):
                    yield
            finally:
                del of_threads[here]

        return entered()

    ours = _recorder(recording, mode, original, elsewhere)
    if until:
        ours = _stopping(ours, recording, until)
    torch.nn.Module._call_impl = ours  # type: ignore[method-assign]
    try:
        with followed_threads(watched, recording.failures.add_thread):
            yield
    finally:
        torch.nn.Module._call_impl = original  # type: ignore[method-assign]
        _beside[:] = [each for each in _beside if each[0].is_alive()]


#: What records threads, as long as these live: one that ends with the process must not be the last
#: to hold tensors, whose end in such a thread ends the process without its exit code.
_beside: list[tuple[threading.Thread, FunctionRecorder]] = []


def _stopping(record: Call, recording: Recording, until: str) -> Call:
    def call(module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        output = record(module, *args, **kwargs)
        if recording.path_of(module) == until:
            raise _ReachedError
        return output

    return call


def _recorder(
    recording: Recording, mode: FunctionRecorder, original: Call, elsewhere: Call
) -> Call:
    """``Module._call_impl`` that records calls of this thread; others are made ``elsewhere``."""
    enter, leave, find, known_layer = recording.enter, recording.leave, LEAVES.get, mode.layer
    thread, here = threading.get_ident(), threading.get_ident

    def call(module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        if here() != thread:
            return elsewhere(module, *args, **kwargs)
        if len(args) == 1 and not kwargs and type(args[0]) is _Tensor:
            leaf = find(type(module))
            if leaf is not None:
                output = known_layer(leaf, module, args[0])
                if output is not None:
                    return output
            enter(module, args)
        else:
            enter(module, tensors_in([args, kwargs]))
        try:
            if isinstance(module, _ScriptModule):
                # the TorchScript interpreter calls no public function
                with torch._C.DisableTorchFunction(), mode.below(SCRIPTED):
                    output = original(module, *args, **kwargs)
            else:
                output = original(module, *args, **kwargs)
        except BaseException as error:
            recording.abandon(error)
            raise
        leave((output,) if type(output) is _Tensor else tensors_in(output))
        return output

    return _by_own_rules(recording, call) if own_rules.any_registered() else call


def _by_own_rules(recording: Recording, call: Call) -> Call:
    """``call``, and what rules of the user's own say of the module."""

    def ruled(module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        rule = own_rules.rule_for_class(type(module))
        if rule is None:
            return call(module, *args, **kwargs)
        first, tensors = recording.op_count, tensors_in([args, kwargs])
        seen = own_rules.module_call(rule, module, tensors, recording.path_of(module))
        if rule.output is None:
            output = call(module, *args, **kwargs)
            cost = own_rules.cost_of(rule, seen, tensors_in(output))
            if recording.set_cost(first, seen.path, cost):
                return output
            recording.enter(module, tensors)
        else:
            recording.enter(module, tensors)
            output = own_rules.made(rule, seen, tensors)
            cost = own_rules.cost_of(rule, seen, tensors_in(output))
        state = [*module.parameters(), *module.buffers()]
        outputs = tensors_in(output)
        recording.add_op(
            class_function(type(module)), None, None, {}, [*tensors, *state], outputs, cost=cost
        )
        recording.leave(outputs)
        return output

    return ruled
