"""A page's layout, and the names its language has: which latencies it shows under which names.

Pictures and files of figures are the same in every language and keep the first one's names.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from profiler.catalog import UNSTATED, known_devices
from profiler.errors import UnknownNameError
from profiler.records import Device, Latency, MeasuredLatency, Report, Series
from profiler.report.audited import Audited, names_of
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


def localised_series(series: Series, language: str) -> Series:
    """The series with its pages' headings and its own devices' names in the language."""
    pages = {
        key: series.page_titles.get(key, {}).get(language, title)
        for key, title in series.pages.items()
    }
    return replace(
        series,
        pages=pages,
        devices=tuple(_device(device, language) for device in series.devices),
    )


def localised_report(report: Report, language: str) -> Report:
    """The report with the names of the language."""
    return replace(
        report,
        series=localised_series(report.series, language),
        devices=tuple(_device(device, language) for device in report.devices),
    )


def localised_audit(audited: Audited, series: Series, language: str) -> Audited:
    """The findings with the names of the language to say them with; ``series`` is theirs."""
    devices: Mapping[str, Device] = {
        slug: _device(device, language) for slug, device in known_devices(series).items()
    }
    return replace(audited, names=names_of(series, devices))


def _device(device: Device, language: str) -> Device:
    return replace(device, name=device.names.get(language, device.name))
