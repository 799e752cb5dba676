"""One forward on the meta device → a Trace.

A function mode sees every public torch function. What the vocabulary knows becomes one op record;
below anything else the dispatcher is watched while it runs. ``Module.__call__`` is wrapped
meanwhile, which gives each op its path.
"""

from __future__ import annotations

import contextlib
import functools
import platform
import sys
import threading
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any

import torch

from profiler.errors import TraceError, UsageError
from profiler.models.building import identity
from profiler.models.state import (
    ALONE,
    collector_paused,
    compiled_as_eager,
    global_state_kept,
    move_to_meta,
    set_eval_mode,
    untouched,
    walk,
)
from profiler.records import Shape, Trace
from profiler.tracing.devices import autocast_heard
from profiler.tracing.failures import FailedOp, explanation
from profiler.tracing.function_mode import FunctionRecorder
from profiler.tracing.inputs import (
    Inputs,
    all_tensors_in,
    floating_dtype,
    meta_inputs,
    tensors_in,
)
from profiler.tracing.leaves import LEAVES
from profiler.tracing.recording import Recording
from profiler.tracing.threads import followed_threads


def trace(
    model: torch.nn.Module,
    inputs: Inputs,
    *,
    arch: str = "",
    variant: str = "",
    shape_rules: bool = True,
) -> Trace:
    """Run ``model`` once in eval mode on shapes alone and record what it does.

    Args:
        model: any module on any device; it is left as it was, also after an exception.
        inputs: a shape, or a tuple or mapping of shapes, tensors (only their shapes and dtypes
            matter), containers and objects that hold tensors, and other values; left as they were.
        arch: the name the trace goes by; the address it was built from, or its class, unless given.
        variant: which graph of the architecture this is; the one that was built unless given.
        shape_rules: take outputs of hot ops from ``shape_rules``; the trace is the same without.

    Raises:
        TraceError: the forward fails on shapes alone; names the op and the module.
    """
    if not isinstance(model, torch.nn.Module):
        raise UsageError(f"trace takes a torch.nn.Module, not {type(model).__name__}")
    built_as, built_variant = identity(model)
    arch, variant = arch or built_as, variant or built_variant
    first: _FailedForwardError | None = None
    for attempt in _ATTEMPTS:
        if attempt.get("gradients") and first is not None and first.failed.needs_values:
            continue  # autograd has no values either, and warns of being asked
        try:
            return _run(model, inputs, arch, variant, shape_rules, **attempt)
        except _FailedForwardError as failure:
            first = first or failure
            text = failure.failed.text.lower()
            if not ("meta" in text or "device" in text or "grad" in text):
                break
    assert first is not None
    said = explanation(first.failed, first.cause)
    prefix = "" if said.startswith(arch) else f"{arch}: "
    raise TraceError(prefix + said) from first.cause


#: What to try in turn: a plain run, one with autograd on, one in which every tensor is on meta.
_ATTEMPTS: tuple[dict[str, bool], ...] = (
    {},
    {"gradients": True},
    {"all_on_meta": True},
)


class _FailedForwardError(Exception):
    """A forward that raised, or went on without what it asked for."""

    def __init__(self, failed: FailedOp, cause: BaseException | None) -> None:
        super().__init__(failed.text)
        self.failed = failed
        self.cause = cause


def _run(
    model: torch.nn.Module,
    inputs: Inputs,
    arch: str,
    variant: str,
    shape_rules: bool,
    gradients: bool = False,
    all_on_meta: bool = False,
) -> Trace:
    walked = walk(model)
    modules = [module for _, module in walked]
    model = modules[0]  # torch.compile may have made another of it
    with (
        ALONE,
        collector_paused(),
        untouched(modules),
        global_state_kept(),
        contextlib.redirect_stdout(sys.stderr),
        torch.set_grad_enabled(gradients),
        compiled_as_eager(),
    ):
        dtype = floating_dtype(model)
        args, kwargs = meta_inputs(inputs, dtype, modules)
        move_to_meta(modules, attributes_too=all_on_meta)
        set_eval_mode(model, modules)
        recording = Recording(walked)
        recording.add_inputs(all_tensors_in([args, kwargs]))
        placement = torch.device("meta") if all_on_meta else contextlib.nullcontext()
        mode = FunctionRecorder(recording, shape_rules)
        try:
            with placement, autocast_heard(), recorded_calls(recording, mode), mode.entered():
                output = model(*args, **kwargs)
        except (KeyboardInterrupt, MemoryError):
            raise
        except BaseException as error:  # a model that calls sys.exit must not end us in silence
            failed = recording.failures.behind(error)
            recording.failures.forget()
            raise _FailedForwardError(failed, error) from error
        unwatched = recording.failures.unwatched()
        if unwatched is not None:
            raise TraceError(
                f"{arch}: module {unwatched!r} is called in a thread that the forward did not "
                "start: what runs there can't be counted"
            )
        swallowed = recording.failures.swallowed()
        if swallowed is not None:
            # what the model does instead is not what it does with values
            raise _FailedForwardError(swallowed, None)
        return recording.finish(
            arch=arch,
            variant=variant,
            input_shapes=_input_shapes(args, kwargs),
            outputs=tensors_in(output),
            dtype=str(dtype).removeprefix("torch."),
            versions=versions(),
        )


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
Call = Callable[..., Any]


@contextlib.contextmanager
def recorded_calls(recording: Recording, mode: FunctionRecorder) -> Iterator[None]:
    """Record every module call meanwhile; undone whatever happens.

    Args:
        recording: receives the calls.
        mode: records layers that need not be run, and names what runs unseen.
    """
    original = torch.nn.Module.__call__
    thread = threading.get_ident()
    ours = _recorder(recording, mode, original)
    of_threads: dict[int, Call] = {}

    def call(module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        if (here := threading.get_ident()) == thread:
            return ours(module, *args, **kwargs)
        if here in of_threads:
            return of_threads[here](module, *args, **kwargs)
        if recording.has(module):  # else another thread's model, which is not ours to record
            recording.failures.add_unwatched(recording.path_of(module))
        return original(module, *args, **kwargs)

    def watched() -> contextlib.AbstractContextManager[None]:
        beside, gradients = mode.beside(), torch.is_grad_enabled()
        record = _recorder(beside.recording, beside, original)

        @contextlib.contextmanager
        def entered() -> Iterator[None]:
            of_threads[threading.get_ident()] = record
            try:
                with beside.entered_by_thread(gradients):
                    yield
            finally:
                del of_threads[threading.get_ident()]

        return entered()

    torch.nn.Module.__call__ = call  # type: ignore[method-assign]
    try:
        with followed_threads(watched):
            yield
    finally:
        torch.nn.Module.__call__ = original  # type: ignore[method-assign]


def _recorder(recording: Recording, mode: FunctionRecorder, original: Call) -> Call:
    """``Module.__call__`` that records each call."""
    enter, leave, find, known_layer = recording.enter, recording.leave, LEAVES.get, mode.layer

    def call(module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
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
            if isinstance(module, torch.jit.ScriptModule):
                # the TorchScript interpreter calls no public function
                with torch._C.DisableTorchFunction(), mode.below("torch.jit.ScriptModule"):
                    output = original(module, *args, **kwargs)
            else:
                output = original(module, *args, **kwargs)
        except BaseException as error:
            recording.abandon(error)
            raise
        leave((output,) if type(output) is _Tensor else tensors_in(output))
        return output

    return call
