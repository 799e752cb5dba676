"""One forward on the meta device → a Trace.

A function mode sees every public torch function. What the vocabulary knows becomes one op record;
below anything else the dispatcher is watched while it runs. ``Module.__call__`` is wrapped
meanwhile, which gives each op its path.
"""

from __future__ import annotations

import contextlib
import platform
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from profiler.errors import InprofError, TraceError, one_line
from profiler.records import Shape, Trace
from profiler.tracing.attributes import attributes, bind, weight_and_bias
from profiler.tracing.dispatch import DispatchRecorder
from profiler.tracing.inputs import Inputs, floating_dtype, meta_inputs, tensors_in
from profiler.tracing.model import identity
from profiler.tracing.names import base_name, public_name, writes_in_place
from profiler.tracing.ops import DATA_DEPENDENT, QUERIES, kind_of
from profiler.tracing.recording import Recording
from profiler.tracing.state import global_state_kept, move_to_meta, untouched


def trace(model: torch.nn.Module, inputs: Inputs, *, arch: str = "", variant: str = "") -> Trace:
    """Run ``model`` once in eval mode on shapes alone and record what it does.

    Args:
        model: any module on any device; it is left as it was, also after an exception.
        inputs: a shape, or a tuple or mapping of shapes or tensors (only their shapes and dtypes
            matter).
        arch: the name the trace goes by; the address it was built from, or its class, unless given.
        variant: which graph of the architecture this is; the one that was built unless given.

    Raises:
        TraceError: the forward fails on shapes alone; names the op and the module.
    """
    built_as, built_variant = identity(model)
    arch, variant = arch or built_as, variant or built_variant
    first: _FailedForwardError | None = None
    for attempt in _ATTEMPTS:
        try:
            return _run(model, inputs, arch, variant, **attempt)
        except _FailedForwardError as failure:
            first = first or failure
            text = str(failure.cause).lower()
            if not ("meta" in text or "device" in text or "grad" in text):
                break
    assert first is not None
    explanation = first.explanation()
    prefix = "" if explanation.startswith(arch) else f"{arch}: "
    raise TraceError(prefix + explanation) from first.cause


#: What to try in turn: a plain run, one with autograd on, one in which every tensor is on meta.
_ATTEMPTS: tuple[dict[str, bool], ...] = (
    {},
    {"gradients": True},
    {"all_on_meta": True},
)


class _FailedForwardError(Exception):
    """A forward that raised: the cause, and the op and module it was in."""

    def __init__(self, cause: Exception, op: str, path: str) -> None:
        super().__init__(str(cause))
        self.cause = cause
        self.op = op
        self.path = path

    def explanation(self) -> str:
        where = f"module {self.path!r}" if self.path else "the model's own forward"
        if isinstance(self.cause, InprofError) or not self.op:
            # raised by the model's own Python, which knows best what is wrong
            return one_line(self.cause) + (f" (in {where})" if self.path else "")
        base = base_name(self.op)
        if base in DATA_DEPENDENT or "meta tensor" in str(self.cause).lower():
            return (
                f"{self.op} in {where} needs the values of a tensor, which a run on shapes alone "
                "does not have; take the data-dependent part out of the forward to count it"
            )
        return f"{self.op} in {where} failed: {one_line(self.cause)}"


def _run(
    model: torch.nn.Module,
    inputs: Inputs,
    arch: str,
    variant: str,
    gradients: bool = False,
    all_on_meta: bool = False,
) -> Trace:
    with (
        untouched(model),
        global_state_kept(),
        contextlib.redirect_stdout(sys.stderr),
        torch.set_grad_enabled(gradients),
    ):
        dtype = floating_dtype(model)
        args, kwargs = meta_inputs(inputs, dtype)
        move_to_meta(model, attributes_too=all_on_meta)
        model.eval()
        recording = Recording(model)
        recording.add_inputs(tensors_in([args, kwargs]))
        placement = torch.device("meta") if all_on_meta else contextlib.nullcontext()
        mode = FunctionRecorder(recording)
        try:
            with placement, recorded_calls(recording, mode), mode:
                output = model(*args, **kwargs)
        except (KeyboardInterrupt, MemoryError):
            raise
        except Exception as error:
            raise _FailedForwardError(error, mode.failed_op, recording.failed_path) from error
        return recording.finish(
            arch=arch,
            variant=variant,
            input_shapes=_input_shapes(model, args, kwargs),
            outputs=tensors_in(output),
            dtype=str(dtype).removeprefix("torch."),
            versions=versions(),
        )


