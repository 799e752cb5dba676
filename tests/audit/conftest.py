"""A made-up series as files: one small network, its figures right unless a test seeds a fault."""

from collections.abc import Callable
from pathlib import Path

import pytest

from profiler.audit import AuditTraces, audit
from profiler.catalog import known_devices, load_series
from profiler.records import Finding, Series
from profiler.report.gathering import trace_audit

# At 16 pixels, by hand: the first convolution takes 16*16*8 * 3*9 = 55,296 MACs, the depthwise one
# 16*16*8 * 9 = 18,432, the linear layer 8*10 = 80: 73,808 MACs, 147,616 FLOPs. Parameters: 216 + 72
# + 90 = 378. The train graph adds a 1x1 convolution: 16*16*8 * 8 = 16,384 MACs, 64 parameters.
NETS = """
from torch import nn

def small(variant="deploy"):
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False),
        *([nn.Conv2d(8, 8, 1, bias=False)] if variant == "train" else []),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10),
    )

def fixed():
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 10))
"""

SERIES = """
[titles]
en = "Made up"
[pages]
blog = "A post of ours"
old = "An older post"
[[families]]
slug = "net"
name = "Net"
[[models]]
name = "small"
label = "Small net"
address = "nets.py:small"
family = "net"
crop_size = 16
[[models]]
name = "fixed"
address = "nets.py:fixed"
family = "net"
crop_size = 16
"""

DEVICES = """
[[devices]]
slug = "board"
name = "Our board"
source = "its sheet"
fp32_tflops = 0.001
fp16_tflops = 0.002
"""

COUNTS = "page,table,model,flops_g,params_m\n"
LATENCY = "page,table,model,hw,precision,batch_size,crop_size,resize_short_size,latency_ms\n"

Audit = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write the series "made_up" with these rows, and return the folder that holds it."""

    def write_series(
        counts: tuple[str, ...] = (),
        latency: tuple[str, ...] = (),
        series: str = SERIES,
        columns: str = COUNTS,
    ) -> Path:
        folder = tmp_path / "made_up"
        folder.mkdir(exist_ok=True)
        for name, text in {
            "series.toml": series,
            "nets.py": NETS,
            "devices.toml": DEVICES,
            "counts.csv": columns + "".join(f"{row}\n" for row in counts),
            "latency.csv": LATENCY + "".join(f"{row}\n" for row in latency),
        }.items():
            (folder / name).write_text(text)
        return tmp_path

    return write_series


@pytest.fixture
def traced(write: Callable[..., Path]) -> Callable[..., tuple[Series, AuditTraces]]:
    """The series with these rows, and its traces."""

    def run(**rows: object) -> tuple[Series, AuditTraces]:
        series = load_series("made_up", [write(**rows)])
        return series, trace_audit(series)

    return run


@pytest.fixture
def audited(traced: Callable[..., tuple[Series, AuditTraces]]) -> Audit:
    """Audit the series with these rows."""

    def run(**rows: object) -> tuple[Finding, ...]:
        series, traces = traced(**rows)
        return audit(series, traces, known_devices(series)).findings

    return run
