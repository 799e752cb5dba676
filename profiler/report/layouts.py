"""The layouts a page has, and which published latencies belong to each."""

from __future__ import annotations

from profiler.catalog import UNSTATED
from profiler.errors import UnknownNameError
from profiler.records import Latency, MeasuredLatency, Report
from profiler.report.tables.series import latencies

#: ``full``: a table per device. ``classic``: a table per precision, as older pages have.
LAYOUTS = ("full", "classic")

_DEFAULT_LAYOUTS = {"zh_CN": "classic"}


def default_layout(language: str) -> str:
    """The layout of a language's page unless another is asked for."""
    return _DEFAULT_LAYOUTS.get(language, "full")


def layout_latencies(report: Report, layout: str) -> tuple[Latency, ...]:
    """The latencies a page shows, in the order of its tables.

    ``classic`` shows those whose hardware no page states, ``full`` the others; where a series has
    one sort only, both layouts show it.

    Raises:
        UnknownNameError: there is no such layout.
    """
    if layout not in LAYOUTS:
        raise UnknownNameError("layout", layout, LAYOUTS)
    every = latencies(report)
    wanted = tuple(each for each in every if (each.hw == UNSTATED) == (layout == "classic"))
    return wanted or every


def layout_measured(report: Report, layout: str) -> tuple[MeasuredLatency, ...]:
    """The measured latencies a page shows: none where it repeats published pages."""
    return () if report.verbatim or layout == "classic" else report.measured


def counts_page(report: Report, layout: str) -> str:
    """The published page whose accuracy table a verbatim page repeats; empty if there is none."""
    printed = [row.page for row in report.series.counts]
    timed = [latency.page for latency in layout_latencies(report, layout)]
    return next((page for page in (*timed, *printed) if page in printed), "")
