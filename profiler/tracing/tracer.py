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
from importlib import metadata
from typing import Any

import torch

from profiler.errors import TraceError, UsageError
from profiler.models.building import identity
from profiler.models.state import (
    ALONE,
    collector_paused,
    global_state_kept,
    move_to_meta,
    set_eval_mode,
    untouched,
    walk,
)
from profiler.records import Shape, Trace
from profiler.tracing.calls import recorded_calls
from profiler.tracing.failures import FailedOp, explanation
from profiler.tracing.function_mode import FunctionRecorder
from profiler.tracing.inputs import (
    Inputs,
    floating_dtype,
    meta_inputs,
    tensors_in,
)
from profiler.tracing.recording import Recording


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
        inputs: a shape, or a tuple or mapping of shapes or tensors (only their shapes and dtypes
            matter).
        arch: the name the trace goes by; the address it was built from, or its class, unless given.
        variant: which graph of the architecture this is; the one that was built unless given.
        shape_rules: take outputs of hot ops from ``shapes.py``; the trace is the same without.

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
    with (
        ALONE,
        collector_paused(),
        untouched(modules),
        global_state_kept(),
        contextlib.redirect_stdout(sys.stderr),
        torch.set_grad_enabled(gradients),
    ):
        dtype = floating_dtype(model)
        args, kwargs = meta_inputs(inputs, dtype)
        move_to_meta(modules, attributes_too=all_on_meta)
        set_eval_mode(model, modules)
        recording = Recording(walked)
        recording.add_inputs(tensors_in([args, kwargs]))
        placement = torch.device("meta") if all_on_meta else contextlib.nullcontext()
        mode = FunctionRecorder(recording, shape_rules)
        try:
            with placement, recorded_calls(recording, mode.layer), mode.entered():
                output = model(*args, **kwargs)
        except (KeyboardInterrupt, MemoryError):
            raise
        except BaseException as error:  # a model that calls sys.exit must not end us in silence
            failed = recording.failures.behind(error)
            recording.failures.forget()
            raise _FailedForwardError(failed, error) from error
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
        if (tensors := tensors_in(value))
    }
