"""The model that a region names: one of a series, or whatever is at an address."""

from __future__ import annotations

from profiler import units
from profiler.docs.request import RegionRequest
from profiler.docs.sources import Sources
from profiler.errors import UnknownNameError
from profiler.records import (
    Record,
    Series,
    SeriesModel,
    Trace,
)
from profiler.render.messages import Messages

#: The series of a region that names none.
_USUAL_SERIES = "inception"
#: What a region may say of a model, beside the attribute that names it.
MODEL_ATTRIBUTES = "series variant size"
_VARIANTS = ("deploy", "train")
_MOST_PIXELS = 100_000


class NamedModel(Record, frozen=True):
    """A model with its trace; ``listed`` is its entry where it is one of the series."""

    label: str
    trace: Trace
    listed: SeriesModel | None

    def input_text(self, messages: Messages) -> str:
        """What it was given, of several inputs each."""
        shapes = " + ".join(units.shape(shape) for shape in self.trace.input_shapes.values())
        return messages.text("regions.input", shape=shapes)


def series_name(request: RegionRequest) -> str:
    """The series that a region asks for."""
    return request.text("series", _USUAL_SERIES)


def series_of(request: RegionRequest, sources: Sources) -> Series:
    """The same, with the names of the first language."""
    return sources.series(series_name(request))


def named_model(name: str, request: RegionRequest, sources: Sources) -> NamedModel:
    """Trace the model of a series by its name, its label or its address, else any address."""
    model = _listed(name, series_of(request, sources))
    variant = request.choice("variant", _VARIANTS, _VARIANTS[0])
    size = request.number("size", _MOST_PIXELS)
    if model is None:
        return NamedModel(label=name, trace=sources.trace(name, variant, size), listed=None)
    trace = sources.trace(model.address, variant, size or model.crop_size)
    return NamedModel(label=model.label, trace=trace, listed=model)


def series_model(request: RegionRequest, series: Series) -> SeriesModel:
    """The model of the series that a region names.

    Raises:
        UnknownNameError: the series has none of that name.
    """
    name = request.needed("model", series.models[0].name)
    model = _listed(name, series)
    if model is None:
        raise UnknownNameError(f"model of {series.name}", name, [x.name for x in series.models])
    return model


def _listed(name: str, series: Series) -> SeriesModel | None:
    for model in series.models:
        names = (model.name.lower(), model.label.lower(), model.address.lower())
        if name == model.address or name.lower() in names:
            return model
    return None
