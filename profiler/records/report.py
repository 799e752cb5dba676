"""What is shown: reports, tables, plots."""

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
    """One model of a report: its traced counts and the published figures beside them.

    ``counts`` is under the report's convention. ``accuracy`` is the published row whose accuracy
    the report shows, None where no page states one.
    """

    model: SeriesModel
    counts: Counts
    accuracy: PublishedCounts | None
    latencies: tuple[Latency, ...]


class Report(Record, frozen=True, gc=False):
    """One series, every figure with where it comes from.

    ``verbatim`` is true for ``paddle_static``: tables then repeat the published pages to the
    letter, with FLOPs and parameters traced from the graph each published figure was made with.
    ``measured`` are the latencies of its models, under the names that the series has for them, one
    for each set of conditions and in the order of the tables. ``failed`` are records without
    samples under conditions that no latency is of.
    """

    series: Series
    convention: str
    verbatim: bool
    rows: tuple[ReportRow, ...]
    devices: tuple[Device, ...]
    measured: tuple[MeasuredLatency, ...] = ()
    failed: tuple[Measurement, ...] = ()

    def device_name(self, hw: str) -> str:
        """The name of the device with this slug.

        Without an entry it is what the device calls itself in a measurement, else the slug.
        """
        return device_names(self.devices, self.measured).get(hw, hw)


Origin = Literal["traced", "published", "measured", "label", "missing"]


class Cell(Record, frozen=True, gc=False):
    """One table cell: a raw value, where it comes from, and why it is missing if it is.

    ``value`` is an exact integer, a published text or a label; ``reason`` is a message key below
    "reasons". ``link`` is a web address; ``model`` the name of the model that a label is of.
    ``at`` are the published cells it stands for, ``marks`` the notes below the table it points to.
    ``upper`` is the other end of a range that begins at ``value``. ``doubtful`` is a measured
    figure that a flag casts doubt on.
    """

    value: int | float | str | None
    origin: Origin
    reason: str = ""
    link: str = ""
    model: str = ""
    at: tuple[CellRef, ...] = ()
    marks: tuple[str, ...] = ()
    upper: float | None = None
    doubtful: bool = False


#: What can't be worked out: a share of nothing, a ratio without its other half.
UNDEFINED = Cell(value=None, origin="missing", reason="undefined")


class Column(Record, frozen=True, gc=False):
    """A column: a message key below "columns" for its heading, and how its values print.

    ``hint`` is "label" or "text" for words, "printed" for a published name with its line break,
    "published" for quoted figures, "verbatim" for figures that look as printed, "measured_ms" for
    medians and "interval_ms" for ranges in milliseconds, "flags" for names of flags with spaces
    between, else a number's unit as ``units.by_hint`` knows it.
    """

    key: str
    hint: str
    align: Literal["left", "center", "right"] = "center"
    placeholders: dict[str, str | int] = {}


class Table(Record, frozen=True, gc=False):
    """A table to render: columns with unit hints, raw values in the cells.

    ``notes`` are message keys below "notes", to stand as a list under the table.
    """

    key: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


#: Where a latency comes from.
Source = Literal["published", "measured"]


class Point(Record, frozen=True, gc=False):
    """One model in a plot: x in the axis's unit, y a fraction, both exact enough to print.

    ``low`` and ``high`` bound a measured x where that is known; ``doubtful`` says that a flag
    casts doubt on it.
    """

    label: str
    family: str
    x: float
    y: float
    on_frontier: bool = False
    low: float | None = None
    high: float | None = None
    doubtful: bool = False


class Axis(Record, frozen=True, gc=False):
    """What an axis shows: a metric key, its unit, and the conditions behind it.

    A latency's ``source`` says whose it is, and ``quantity`` what of it was measured;
    ``conditions`` are those that are not the usual ones.
    """

    metric: str
    unit: str
    hw: str = ""
    precision: str = ""
    batch_size: int | None = None
    convention: str = ""
    source: Source | None = None
    quantity: Quantity | None = None
    conditions: tuple[Condition, ...] = ()


class Basis(Record, frozen=True, gc=False):
    """What measured points stand on: the fewest and the most of each, days as ISO dates."""

    samples: tuple[int, int]
    runs: tuple[int, int]
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
    """Accuracy against one metric for a series: points, axes, families in drawing order.

    ``basis`` is there where the points are measured.
    """

    name: str
    title: str
    x_axis: Axis
    y_axis: Axis
    points: tuple[Point, ...]
    families: tuple[Family, ...]
    missing: tuple[str, ...] = ()
    basis: Basis | None = None


Plot = ScatterPlot | LinePlot
