"""Published and measured figures of several models, row by row of what may be compared.

A row holds one figure a model, all taken under one set of conditions: from the same table of the
same page, or measured on the same hardware in the same way, at the same precision and batch size,
and either each at the input it is counted at or all at one input size. So the figures of a row may
be divided by each other, and figures of two rows never are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from profiler.records import (
    ACCURACIES,
    CellRef,
    HowTimed,
    Latency,
    MeasuredLatency,
    Published,
    PublishedCounts,
    Record,
    Series,
    SeriesModel,
    Shape,
)
from profiler.records.base import distinct


class ModelFigures(Record, frozen=True):
    """Figures of one model beside its counts."""

    #: The sides of the input it is counted at.
    grid: Shape
    accuracies: tuple[PublishedCounts, ...] = ()
    published: tuple[Latency, ...] = ()
    measured: tuple[MeasuredLatency, ...] = ()


class AccuracyRow(Record, frozen=True):
    """One accuracy of each model as one table of one page prints it."""

    name: str
    page: str
    figures: tuple[Published | None, ...]


class TimedFigure(Record, frozen=True):
    """A latency at an input of some size."""

    #: The sides of the input.
    grid: Shape
    latency_ms: float
    #: How it is printed, empty where it is measured.
    text: str = ""
    doubtful: bool = False
    #: Where it is printed.
    cell: CellRef | None = None
    #: Where its input is printed.
    crop_cell: CellRef | None = None


class RowConditions(Record, frozen=True):
    """The conditions that latencies of a row share to be compared, but for the input."""

    hw: str
    precision: str
    batch_size: int
    #: Where a published one is printed.
    page: str = ""
    table: str = ""
    #: Of a measured one only.
    how: HowTimed | None = None


class LatencyRow(Record, frozen=True):
    """The latency of each model under one set of conditions."""

    conditions: RowConditions
    #: The sides of the input, None where each model has the one it is counted at and these differ.
    grid: Shape | None
    figures: tuple[TimedFigure | None, ...]
    #: Why a figure is missing: a key below "reasons", else empty.
    reasons: tuple[str, ...]

    def grids(self, models: Iterable[int]) -> tuple[Shape, ...]:
        """The different inputs of the figures that these models have, in the models' order."""
        known = (self.figures[at] for at in models)
        return distinct(figure.grid for figure in known if figure)


def figures_of(
    series: Series, model: SeriesModel, grid: Shape, measured: Iterable[MeasuredLatency] = ()
) -> ModelFigures:
    """The figures that a series has of one of its models.

    Args:
        series: the catalogue.
        model: one of its models.
        grid: the sides of the input it is counted at.
        measured: latencies of the series' models, under their names there.
    """
    return ModelFigures(
        grid=grid,
        accuracies=tuple(row for row in series.counts if row.model == model.name),
        published=tuple(each for each in series.latencies if each.model == model.name),
        measured=tuple(each for each in measured if each.model == model.name),
    )


def accuracy_rows(models: Sequence[ModelFigures]) -> tuple[AccuracyRow, ...]:
    """The models' printed accuracy, a row for each figure and page.

    A page that says no more than another one is left out.
    """
    pages = distinct(row.page for model in models for row in model.accuracies)
    rows: list[AccuracyRow] = []
    for name in ACCURACIES:
        figures = [tuple(_accuracy(model, page, name) for model in models) for page in pages]
        kept = _fullest([[figure and figure.text for figure in each] for each in figures])
        rows += (AccuracyRow(name=name, page=pages[at], figures=figures[at]) for at in kept)
    return tuple(rows)


def latency_rows(models: Sequence[ModelFigures]) -> tuple[LatencyRow, ...]:
    """Every set of conditions that any of the models has a latency for: published, then measured.

    A model with latencies at several input sizes is in the row of each; a row that says no more
    than another one under the same conditions is left out.
    """
    timed = [_timed(model) for model in models]
    found = distinct(conditions for each in timed for conditions in each)
    rows: list[LatencyRow] = []
    for conditions in sorted(found, key=lambda each: each.how is not None):
        at_grids = [each.get(conditions, {}) for each in timed]
        own = distinct(model.grid for model in models)
        each_its_own = [at.get(model.grid) for at, model in zip(at_grids, models, strict=True)]
        candidates = [(own[0] if len(own) == 1 else None, each_its_own)]
        for grid in sorted({grid for at in at_grids for grid in at}):
            candidates.append((grid, [at.get(grid) for at in at_grids]))
        for kept in _fullest([figures for _, figures in candidates]):
            grid_of_row, figures = candidates[kept]
            reasons = tuple(
                "" if figure else _reason(conditions, at)
                for figure, at in zip(figures, at_grids, strict=True)
            )
            rows.append(LatencyRow(conditions, grid_of_row, tuple(figures), reasons))
    return tuple(rows)


def is_comparison(row: LatencyRow) -> bool:
    """Whether two or more models have a figure in the row."""
    return sum(figure is not None for figure in row.figures) > 1


def _timed(model: ModelFigures) -> dict[RowConditions, dict[Shape, TimedFigure]]:
    """A model's latencies by conditions and then by the sides of the input."""
    found: dict[RowConditions, dict[Shape, TimedFigure]] = {}
    for printed in model.published:
        source = printed.latency_ms.source
        conditions = RowConditions(
            hw=printed.hw,
            precision=printed.precision,
            batch_size=printed.batch_size,
            page=source.page,
            table=source.table,
        )
        text = printed.latency_ms.text
        grid: Shape = (printed.crop_size, printed.crop_size)
        found.setdefault(conditions, {})[grid] = TimedFigure(
            grid=grid,
            latency_ms=float(text),
            text=text,
            cell=printed.cell,
            crop_cell=printed.crop_cell,
        )
    for latency in model.measured:
        conditions = RowConditions(
            hw=latency.hw,
            precision=latency.precision,
            batch_size=latency.batch_size,
            how=latency.how,
        )
        grid = latency.input_shape[2:]
        found.setdefault(conditions, {})[grid] = TimedFigure(
            grid=grid, latency_ms=latency.median_ms, doubtful=latency.doubtful
        )
    return found


def _reason(conditions: RowConditions, at_grids: Mapping[Shape, TimedFigure]) -> str:
    if at_grids:
        return "other_input"
    return "not_measured" if conditions.how else "not_published"


def _accuracy(model: ModelFigures, page: str, name: str) -> Published | None:
    figures: Iterable[Published | None] = (
        getattr(row, name) for row in model.accuracies if row.page == page
    )
    return next((figure for figure in figures if figure), None)


def _fullest(rows: Sequence[Sequence[object]]) -> list[int]:
    """The places of rows that say something, and not only what another one says as well."""
    kept = []
    for place, row in enumerate(rows):
        others = (other for at, other in enumerate(rows) if at < place or row != other)
        says_no_more = any(
            row is not other
            and all(one is None or one == two for one, two in zip(row, other, strict=True))
            for other in others
        )
        if any(figure is not None for figure in row) and not says_no_more:
            kept.append(place)
    return kept
