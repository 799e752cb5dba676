"""Every frozen record: what flows from the tracer to the page.

Counts are exact Python integers until ``units`` prints them. Shapes are tuples in PyTorch's
order (NCHW with batch for images). No record holds a tensor, a module or display text; the one
kind of text kept is a published figure's digits, because they are the datum.
"""

from __future__ import annotations

from math import prod
from typing import Literal

import msgspec

Shape = tuple[int, ...]
Attribute = bool | int | float | str | tuple[int, ...] | None

#: Bytes of one element at each precision a total can be stated for.
BYTES_PER_ELEMENT = {"fp32": 4, "tf32": 4, "fp16": 2, "bf16": 2, "int8": 1}


class Record(msgspec.Struct, frozen=True, gc=False):
    """A value: compared by content, changed only by making another.

    Records form trees, never cycles, so the garbage collector need not know them.
    """


# --- the trace --------------------------------------------------------------------------------


class TensorRef(Record, frozen=True, gc=False, array_like=True):
    """A tensor at one op: its shape, dtype and which storage of the trace it stands on.

    Views and in-place results share the storage number of what they alias; that is what the
    peak of live activations is computed from.
    """

    shape: Shape
    dtype: str
    storage: int

    @property
    def numel(self) -> int:
        """Elements, the product of the shape (1 for a scalar)."""
        return prod(self.shape)


class Parameter(Record, frozen=True, gc=False):
    """One parameter tensor, under the first of its names.

    ``shared_with`` lists its other names (weight tying). Its elements are counted once.
    """

    name: str
    shape: Shape
    dtype: str
    trainable: bool
    shared_with: tuple[str, ...] = ()

    @property
    def numel(self) -> int:
        """Elements of the tensor."""
        return prod(self.shape)


class OpRecord(Record, frozen=True, gc=False):
    """One op of the forward, in execution order.

    ``function`` is the outermost public function that was called (``torch.nn.functional.relu``,
    ``Tensor.add`` …); ``aten`` the op below it where one is known; ``kind`` the canonical kind of
    ``profiler.tracing.ops``. ``module`` is the index in ``Trace.modules`` of the innermost module
    call it ran in; ``path`` that module's dotted path. ``parameters`` are the names of the
    parameters it reads.
    """

    function: str
    kind: str
    aten: str
    path: str
    module: int
    inputs: tuple[TensorRef, ...]
    outputs: tuple[TensorRef, ...]
    weight_shape: Shape | None = None
    bias_shape: Shape | None = None
    parameters: tuple[str, ...] = ()
    attributes: dict[str, Attribute] = {}
    in_place: bool = False


class ModuleCall(Record, frozen=True, gc=False):
    """One call of one module, in the order in which the calls begin.

    ``call_index`` counts the calls of the same module (0 for the first). ``parameters`` and
    ``buffers`` are the module's own, not its children's.
    """

    path: str
    class_name: str
    class_module: str
    call_index: int
    is_leaf: bool
    input_shapes: tuple[Shape, ...] = ()
    output_shapes: tuple[Shape, ...] = ()
    parameters: tuple[str, ...] = ()
    buffers: tuple[str, ...] = ()


class Trace(Record, frozen=True, gc=False):
    """One forward of one model: everything that is counted later, and nothing else.

    ``input_shapes`` maps input names ("0", "1" … for positional ones) to shapes.
    ``inputs`` and ``outputs`` are the model's own; ``state_storages`` those of its parameters and
    buffers that ops hand on. ``parameters`` are all of the model's, used or not. ``uncalled`` are
    leaf modules the forward never entered. ``versions`` are those of Python, torch and inprof.
    """

    arch: str
    variant: str
    input_shapes: dict[str, Shape]
    inputs: tuple[TensorRef, ...]
    outputs: tuple[TensorRef, ...]
    state_storages: tuple[int, ...]
    dtype: str
    ops: tuple[OpRecord, ...]
    modules: tuple[ModuleCall, ...]
    parameters: tuple[Parameter, ...]
    uncalled: tuple[str, ...]
    versions: dict[str, str]

    @property
    def input_shape(self) -> Shape:
        """Shape of the first input."""
        return next(iter(self.input_shapes.values()), ())


# --- the counts -------------------------------------------------------------------------------


class OpCounts(Record, frozen=True, gc=False):
    """What one convention says of one op: MACs, FLOPs, whether it has no rule for it.

    ``params`` is set by conventions that define parameters themselves.
    """

    macs: int = 0
    flops: int = 0
    params: int | None = None
    uncounted: bool = False


class LayerCounts(Record, frozen=True, gc=False):
    """One row of a count: a layer, a module, an op or an op kind, depending on the grouping.

    ``params`` counts a shared parameter at its first use only, so rows add up to the total.
    ``activations`` are the output elements of every op but views; ``bytes_moved`` the bytes an
    unfused run reads and writes at the count's precision. ``calls`` is how many ops the row holds.
    """

    path: str
    kind: str
    input_shape: Shape
    output_shape: Shape
    params: int
    trainable_params: int
    macs: int
    flops: int
    activations: int
    bytes_moved: int
    calls: int = 1

    @property
    def frozen_params(self) -> int:
        """Parameters that take no gradient."""
        return self.params - self.trainable_params


