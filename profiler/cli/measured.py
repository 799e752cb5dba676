"""Latencies measured of a series, read from files, for the commands that show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from profiler.catalog import series_measurements
from profiler.catalog.data_files import is_safe_name
from profiler.cli.output import warn
from profiler.records import MeasuredLatency, Measurement, Record, Series
from profiler.report.report import series_failures, series_latencies
from profiler.timing.latencies.layer_timings import series_layered
from profiler.timing.latencies.measured import measured_latencies


class Measured(Record, frozen=True):
    """The latencies of a series' models, the records with times by layer, and those that failed."""

    latencies: tuple[MeasuredLatency, ...]
    layered: tuple[Measurement, ...]
    failed: tuple[Measurement, ...]


def measured(
    series: Series, series_paths: Sequence[Path], folders: Sequence[Path] | None
) -> tuple[MeasuredLatency, ...]:
    """The latencies measured of a series' models; see ``measured_with_layers``."""
    return measured_with_layers(series, series_paths, folders).latencies


def measured_with_layers(
    series: Series, series_paths: Sequence[Path], folders: Sequence[Path] | None
) -> Measured:
    """All that was measured of a series' models: files that it brings and the user's own.

    What is wrong with a file is said on standard error, a line each, and breaks nothing.

    Args:
        series: the series.
        series_paths: where it was looked for.
        folders: of the user's own files; None leaves out every measurement.
    """
    if folders is None:
        return Measured((), (), ())
    brought = series_measurements(series.name, series_paths)
    own = [folder for folder in folders if folder.resolve() != brought.resolve()]
    found = measured_latencies(own, [brought])
    for problem in found.problems:
        _warn(problem)
    latencies = series_latencies(series, found.latencies)
    for name in dict.fromkeys(name for each in latencies for name in (each.hw, each.precision)):
        if not is_safe_name(name):
            _warn(f"measurements of {name!r} are left out: that can't be part of a file name")
    return Measured(
        tuple(each for each in latencies if is_safe_name(each.hw) and is_safe_name(each.precision)),
        series_layered(series, found.layered),
        series_failures(series, found.failed, latencies),
    )


def _warn(problem: str) -> None:
    # what a file says may have line feeds in it
    warn(" ".join(problem.split()))
