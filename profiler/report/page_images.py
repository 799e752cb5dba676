"""Report → the pictures a page wants, and the text that stands in for each."""

from __future__ import annotations

from collections.abc import Sequence

from profiler.catalog import UNSTATED
from profiler.records import (
    BYTES_PER_ELEMENT,
    Axis,
    Latency,
    MeasuredLatency,
    Record,
    Report,
    ScatterPlot,
)
from profiler.records.base import distinct
from profiler.render.cells import condition_texts
from profiler.render.messages import Messages
from profiler.report.layouts import layout_latencies, layout_measured
from profiler.report.plotted_latencies import at_own_input
from profiler.report.scatter import counts_plots, facts, latency_plot

_LARGEST_PLOTTED_BATCH = 4
_MOST_LATENCY_PLOTS = 2


class PageImage(Record, frozen=True):
    """A picture of a page: the address it is linked under, and its plots from left to right."""

    link: str
    plots: tuple[ScatterPlot, ...]


def page_images(
    report: Report, layout: str, *, folder: str = "images", suffix: str = "png"
) -> tuple[PageImage, ...]:
    """The pictures of a page: what to draw, and the relative address to write it to.

    ``classic`` has one picture with every plot in it. Published and measured latencies have plots
    of their own. A series without accuracy figures has no picture, one without latencies those of
    its counts.
    """
    timed = at_own_input(report.series, layout_measured(report, layout))
    speed = [
        *(
            latency_plot(report, *combination, source="published")
            for combination in _plotted(layout_latencies(report, layout))
        ),
        *(latency_plot(report, *each, source="measured") for each in _plotted(timed)),
    ]
    stem = report.series.file_stem
    counts = counts_plots(report, speed[0].name if speed else stem)
    if layout == "classic":
        plots = tuple(plot for plot in (*counts, *speed[:1]) if plot.points)
        return (PageImage(link=f"{folder}/{stem}.{suffix}", plots=plots),) if plots else ()
    return tuple(
        PageImage(link=f"{folder}/{plot.name}.{suffix}", plots=(plot,))
        for plot in (*counts, *speed)
        if plot.points
    )


def alt_text(image: PageImage, messages: Messages) -> str:
    """What a picture shows, in words: plain text, a few sentences for each plot in it."""
    sentences: list[str] = []
    if len(image.plots) > 1:
        sentences.append(messages.text("alt.combined", plots=len(image.plots)))
    for plot in image.plots:
        stated = facts(plot, messages.text("list.separator"))
        stated |= axis_words(plot.x_axis, messages)
        stated["missing"] = messages.some(plot.missing)
        sentences.append(messages.text(f"alt.{axis_key(plot.x_axis)}", **stated))
        sentences.append(messages.text("alt.range", **stated))
        if plot.basis:
            sentences.append(messages.text("alt.basis", **stated))
        if any(point.doubtful for point in plot.points):
            sentences.append(messages.text("alt.doubtful", **stated))
        if plot.missing:
            sentences.append(messages.text("alt.missing", **stated))
    return messages.text("list.sentences").join(sentences)


def plot_caption(plot: ScatterPlot, messages: Messages) -> str:
    """What a plot shows, in a few words to stand below it."""
    axis = plot.x_axis
    return messages.text(
        f"captions.{axis_key(axis)}",
        convention=axis.convention,
        batch_size=axis.batch_size or "",
        days=facts(plot)["days"],
        **axis_words(axis, messages),
    )


def axis_key(axis: Axis) -> str:
    """What the messages about an axis go by: its metric, or that it is measured."""
    return f"{axis.metric}_measured" if axis.source == "measured" else axis.metric


def axis_words(axis: Axis, messages: Messages) -> dict[str, str]:
    """The conditions behind an axis as words of the language, by placeholder."""
    separator = messages.text("list.separator")
    conditions = condition_texts(axis.conditions, messages)
    return {
        "hw": messages.text("hardware.unstated") if axis.hw == UNSTATED else axis.hw,
        "precision": axis.precision.upper(),
        "quantity": messages.text(f"quantities.names.{axis.quantity}") if axis.quantity else "",
        "conditions": "".join(f"{separator}{condition}" for condition in conditions),
    }


def _plotted(shown: Sequence[Latency | MeasuredLatency]) -> tuple[tuple[str, str, int], ...]:
    """The (hw, precision, batch size) worth a plot: one device, one batch size, two precisions.

    The device is the one with the most figures. The batch size is the largest up to four that it
    has, else its smallest. The widest precisions come first.
    """
    if not shown:
        return ()
    devices = distinct(each.hw for each in shown)
    hw = max(devices, key=lambda device: sum(each.hw == device for each in shown))
    here = [each for each in shown if each.hw == hw]
    sizes = {each.batch_size for each in here}
    small = [size for size in sizes if size <= _LARGEST_PLOTTED_BATCH]
    batch_size = max(small) if small else min(sizes)
    precisions = {each.precision for each in here if each.batch_size == batch_size}
    widest = sorted(precisions, key=lambda name: (-BYTES_PER_ELEMENT.get(name, 0), name))
    return tuple((hw, precision, batch_size) for precision in widest[:_MOST_LATENCY_PLOTS])
