"""Models, published figures and hardware, as the data files state them."""

from __future__ import annotations

from profiler.records.base import Record


class Device(Record, frozen=True, gc=False):
    """A piece of hardware: dense peak rates in TFLOP/s (INT8 in TOP/s) and bandwidth in GB/s.

    ``reported_as`` are the names that drivers give it; ``names`` is its name by language, empty
    where it has one for all of them.
    """

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
    reported_as: tuple[str, ...] = ()
    names: dict[str, str] = {}


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

    def missing_row(self, page: str, table: str, hw: str) -> CellRef:
        """The row that a table would have for it; ``hw`` is empty for a table of counts."""
        return CellRef(page, table, self.label, self.name, "", hw)


class Provenance(Record, frozen=True, gc=False):
    """Where a published figure stands: page, table (its heading there) and row."""

    page: str
    table: str
    row: str


class Published(Record, frozen=True, gc=False):
    """A published figure with its digits as printed, and where they stand."""

    text: str
    source: Provenance


class CellRef(Record, frozen=True, gc=False):
    """A cell of a published page: page, table and row as printed, the model, and the column.

    ``column`` is the figure's name in the data files ("flops_g", "params_m", "crop_size",
    "latency_ms"), empty for the row as a whole; the last three say which of the latencies it is.
    """

    page: str
    table: str
    row: str
    model: str
    column: str
    hw: str = ""
    precision: str = ""
    batch_size: int | None = None


#: What pages print of accuracy, as ``PublishedCounts`` names it.
ACCURACIES = ("top1", "top5", "reference_top1", "reference_top5")


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

    def cell(self, column: str) -> CellRef | None:
        """Where the figure of this name is printed, None where it is not."""
        figure: Published | None = getattr(self, column)
        if figure is None:
            return None
        source = figure.source
        return CellRef(source.page, source.table, source.row, self.model, column)


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

    @property
    def cell(self) -> CellRef:
        """Where the figure is printed."""
        conditions = self.hw, self.precision, self.batch_size
        return CellRef(*self._place, "latency_ms", *conditions)

    @property
    def crop_cell(self) -> CellRef:
        """Where the crop size is printed, one for all latencies of a row."""
        return CellRef(*self._place, "crop_size", self.hw)

    @property
    def _place(self) -> tuple[str, str, str, str]:
        source = self.latency_ms.source
        return source.page, source.table, source.row, self.model


class Change(Record, frozen=True, gc=False):
    """What changed in a series' figures on a day, by language; the revision that did it, if named.

    ``date`` is "YYYY-MM-DD".
    """

    date: str
    texts: dict[str, str]
    revision: str = ""


class Series(Record, frozen=True, gc=False):
    """The models of one page, in the page's order, with their published figures.

    ``titles`` and ``summaries`` map a language to text; ``file_stem`` is the name inside plot file
    names (``t4.fp32.bs4.Inception.png``); ``pages`` maps a page's short name to its heading,
    ``page_titles`` to its heading by language where that differs, ``page_urls`` to its address
    where one is given.
    ``devices`` are those that the series brings itself, beside the built-in ones. ``updated`` is
    the day its figures are of, "YYYY-MM-DD" or empty; ``changes`` what happened to them, the
    newest first.
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
    page_titles: dict[str, dict[str, str]] = {}
    page_urls: dict[str, str] = {}
    devices: tuple[Device, ...] = ()
    updated: str = ""
    changes: tuple[Change, ...] = ()

    def model(self, name: str) -> SeriesModel:
        """Return the model called ``name``; KeyError where the series has none."""
        for model in self.models:
            if model.name == name:
                return model
        raise KeyError(name)
