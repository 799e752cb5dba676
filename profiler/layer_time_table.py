"""Measured layers → Table: time, what was counted, the rates reached, the roof above them."""

from __future__ import annotations

from collections.abc import Sequence

from profiler.records import Cell, Column, LayerTimes, Table
from profiler.roofline import TimedLayer

_HINTS = {
    "path": "label",
    "kind": "text",
    "time": "measured_ms",
    "share": "share",
    "flops": "integer",
    "flops_per_s": "giga",
    "bytes_per_s": "giga",
    "arithmetic_intensity": "ratio",
    "bound": "text",
    "roof_share": "share",
}
_NO_TEXT = Cell(value="", origin="label")
_UNDEFINED = Cell(value=None, origin="missing", reason="undefined")


def layer_time_table(times: LayerTimes, layers: Sequence[TimedLayer]) -> Table:
    """A row per layer in execution order, one for what is outside any, and the whole.

    Columns about the roof are left out where the device's peak is not known.
    """
    roofed = any(layer.bound for layer in layers)
    names = [name for name in _HINTS if roofed or name not in ("bound", "roof_share")]
    rows = [tuple(_row(layer, times)[name] for name in names) for layer in layers]
    rows.append(_sum_row(names, "unattributed", times.unattributed_ms, times.total_ms))
    rows.append(_sum_row(names, "total", times.total_ms, times.total_ms))
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
        rows=tuple(rows),
    )


def _row(layer: TimedLayer, times: LayerTimes) -> dict[str, Cell]:
    intensity = layer.flops / layer.bytes_moved if layer.bytes_moved else None
    return {
        "path": Cell(value=layer.path or layer.class_name, origin="label"),
        "kind": Cell(value=layer.class_name, origin="label"),
        "time": Cell(value=layer.self_ms, origin="measured"),
        "share": Cell(value=layer.share, origin="measured"),
        "flops": Cell(value=layer.flops, origin="traced"),
        "flops_per_s": _rate(layer.flops_per_s),
        "bytes_per_s": _rate(layer.bytes_per_s),
        "arithmetic_intensity": _rate(intensity),
        "bound": Cell(value=layer.bound, origin="label"),
        "roof_share": _rate(layer.roof_share),
    }


def _rate(value: float | None) -> Cell:
    return _UNDEFINED if value is None else Cell(value=value, origin="measured")


def _sum_row(names: Sequence[str], reason: str, ms: float, whole_ms: float) -> tuple[Cell, ...]:
    shown = {
        "path": Cell(value=None, origin="label", reason=reason),
        "time": Cell(value=ms, origin="measured"),
        "share": Cell(value=ms / whole_ms, origin="measured"),
    }
    return tuple(shown.get(name, _NO_TEXT) for name in names)
