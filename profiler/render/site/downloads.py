"""A series' figures as files of the site: a table as CSV and JSON, and everything as one JSON.

Numbers are as they are in the records, unrounded; a published figure is a text with its digits as
printed. Names are English ones, the same in every language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from profiler.records import Cell, Counts, Latency, MeasuredLatency, PublishedCounts, Report, Table
from profiler.render.csv_table import column_names, render_csv
from profiler.render.site.frame import DATA

_Figure = TypeVar("_Figure", Latency, MeasuredLatency, PublishedCounts)

#: What a quoted figure is in units of, as part of its name.
_SCALES = {"compared.flops.published": "_g", "compared.params.published": "_m"}


def table_files(table: Table, anchor: str, report: Report) -> dict[str, str]:
    """Path from the site's top → text: the table's rows as CSV and as JSON.

    A column's name begins with where its figures come from: published, traced or measured.
    """
    stem = f"{DATA}/{report.series.name}/{anchor}"
    named = _named(table)
    return {
        f"{stem}.csv": render_csv(named),
        f"{stem}.json": _json(
            {
                "series": report.series.name,
                "table": anchor,
                "updated": report.series.updated,
                "convention": report.convention,
                "pages": report.series.pages,
                "rows": _rows(named),
            }
        ),
    }


def series_file(true: Report, repeated: Report) -> dict[str, str]:
    """Path from the site's top → text: counts, published figures with their sources, measured ones.

    Args:
        true: the report whose counts are the true cost of the deployed graph.
        repeated: the same under the rule of the published figures.
    """
    series = true.series
    published, measured = _by_model(series.counts), _by_model(true.measured)
    latencies = _by_model(series.latencies)
    models = [
        {
            "name": row.model.name,
            "label": row.model.label,
            "family": row.model.family,
            "year": row.model.year,
            "paper": row.model.paper,
            "paper_title": row.model.paper_title,
            "counts": [_counts(row.counts), _counts(same.counts)],
            "published": published.get(row.model.name, []),
            "published_latencies": latencies.get(row.model.name, []),
            "measured": measured.get(row.model.name, []),
        }
        for row, same in zip(true.rows, repeated.rows, strict=True)
    ]
    everything = {
        "series": series.name,
        "titles": series.titles,
        "updated": series.updated,
        "changes": series.changes,
        "pages": series.pages,
        "families": series.families,
        "devices": true.devices,
        "models": models,
    }
    return {f"{DATA}/{series.name}/{series.name}.json": _json(everything)}


def _named(table: Table) -> Table:
    """The table with columns that say where their figures come from."""
    columns = []
    for index, column in enumerate(table.columns):
        origins = [row[index].origin for row in table.rows]
        origin = next((x for x in origins if x not in ("label", "missing")), "")
        name = column.key.rpartition(".")[2] + _SCALES.get(column.key, "")
        prefix = f"{origin}_" if origin and not name.startswith(origin) else ""
        columns.append(replace(column, key=prefix + name))
    return replace(table, columns=tuple(columns))


def _rows(table: Table) -> list[dict[str, Any]]:
    """Each row as an object; a range is a list of its ends, a missing value the reason for it."""
    names = column_names(table.columns)
    rows = []
    for row in table.rows:
        missing = {
            name: cell.reason
            for name, cell in zip(names, row, strict=True)
            if cell.origin == "missing" and cell.reason
        }
        rows.append(
            {
                **({"name": row[0].model} if row[0].model else {}),
                **{name: _value(cell) for name, cell in zip(names, row, strict=True)},
                **({"missing": missing} if missing else {}),
                **({"doubtful": True} if any(cell.doubtful for cell in row) else {}),
            }
        )
    return rows


def _value(cell: Cell) -> object:
    return cell.value if cell.upper is None else [cell.value, cell.upper]


def _counts(counts: Counts) -> dict[str, object]:
    return {
        "convention": counts.convention,
        "variant": counts.variant,
        "input_shape": counts.input_shape,
        "precision": counts.precision,
        "totals": counts.totals,
    }


def _by_model(figures: Iterable[_Figure]) -> Mapping[str, list[_Figure]]:
    found: dict[str, list[_Figure]] = {}
    for figure in figures:
        found.setdefault(figure.model, []).append(figure)
    return found


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n"
