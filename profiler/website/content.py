"""A series and its traces → everything its pages show, the same in every language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from profiler.counting.conventions import TRUE_CONVENTION
from profiler.counting.explain import explain_all
from profiler.files import Blobs
from profiler.plots.plots import drawing
from profiler.plots.style import DARK, FIGURE, LIGHT, NARROW, README, Format, Preset, Theme
from profiler.records import (
    DEPLOY,
    Explanation,
    Latency,
    LinePlot,
    MeasuredLatency,
    Measurement,
    Plot,
    Record,
    Report,
    ScatterPlot,
    Series,
)
from profiler.report.audited import NOT_AUDITED, Audited
from profiler.report.gathering import SeriesTraces, report_of
from profiler.report.layouts import (
    layout_latencies,
    localised_audit,
    localised_report,
    localised_series,
)
from profiler.report.model_plots import model_curves, roofline_plot
from profiler.report.page import PageImage, page_images
from profiler.report.scatter import SOURCES
from profiler.timing.latencies.layer_timings import LayerTiming, shown_timings
from profiler.website.frame import IMAGES, model_path, series_path
from profiler.website.layer_tree import GraphLayers, model_layers

#: What a picture is shown as, and what else it can be had as.
_FORMATS: tuple[Format, ...] = ("svg", "png")
#: The size that a drawing gives itself, in points of 1/72 inch.
_SIZE = re.compile(rb'<svg [^>]*?width="([0-9.]+)pt" height="([0-9.]+)pt"')
_PIXELS_PER_POINT = 96 / 72
#: What stands in for a picture: the media it is for, its name's ending, its sizes, its colours.
#: A page takes the first that fits. theme.js knows the query of the dark.
_DARK = "(prefers-color-scheme: dark)"
_PHONE = "(max-width: 40rem)"
_VARIANTS = (
    (f"screen and {_PHONE} and {_DARK}", "narrow.dark", NARROW, DARK),
    (f"screen and {_PHONE}", "narrow", NARROW, LIGHT),
    (f"screen and {_DARK}", "dark", README, DARK),
)
#: With more points a phone has no room for their names, and drawing them takes its time.
_MOST_POINTS_ON_A_PHONE = 60


#: A phone has room for the plots of batch sizes as they are.
_FIGURE_VARIANTS = ((f"screen and {_DARK}", "dark", FIGURE, DARK),)
#: How many records with layers a model's page shows.
MOST_TIMINGS = 3


#: A picture takes a tenth of a second: with curves for each, 1,000 models would take minutes.
_MOST_MODELS_WITH_CURVES = 100


class ImageVariant(Record, frozen=True):
    """A drawing that stands in for another one in some media, and its size in pixels."""

    media: str
    path: str
    content: bytes
    width: int
    height: int


class DrawnPicture(Record, frozen=True):
    """A drawn picture."""

    #: Its size on a screen in pixels.
    width: int
    height: int
    #: Its content in each format, by path from the site's top; the one that is shown comes first.
    files: Mapping[str, bytes]
    variants: tuple[ImageVariant, ...]

    @property
    def path(self) -> str:
        """The file that is shown."""
        return next(iter(self.files))


class SiteImage(Record, frozen=True):
    """A picture of a series, and what it shows."""

    image: PageImage
    picture: DrawnPicture


class SeriesContent(Record, frozen=True):
    """One series of the site."""

    series: Series
    traces: SeriesTraces
    #: Those of a model's graphs under every rule, by its name.
    explanations: Mapping[str, tuple[Explanation, ...]]
    #: The cost of the deployed graph.
    true: Report
    images: tuple[SiteImage, ...]
    #: The older page's picture, None where a series has none of its own.
    combined: SiteImage | None
    #: Those of the models' pages, by the names of their plots.
    model_pictures: Mapping[str, DrawnPicture] = {}
    audited: Audited = NOT_AUDITED
    layer_timings: tuple[LayerTiming, ...] = ()
    #: What a model's graphs consist of, by its name.
    layers: Mapping[str, tuple[GraphLayers, ...]] = {}

    @property
    def page_path(self) -> str:
        """The series' page below a language's folder."""
        return series_path(self.series)

    def model_path(self, model: str) -> str:
        """A model's page below a language's folder."""
        return model_path(self.series, model)

    @property
    def unstated_latencies(self) -> tuple[Latency, ...]:
        """The latencies that only the older page's tables show."""
        return _only_in_classic(self.true)


