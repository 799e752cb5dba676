"""Addresses and series → traces and counts, with progress for whoever waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import archs
from profiler.blobs import file_hash
from profiler.cache import Question, TraceCache, question
from profiler.counting import count
from profiler.errors import (
    OWN_BUILDER,
    BuildError,
    InprofError,
    TraceError,
    UnknownNameError,
    UsageError,
)
from profiler.input_text import input_text
from profiler.layer_timings import LayerTiming
from profiler.model_address import (
    check_model_file,
    is_built_in,
    is_model_file,
    is_onnx,
    zoo_of,
)
from profiler.records import (
    OWN_SIZE,
    USUAL_IMAGE,
    Input,
    MeasuredLatency,
    Measurement,
    Report,
    Series,
    SeriesModel,
    Shape,
    Trace,
)
from profiler.report import DEPLOY, make_report, variant_of
from profiler.roofline import timed_layers

if TYPE_CHECKING:
    from torch.nn import Module

#: Called with a model's name as its turn comes.
Progress = Callable[[str], None]
#: The graphs that a model may have.
GRAPHS = (DEPLOY, "train")
#: Model name → graph → its trace.
SeriesTraces = Mapping[str, Mapping[str, Trace]]


def trace_address(
    address: str,
    *,
    variant: str = "deploy",
    crop_size: int | None = None,
    batch_size: int = 1,
    options: Mapping[str, object] | None = None,
    inputs: Sequence[Input] = (),
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
        cache: where traces are kept; without one the model is traced anew. Neither torch nor the
            model's own code is imported for a trace that is there.
    """
    _check_text(address)
    options = options or {}
    if is_model_file(address):
        check_model_file(address, variant, options)
    if is_onnx(address):
        return _trace_onnx(address, tuple(inputs), batch_size, crop_size, cache)
    inputs = _inputs(address, inputs, batch_size, crop_size)
    if cache is None:
        return _trace(address, variant, inputs, options)[0]
    asked = question(address, variant, options, inputs)
    found = cache.load(asked)
    if found is not None:
        return found
    from profiler.tracing.dependencies import file_reads

    # what a builder reads beside the modules it imports can't be watched; ours read nothing else
    with nullcontext() if is_built_in(address) else file_reads() as reads:
        trace, model = _trace(address, variant, inputs, options)
    from profiler.tracing.model import sources

    behind = sources(model)
    if behind.complete and set(reads or ()) <= behind.files.keys():
        cache.save(asked, trace, behind.files, behind.distributions)
    return trace


def kept_trace(
    address: str,
    *,
    variant: str = "deploy",
    crop_size: int | None = None,
    batch_size: int = 1,
    options: Mapping[str, object] | None = None,
    inputs: Sequence[Input] = (),
    cache: TraceCache,
) -> Trace | None:
    """What ``trace_address`` would take from the cache; None where it would have to trace."""
    _check_text(address)
    if is_onnx(address):
        return cache.load(_onnx_question(address, tuple(inputs), batch_size, crop_size))
    inputs = _inputs(address, inputs, batch_size, crop_size)
    return cache.load(question(address, variant, options or {}, inputs))


def _check_text(address: str) -> None:
    if any("\ud800" <= character <= "\udfff" for character in address):
        raise UsageError(f"{address!r} is no text: a model goes by a name or an address")


def _inputs(
    address: str, inputs: Sequence[Input], batch_size: int, crop_size: int | None
) -> tuple[Input, ...]:
    """What the forward is given: an image where nothing is, unless a file states what it takes."""
    if inputs or (is_model_file(address) and batch_size == 1 and crop_size is None):
        return tuple(inputs)
    return (_image(address, batch_size, crop_size),)


def _onnx_question(
    address: str, inputs: tuple[Input, ...], batch_size: int, crop_size: int | None
) -> Question:
    sizes = {"batch_size": batch_size, "crop_size": crop_size}
    return question(address, DEPLOY, sizes, inputs)


def _trace_onnx(
    address: str,
    inputs: tuple[Input, ...],
    batch_size: int,
    crop_size: int | None,
    cache: TraceCache | None,
) -> Trace:
    from profiler.onnx_graph import trace_onnx

    asked = _onnx_question(address, inputs, batch_size, crop_size)
    found = cache.load(asked) if cache else None
    if found is not None:
        return found
    trace = trace_onnx(address, inputs=inputs, batch_size=batch_size, crop_size=crop_size)
    if cache:
        path = Path(address).resolve()
        cache.save(asked, trace, {str(path): file_hash(path)}, ["onnx"])
    return trace


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


def built_in_models() -> tuple[str, ...]:
    """Names of the architectures that come with the project."""
    return tuple(archs.list_models())


