"""What is shown: reports, tables, plots."""

from __future__ import annotations

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
    """

    series: Series
    convention: str
    verbatim: bool
    rows: tuple[ReportRow, ...]
    devices: tuple[Device, ...]

    def device_name(self, hw: str) -> str:
        """The name of the device with this slug; the slug if there is no entry."""
        return next((device.name for device in self.devices if device.slug == hw), hw)


Origin = Literal["traced", "published", "measured", "label", "missing"]


class Cell(Record, frozen=True, gc=False):
    """One table cell: a raw value, where it comes from, and why it is missing if it is.

    ``value`` is an exact integer, a published text or a label; ``reason`` is a message key below
    "reasons". ``link`` is a web address; ``model`` the name of the model that a label is of.
    ``at`` are the published cells it stands for, ``marks`` the notes below the table it points to.
    """

    value: int | float | str | None
    origin: Origin
    reason: str = ""
    link: str = ""
    model: str = ""
    at: tuple[CellRef, ...] = ()
    marks: tuple[str, ...] = ()


class Column(Record, frozen=True, gc=False):
    """A column: a message key below "columns" for its heading, and how its values print.

    ``hint`` is "label" or "text" for words, "printed" for a published name with its line break,
    "published" for quoted figures, "verbatim" for figures that look as printed, else a number's
    unit as ``units.by_hint`` knows it.
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


class Point(Record, frozen=True, gc=False):
    """One model in a plot: x in the axis's unit, y a fraction, both exact enough to print."""

    label: str
    family: str
    x: float
    y: float
    on_frontier: bool = False


class Axis(Record, frozen=True, gc=False):
    """What an axis shows: a metric key, its unit, and the conditions behind it."""

    metric: str
    unit: str
    hw: str = ""
    precision: str = ""
    batch_size: int | None = None
    convention: str = ""


class ScatterPlot(Record, frozen=True, gc=False):
    """Accuracy against one metric for a series: points, axes, families in drawing order."""

    name: str
    title: str
    x_axis: Axis
    y_axis: Axis
    points: tuple[Point, ...]
    families: tuple[Family, ...]
    missing: tuple[str, ...] = ()
