"""Tables of a page against each other: the crop sizes they state, and the models they have."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from profiler.audit.counts import AuditTraces
from profiler.records import (
    DEPLOY,
    CellRef,
    Finding,
    Latency,
    Series,
)

#: Page, heading of the table and the hardware it is about; no hardware for a table of counts.
_TableKey = tuple[str, str, str]


def coverage_findings(series: Series, traces: AuditTraces) -> Iterator[Finding]:
    """Crops that contradict another table or the network, and models that a table leaves out."""
    yield from _crop_conflicts(series)
    yield from _impossible_crops(series, traces)
    yield from _missing_rows(series)


def _crop_conflicts(series: Series) -> Iterator[Finding]:
    stated: dict[tuple[str, str], dict[CellRef, Latency]] = {}
    for latency in series.latencies:
        cells = stated.setdefault((latency.page, latency.model), {})
        cells.setdefault(latency.crop_cell, latency)
    for (page, model), cells in stated.items():
        # a table may have rows at several crops on purpose: one that another shares will do
        crops: dict[tuple[str, str], set[int]] = {}
        for each in series.latencies:
            if (each.page, each.model) == (page, model):
                key = each.latency_ms.source.table, each.hw
                crops.setdefault(key, set()).add(each.crop_size)
        if any(one.isdisjoint(other) for one, other in combinations(crops.values(), 2)):
            yield Finding(
                id=f"crop-conflict:{page}:{model}",
                rule="crop-conflict",
                severity="warning",
                model=model,
                cells=tuple(cells),
                evidence={
                    "crop_sizes": tuple(sorted(set().union(*crops.values()))),
                    "counted_at": series.model(model).crop_size,
                },
            )


def _impossible_crops(series: Series, traces: AuditTraces) -> Iterator[Finding]:
    """A crop that the deployed graph could not be run at, so that nothing else can be judged."""
    cells: dict[tuple[str, str, int], dict[CellRef, None]] = {}
    for each in series.latencies:
        if (DEPLOY, each.crop_size) not in traces.get(each.model, {}):
            key = each.page, each.model, each.crop_size
            cells.setdefault(key, {})[each.crop_cell] = None
    for (page, model, crop), where in cells.items():
        yield Finding(
            id=f"crop-impossible:{page}:{model}:{crop}",
            rule="crop-impossible",
            severity="error",
            model=model,
            cells=tuple(where),
            evidence={"crop_size": crop},
        )


def _missing_rows(series: Series) -> Iterator[Finding]:
    """Models that some table of the series has and others of its tables have not."""
    rows: dict[_TableKey, set[str]] = {}
    for row in series.counts:
        figures = row.top1, row.top5, row.reference_top1, row.reference_top5
        first = next((each for each in (*figures, row.flops_g, row.params_m) if each), None)
        if first is not None:
            rows.setdefault((row.page, first.source.table, ""), set()).add(row.model)
    for each in series.latencies:
        key = each.page, each.latency_ms.source.table, each.hw
        rows.setdefault(key, set()).add(each.model)
    listed = set().union(*rows.values())
    for page in dict.fromkeys(page for page, _, _ in rows):
        tables = [key for key in rows if key[0] == page]
        for model in series.models:
            without = [key for key in tables if model.name not in rows[key]]
            if model.name in listed and without:
                yield Finding(
                    id=f"missing-row:{page}:{model.name}",
                    rule="missing-row",
                    severity="info",
                    model=model.name,
                    cells=tuple(model.missing_row(*key) for key in without),
                    evidence={"missing_from": len(without), "tables": len(tables)},
                )
