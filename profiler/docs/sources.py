"""What regions are filled from: series, reports and traces, each worked out once a run."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from profiler.catalog import load_series
from profiler.catalog.variants import variant_of
from profiler.records import (
    MeasuredLatency,
    Measurement,
    Report,
    Series,
    Trace,
)
from profiler.report.audited import Audited, audited
from profiler.report.gathering import report_of, trace_audit
from profiler.timing.latencies.layer_timings import LayerTiming, layer_timings
from profiler.tracing.addressed import trace_address
from profiler.tracing.cache import TraceCache


class Timed(Protocol):
    """What was measured of a series: latencies, records with times by layer, and failed ones."""

    @property
    def latencies(self) -> Sequence[MeasuredLatency]:
        """The latencies, one for each set of conditions."""

    @property
    def layered(self) -> Sequence[Measurement]:
        """The records with times by layer, larger batches first."""

    @property
    def failed(self) -> Sequence[Measurement]:
        """The records that say why a latency is missing."""


class Sources:
    """Series, counts, findings and traces by name.

    Args:
        series_paths: where else series are looked for.
        timed_of: where measurements come from.
        cache: where traces are kept.
    """

    def __init__(
        self,
        series_paths: Sequence[Path],
        timed_of: Callable[[Series], Timed],
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
        return report_of(found, traces, convention, timed.latencies, timed.failed)

    def _audited(self, series: str) -> Audited:
        """What an audit finds in the series."""
        found = self.series(series)
        return audited(found, trace_audit(found, cache=self._cache))

    def _layer_timings(self, series: str) -> tuple[LayerTiming, ...]:
        """The records with times by layer, larger batches first, with the work of each layer."""
        return layer_timings(self.series(series), self._timed(series).layered, self._cache)

    def _trace(self, address: str, variant: str, size: int | None) -> Trace:
        return trace_address(address, variant=variant, crop_size=size, cache=self._cache)