def check_address(address: str) -> None:
    """Say what is misspelt about an address before anything is built from it.

    Raises:
        UnknownNameError: no architecture of that name.
        BuildError: there is no such file.
        UsageError: it is no address.
    """
    if is_model_file(address):
        check_model_file(address)
        return
    source, colon, name = address.rpartition(":")
    if not colon and address.lower() not in archs.list_models():
        raise UnknownNameError("model", address, archs.list_models(), OWN_BUILDER)
    if source.endswith(".py") and not Path(source).is_file():
        raise BuildError(f"{address}: there is no file {source!r}")
    if colon and not name.isidentifier() and not zoo_of(address):
        raise UsageError(f"{address!r} is no address: {OWN_BUILDER}")


def _trace(
    address: str, variant: str, inputs: Sequence[Input], options: Mapping[str, object]
) -> tuple[Trace, Module]:
    from profiler.tracing.model import build
    from profiler.tracing.own_input import sized
    from profiler.tracing.tracer import trace

    model = build(address, variant=variant, **options)
    inputs = sized(inputs, address, model)
    try:
        return trace(model, inputs), model
    except TraceError as error:
        if is_built_in(address):
            raise
        given = ", ".join(map(input_text, inputs))
        raise TraceError(
            f"{error}; it was given {given} (--size sets the side of an image, --input other "
            "inputs, as in tokens:1x12)"
        ) from error


def gather_report(
    series: Series,
    convention: str,
    progress: Progress = lambda name: None,
    cache: TraceCache | None = None,
    measured: Sequence[MeasuredLatency] = (),
) -> Report:
    """Trace and count every model of a series; see ``make_report``."""
    traces = {}
    for model in series.models:
        progress(model.name)
        variant = variant_of(model, convention)
        traces[model.name] = {variant: _trace_model(model, variant, cache)}
    return report_of(series, traces, convention, measured)


def trace_audit(
    series: Series, progress: Progress = lambda name: None, cache: TraceCache | None = None
) -> dict[str, dict[tuple[str, int], Trace]]:
    """Trace what an audit of a series looks at: model name → graph and input side → trace.

    That is each model's stated and deployed graph at its own size, and the deployed one at each
    crop of a published latency. Where no convention gives a published count on those, the other
    graphs and sizes are tried as well; one that can't be built or run is left out.
    """
    from profiler.audit import unreproduced  # most commands audit nothing

    traces: dict[str, dict[tuple[str, int], Trace]] = {}
    for model in series.models:
        progress(model.name)
        own = traces[model.name] = {}
        for variant in dict.fromkeys((model.published_variant, DEPLOY)):
            own[variant, model.crop_size] = _trace_model(model, variant, cache)
        for crop_size in _latency_crops(series, model):
            _try_trace(model, DEPLOY, crop_size, own, cache)
    for model in unreproduced(series, traces):
        for crop_size in (model.crop_size, *_latency_crops(series, model)):
            for variant in GRAPHS:
                _try_trace(model, variant, crop_size, traces[model.name], cache)
    return traces


def series_traces(
    series: Series, audited: Mapping[str, Mapping[tuple[str, int], Trace]]
) -> SeriesTraces:
    """Of what ``trace_audit`` gives, each model's deployed and stated graphs at its own size."""
    return {
        model.name: {
            variant: audited[model.name][variant, model.crop_size]
            for variant in dict.fromkeys((DEPLOY, model.published_variant))
        }
        for model in series.models
    }


def layer_timings(
    series: Series, measured: Sequence[Measurement], cache: TraceCache | None = None
) -> tuple[LayerTiming, ...]:
    """Join records with layers, as ``series_layered`` gives them, with the work of each layer."""
    return tuple(
        LayerTiming(
            record=record,
            layers=timed_layers(
                record,
                trace_address(series.model(record.model).address, inputs=record.given, cache=cache),
            ),
        )
        for record in measured
    )


def report_of(
    series: Series,
    traces: SeriesTraces,
    convention: str,
    measured: Sequence[MeasuredLatency] = (),
    failed: Sequence[Measurement] = (),
) -> Report:
    """Count what is traced already; see ``make_report``."""
    counts = {
        model.name: count(traces[model.name][variant_of(model, convention)], convention)
        for model in series.models
    }
    return make_report(series, counts, convention, measured, failed)


def _latency_crops(series: Series, model: SeriesModel) -> tuple[int, ...]:
    return tuple(
        dict.fromkeys(each.crop_size for each in series.latencies if each.model == model.name)
    )


def _try_trace(
    model: SeriesModel,
    variant: str,
    crop_size: int,
    own: dict[tuple[str, int], Trace],
    cache: TraceCache | None,
) -> None:
    """Add a trace that nobody says there is; a graph or a size a network lacks is no error."""
    if (variant, crop_size) in own:
        return
    with suppress(InprofError):
        own[variant, crop_size] = trace_address(
            model.address, variant=variant, crop_size=crop_size, cache=cache
        )


def _trace_model(model: SeriesModel, variant: str, cache: TraceCache | None) -> Trace:
    return trace_address(model.address, variant=variant, crop_size=model.crop_size, cache=cache)
