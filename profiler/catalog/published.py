"""The published figures of a series: counts.csv and latency.csv, digits kept as printed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, TypeVar

from msgspec.structs import replace

from profiler.catalog.data_files import (
    FileTable,
    KeyFault,
    Text,
    allowed,
    choice,
    fault,
    read_csv,
    shown,
)
from profiler.catalog.devices import UNSTATED
from profiler.records import (
    ACCURACIES,
    BYTES_PER_ELEMENT,
    COUNT_COLUMNS,
    Latency,
    Provenance,
    Published,
    PublishedCounts,
    SeriesModel,
)

_CURE = "write digits with a decimal point, such as 7.2075, or leave the cell empty"
#: A number as the text it was printed as.
_Digits = Annotated[
    str, allowed("is no plain number", _CURE, pattern=r"\A[0-9]{1,12}(\.[0-9]{1,12})?\Z")
]
_Whole = Annotated[
    str,
    allowed("is no whole number above zero", "write digits only", pattern=r"\A[1-9][0-9]{0,8}\Z"),
]
_SIZES = ("flops_g", "params_m")
_Row = TypeVar("_Row", PublishedCounts, Latency)


class _CountsRow(FileTable, frozen=True):
    page: Text
    model: Text
    table: str = ""
    printed_name: str = ""
    top1: _Digits | None = None
    top5: _Digits | None = None
    reference_top1: _Digits | None = None
    reference_top5: _Digits | None = None
    flops_g: _Digits | None = None
    params_m: _Digits | None = None

    def __post_init__(self) -> None:
        for column in ACCURACIES:
            text = getattr(self, column)
            if text is not None and Decimal(text) > 1:
                cure = "write a fraction: 0.793, where it is 79.3 %"
                raise KeyFault(column, f"{shown(text)} is above 1", cure)
        for column in _SIZES:
            _refuse_zero(column, getattr(self, column))


class _LatencyRow(FileTable, frozen=True):
    page: Text
    model: Text
    hw: Text
    precision: Text
    batch_size: _Whole
    crop_size: _Whole
    resize_short_size: _Whole
    latency_ms: _Digits
    table: str = ""
    printed_name: str = ""

    def __post_init__(self) -> None:
        _refuse_zero("latency_ms", self.latency_ms)


def read_counts(
    path: Path, models: Mapping[str, SeriesModel], pages: Collection[str]
) -> tuple[tuple[PublishedCounts, ...], tuple[PublishedCounts, ...]]:
    """Read counts.csv: one row for each model on each page, blank cells absent, and the repeated.

    Where a page has several rows of a model, the first takes what it leaves blank from the others.
    """
    counts = []
    for line, row in read_csv(path, _CountsRow):
        source = _source(path, line, row, models, pages)
        published = {
            column: Published(text, source)
            for column in COUNT_COLUMNS
            if (text := getattr(row, column)) is not None
        }
        counts.append(PublishedCounts(row.model, row.page, source.row, **published))
    first, repeated = _apart(counts, lambda each: (each.page, each.model))
    for again in repeated:
        at = next(at for at, each in enumerate(first) if _same_model(each, again))
        blank = (column for column in COUNT_COLUMNS if getattr(first[at], column) is None)
        first[at] = replace(first[at], **{column: getattr(again, column) for column in blank})
    return tuple(first), tuple(repeated)


def read_latencies(
    path: Path,
    models: Mapping[str, SeriesModel],
    pages: Collection[str],
    devices: Collection[str],
) -> tuple[tuple[Latency, ...], tuple[Latency, ...]]:
    """Read latency.csv: one row for each model, page, device, precision and batch; the repeated."""
    latencies = []
    for line, row in read_csv(path, _LatencyRow):
        source = _source(path, line, row, models, pages)
        own_devices = "describe it in the series' devices.toml"
        _known(path, line, "hw", row.hw, (*devices, UNSTATED), own_devices)
        _known(path, line, "precision", row.precision, tuple(BYTES_PER_ELEMENT))
        latencies.append(
            Latency(
                model=row.model,
                page=row.page,
                printed_name=source.row,
                hw=row.hw,
                precision=row.precision,
                batch_size=int(row.batch_size),
                crop_size=int(row.crop_size),
                resize_short_size=int(row.resize_short_size),
                latency_ms=Published(row.latency_ms, source),
            )
        )
    first, repeated = _apart(latencies, lambda each: each.conditions)
    return tuple(first), tuple(repeated)


def _source(
    path: Path,
    line: int,
    row: _CountsRow | _LatencyRow,
    models: Mapping[str, SeriesModel],
    pages: Collection[str],
) -> Provenance:
    """Where a row's figures stand."""
    _known(path, line, "model", row.model, tuple(models), "add it to series.toml")
    _known(path, line, "page", row.page, tuple(pages), "add it to [pages] in series.toml")
    return Provenance(row.page, row.table, row.printed_name or models[row.model].label)


def _known(
    path: Path, line: int, column: str, name: str, known: Collection[str], otherwise: str = ""
) -> None:
    if name not in known:
        problem, cure = f"unknown {column} {shown(name)}", choice(name, known, otherwise)
        raise fault(path, f"line {line}, column {column}", problem, cure)


def _refuse_zero(column: str, text: str | None) -> None:
    if text is not None and Decimal(text) == 0:
        cure = "write the figure, or leave the cell empty"
        raise KeyFault(column, f"{shown(text)} is zero", cure)


def _apart(rows: Iterable[_Row], key: Callable[[_Row], Hashable]) -> tuple[list[_Row], list[_Row]]:
    """The first row of each key, and the others."""
    first: dict[Hashable, _Row] = {}
    repeated = []
    for row in rows:
        if first.setdefault(key(row), row) is not row:
            repeated.append(row)
    return list(first.values()), repeated


def _same_model(one: PublishedCounts, other: PublishedCounts) -> bool:
    return (one.page, one.model) == (other.page, other.model)
