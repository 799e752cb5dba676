"""The published figures of a series: counts.csv and latency.csv, digits kept as printed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path

from profiler.catalog.csv_rows import CsvRow, read_rows
from profiler.catalog.devices import UNSTATED
from profiler.catalog.faults import choice, shown
from profiler.records import (
    BYTES_PER_ELEMENT,
    Latency,
    Provenance,
    Published,
    PublishedCounts,
    SeriesModel,
)

_FRACTIONS = ("top1", "top5", "reference_top1", "reference_top5")
_SIZES = ("flops_g", "params_m")
_PLACE = ("table", "printed_name")

COUNTS_COLUMNS = (("page", "model"), (*_PLACE, *_FRACTIONS, *_SIZES))
LATENCY_COLUMNS = (
    (
        "page",
        "model",
        "hw",
        "precision",
        "batch_size",
        "crop_size",
        "resize_short_size",
        "latency_ms",
    ),
    _PLACE,
)


def read_counts(
    path: Path, models: Mapping[str, SeriesModel], pages: Collection[str]
) -> tuple[PublishedCounts, ...]:
    """Read counts.csv: one row for each model on each page, blank cells absent."""
    seen: dict[tuple[str, ...], int] = {}
    counts = []
    for row in read_rows(path, *COUNTS_COLUMNS):
        model, source = _stand(row, models, pages)
        _only_once(row, seen, (source.page, model.name))
        fractions = {column: _fraction(row, column) for column in _FRACTIONS}
        for one, five in (_FRACTIONS[:2], _FRACTIONS[2:]):
            low, high = fractions[one], fractions[five]
            if low is not None and high is not None and Decimal(low) > Decimal(high):
                raise row.fault(
                    one, f"{low} is above {five} {high}", "the two are probably swapped"
                )
        figures = fractions | {column: row.positive_digits(column) for column in _SIZES}
        published = {
            column: Published(text, source) for column, text in figures.items() if text is not None
        }
        counts.append(PublishedCounts(model.name, source.page, source.row, **published))
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
    for row in read_rows(path, *LATENCY_COLUMNS):
        model, source = _stand(row, models, pages)
        hw = _one_of(row, "hw", (*devices, UNSTATED), "describe it in the series' devices.toml")
        precision = _one_of(row, "precision", tuple(BYTES_PER_ELEMENT))
        batch_size = row.whole("batch_size")
        _only_once(row, seen, (source.page, model.name, hw, precision, str(batch_size)))
        milliseconds = row.positive_digits("latency_ms")
        if milliseconds is None:
            raise row.fault("latency_ms", "the cell is empty", "fill it in or remove the row")
        latencies.append(
            Latency(
                model=model.name,
                page=source.page,
                printed_name=source.row,
                hw=hw,
                precision=precision,
                batch_size=batch_size,
                crop_size=row.whole("crop_size"),
                resize_short_size=row.whole("resize_short_size"),
                latency_ms=Published(milliseconds, source),
            )
        )
    return tuple(latencies)


def _stand(
    row: CsvRow, models: Mapping[str, SeriesModel], pages: Collection[str]
) -> tuple[SeriesModel, Provenance]:
    """The model a row is about and where its figures stand."""
    model = models[_one_of(row, "model", tuple(models), "add it to series.toml")]
    page = _one_of(row, "page", tuple(pages), "add it to [pages] in series.toml")
    printed_name = row.verbatim("printed_name", model.label)
    return model, Provenance(page, row.verbatim("table", ""), printed_name)


def _one_of(row: CsvRow, column: str, known: Collection[str], otherwise: str = "") -> str:
    value = row.text(column)
    if value not in known:
        cure = choice(value, known, otherwise)
        raise row.fault(column, f"unknown {column} {shown(value)}", cure)
    return value


def _fraction(row: CsvRow, column: str) -> str | None:
    text = row.digits(column)
    if text is not None and Decimal(text) > 1:
        raise row.fault(
            column, f"{shown(text)} is above 1", "write a fraction: 0.793, where it is 79.3 %"
        )
    return text


def _only_once(row: CsvRow, seen: dict[tuple[str, ...], int], key: tuple[str, ...]) -> None:
    if key in seen:
        raise row.fault(
            "model", f"{' '.join(key)} is there already, on line {seen[key]}", "remove one"
        )
    seen[key] = row.line
