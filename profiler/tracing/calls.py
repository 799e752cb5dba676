"""Module calls: ``Module.__call__`` is wrapped while a model is traced."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import torch

from profiler.tracing.dispatch import DispatchRecorder
from profiler.tracing.inputs import tensors_in
from profiler.tracing.leaves import LEAVES, Leaf
from profiler.tracing.recording import Recording

_Tensor = torch.Tensor


@contextlib.contextmanager
def recorded_calls(
    recording: Recording, known_layer: Callable[[Leaf, torch.nn.Module, torch.Tensor], Any]
) -> Iterator[None]:
    """Record every module call meanwhile; undone whatever happens.

    Args:
        recording: receives the calls.
        known_layer: records a layer that need not be run and gives its output; None for any other.
    """
    original = torch.nn.Module.__call__
    enter, leave, find = recording.enter, recording.leave, LEAVES.get
    thread = threading.get_ident()

    def call(module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() != thread:  # another thread's model is not ours to record
            return original(module, *args, **kwargs)
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
                # the TorchScript interpreter calls no public function: watch the dispatcher
                watch = DispatchRecorder(recording, "torch.jit.ScriptModule")
                with torch._C.DisableTorchFunction(), watch:
                    output = original(module, *args, **kwargs)
            else:
                output = original(module, *args, **kwargs)
        except BaseException as error:
            recording.abandon(error)
            raise
        leave((output,) if type(output) is _Tensor else tensors_in(output))
        return output

    torch.nn.Module.__call__ = call  # type: ignore[method-assign]
    try:
        yield
    finally:
        torch.nn.Module.__call__ = original  # type: ignore[method-assign]
