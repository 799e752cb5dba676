"""Regions' requests, and the models, series, reports and traces that answer them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from profiler import units
from profiler.catalog import load_series
from profiler.catalog.paddle_static import variant_of
from profiler.counting import TRUE_CONVENTION, list_conventions
from profiler.errors import NoDataError, UnknownNameError, UsageError
from profiler.records import (
    MeasuredLatency,
    Measurement,
    Record,
    Report,
    Series,
    SeriesModel,
    Trace,
)
from profiler.records.base import distinct
from profiler.render.messages import Messages
from profiler.report.audited import Audited, audited
from profiler.report.gathering import report_of as gathered
from profiler.report.gathering import trace_audit
from profiler.report.layouts import localised_audit, localised_report
from profiler.timing.latencies.layer_timings import LayerTiming, layer_timings
from profiler.tracing.addressed import trace_address
from profiler.tracing.cache import TraceCache

_YES = {"yes": True, "no": False}
#: The series of a region that names none.
_USUAL_SERIES = "inception"
#: What a region may say of a model, beside the attribute that names it.
MODEL_ATTRIBUTES = "series variant size"
_VARIANTS = ("deploy", "train")
_MOST_PIXELS = 100_000


class RegionRequest:
    """The attributes of one region; an attribute that is not known is refused at once.

    Args:
        asked_by: the attribute that names the kind, ``table``.
        value: its value, ``accuracy``; for messages ``what`` has both as written.
        attributes: every attribute but the one that names the kind.
        known: the attributes that the kind takes.

    Raises:
        UnknownNameError: an attribute that the kind does not take.
    """

    def __init__(
        self, asked_by: str, value: str, attributes: Mapping[str, str], known: Collection[str]
    ) -> None:
        self.value = value
        self.what = f"{asked_by}={value}"
        self._attributes = attributes
        for key in attributes:
            if key not in known:
                raise UnknownNameError(f"attribute of {self.what}", key, known)

    def text(self, key: str, default: str = "") -> str:
        """The attribute as it stands."""
        return self._attributes.get(key, default)

    def needed(self, key: str, example: str) -> str:
        """An attribute that has to be there; UsageError with the example where it is not."""
        if not self._attributes.get(key):
            raise UsageError(f"{self.what} needs {key}=, for example {key}={example}")
        return self._attributes[key]

    def choice(self, key: str, choices: Sequence[str], default: str) -> str:
        """One of several names; UnknownNameError where it is none of them."""
        value = self._attributes.get(key, default)
        if value not in choices:
            raise UnknownNameError(key, value, choices)
        return value

    def among(self, key: str, known: Iterable[str]) -> str:
        """One of what there is; it may be left out where there is one only."""
        names = distinct(known)
        if not names:
            raise NoDataError(f"{self.what}: there is nothing to show, no {key} is known")
        if key not in self._attributes and len(names) > 1:
            raise UsageError(f"{self.what} needs {key}=, one of {', '.join(names)}")
        return self.choice(key, names, names[0])

    def flag(self, key: str) -> bool:
        """``yes`` or ``no``; no where it is left out."""
        return _YES[self.choice(key, tuple(_YES), "no")]

    def number(self, key: str, high: int = 1_000_000) -> int | None:
        """A whole number from 1; None where it is left out."""
        value = self._attributes.get(key)
        if value is None:
            return None
        if not (value.isascii() and value.isdigit() and 1 <= int(value) <= high):
            raise UsageError(f"{key}={value} is no whole number from 1 to {high}")
        return int(value)

    def names(self, key: str, example: str) -> tuple[str, ...]:
        """Names with commas between them, at least one."""
        parts = tuple(part.strip() for part in self.needed(key, example).split(","))
        if not all(parts):
            raise UsageError(
                f"{key}={self.text(key)} lacks a name beside a comma: write {key}={example}"
            )
        return parts


class TimedSeries(Protocol):
    """A series as it was measured."""

    @property
    def latencies(self) -> Sequence[MeasuredLatency]:
        """The latencies, one for each set of conditions."""

    @property
    def layered(self) -> Sequence[Measurement]:
        """The records with times by layer, larger batches first."""

    @property
    def failed(self) -> Sequence[Measurement]:
        """The records that say why a latency is missing."""


class RegionSources:
    """Series, counts, findings and traces by name.

    Args:
        series_paths: where else series are looked for.
        timed_of: where measurements come from.
        cache: where traces are kept.
    """

    def __init__(
        self,
        series_paths: Sequence[Path],
        timed_of: Callable[[Series], TimedSeries],
        cache: TraceCache | None,
    ) -> None:
        self._paths = tuple(series_paths)
        self._cache = cache
        self.series = functools.cache(self._series)
        self.report = functools.cache(self._report)
        self.audited = functools.cache(self._audited)
        self.trace = functools.cache(self._trace)
        self.layer_timings = functools.cache(self._layer_timings)
        self._timed = functools.cache(lambda name: timed_of(self.series(name)))

    def _series(self, name: str) -> Series:
        return load_series(name, self._paths)

    def _report(self, series: str, convention: str) -> Report:
        """Every model of the series, counted under the convention."""
        found, timed = self.series(series), self._timed(series)
        traces = {
            model.name: {variant: self.trace(model.address, variant, model.crop_size)}
            for model in found.models
            for variant in [variant_of(model, convention)]
        }
        return gathered(found, traces, convention, timed.latencies, timed.failed)

    def _audited(self, series: str) -> Audited:
        """Findings of an audit of the series."""
        found = self.series(series)
        return audited(found, trace_audit(found, cache=self._cache))

    def _layer_timings(self, series: str) -> tuple[LayerTiming, ...]:
        """The records with times by layer, larger batches first, with the work of each layer."""
        return layer_timings(self.series(series), self._timed(series).layered, self._cache)

    def _trace(self, address: str, variant: str, size: int | None) -> Trace:
        return trace_address(address, variant=variant, crop_size=size, cache=self._cache)


class NamedModel(Record, frozen=True):
    """A model with its trace."""

    label: str
    trace: Trace
    #: Its entry where it is one of the series.
    listed: SeriesModel | None

    def input_text(self, messages: Messages) -> str:
        """The shape of its input, of several inputs each."""
        shapes = " + ".join(units.shape(shape) for shape in self.trace.input_shapes.values())
        return messages.text("regions.input", shape=shapes)


def series_name(request: RegionRequest) -> str:
    """The series that a region asks for."""
    return request.text("series", _USUAL_SERIES)


def series_of(request: RegionRequest, sources: RegionSources) -> Series:
    """The same, with the names of the first language."""
    return sources.series(series_name(request))


def named_model(name: str, request: RegionRequest, sources: RegionSources) -> NamedModel:
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


def convention_of(request: RegionRequest) -> str:
    """The counting rule that a region asks for."""
    return request.choice("convention", list_conventions(), TRUE_CONVENTION)


def report_of(request: RegionRequest, sources: RegionSources, messages: Messages) -> Report:
    """The series that a region asks for, counted, with the names of its language."""
    report = sources.report(series_name(request), convention_of(request))
    return localised_report(report, messages.language)


def audited_of(request: RegionRequest, sources: RegionSources, messages: Messages) -> Audited:
    """Findings of an audit of the series that a region asks for."""
    found = sources.audited(series_name(request))
    return localised_audit(found, series_of(request, sources), messages.language)
