"""Made-up records of measured latencies, for tests; no figure in them was ever measured."""

import random
from collections.abc import Sequence
from typing import Any

from profiler.records import Environment, Measurement, TimingSettings

#: Hardware slug → the name a made-up device calls itself.
NAMES = {"h100-sxm": "NVIDIA H100 80GB HBM3", "t4": "Tesla T4", "cpu": "A made-up CPU"}


def made(
    model: str = "googlenet", samples: Sequence[float] | None = None, **overrides: Any
) -> Measurement:
    """A record of 240 samples about 1.25 ms, or of ``samples`` milliseconds in order.

    ``overrides`` are fields of Measurement. The environment follows ``device`` unless it is given.
    """
    if samples is None:
        samples = spread(1.25)
    device = overrides.pop("device", "h100-sxm")
    fields: dict[str, Any] = {
        "model": model,
        "device": device,
        "precision": "fp32",
        "batch_size": 1,
        "quantity": "device",
        "samples_ms": tuple(samples),
        "flags": (),
        "started_at": "2026-01-02T03:04:05Z",
        "session": "20260102T030405-1a2b3c",
        "run": 1,
        "address": model,
        "variant": "deploy",
        "input_shape": (overrides.get("batch_size", 1), 3, 224, 224),
        "layout": "nchw",
        "engine": "pytorch",
        "threads": None,
        "settings": TimingSettings(),
        "environment": made_environment(device),
        "cold_first_ms": 812.5,
        "enqueue_ms": 0.25,
        "peak_bytes": 64 * 2**20,
        "inprof": "0.1.0",
    }
    return Measurement(**(fields | overrides))


def made_environment(
    hw: str = "h100-sxm", *, software: dict[str, Any] | None = None, **overrides: Any
) -> Environment:
    """Where a made-up record was taken; ``software`` replaces entries of that part alone."""
    fields: dict[str, Any] = {
        "hw": hw,
        "name": NAMES.get(hw, hw),
        "device": {"compute_capability": "9.0", "sms": 132, "driver": "570.0"},
        "software": {"python": "3.12.3", "torch": "2.9.0", "cuda": "12.8"} | (software or {}),
        "host": {"cpu": "A made-up CPU", "cores": 16},
        "variables": {},
    }
    return Environment(**(fields | overrides))


def spread(median_ms: float, count: int = 240, width: float = 0.01) -> tuple[float, ...]:
    """Samples whose median is ``median_ms``, within ``width`` of it, in an order without a trend.

    They are shuffled, so that neighbours do not resemble each other.
    """
    places = list(range(count))
    random.Random(count).shuffle(places)
    step = 2 * width / max(count - 1, 1)
    return tuple(median_ms * (1 - width + step * place) if count > 1 else median_ms
                 for place in places)  # fmt: skip
