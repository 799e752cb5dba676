"""Regions that are plots: pictures beside the page, and the HTML that shows them; what they say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from profiler.catalog.data_files import SAFE_NAME_CURE, is_safe_name
from profiler.docs.content import Content, Picture, kind
from profiler.docs.request import RegionRequest, RegionSources, report_of
from profiler.errors import NoDataError, UsageError
from profiler.plots.plots import picture_snippet
from profiler.plots.style import (
    FORMATS,
    PRESETS,
    README,
    THEMES,
    Format,
    ThemeName,
)
from profiler.records import QUANTITIES, Report, ScatterPlot
from profiler.render.messages import Messages
from profiler.report.page import PageImage, alt_text
from profiler.report.scatter import SOURCES, counts_plots, latency_plot

_LOOKS = "dir name format preset theme"
#: Attributes that say whose figures are plotted, and which of what was measured.
CONDITIONS = "series convention hw precision bs"
MEASURED = "source quantity"
_COUNTS = f"{CONDITIONS} {_LOOKS}"
_TIMED = f"{_COUNTS} {MEASURED}"
_FOLDER = "images"
_BOTH = "both"
_SHOWN: tuple[Format, ...] = tuple(each for each in FORMATS if each != "pdf")


@kind("plot", "flops", _COUNTS)
def _flops(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    flops, _ = _count_plots(request, report_of(request, sources, messages))
    return _shown((flops,), flops.name, request, messages)


@kind("plot", "params", _COUNTS)
def _params(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    _, params = _count_plots(request, report_of(request, sources, messages))
    return _shown((params,), params.name, request, messages)


@kind("plot", "latency", _TIMED)
def _latency(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    plot = _timed_plot(request, report_of(request, sources, messages))
    return _shown((plot,), plot.name, request, messages)


@kind("plot", "all", _TIMED)
def _all(request: RegionRequest, sources: RegionSources, messages: Messages) -> Content:
    report = report_of(request, sources, messages)
    return _shown(every_plot(request, report), report.series.file_stem, request, messages)


def every_plot(request: RegionRequest, report: Report) -> tuple[ScatterPlot, ...]:
    """Those of counts and, given a device, that of latency."""
    plots = _count_plots(request, report)
    return (*plots, _timed_plot(request, report)) if request.text("hw") else plots


def _count_plots(request: RegionRequest, report: Report) -> tuple[ScatterPlot, ...]:
    """The plots of counts; their files go by the latency's conditions where those are stated."""
    named = [request.text("hw"), request.text("precision"), request.text("bs")]
    stem = report.series.file_stem
    if all(named):
        stem = f"{named[0]}.{named[1]}.bs{named[2]}.{stem}"
    return counts_plots(report, stem)


def _timed_plot(request: RegionRequest, report: Report) -> ScatterPlot:
    batch_size = request.number("bs")
    if batch_size is None:
        raise UsageError(f"{request.what} needs bs=, for example bs=4")
    source = request.choice("source", ("", *SOURCES), "")
    quantity = request.choice("quantity", ("", *QUANTITIES), "")
    return latency_plot(
        report,
        request.needed("hw", "t4"),
        request.needed("precision", "fp32"),
        batch_size,
        source=next((each for each in SOURCES if each == source), None),
        quantity=next((each for each in QUANTITIES if each == quantity), None),
    )


def _shown(
    plots: tuple[ScatterPlot, ...], name: str, request: RegionRequest, messages: Messages
) -> Content:
    """The picture in each theme that is asked for, and the HTML that shows it."""
    if not any(plot.points for plot in plots):
        raise NoDataError(
            f"{request.what}: no model has an accuracy and this figure: nothing to plot"
        )
    preset = PRESETS[request.choice("preset", tuple(PRESETS), README.name)]
    usual = preset.format if preset.format in _SHOWN else "svg"
    chosen = request.choice("format", _SHOWN, usual)
    format = next(each for each in _SHOWN if each == chosen)
    theme = request.choice("theme", (_BOTH, *THEMES), _BOTH)
    themes: tuple[ThemeName, ...] = tuple(each for each in THEMES if theme in (_BOTH, each))
    stem = request.text("name", name)
    if not is_safe_name(stem):
        raise UsageError(f"name={stem} can't name a file: {SAFE_NAME_CURE}")
    folder = _folder(request.text("dir", _FOLDER))
    pictures: Mapping[ThemeName, Picture] = {
        each: Picture(
            address=str(folder / f"{stem}{'.dark' if each == 'dark' else ''}.{format}"),
            plots=plots,
            format=format,
            preset=preset.name,
            theme=each,
        )
        for each in themes
    }
    addresses = {each: PurePosixPath(picture.address) for each, picture in pictures.items()}
    alt = alt_text(PageImage(link=stem, plots=plots), messages)
    snippet = picture_snippet(addresses, PurePosixPath(), alt, preset.look(len(plots)).pixels)
    return Content(snippet, tuple(pictures.values()))


def _folder(text: str) -> PurePosixPath:
    """A folder from the page's own; it may lie above it."""
    folder = PurePosixPath(text.replace("\\", "/"))
    if folder.is_absolute() or ":" in text:
        raise UsageError(f"dir={text} has to be relative to the page's folder, as dir=images is")
    return folder