class FunctionRecorder(TorchFunctionMode):
    """Makes op records of public torch functions."""

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        self.recording = recording
        self.failed_op = ""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        name = public_name(func)
        base = base_name(name)
        if base in QUERIES or (base == "get" and "__get__" in name):
            return self._query(func, name, args, kwargs)
        kind = kind_of(base)
        try:
            if kind == "other":
                with DispatchRecorder(self.recording, name):
                    return func(*args, **kwargs)
            output = func(*args, **kwargs)
        except Exception:
            self.failed_op = self.failed_op or name
            raise
        self._record(name, base, kind, args, kwargs, output)
        return output

    def _query(self, func: Callable[..., Any], name: str, args: Any, kwargs: Any) -> Any:
        output = func(*args, **kwargs)
        if name in {"Tensor.T.__get__", "Tensor.mT.__get__", "Tensor.H.__get__"}:
            self._record(name, "transpose", "view", args, kwargs, output)
        return output

    def _record(self, name: str, base: str, kind: str, args: Any, kwargs: Any, output: Any) -> None:
        bound = bind(base, args, kwargs)
        weight, bias = weight_and_bias(kind, base, bound)
        in_place = writes_in_place(name) or bool(kwargs.get("inplace"))
        outputs = tensors_in(output)
        reads = tensors_in([args, kwargs])
        if not outputs:
            if not in_place:
                return
            outputs = reads[:1]  # __setitem__ returns nothing: what it wrote is its first argument
        self.recording.add_op(
            function=name,
            kind=kind,
            aten=base,
            reads=reads,
            outputs=outputs,
            weight_shape=weight,
            bias_shape=bias,
            attributes=attributes(kind, base, bound),
            in_place=in_place or _writes_its_input(kind, bound, reads, outputs),
        )


def _writes_its_input(kind: str, bound: Any, reads: list[Any], outputs: list[Any]) -> bool:
    """Whether an activation given ``inplace=True`` positionally handed its input back."""
    return kind == "activation" and any(output is read for output in outputs for read in reads[:1])


@contextlib.contextmanager
def recorded_calls(recording: Recording, mode: FunctionRecorder) -> Iterator[None]:
    """Wrap ``Module.__call__`` so that every module call is recorded; undone whatever happens."""
    original = torch.nn.Module.__call__

    def call(module: torch.nn.Module, *args: Any, **kwargs: Any) -> Any:
        with torch._C.DisableTorchFunction():
            recording.enter(module, tensors_in([args, kwargs]))
        try:
            if isinstance(module, torch.jit.ScriptModule):
                # the TorchScript interpreter calls no public function: watch the dispatcher
                watch = DispatchRecorder(recording, "torch.jit.ScriptModule")
                with torch._C.DisableTorchFunction(), watch:
                    output = original(module, *args, **kwargs)
            else:
                output = original(module, *args, **kwargs)
        except BaseException:
            recording.abandon()
            raise
        with torch._C.DisableTorchFunction():
            recording.leave(tensors_in(output))
        return output

    torch.nn.Module.__call__ = call  # type: ignore[method-assign]
    try:
        yield
    finally:
        torch.nn.Module.__call__ = original  # type: ignore[method-assign]


def versions() -> dict[str, str]:
    """Versions of what a count depends on."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "inprof": metadata.version("inprof"),
    }


def _input_shapes(
    model: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Shape]:
    named = {**{str(i): value for i, value in enumerate(args)}, **kwargs}
    return {
        name: tuple(tensors[0].shape)
        for name, value in named.items()
        if (tensors := tensors_in(value))
    }
