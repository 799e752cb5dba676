"""An address → its Trace: from the cache where it is kept, else built and traced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import archs
from profiler.errors import InprofError, TraceError, UsageError
from profiler.files import file_hash
from profiler.models.address import check_model_file, is_built_in, is_model_file, is_onnx
from profiler.models.arguments import input_text
from profiler.records import DEPLOY, OWN_SIZE, USUAL_IMAGE, Input, Shape, Trace, Values
from profiler.tracing.cache import CacheKey, TraceCache, cache_key
from profiler.tracing.own_rules import any_registered, rules_file, scope

if TYPE_CHECKING:
    from torch.nn import Module

    from profiler.models.dependencies import Sources


class _Asked(NamedTuple):
    """All that decides a trace; ``inputs`` are worked out as far as that goes without the model."""

    address: str
    variant: str
    options: Mapping[str, object]
    inputs: tuple[Input, ...]
    inputs_from: str
    batch_size: int
    crop_size: int | None
    values: Values | None
    until: str

    @property
    def key(self) -> CacheKey:
        """The key a trace is kept under; an ONNX graph works out its own inputs from the sizes."""
        options, variant = self.options, self.variant
        if is_onnx(self.address):
            options = {"batch_size": self.batch_size, "crop_size": self.crop_size}
            variant = DEPLOY
        return cache_key(
            self.address,
            variant,
            options,
            self.inputs,
            self.inputs_from,
            self.values or "",
            self.until,
        )


def trace_address(
    address: str,
    *,
    variant: str = DEPLOY,
    crop_size: int | None = None,
    batch_size: int = 1,
    options: Mapping[str, object] | None = None,
    inputs: Sequence[Input] = (),
    inputs_from: str = "",
    values: Values | None = None,
    until: str = "",
    cache: TraceCache | None = None,
) -> Trace:
    """Build the model at ``address`` and trace it, on a batch of square images unless told.

    Args:
        address: what ``build`` takes.
        variant: the graph to build.
        crop_size: input side in pixels; the model's own unless given.
        batch_size: images in the batch.
        options: keyword arguments for the builder.
        inputs: what the forward is given instead of images; these have a batch of their own.
            A file of a model is traced on what it states where nothing else is given.
        inputs_from: the address of a function, ``file.py:function``, that returns what the forward
            is given instead: a tensor, a tuple of arguments, or a mapping of keywords.
        values: which runs are tried, as ``trace`` has it.
        until: path of the module after whose first call the forward is stopped.
        cache: where traces are kept; without one the model is traced anew. Neither torch nor the
            model's own code is imported for a trace that is there.
    """
    asked = _asked(
        address,
        variant=variant,
        crop_size=crop_size,
        batch_size=batch_size,
        options=options,
        inputs=inputs,
        inputs_from=inputs_from,
        values=values,
        until=until,
    )
    if is_model_file(address):
        check_model_file(address, variant, asked.options)
    if any_registered():  # a key can't say what was registered in this process
        cache = None
    found = cache.load(asked.key) if cache else None
    if found is not None:
        return found
    if is_onnx(address):
        trace = _trace_onnx(asked)
        if cache:
            path = Path(address).resolve()
            cache.save(asked.key, trace, {str(path): file_hash(path)}, ["onnx"])
        return trace
    if cache is None:
        return _trace(asked)[0]
    from profiler.models.dependencies import file_reads

    # what a builder reads beside the modules it imports can't be watched; ours read nothing else
    is_plain = is_built_in(address) and not inputs_from and rules_file() is None
    with nullcontext() if is_plain else file_reads() as reads:
        trace, behind = _trace(asked)
    files = {name: known for each in behind for name, known in each.files.items()}
    if all(each.complete for each in behind) and set(reads or ()) <= files.keys():
        packages = {name for each in behind for name in each.distributions}
        cache.save(asked.key, trace, files, packages)
    return trace


def cached_trace(address: str, *, cache: TraceCache, **how: Any) -> Trace | None:
    """The trace that is kept of an address; None where ``trace_address`` would have to trace.

    Args:
        address: what ``build`` takes.
        cache: where traces are kept.
        how: what else ``trace_address`` takes.
    """
    asked = _asked(address, **how)
    return None if any_registered() else cache.load(asked.key)


def _asked(
    address: str,
    *,
    variant: str = DEPLOY,
    crop_size: int | None = None,
    batch_size: int = 1,
    options: Mapping[str, object] | None = None,
    inputs: Sequence[Input] = (),
    inputs_from: str = "",
    values: Values | None = None,
    until: str = "",
) -> _Asked:
    """The request, with an image where no inputs are given, unless a file states them."""
    if inputs_from and is_onnx(address):
        raise UsageError(f"{address} is a graph, which takes whole tensors: --input states them")
    if is_onnx(address) and (until or values in ("fake", "real")):
        option = "--until" if until else "--values"
        raise UsageError(f"{address} is a graph, which is read and not run: leave out {option}")
    _check_rules(address)
    if any("\ud800" <= character <= "\udfff" for character in address):
        raise UsageError(f"{address!r} is no text: a model goes by a name or an address")
    stated = is_model_file(address) and batch_size == 1 and crop_size is None
    if not (inputs or inputs_from or stated or is_onnx(address)):
        inputs = (_image(address, batch_size, crop_size),)
    return _Asked(
        address,
        variant,
        options or {},
        tuple(inputs),
        inputs_from,
        batch_size,
        crop_size,
        values,
        until,
    )


def _check_rules(address: str) -> None:
    """UsageError for a file of rules that is not there, or beside a graph: they are not of it."""
    path = rules_file()
    if path is None:
        return
    if not path.is_file():
        raise UsageError(f"--rules {path}: there is no such file")
    if is_onnx(address):
        raise UsageError(
            f"{address} is a graph: --rules are of ops of torch and of classes of modules"
        )


def _trace_onnx(asked: _Asked) -> Trace:
    from profiler.tracing.onnx_graph import trace_onnx

    return trace_onnx(
        asked.address,
        inputs=asked.inputs,
        batch_size=asked.batch_size,
        crop_size=asked.crop_size,
    )


def input_shape(
    address: str,
    batch_size: int = 1,
    crop_size: int | None = None,
    cache: TraceCache | None = None,
    options: Mapping[str, object] | None = None,
) -> Shape:
    """The shape a model is traced on: its own crop unless another is given.

    One that is not built in has to be built to be asked, and is traced at once. A model that fails
    at that goes by the usual image; what is wrong with it will be said by whoever runs it.
    """
    shape = _image(address, batch_size, crop_size).shape
    if OWN_SIZE not in shape:
        return shape
    try:
        trace = trace_address(
            address, crop_size=crop_size, batch_size=batch_size, options=options, cache=cache
        )
    except InprofError:
        return usual_input_shape(batch_size, crop_size)
    return next(iter(trace.input_shapes.values()))


def usual_input_shape(batch_size: int = 1, crop_size: int | None = None) -> Shape:
    """The shape for a model that nobody asked what it takes."""
    channels, height, width = USUAL_IMAGE
    return (batch_size, channels, crop_size or height, crop_size or width)


def _image(address: str, batch_size: int, crop_size: int | None) -> Input:
    """A batch of images; its sizes are left to the model where only the model can say them."""
    own = (OWN_SIZE,) * 3
    if is_built_in(address) and address.lower() in archs.list_models():
        own = archs.default_input_shape(address)[1:]
    channels, height, width = own
    return Input(shape=(batch_size, channels, crop_size or height, crop_size or width))


def _trace(asked: _Asked) -> tuple[Trace, tuple[Sources, ...]]:
    """The trace, and what the model, its inputs and the rules were made from."""
    import profiler.tracing.tracer  # noqa: F401 - what it imports is not the rules' own
    from profiler.models.dependencies import followed

    with scope() as rules:
        of_rules = (followed(*rules),) if rules else ()
        found, behind = _trace_ruled(asked)
        return found, (*behind, *of_rules)


def _trace_ruled(asked: _Asked) -> tuple[Trace, tuple[Sources, ...]]:
    from profiler.models.building import build, build_initialised, sized, sources
    from profiler.models.given import imported_inputs
    from profiler.tracing.tracer import trace

    address = asked.address
    how: dict[str, Any] = {"variant": asked.variant, **asked.options}

    def traced(model: Module, given: object) -> Trace:
        return trace(
            model,
            given,
            values=asked.values,
            until=asked.until,
            # a file that was saved has its weights; a builder gives them when it is asked for them
            with_weights=None
            if is_model_file(address)
            else partial(build_initialised, address, **how),
        )

    if asked.inputs_from:
        with imported_inputs(asked.inputs_from) as give:
            model = build(address, **how)
            given = give()
            try:
                found = traced(model, given)
            except (TraceError, UsageError) as error:
                error.args = (f"{error}; it was given what {asked.inputs_from} returns",)
                raise
            return found, (sources(model), *filter(None, [given.sources]))
    model = build(address, **how)
    inputs = sized(asked.inputs, address, model)
    try:
        return traced(model, inputs), (sources(model),)
    except TraceError as error:
        if not is_built_in(address):
            texts = ", ".join(map(input_text, inputs))
            error.args = (
                f"{error}; it was given {texts} (--size sets the side of an image, --input other "
                "inputs, as in tokens:1x12, --inputs all others)",
            )
        raise
