"""Every frozen record: what flows from the tracer to the page.

Counts are exact Python integers until ``units`` prints them. Shapes are tuples in PyTorch's order
(NCHW with batch for images). No record holds a tensor, a module or display text; the one kind of
text kept is a published figure's digits, because they are the datum.
"""

from profiler.records.base import BYTES_PER_ELEMENT, Attribute, Record, Shape
from profiler.records.catalogue import (
    CellRef,
    Device,
    Family,
    Latency,
    Provenance,
    Published,
    PublishedCounts,
    Series,
    SeriesModel,
)
from profiler.records.comparison import Explanation, ExplanationPart, LayerAgreement, Verification
from profiler.records.counts import (
    Counts,
    ExtraCounts,
    LayerCounts,
    OpCounts,
    Tally,
    Totals,
    Uncounted,
)
from profiler.records.findings import Cause, Evidence, Finding, Severity
from profiler.records.measurements import (
    DESCRIBING_FLAGS,
    MEASUREMENT_VERSION,
    Environment,
    Fact,
    LayerTime,
    LayerTimes,
    Layout,
    MeasuredLatency,
    Measurement,
    Quantity,
    Telemetry,
    TimingSettings,
)
from profiler.records.report import (
    Axis,
    Cell,
    Column,
    Origin,
    Point,
    Report,
    ReportRow,
    ScatterPlot,
    Table,
)
from profiler.records.trace import ModuleCall, OpRecord, Parameter, TensorRef, Trace

__all__ = [
    "BYTES_PER_ELEMENT",
    "DESCRIBING_FLAGS",
    "MEASUREMENT_VERSION",
    "Attribute",
    "Axis",
    "Cause",
    "Cell",
    "CellRef",
    "Column",
    "Counts",
    "Device",
    "Environment",
    "Evidence",
    "Explanation",
    "ExplanationPart",
    "ExtraCounts",
    "Fact",
    "Family",
    "Finding",
    "Latency",
    "LayerAgreement",
    "LayerCounts",
    "LayerTime",
    "LayerTimes",
    "Layout",
    "MeasuredLatency",
    "Measurement",
    "ModuleCall",
    "OpCounts",
    "OpRecord",
    "Origin",
    "Parameter",
    "Point",
    "Provenance",
    "Published",
    "PublishedCounts",
    "Quantity",
    "Record",
    "Report",
    "ReportRow",
    "ScatterPlot",
    "Series",
    "SeriesModel",
    "Severity",
    "Shape",
    "Table",
    "Tally",
    "Telemetry",
    "TensorRef",
    "TimingSettings",
    "Totals",
    "Trace",
    "Uncounted",
    "Verification",
]
