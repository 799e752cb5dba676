"""The hardware that latencies are stated for: devices.toml, and a series' own additions."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

from profiler.catalog.faults import SAFE_NAME_CURE, is_safe_name, shown
from profiler.catalog.languages import LANGUAGES, words
from profiler.catalog.toml_table import TomlTable, no_duplicates
from profiler.records import Device, Series

#: What a latency's hardware is called where its page does not name it.
UNSTATED = "unstated"

#: Precision → the field of a device's peak at it, in 1e12 operations a second.
_PEAKS = {
    "fp32": "fp32_tflops",
    "tf32": "tf32_tflops",
    "fp16": "fp16_tflops",
    "bf16": "bf16_tflops",
    "int8": "int8_tops",
}
_BUILT_IN = Path(__file__).parent / "devices.toml"

#: Marks in a reported name that tell no two devices apart.
_NOISE = re.compile(r"\((?:r|tm|c)\)|\b(?:nvidia|cpu|processor)\b", re.IGNORECASE)
#: Longer names are cut, so that the slug stays a safe name.
_LONGEST_SLUG = 80


def load_devices() -> dict[str, Device]:
    """The built-in devices by slug, in the file's order."""
    return {device.slug: device for device in _built_in()}


def known_devices(series: Series) -> dict[str, Device]:
    """The devices that the series' latencies may name: the built-in ones and its own."""
    return load_devices() | {device.slug: device for device in series.devices}


def slug_of(reported_name: str, *, cpu: bool = False) -> str:
    """The slug of the device that reports this name.

    A name that a built-in entry lists exactly gives its slug; a name that only resembles one (A10G,
    H100 NVL, a MIG slice) is another device. Any other name gives a slug made of it, which is never
    a built-in one; a CPU's begins with "cpu-".
    """
    name = reported_name.strip()
    if cpu:
        return f"cpu-{_plain(name) or 'unknown'}"
    for device in _built_in():
        if name in device.reported_as:
            return device.slug
    slug = _plain(name) or "unknown"
    taken = slug in load_devices() or slug == UNSTATED or slug.startswith("cpu-")
    return f"gpu-{slug}" if taken else slug


def _plain(name: str) -> str:
    """Lower-case letters and digits of the name, joined by single hyphens, without noise."""
    words = re.findall(r"[a-z0-9]+", _NOISE.sub(" ", name).lower())
    return "-".join(words)[:_LONGEST_SLUG].rstrip("-")


def read_devices(path: Path) -> tuple[Device, ...]:
    """Read one devices.toml; CatalogError where it is broken."""
    top = TomlTable.read(path)
    entries = top.tables("devices")
    top.finish()
    devices = tuple(_device(entry) for entry in entries)
    no_duplicates(entries, "slug")
    _one_device_per_name(entries)
    return devices


@functools.cache
def _built_in() -> tuple[Device, ...]:
    return read_devices(_BUILT_IN)


def _device(entry: TomlTable) -> Device:
    slug = entry.text("slug")
    if not is_safe_name(slug) or slug == UNSTATED:
        raise entry.fault("slug", f"{shown(slug)} can't be a slug", SAFE_NAME_CURE)
    names = words(entry, "name")
    device = Device(
        slug=slug,
        name=names[LANGUAGES[0]],
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
        reported_as=entry.texts("reported_as"),
        names=names if len(set(names.values())) > 1 else {},
    )
    entry.finish()
    return device


def _one_device_per_name(entries: Iterable[TomlTable]) -> None:
    """Refuse a reported name that two entries claim, or one that could never be reported."""
    claimed: dict[str, str] = {}
    for entry in entries:
        for name in entry.texts("reported_as"):
            if not name or name != name.strip():
                raise entry.fault(
                    "reported_as", f"{shown(name)} is no reported name", "copy it from nvidia-smi"
                )
            if name in claimed:
                raise entry.fault(
                    "reported_as",
                    f"{shown(name)} is there twice, first in {claimed[name]}",
                    "leave it at the device it belongs to",
                )
            claimed[name] = entry.where


def peak(device: Device, devices: Mapping[str, Device], precision: str) -> Fraction | None:
    """A device's peak in FLOP/s at a precision; None where it is unknown.

    An entry without one stands for its variants, the entries whose slugs begin with its own and a
    hyphen; their highest peak bounds whichever was used.
    """
    own = _own_peak(device, precision)
    if own is not None:
        return own
    variants = (
        _own_peak(other, precision)
        for slug, other in devices.items()
        if slug.startswith(f"{device.slug}-")
    )
    return max((each for each in variants if each is not None), default=None)


def _own_peak(device: Device, precision: str) -> Fraction | None:
    tera: float | None = getattr(device, _PEAKS[precision])
    # 8.1 is meant, not the binary number next to it
    return None if tera is None else Fraction(repr(tera)) * 10**12
