"""Made-up measured latencies, for tests; no figure in them was ever measured."""

from typing import Any

from profiler.records import MeasuredLatency, Report


def latency(model: str = "GoogLeNet", median_ms: float = 2.0, **overrides: Any) -> MeasuredLatency:
    """A clean latency of three processes, within one percent, at GoogLeNet's own input size."""
    fields: dict[str, Any] = {
        "model": model,
        "hw": "h100-sxm",
        "hw_name": "NVIDIA H100 80GB HBM3",
        "precision": "fp32",
        "batch_size": 4,
        "quantity": "device",
        "input_shape": (overrides.get("batch_size", 4), 3, 224, 224),
        "layout": "nchw",
        "engine": "pytorch",
        "threads": None,
        "flush_l2": False,
        "median_ms": median_ms,
        "low_ms": median_ms * 0.99,
        "high_ms": median_ms * 1.01,
        "samples": 700,
        "runs": 3,
        "flags": (),
        "started_at": "2026-01-02T03:04:05Z",
        "session": "20260102T030405-1a2b3c",
    }
    return MeasuredLatency(**(fields | overrides))


def of_every_model(report: Report, **overrides: Any) -> tuple[MeasuredLatency, ...]:
    """One for each model of a report at its own input size, 2 ms, 3 ms, 4 ms …"""
    batch_size = overrides.get("batch_size", 4)
    return tuple(
        latency(
            row.model.name,
            float(2 + place),
            input_shape=(batch_size, 3, row.model.crop_size, row.model.crop_size),
            **overrides,
        )
        for place, row in enumerate(report.rows)
    )
