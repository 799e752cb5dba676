"""Models, published figures and hardware, as the data files state them."""

from __future__ import annotations

from profiler.records.base import Record


class Device(Record, frozen=True, gc=False):
    """A piece of hardware with its dense peak rates; None where a rate is unknown."""

    #: What data files and ``--hw`` call it.
    slug: str
    name: str
    #: Where its figures are stated.
    source: str
    #: Peak rates in 1e12 FLOP/s, of INT8 in 1e12 operations a second.
    fp32_tflops: float | None = None
    tf32_tflops: float | None = None
    fp16_tflops: float | None = None
    bf16_tflops: float | None = None
    int8_tops: float | None = None
    memory_gb: float | None = None
    bandwidth_gb_per_s: float | None = None
    l2_mb: float | None = None
    multiprocessors: int | None = None
    #: NVIDIA's generation number, "7.5"; empty for other hardware.
    compute_capability: str = ""
    watts: int | None = None
    #: Names that drivers give it.
    reported_as: tuple[str, ...] = ()
    #: Its name by language; empty where it has one for all of them.
    names: dict[str, str] = {}


class Family(Record, frozen=True, gc=False):
    """A line in a plot: models of one design, joined in size order."""

    slug: str
    name: str


class SeriesModel(Record, frozen=True, gc=False):
    """One model of a series."""

    #: What data files and pages call it.
    name: str
    #: What tables and plots print.
    label: str
    #: What ``build`` takes.
    address: str
    #: Slug of its family.
    family: str
    #: Side in pixels of the input that its counts are stated at.
    crop_size: int
    #: The graph that its published counts were made with.
    published_variant: str = "deploy"
    paper: str = ""
    paper_title: str = ""
    year: int | None = None

    def missing_row(self, page: str, table: str, hw: str) -> CellRef:
        """The row that a table would have for it; ``hw`` is empty for a table of counts."""
        return CellRef(page, table, self.label, self.name, "", hw)


class Provenance(Record, frozen=True, gc=False):
    """Where a published figure stands."""

    page: str
    #: The table's heading there.
    table: str
    row: str


class Published(Record, frozen=True, gc=False):
    """A published figure with its digits as printed, and where they stand."""

    text: str
    source: Provenance


class CellRef(Record, frozen=True, gc=False):
    """A cell of a published page."""

    page: str
    #: As printed, like the row.
    table: str
    #: The name at the row's head.
    row: str
    model: str
    #: The figure's name in the data files ("flops_g", "latency_ms"); empty for the whole row.
    column: str
    #: Which of the latencies it is, with the two below.
    hw: str = ""
    precision: str = ""
    batch_size: int | None = None


#: What pages print of accuracy, as ``PublishedCounts`` names it.
ACCURACIES = ("top1", "top5", "reference_top1", "reference_top5")
#: The columns of ``PublishedCounts``.
COUNT_COLUMNS = (*ACCURACIES, "flops_g", "params_m")


class PublishedCounts(Record, frozen=True, gc=False):
    """One row of a published accuracy, FLOPs and parameters table; blank cells are absent."""

    model: str
    #: Short name of the page.
    page: str
    #: The model's name as the table prints it, line break included.
    printed_name: str
    top1: Published | None = None
    top5: Published | None = None
    reference_top1: Published | None = None
    reference_top5: Published | None = None
    #: In units of 1e9, as that page counts them.
    flops_g: Published | None = None
    #: In units of 1e6, as that page counts them.
    params_m: Published | None = None

    def cell(self, column: str) -> CellRef | None:
        """Where the figure of this name is printed, None where it is not."""
        figure: Published | None = getattr(self, column)
        if figure is None:
            return None
        source = figure.source
        return CellRef(source.page, source.table, source.row, self.model, column)


class Latency(Record, frozen=True, gc=False):
    """One published latency with its stated conditions."""

    model: str
    page: str
    printed_name: str
    #: A device slug, or "unstated" where the page does not say.
    hw: str
    precision: str
    batch_size: int
    crop_size: int
    #: Side in pixels that images are resized to before the crop.
    resize_short_size: int
    #: For the whole batch, digits as printed.
    latency_ms: Published

    @property
    def conditions(self) -> tuple[str, str, str, str, int]:
        """Page, model, hardware, precision and batch size, which tell it from the others."""
        return self.page, self.model, self.hw, self.precision, self.batch_size

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
    """An entry in the history of a series' figures."""

    #: "YYYY-MM-DD".
    date: str
    #: Language → what changed.
    texts: dict[str, str]
    #: The revision that did it; empty where none is named.
    revision: str = ""


class Series(Record, frozen=True, gc=False):
    """The models of one page, in the page's order, with their published figures."""

    name: str
    #: The name inside plot file names: ``t4.fp32.bs4.Inception.png``.
    file_stem: str
    #: Language → title.
    titles: dict[str, str]
    #: Language → summary.
    summaries: dict[str, str]
    families: tuple[Family, ...]
    models: tuple[SeriesModel, ...]
    counts: tuple[PublishedCounts, ...] = ()
    latencies: tuple[Latency, ...] = ()
    #: Rows of a model that has one above already: on the same page, and of latencies under the same
    #: conditions. Only figures that the first row leaves blank are taken from them.
    repeated_counts: tuple[PublishedCounts, ...] = ()
    repeated_latencies: tuple[Latency, ...] = ()
    #: Language → notes.
    notes: dict[str, tuple[str, ...]] = {}
    #: A page's short name → its heading.
    pages: dict[str, str] = {}
    #: Page → language → heading, where that differs.
    page_titles: dict[str, dict[str, str]] = {}
    #: Page → its address, where one is given.
    page_urls: dict[str, str] = {}
    #: Those that the series brings itself, beside the built-in ones.
    devices: tuple[Device, ...] = ()
    #: The day its figures are of, "YYYY-MM-DD" or empty.
    updated: str = ""
    #: The newest first.
    changes: tuple[Change, ...] = ()

    def model(self, name: str) -> SeriesModel:
        """Return the model called ``name``; KeyError where the series has none."""
        for model in self.models:
            if model.name == name:
                return model
        raise KeyError(name)
