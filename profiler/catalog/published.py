"""The published figures of a series: counts.csv and latency.csv, digits kept as printed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated

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
        for one, five in (ACCURACIES[:2], ACCURACIES[2:]):
            low, high = getattr(self, one), getattr(self, five)
            if None not in (low, high) and Decimal(low) > Decimal(high):
                cure = "the two are probably swapped"
                raise KeyFault(one, f"{low} is above {five} {high}", cure)
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
) -> tuple[PublishedCounts, ...]:
    """Read counts.csv: one row for each model on each page, blank cells absent."""
    seen: dict[tuple[str, ...], int] = {}
    counts = []
    for line, row in read_csv(path, _CountsRow):
        source = _source(path, line, row, models, pages)
        _only_once(path, line, seen, (row.page, row.model))
        published = {
            column: Published(text, source)
            for column in (*ACCURACIES, *_SIZES)
            if (text := getattr(row, column)) is not None
        }
        counts.append(PublishedCounts(row.model, row.page, source.row, **published))
    return tuple(counts)


def read_latencies(
    path: Path,
    models: Mapping[str, SeriesModel],
    pages: Collection[str],
    devices: Collection[str],
) -> tuple[Latency, ...]:
    """Read latency.csv: one row for each model, page, device, precision and batch size."""
    seen: dict[tuple[str, ...], int] = {}
    latencies = []
    for line, row in read_csv(path, _LatencyRow):
        source = _source(path, line, row, models, pages)
        own_devices = "describe it in the series' devices.toml"
        _known(path, line, "hw", row.hw, (*devices, UNSTATED), own_devices)
        _known(path, line, "precision", row.precision, tuple(BYTES_PER_ELEMENT))
        key = (row.page, row.model, row.hw, row.precision, row.batch_size)
        _only_once(path, line, seen, key)
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
    return tuple(latencies)


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


def _only_once(
    path: Path, line: int, seen: dict[tuple[str, ...], int], key: tuple[str, ...]
) -> None:
    first = seen.setdefault(key, line)
    if first != line:
        problem = f"{' '.join(key)} is there already, on line {first}"
        raise fault(path, f"line {line}, column model", problem, "remove one")
