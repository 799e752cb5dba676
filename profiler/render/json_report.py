"""Counts → JSON with exact integers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from profiler.records import Counts, LayerCounts


def counts_json(counts: Sequence[Counts]) -> str:
    """One object for one count, a list for several; ends in a line feed."""
    objects = [_counts(each) for each in counts]
    return json.dumps(objects[0] if len(objects) == 1 else objects, indent=2) + "\n"


def _counts(counts: Counts) -> dict[str, Any]:
    totals = counts.totals
    result: dict[str, Any] = {
        "model": counts.model,
        "input_shape": list(counts.input_shape),
        "variant": counts.variant,
        "convention": counts.convention,
        "precision": counts.precision,
        "by": counts.grouping,
        "totals": {
            "params": totals.params,
            "macs": totals.macs,
            "flops": totals.flops,
            "activations": totals.activations,
            "trainable_params": totals.trainable_params,
            "bytes_moved": totals.bytes_moved,
            "weight_bytes": totals.weight_bytes,
            "peak_activation_bytes": totals.peak_activation_bytes,
        },
        "layers": [_layer(row) for row in counts.layers],
        "uncounted": [
            {"function": op.function, "kind": op.kind, "path": op.path, "calls": op.calls}
            for op in counts.uncounted
        ],
    }
    if len(counts.input_shapes) > 1:
        result["input_shapes"] = {name: list(shape) for name, shape in counts.input_shapes.items()}
    return result


def _layer(row: LayerCounts) -> dict[str, Any]:
    return {
        "path": row.path,
        "kind": row.kind,
        "input_shape": list(row.input_shape),
        "output_shape": list(row.output_shape),
        "params": row.params,
        "macs": row.macs,
        "flops": row.flops,
        "activations": row.activations,
        "trainable_params": row.trainable_params,
        "bytes_moved": row.bytes_moved,
        "calls": row.calls,
    }
