"""Measured layers → Table: time, what was counted, the rates reached, the roof above them."""

from __future__ import annotations

from collections.abc import Sequence

from profiler.records import (
    UNDEFINED,
    Cell,
    Column,
    LayerTimes,
    Table,
)
from profiler.timing.latencies.layer_timings import TimedLayer

_HINTS = {
    "path": "label",
    "kind": "text",
    "time": "measured_ms",
    "share": "share",
    "flops": "integer",
    "flops_per_s": "giga_rate",
    "bytes_per_s": "giga_rate",
    "arithmetic_intensity": "ratio",
    "bound": "text",
    "roof_share": "share",
}
_NO_TEXT = Cell(value="", origin="label")


def layer_time_table(times: LayerTimes, layers: Sequence[TimedLayer]) -> Table:
    """A row per layer in execution order, one for what is outside any, and the whole.

    Columns about the roof are left out where the device's peak is not known.
    """
    names = _names(layers)
    return _table(names, [_row(layer, names) for layer in layers], times)


def slowest_layers(layers: Sequence[TimedLayer], most: int) -> tuple[TimedLayer, ...]:
    """The layers that take the most time, the slowest first."""
    return tuple(sorted(layers, key=lambda layer: -layer.self_ms)[:most])


def slowest_layer_table(times: LayerTimes, layers: Sequence[TimedLayer], most: int) -> Table:
    """As ``layer_time_table``, but the slowest layers first and the others in one row."""
    names = _names(layers)
    slowest = slowest_layers(layers, most)
    rows = [_row(layer, names) for layer in slowest]
    if len(layers) > most:
        rest_ms = sum(layer.self_ms for layer in layers) - sum(each.self_ms for each in slowest)
        rows.append(_sum_row(names, "other_layers", rest_ms, times.total_ms))
    return _table(names, rows, times)


def _names(layers: Sequence[TimedLayer]) -> list[str]:
    roofed = any(layer.bound for layer in layers)
    return [name for name in _HINTS if roofed or name not in ("bound", "roof_share")]


def _table(names: Sequence[str], rows: Sequence[tuple[Cell, ...]], times: LayerTimes) -> Table:
    whole_ms = times.total_ms
    return Table(
        key="layer_times",
        columns=tuple(
            Column(
                key=f"layer_times.{name}",
                hint=_HINTS[name],
                align="left" if _HINTS[name] in ("label", "text") else "right",
            )
            for name in names
        ),
        rows=(
            *rows,
            _sum_row(names, "unattributed", times.unattributed_ms, whole_ms),
            _sum_row(names, "total", whole_ms, whole_ms),
        ),
    )


def _row(layer: TimedLayer, names: Sequence[str]) -> tuple[Cell, ...]:
    intensity = layer.flops / layer.bytes_moved if layer.bytes_moved else None
    cells = {
        "path": Cell(value=layer.path or layer.class_name, origin="label"),
        "kind": Cell(value=layer.class_name, origin="label"),
        "time": Cell(value=layer.self_ms, origin="measured"),
        "share": Cell(value=layer.share, origin="measured"),
        "flops": Cell(value=layer.flops, origin="traced"),
        "flops_per_s": _rate(layer.flops_per_s),
        "bytes_per_s": _rate(layer.bytes_per_s),
        "arithmetic_intensity": _rate(intensity),
        "bound": Cell(value=None, origin="label", reason=layer.bound) if layer.bound else _NO_TEXT,
        "roof_share": _rate(layer.roof_share),
    }
    return tuple(cells[name] for name in names)


def _rate(value: float | None) -> Cell:
    return UNDEFINED if value is None else Cell(value=value, origin="measured")


def _sum_row(names: Sequence[str], reason: str, ms: float, whole_ms: float) -> tuple[Cell, ...]:
    shown = {
        "path": Cell(value=None, origin="label", reason=reason),
        "time": Cell(value=ms, origin="measured"),
        "share": Cell(value=ms / whole_ms, origin="measured"),
    }
    return tuple(shown.get(name, _NO_TEXT) for name in names)
