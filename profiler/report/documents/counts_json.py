"""Counts → JSON with exact integers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from profiler.records import Counts, LayerCounts, Totals

#: Beside the keys everybody gets, those that ``--columns`` adds.
_MORE_TOTALS = ("trainable_params", "bytes_moved", "weight_bytes", "peak_activation_bytes")
_MORE_OF_A_ROW = ("trainable_params", "bytes_moved", "calls")
_METRICS = ("params", "macs", "flops", "activations")


def counts_json(counts: Sequence[Counts], more: bool = False) -> str:
    """One object for one count, a list for several; ends in a line feed.

    Args:
        counts: what to write.
        more: add bytes, trainable parameters, calls and the precision they are stated at.
    """
    objects = [_counts(each, more) for each in counts]
    return json.dumps(objects[0] if len(objects) == 1 else objects, indent=2) + "\n"


def _counts(counts: Counts, more: bool) -> dict[str, Any]:
    result: dict[str, Any] = {
        "model": counts.model,
        "input_shape": list(counts.input_shape),
        "variant": counts.variant,
        "convention": counts.convention,
        "totals": _figures(counts.totals, _METRICS + (_MORE_TOTALS if more else ())),
        "layers": [_layer(row, more) for row in counts.layers],
        "uncounted": [
            {"function": op.function, "kind": op.kind, "path": op.path, "calls": op.calls}
            for op in counts.uncounted
        ],
    }
    if len(counts.input_shapes) > 1:
        result["input_shapes"] = {name: list(shape) for name, shape in counts.input_shapes.items()}
    if more:
        result["precision"] = counts.precision
        result["by"] = counts.grouping
    return result


def _layer(row: LayerCounts, more: bool) -> dict[str, Any]:
    return {
        "path": row.path,
        "kind": row.kind,
        "input_shape": list(row.input_shape),
        "output_shape": list(row.output_shape),
        **_figures(row, _METRICS + (_MORE_OF_A_ROW if more else ())),
    }


def _figures(record: Totals | LayerCounts, names: Sequence[str]) -> dict[str, int]:
    return {name: getattr(record, name) for name in names}