class Totals(Record, frozen=True, gc=False):
    """Sums over the rows, and the two that are no sums: weight and peak activation bytes.

    ``peak_activation_bytes`` is the most bytes of inputs, intermediates and outputs that are alive
    at once when every tensor is freed after its last use; weights are not part of it.
    """

    params: int
    trainable_params: int
    macs: int
    flops: int
    activations: int
    bytes_moved: int
    weight_bytes: int
    peak_activation_bytes: int


class Uncounted(Record, frozen=True, gc=False):
    """Ops without a rule in the convention: function, where, how often."""

    function: str
    kind: str
    path: str
    calls: int


class Counts(Record, frozen=True, gc=False):
    """One trace under one convention.

    The rows add up to the totals for every metric. A metric the convention does not define holds
    the true figure (``macs`` under ``paddle_static``).
    """

    model: str
    input_shapes: dict[str, Shape]
    variant: str
    convention: str
    precision: str
    grouping: str
    layers: tuple[LayerCounts, ...]
    totals: Totals
    uncounted: tuple[Uncounted, ...] = ()

    @property
    def input_shape(self) -> Shape:
        """Shape of the first input."""
        return next(iter(self.input_shapes.values()), ())


# --- the catalogue ----------------------------------------------------------------------------


class Device(Record, frozen=True, gc=False):
    """A piece of hardware: dense peak rates in TFLOP/s (INT8 in TOP/s) and bandwidth in GB/s."""

    slug: str
    name: str
    source: str
    fp32_tflops: float | None = None
    tf32_tflops: float | None = None
    fp16_tflops: float | None = None
    bf16_tflops: float | None = None
    int8_tops: float | None = None
    memory_gb: float | None = None
    bandwidth_gb_per_s: float | None = None
    l2_mb: float | None = None
    multiprocessors: int | None = None
    compute_capability: str = ""
    watts: int | None = None


class Family(Record, frozen=True, gc=False):
    """A line in a plot: models of one design, joined in size order."""

    slug: str
    name: str


class SeriesModel(Record, frozen=True, gc=False):
    """One model of a series.

    ``address`` is what ``build`` takes; ``published_variant`` the graph its published counts were
    made with; ``crop_size`` the input side its counts are stated at.
    """

    name: str
    label: str
    address: str
    family: str
    crop_size: int
    published_variant: str = "deploy"
    paper: str = ""
    paper_title: str = ""
    year: int | None = None


class Provenance(Record, frozen=True, gc=False):
    """Where a published figure stands: page, table (its heading there) and row."""

    page: str
    table: str
    row: str


class Published(Record, frozen=True, gc=False):
    """A published figure with its digits as printed, and where they stand."""

    text: str
    source: Provenance


class PublishedCounts(Record, frozen=True, gc=False):
    """One row of a published accuracy, FLOPs and parameters table. Blank cells are absent.

    ``printed_name`` is the model's name as the table prints it, line break included; ``flops_g``
    and ``params_m`` are in units of 1e9 and 1e6 as that page counts them.
    """

    model: str
    page: str
    printed_name: str
    top1: Published | None = None
    top5: Published | None = None
    reference_top1: Published | None = None
    reference_top5: Published | None = None
    flops_g: Published | None = None
    params_m: Published | None = None


class Latency(Record, frozen=True, gc=False):
    """One published latency in milliseconds, digits as printed, with its stated conditions.

    ``hw`` is a device slug, or "unstated" where the page does not say.
    """

    model: str
    page: str
    printed_name: str
    hw: str
    precision: str
    batch_size: int
    crop_size: int
    resize_short_size: int
    latency_ms: Published


class Series(Record, frozen=True, gc=False):
    """The models of one page, in the page's order, with their published figures.

    ``titles`` and ``summaries`` map a language to text; ``file_stem`` is the name inside plot file
    names (``t4.fp32.bs4.Inception.png``); ``pages`` maps a page's short name to its heading.
    ``devices`` are those that the series brings itself, beside the built-in ones.
    """

    name: str
    file_stem: str
    titles: dict[str, str]
    summaries: dict[str, str]
    families: tuple[Family, ...]
    models: tuple[SeriesModel, ...]
    counts: tuple[PublishedCounts, ...] = ()
    latencies: tuple[Latency, ...] = ()
    notes: dict[str, tuple[str, ...]] = {}
    pages: dict[str, str] = {}
    devices: tuple[Device, ...] = ()

    def model(self, name: str) -> SeriesModel:
        """Return the model called ``name``; KeyError where the series has none."""
        for model in self.models:
            if model.name == name:
                return model
        raise KeyError(name)


# --- reports, tables, plots -------------------------------------------------------------------


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
    """

    value: int | float | str | None
    origin: Origin
    reason: str = ""
    link: str = ""
    model: str = ""


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