def series_content(
    series: Series,
    traces: SeriesTraces,
    kept: Blobs | None = None,
    audited: Audited = NOT_AUDITED,
    measured: Sequence[MeasuredLatency] = (),
    layer_timings: Sequence[LayerTiming] = (),
    failed: Sequence[Measurement] = (),
) -> SeriesContent:
    """Count the traces under the convention of the true figures, and draw the pictures.

    ``kept`` holds drawings that were made before, ``audited`` what the pages say of figures,
    ``measured`` the latencies of its models, ``layer_timings`` what was measured by layer,
    ``failed`` what could not be measured.
    """
    true = report_of(series, traces, TRUE_CONVENTION, measured, failed)
    full, classic = (_images(true, layout, kept) for layout in ("full", "classic"))
    rooflines = [
        roofline_plot(true, timing, number)
        for name, own in traces.items()
        for number, timing in enumerate(
            shown_timings(layer_timings, name, own[DEPLOY].input_shape, MOST_TIMINGS)[0], start=1
        )
    ]
    return SeriesContent(
        series=series,
        traces=traces,
        explanations={
            name: tuple(each for trace in own.values() for each in explain_all(trace))
            for name, own in traces.items()
        },
        true=true,
        images=full,
        model_pictures=dict(_model_pictures(true, rooflines, kept)),
        combined=classic[0] if classic and _only_in_classic(true) else None,
        audited=audited,
        layer_timings=tuple(layer_timings),
        layers={name: model_layers(true, name, own, layer_timings) for name, own in traces.items()},
    )


def content_in(content: SeriesContent, language: str) -> SeriesContent:
    """The content with pages and devices called as the language calls them."""
    series = content.series
    return replace(
        content,
        series=localised_series(series, language),
        true=localised_report(content.true, language),
        audited=localised_audit(content.audited, series, language),
    )


def _only_in_classic(report: Report) -> tuple[Latency, ...]:
    """The classic layout's latencies, unless the full one has just the same."""
    classic = layout_latencies(report, "classic")
    return () if classic == layout_latencies(report, "full") else classic


def _images(report: Report, layout: str, kept: Blobs | None) -> tuple[SiteImage, ...]:
    folder = f"{IMAGES}/{report.series.name}"
    images = page_images(report, layout, folder=folder, suffix="")
    return tuple(SiteImage(image, picture(image.plots, image.link, kept)) for image in images)


def _model_pictures(
    report: Report, rooflines: Iterable[LinePlot | None], kept: Blobs | None
) -> Iterator[tuple[str, DrawnPicture]]:
    """The plots of the models' pages, by their names; without curves in a very long series."""
    folder, shown = f"{IMAGES}/{report.series.name}", _FORMATS[:1]
    models = report.series.models
    for model in models if len(models) <= _MOST_MODELS_WITH_CURVES else ():
        for source in SOURCES:
            for curves in model_curves(report, model.name, source):
                for plot in curves.plots:
                    stem = f"{folder}/{plot.name}."
                    yield plot.name, picture([plot], stem, kept, shown, FIGURE, _FIGURE_VARIANTS)
    for roofline in filter(None, rooflines):
        yield roofline.name, picture([roofline], f"{folder}/{roofline.name}.", kept, shown)


def picture(
    plots: Sequence[Plot],
    stem: str,
    kept: Blobs | None,
    formats: Sequence[Format] = _FORMATS,
    preset: Preset = README,
    variants: Sequence[tuple[str, str, Preset, Theme]] = _VARIANTS,
) -> DrawnPicture:
    """Plots as files whose names begin with ``stem``, and what stands in for them."""
    files = {f"{stem}{each}": drawing(plots, each, kept, preset=preset) for each in formats}
    width, height = _pixels(files[f"{stem}{formats[0]}"])
    return DrawnPicture(width, height, files, tuple(image_variants(plots, stem, kept, variants)))


def image_variants(
    plots: Sequence[Plot],
    stem: str,
    kept: Blobs | None,
    variants: Sequence[tuple[str, str, Preset, Theme]] = _VARIANTS,
) -> Iterator[ImageVariant]:
    """A picture's variants for dark pages and phones, in order of preference."""
    points = [len(plot.points) for plot in plots if isinstance(plot, ScatterPlot)]
    crowded = max(points, default=0) > _MOST_POINTS_ON_A_PHONE
    for media, ending, preset, theme in variants:
        if crowded and preset is NARROW:
            continue
        drawn = drawing(plots, _FORMATS[0], kept, preset=preset, theme=theme)
        width, height = _pixels(drawn)
        yield ImageVariant(
            media=media,
            path=f"{stem}{ending}.{_FORMATS[0]}",
            content=drawn,
            width=width,
            height=height,
        )


def _pixels(svg: bytes) -> tuple[int, int]:
    match = _SIZE.search(svg)
    assert match is not None  # matplotlib writes both, in points
    width, height = (round(float(size) * _PIXELS_PER_POINT) for size in match.groups())
    return width, height
