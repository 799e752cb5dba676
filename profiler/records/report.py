"""Reports, and the tables and plots made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from profiler.records.base import Record
from profiler.records.catalogue import (
    CellRef,
    Device,
    Family,
    Latency,
    PublishedCounts,
    Series,
    SeriesModel,
)
from profiler.records.counts import Counts
from profiler.records.measurements import Condition, MeasuredLatency, Measurement, Quantity


def device_names(devices: Iterable[Device], measured: Sequence[MeasuredLatency]) -> dict[str, str]:
    """Slug → the device's name, or what it calls itself in its first measurement."""
    names = {each.hw: each.hw_name for each in reversed(measured) if each.hw_name}
    return names | {device.slug: device.name for device in devices}


class ReportRow(Record, frozen=True, gc=False):
    """One model of a report: its traced counts and the published figures beside them."""

    model: SeriesModel
    #: Under the report's convention.
    counts: Counts
    #: The published row whose accuracy the report shows, None where no page states one.
    accuracy: PublishedCounts | None
    latencies: tuple[Latency, ...]


class Report(Record, frozen=True, gc=False):
    """One series, every figure with where it comes from."""

    series: Series
    convention: str
    #: True for ``paddle_static``: tables then repeat the published pages to the letter, with FLOPs
    #: and parameters traced from the graph each published figure was made with.
    verbatim: bool
    rows: tuple[ReportRow, ...]
    devices: tuple[Device, ...]
    #: Latencies of its models under the series' names, one for each set of conditions, in the order
    #: of the tables.
    measured: tuple[MeasuredLatency, ...] = ()
    #: Records without samples, under conditions that no latency is of.
    failed: tuple[Measurement, ...] = ()

    def device_name(self, hw: str) -> str:
        """The name of the device with this slug.

        Without an entry it is what the device calls itself in a measurement, else the slug.
        """
        return device_names(self.devices, self.measured).get(hw, hw)


Origin = Literal["traced", "published", "measured", "label", "missing"]


class Cell(Record, frozen=True, gc=False):
    """One table cell: a raw value and where it comes from, or why it is missing."""

    #: An exact integer, a published text or a label.
    value: int | float | str | None
    origin: Origin
    #: Why there is no value: a message key below "reasons".
    reason: str = ""
    #: A web address.
    link: str = ""
    #: The name of the model that a label is of.
    model: str = ""
    #: The published cells it stands for.
    at: tuple[CellRef, ...] = ()
    #: The notes below the table that it points to.
    marks: tuple[str, ...] = ()
    #: The other end of a range that begins at ``value``.
    upper: float | None = None
    #: Whether a flag casts doubt on a measured figure.
    doubtful: bool = False


#: What can't be worked out: a share of nothing, a ratio without its other half.
UNDEFINED = Cell(value=None, origin="missing", reason="undefined")


class Column(Record, frozen=True, gc=False):
    """A column: its heading and how its values print."""

    #: The heading: a message key below "columns".
    key: str
    #: "label" or "text" for words, "printed" for a published name with its line break, "published"
    #: for quoted figures, "verbatim" for figures that look as printed, "measured_ms" for medians,
    #: "interval_ms" for ranges in milliseconds, "flags" for names of flags with spaces between,
    #: else a number's unit as ``units.by_hint`` knows it.
    hint: str
    align: Literal["left", "center", "right"] = "center"
    #: What the heading's message names.
    placeholders: dict[str, str | int] = {}


class Table(Record, frozen=True, gc=False):
    """A table to render: columns with unit hints, raw values in the cells."""

    #: What kind of table it is.
    key: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    #: Message keys below "notes", to stand as a list under the table.
    notes: tuple[str, ...] = ()


#: Where a latency comes from.
Source = Literal["published", "measured"]


class Point(Record, frozen=True, gc=False):
    """One model in a plot, both coordinates exact enough to print."""

    label: str
    family: str
    #: In the axis's unit.
    x: float
    #: A fraction.
    y: float
    on_frontier: bool = False
    #: The ends of the interval of a measured x, where that is known.
    low: float | None = None
    high: float | None = None
    #: Whether a flag casts doubt on it.
    doubtful: bool = False


class Axis(Record, frozen=True, gc=False):
    """An axis: a metric key, its unit, and the conditions behind it."""

    metric: str
    unit: str
    hw: str = ""
    precision: str = ""
    batch_size: int | None = None
    convention: str = ""
    #: Whose latencies they are.
    source: Source | None = None
    #: What of a latency was measured.
    quantity: Quantity | None = None
    #: Those that are not the usual ones.
    conditions: tuple[Condition, ...] = ()


class Basis(Record, frozen=True, gc=False):
    """The data behind measured points: the fewest and the most of each."""

    samples: tuple[int, int]
    runs: tuple[int, int]
    #: ISO dates.
    days: tuple[str, str]


class Mark(Record, frozen=True, gc=False):
    """One figure of a line plot, in the units of its axes."""

    x: float
    y: float
    #: What is written beside it.
    label: str = ""
    #: The ends of y's interval, where that is known.
    low: float | None = None
    high: float | None = None
    #: Whether a flag casts doubt on it.
    doubtful: bool = False
    #: What the area of its disc stands for, from 0 to 1; None for the usual marker.
    share: float | None = None


class LinePlot(Record, frozen=True, gc=False):
    """Figures of one model on two axes: times by batch size, or layers under a roof.

    x is logarithmic; so is y where ``log`` says so or its range is huge.
    """

    name: str
    title: str
    x_axis: Axis
    y_axis: Axis
    #: Marks that a line joins in this order, unless they are discs; a colour for each.
    curves: tuple[tuple[Mark, ...], ...]
    #: Where x has its ticks; at round figures if empty.
    x_ticks: tuple[int, ...] = ()
    log: bool = False
    #: Where a line that rises in proportion to x turns level, and what is said of the line.
    ridge: tuple[float, float] | None = None
    ridge_label: str = ""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Those of all curves."""
        return tuple(mark for curve in self.curves for mark in curve)


class ScatterPlot(Record, frozen=True, gc=False):
    """Accuracy against one metric for a series."""

    name: str
    title: str
    x_axis: Axis
    y_axis: Axis
    points: tuple[Point, ...]
    #: In drawing order.
    families: tuple[Family, ...]
    #: Labels of models without one of the two figures.
    missing: tuple[str, ...] = ()
    #: Of measured points.
    basis: Basis | None = None


Plot = ScatterPlot | LinePlot
