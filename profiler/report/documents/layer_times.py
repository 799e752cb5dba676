"""Measured layers → what ``inprof time layers`` prints: text, markdown, CSV or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Group
from rich.text import Text

from profiler import units
from profiler.records import LayerTimes, Measurement
from profiler.render.csv_table import render_csv
from profiler.render.markdown import inline, render_markdown
from profiler.render.messages import load_messages
from profiler.render.terminal import plain, terminal_table
from profiler.report.tables.layer_times import layer_time_table
from profiler.timing.latencies.layer_timings import TimedLayer

_LANGUAGE = "en"


def layer_times_terminal(
    record: Measurement, layers: Sequence[TimedLayer], width: int | None = None
) -> Group:
    """A row per layer, and below it how far it can be relied on."""
    times = _times(record)
    table = layer_time_table(times, layers)
    return Group(
        terminal_table(table, load_messages(_LANGUAGE), _title(record), width),
        Text(_notes(record), style="dim"),
    )


def layer_times_text(record: Measurement, layers: Sequence[TimedLayer], output_format: str) -> str:
    """The same as ``text``, ``markdown``, ``csv`` or ``json``, ending in a line feed."""
    times = _times(record)
    table = layer_time_table(times, layers)
    if output_format == "csv":
        return render_csv(table)
    if output_format == "json":
        return _json(record, layers)
    if output_format == "markdown":
        shown = render_markdown(table, load_messages(_LANGUAGE)).strip("\n")
        return f"### {inline(_title(record))}\n\n{shown}\n\n{inline(_notes(record))}\n"
    return plain(layer_times_terminal(record, layers))


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


def _json(record: Measurement, layers: Sequence[TimedLayer]) -> str:
    times = _times(record)
    result = {
        "model": record.model,
        "device": record.device,
        "precision": record.precision,
        "batch_size": record.batch_size,
        "quantity": record.quantity,
        "input_shape": list(record.input_shape),
        "started_at": record.started_at,
        "flags": list(record.flags),
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
    return json.dumps(result, indent=2) + "\n"
