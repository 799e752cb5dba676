"""The layers of one measured call as a document, and as a timeline that other programs open."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from profiler import units
from profiler.errors import NoDataError
from profiler.records import (
    TABULAR,
    Document,
    Heading,
    LayerSpan,
    LayerTimes,
    Lines,
    Measurement,
    TableBlock,
)
from profiler.report.tables.layers import layer_time_table
from profiler.timing.latencies.roofline import TimedLayer


def layer_times_document(record: Measurement, layers: Sequence[TimedLayer]) -> Document:
    """A row per layer, and below it how far it can be relied on."""
    title = _title(record)
    return Document(
        (
            Heading(title),
            TableBlock(title, layer_time_table(_times(record), layers), formats=TABULAR),
            Lines((_notes(record),), style="dim"),
        ),
        _data(record, layers),
    )


def _times(record: Measurement) -> LayerTimes:
    if record.layers is None:
        raise ValueError(f"the record of {record.model} has no layers")
    return record.layers


def _title(record: Measurement) -> str:
    return (
        f"{record.model} by layer: {record.environment.name}, {record.precision.upper()}, "
        f"batch size {record.batch_size}, {record.quantity} time"
    )


def _notes(record: Measurement) -> str:
    times = _times(record)
    return (
        f"Medians of {times.calls} calls of {record.started_at}, by {times.method}. With these "
        f"instruments a call takes {units.milliseconds(times.total_ms)} ms, "
        f"{units.milliseconds(times.plain_ms)} ms without them "
        f"({units.signed_percent(times.inflation)}). FLOPs are two per multiply-accumulate of "
        "convolutions, linear layers and matrix products, and a 3x3 convolution done the short way "
        "(Winograd) can seem to pass the peak; bytes are those of an unfused run, and a fused or "
        "cached layer can seem to pass the memory's bandwidth."
    )


def _data(record: Measurement, layers: Sequence[TimedLayer]) -> dict[str, Any]:
    times = _times(record)
    return {
        "model": record.model,
        "device": record.device,
        "precision": record.precision,
        "batch_size": record.batch_size,
        "quantity": record.quantity,
        "input_shape": record.input_shape,
        "started_at": record.started_at,
        "flags": record.flags,
        "method": times.method,
        "calls": times.calls,
        "total_ms": times.total_ms,
        "plain_ms": times.plain_ms,
        "unattributed_ms": times.unattributed_ms,
        "inflation": times.inflation,
        "layers": [
            {
                "path": layer.path,
                "class": layer.class_name,
                "calls": layer.calls,
                "self_ms": layer.self_ms,
                "flops": layer.flops,
                "bytes_moved": layer.bytes_moved,
                "flops_per_s": layer.flops_per_s,
                "bytes_per_s": layer.bytes_per_s,
                "roof_ms": layer.roof_ms,
                "bound": layer.bound,
            }
            for layer in layers
        ],
    }


_PROCESS, _THREAD = 1, 1


def chrome_trace(measurement: Measurement) -> str:
    """The JSON text; NoDataError where the record has no layers."""
    times = measurement.layers
    if times is None or not times.spans:
        why = times.refused if times else "it was measured without --per-layer"
        raise NoDataError(f"no layer times of {measurement.model} to export: {why}")
    starts = [0.0]
    for span in times.spans:
        starts.append(starts[-1] + 1000 * span.span_ms)
    events = [
        _event(name, starts[first], starts[last], span)
        for name, first, last, span in _slices(measurement.model, times.spans)
    ]
    conditions = {
        "model": measurement.model,
        "device": measurement.environment.name,
        "precision": measurement.precision,
        "batch_size": measurement.batch_size,
        "quantity": measurement.quantity,
        "started_at": measurement.started_at,
        "calls": times.calls,
        "total_ms": times.total_ms,
        "unattributed_ms": times.unattributed_ms,
        "inflation": times.inflation,
    }
    names = [
        {
            "ph": "M",
            "pid": _PROCESS,
            "tid": _THREAD,
            "name": kind,
            "args": {"name": name},
        }
        for kind, name in (
            ("process_name", f"inprof: {measurement.model}"),
            ("thread_name", f"{measurement.environment.name}, medians of {times.calls} calls"),
        )
    ]
    return (
        json.dumps(
            {"displayTimeUnit": "ms", "otherData": conditions, "traceEvents": [*names, *events]},
            ensure_ascii=False,
        )
        + "\n"
    )


def _slices(
    model: str, spans: tuple[LayerSpan, ...]
) -> Iterator[tuple[str, int, int, LayerSpan | None]]:
    """Name, first span, last span + 1 of every slice, what holds others before what it holds."""
    yield model, 0, len(spans), None
    open_: list[tuple[str, int]] = []
    closed: list[tuple[str, int, int, LayerSpan | None]] = []
    for at, span in enumerate(spans):
        holders = _holders(span.path)
        common = 0
        while common < min(len(open_), len(holders)) and open_[common][0] == holders[common]:
            common += 1
        closed += [(path, first, at, None) for path, first in open_[common:]]
        del open_[common:]
        open_ += [(path, at) for path in holders[common:]]
        closed.append((f"{span.path or model} ({span.class_name})", at, at + 1, span))
    closed += [(path, first, len(spans), None) for path, first in open_]
    yield from sorted(closed, key=lambda it: (it[1], it[1] - it[2], it[3] is not None))


def _holders(path: str) -> list[str]:
    """The modules that hold a path, outermost first."""
    parts = path.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts))]


def _event(name: str, start_us: float, end_us: float, span: LayerSpan | None) -> dict[str, object]:
    event: dict[str, object] = {
        "name": name,
        "cat": "layer" if span else "module",
        "ph": "X",
        "ts": round(start_us, 3),
        "dur": round(end_us - start_us, 3),
        "pid": _PROCESS,
        "tid": _THREAD,
    }
    if span:
        event["args"] = {"path": span.path, "class": span.class_name, "call": span.call_index}
    return event
