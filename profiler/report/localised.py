"""A report and what an audit found, with pages and devices called as a language calls them.

Pictures and files of figures are the same in every language and keep the first one's names.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from profiler.catalog import known_devices
from profiler.records import Device, Report, Series
from profiler.report.finding_text import names_of
from profiler.report.table_notes import Audited


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
