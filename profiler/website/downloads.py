"""A series' figures as files of the site: a table as CSV and JSON, and everything as one JSON.

Numbers are as they are in the records, unrounded; a published figure is a text with its digits as
printed. Names are English ones, the same in every language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from profiler import units
from profiler.audit import CountCheck
from profiler.counting.layer_tree import LayerNode, walk
from profiler.records import (
    Cell,
    Column,
    Counts,
    Latency,
    MeasuredLatency,
    Measurement,
    PublishedCounts,
    Report,
    Shape,
    Table,
)
from profiler.records.base import grouped
from profiler.render.csv_table import column_names, render_csv
from profiler.website.frame import DATA

_Figure = TypeVar("_Figure", Latency, MeasuredLatency, PublishedCounts)

#: What a quoted figure is in units of, as part of its name.
_SCALES = {"compared.flops.published": "_g", "compared.params.published": "_m"}


def table_files(
    table: Table, anchor: str, report: Report, about: Mapping[str, object] | None = None
) -> dict[str, str]:
    """Path from the site's top → text: the table's rows as CSV and as JSON.

    A column's name begins with where its figures come from: published, traced or measured.
    ``about`` is what else the JSON says of the rows.
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
                **(about or {}),
                "rows": _rows(named),
            }
        ),
    }


def layer_files(
    tree: LayerNode,
    anchor: str,
    report: Report,
    input_shape: Shape,
    variant: str,
    record: Measurement | None,
) -> dict[str, str]:
    """A model's layers as ``table_files``; a row of kind "module" is the sum of those inside it.

    Args:
        tree: the layers.
        anchor: what the files are called.
        report: the series they are of.
        input_shape: what the counts are for.
        variant: the graph.
        record: where the times are from, None where there are none.
    """
    timing = None
    if record is not None and record.layers is not None:
        timing = {
            "device": record.device,
            "precision": record.precision,
            "batch_size": record.batch_size,
            "quantity": record.quantity,
            "method": record.layers.method,
            "calls": record.layers.calls,
            "inflation": record.layers.inflation,
            "flags": record.flags,
            "started_at": record.started_at,
            "settings": record.settings,
            "environment": record.environment,
        }
    about = {"input_shape": input_shape, "graph": variant, "timing": timing}
    return table_files(_layers(tree, timed=timing is not None), anchor, report, about)


def _layers(tree: LayerNode, timed: bool) -> Table:
    """The tree in execution order, a module before what is inside it."""
    names = ("path", "name", "level", "class", "kind", "output_shape")
    counts = ("params", "macs", "flops", "activation_bytes")
    rows = []
    for level, node in walk(tree):
        shape = "" if node.output_shape is None else units.shape(node.output_shape)
        labels = (node.path, node.name, level, node.class_name, node.kind, shape)
        cells = [Cell(value=value, origin="label") for value in labels]
        cells += [Cell(value=getattr(node, name), origin="traced") for name in counts]
        if timed and node.time_ms is None:
            cells.append(Cell(value=None, origin="missing", reason="not_measured"))
        elif timed:
            cells.append(Cell(value=node.time_ms, origin="measured"))
        rows.append(tuple(cells))
    every = (*names, *counts, *(("time_ms",) if timed else ()))
    return Table(
        key="layers",
        columns=tuple(Column(key=f"layers.{name}", hint="text") for name in every),
        rows=tuple(rows),
    )


def series_file(true: Report, checks: Sequence[CountCheck] = ()) -> dict[str, str]:
    """Path from the site's top → text: counts, published figures with their sources, measured ones.

    Args:
        true: the report whose counts are the true cost of the deployed graph.
        checks: what an audit found of each published count.
    """
    series = true.series
    published, measured = _by_model(series.counts), _by_model(true.measured)
    latencies = _by_model(series.latencies)
    environments: dict[bytes, int] = {}
    settings: dict[bytes, int] = {}
    models = [
        {
            "name": row.model.name,
            "label": row.model.label,
            "family": row.model.family,
            "year": row.model.year,
            "paper": row.model.paper,
            "paper_title": row.model.paper_title,
            "counts": _counts(row.counts),
            "published": published.get(row.model.name, []),
            "published_counts_checked": [
                _checked(check) for check in checks if check.model.name == row.model.name
            ],
            "published_latencies": latencies.get(row.model.name, []),
            "measured": [
                {
                    **msgspec.to_builtins(each),
                    "environment": _place(each.environment, environments),
                    "settings": _place(each.settings, settings),
                }
                for each in measured.get(row.model.name, [])
            ],
            "failed": [_failure(each) for each in true.failed if each.model == row.model.name],
        }
        for row in true.rows
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
        # many latencies have one of each in common: theirs are the places in these lists
        "environments": [msgspec.json.decode(each) for each in environments],
        "settings": [msgspec.json.decode(each) for each in settings],
    }
    return {f"{DATA}/{series.name}/{series.name}.json": _json(everything)}


def _place(record: object, places: dict[bytes, int]) -> int:
    """Where the record stands in a list of different ones, at whose end it is put if it is new."""
    return places.setdefault(msgspec.json.encode(record), len(places))


def _checked(check: CountCheck) -> dict[str, Any]:
    """A published count with what gives it; the first of those that do is the likeliest."""
    return {
        "metric": check.metric,
        "text": check.text,
        "given_by": [
            {"convention": convention, "graph": graph, "crop_size": crop}
            for convention, graph, crop in check.reproduced
        ],
        "given": check.given,
        "true": check.true,
        "right": check.right,
    }


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
        **({"dtypes": counts.dtypes} if counts.dtypes else {}),
        "totals": counts.totals,
    }


def _failure(record: Measurement) -> dict[str, object]:
    """Under which conditions there are no samples, and why."""
    return {
        "hw": record.device,
        "precision": record.precision,
        "batch_size": record.batch_size,
        "quantity": record.quantity,
        "input_shape": record.input_shape,
        "layout": record.layout,
        "engine": record.engine,
        "flags": record.flags,
        "reason": record.reason,
        "started_at": record.started_at,
    }


def _by_model(figures: Iterable[_Figure]) -> Mapping[str, list[_Figure]]:
    return grouped(figures, lambda figure: figure.model)


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n"
