"""The hardware that latencies are stated for: devices.toml, and a series' own additions."""

from __future__ import annotations

import functools
from pathlib import Path

from profiler.catalog.faults import SAFE_NAME_CURE, is_safe_name, shown
from profiler.catalog.toml_table import TomlTable, no_duplicates
from profiler.records import Device, Series

#: What a latency's hardware is called where its page does not name it.
UNSTATED = "unstated"

_BUILT_IN = Path(__file__).parent / "devices.toml"


def load_devices() -> dict[str, Device]:
    """The built-in devices by slug, in the file's order."""
    return {device.slug: device for device in _built_in()}


def known_devices(series: Series) -> dict[str, Device]:
    """The devices that the series' latencies may name: the built-in ones and its own."""
    return load_devices() | {device.slug: device for device in series.devices}


def read_devices(path: Path) -> tuple[Device, ...]:
    """Read one devices.toml; CatalogError where it is broken."""
    top = TomlTable.read(path)
    entries = top.tables("devices")
    top.finish()
    devices = tuple(_device(entry) for entry in entries)
    no_duplicates(entries, "slug")
    return devices


@functools.cache
def _built_in() -> tuple[Device, ...]:
    return read_devices(_BUILT_IN)


def _device(entry: TomlTable) -> Device:
    slug = entry.text("slug")
    if not is_safe_name(slug) or slug == UNSTATED:
        raise entry.fault("slug", f"{shown(slug)} can't be a slug", SAFE_NAME_CURE)
    device = Device(
        slug=slug,
        name=entry.text("name"),
        source=entry.text("source"),
        fp32_tflops=entry.optional_number("fp32_tflops"),
        tf32_tflops=entry.optional_number("tf32_tflops"),
        fp16_tflops=entry.optional_number("fp16_tflops"),
        bf16_tflops=entry.optional_number("bf16_tflops"),
        int8_tops=entry.optional_number("int8_tops"),
        memory_gb=entry.optional_number("memory_gb"),
        bandwidth_gb_per_s=entry.optional_number("bandwidth_gb_per_s"),
        l2_mb=entry.optional_number("l2_mb"),
        multiprocessors=entry.optional_integer("multiprocessors"),
        compute_capability=entry.text("compute_capability", ""),
        watts=entry.optional_integer("watts"),
    )
    entry.finish()
    return device
