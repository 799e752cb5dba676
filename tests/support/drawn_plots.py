"""Made-up scatter plots, and what can be said of a drawn one from its matplotlib figure."""

import itertools
import warnings
from collections.abc import Iterator
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox
from msgspec.structs import replace

from profiler.records import (
    Axis,
    Basis,
    Family,
    Point,
    Report,
    ScatterPlot,
)
from profiler.report.scatter import frontier, plotted_latencies, scatter_plots

#: A measured plot: one clear interval, one narrower than its marker, one that is not known.
MEASURED = ScatterPlot(
    name="h100.fp32.bs4.device.Mine",
    title="Made up",
    x_axis=Axis(
        metric="latency", unit="ms", hw="H100", precision="fp32", batch_size=4,
        source="measured", quantity="device", conditions=(("layout", "NHWC"), ("threads", "8")),
    ),
    y_axis=Axis(metric="top1", unit=""),
    points=(
        Point(label="wide", family="a", x=4.0, y=0.70, on_frontier=True, low=3.5, high=6.0),
        Point(label="narrow", family="a", x=7.0, y=0.72, on_frontier=True, low=6.999, high=7.001),
        Point(label="none", family="b", x=5.0, y=0.69, doubtful=True),
    ),
    families=(Family(slug="a", name="A"), Family(slug="b", name="B")),
    basis=Basis(samples=(600, 900), runs=(3, 3), days=("2026-01-02", "2026-01-02")),
)  # fmt: skip


def three_plots(report: Report, hw: str, precision: str, batch_size: int) -> Any:
    """The plots of counts and of one combination."""
    chosen = plotted_latencies(report.series, report.measured, hw, precision, batch_size)
    return scatter_plots(report, chosen)


def scatter(
    *points: tuple[str, str, float, float],
    missing: tuple[str, ...] = (),
    title: str = "A series",
    **axis: Any,
) -> ScatterPlot:
    """A plot of (label, family, x, y) points."""
    on_frontier = frontier([(x, y) for _, _, x, y in points])
    return ScatterPlot(
        name="plot",
        title=title,
        x_axis=Axis(**{"metric": "latency", "unit": "ms"} | axis),
        y_axis=Axis(metric="top1", unit=""),
        points=tuple(
            Point(label=label, family=family, x=x, y=y, on_frontier=flag)
            for (label, family, x, y), flag in zip(points, on_frontier, strict=True)
        ),
        families=tuple(
            Family(slug=slug, name=slug)
            for slug in dict.fromkeys(family for _, family, *_ in points)
        ),
        missing=missing,
    )


def crowd(count: int, families: int = 10, name: str = "Net{}", reach: float = 40) -> ScatterPlot:
    """Points of several families along a rising curve, with no two alike."""
    return scatter(
        *(
            (
                name.format(index),
                f"family{index % families}",
                1 + index * 1.7 % 40 * reach / 40,
                0.7 + index * 0.037 % 0.1,
            )
            for index in range(count)
        )
    )


def as_measured(plot: ScatterPlot) -> ScatterPlot:
    """The plot with an interval at every second point and doubt at every third."""
    points = tuple(
        replace(
            point,
            low=point.x * 0.97 if index % 2 else None,
            high=point.x * 1.2 if index % 2 else None,
            doubtful=index % 3 == 0,
        )
        for index, point in enumerate(plot.points)
    )
    return replace(plot, points=points, x_axis=MEASURED.x_axis, basis=MEASURED.basis)


def texts(drawing: Figure) -> list[Text]:
    """Every text that is seen."""
    found: list[Text] = drawing.findobj(Text)
    return [text for text in found if text.get_visible() and text.get_text()]


def with_gid(container: Axes | Figure, gid: str) -> list[Any]:
    """The artists of one kind, such as "family"."""
    return [artist for artist in container.get_children() if artist.get_gid() == gid]


def label_texts(axes: Axes) -> list[str]:
    """The names at the points."""
    return [label.get_text() for label in with_gid(axes, "label")]


def legend_names(drawing: Figure) -> list[str]:
    """The entries of the legend in reading order."""
    return [text.get_text() for text in with_gid(drawing, "legend")]


def extent(artist: Artist) -> Bbox:
    """Its box; of an annotation that of the words alone, without the leader line."""
    if isinstance(artist, Annotation):
        return Text.get_window_extent(artist)
    return artist.get_window_extent()


def marker_boxes(axes: Axes) -> Iterator[Bbox]:
    """The square around every marker, in pixels."""
    pixels = axes.figure.dpi / 72
    for line in with_gid(axes, "family"):
        radius = line.get_markersize() * pixels / 2
        for x, y in axes.transData.transform(line.get_xydata()):
            yield Bbox.from_extents(x - radius, y - radius, x + radius, y + radius)


def overlap(one: Bbox, other: Bbox) -> bool:
    """Whether the two share more than an edge."""
    return bool(one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1)


def assert_whole(drawing: Figure) -> None:
    """Nothing is cut off, no two texts share a pixel, no name covers a marker or the legend."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        drawing.draw_without_rendering()
    canvas, samples = drawing.bbox, with_gid(drawing, "legend-sample")
    boxes = [(text, extent(text)) for text in texts(drawing)]
    for artist, box in [*boxes, *((sample, extent(sample)) for sample in samples)]:
        assert box.x0 >= canvas.x0 - 0.5, artist
        assert box.y0 >= canvas.y0 - 0.5, artist
        assert box.x1 <= canvas.x1 + 0.5, artist
        assert box.y1 <= canvas.y1 + 0.5, artist
    for (one, box), (other, other_box) in itertools.combinations(boxes, 2):
        assert not overlap(box, other_box), (one, other)
    for axes in drawing.axes:
        for label in with_gid(axes, "label"):
            for box in (*marker_boxes(axes), *map(extent, samples)):
                assert not overlap(extent(label), box), label
