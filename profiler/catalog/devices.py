"""The hardware that latencies are stated for: devices.toml, and a series' own additions."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import msgspec

from profiler.catalog.data_files import (
    SAFE_NAME,
    SAFE_NAME_CURE,
    FileTable,
    KeyFault,
    Text,
    allowed,
    fault,
    no_duplicates,
    read_toml,
    shown,
    whole,
)
from profiler.catalog.languages import LANGUAGES, Words, words_by_language
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


_Slug = Annotated[str, allowed("can't be a slug", SAFE_NAME_CURE, pattern=SAFE_NAME.pattern)]
_Peak = Annotated[
    float,
    allowed("is out of range", "write a number above zero, or leave it out", gt=0, le=10**9),
]
_Whole = Annotated[int, whole()]


class _Entry(FileTable, frozen=True):
    """A device as the file has it; the keys are explained at ``Device``."""

    slug: _Slug
    name: Text | Words
    source: Text
    fp32_tflops: _Peak | None = None
    tf32_tflops: _Peak | None = None
    fp16_tflops: _Peak | None = None
    bf16_tflops: _Peak | None = None
    int8_tops: _Peak | None = None
    memory_gb: _Peak | None = None
    bandwidth_gb_per_s: _Peak | None = None
    l2_mb: _Peak | None = None
    multiprocessors: _Whole | None = None
    compute_capability: Text = ""
    watts: _Whole | None = None
    reported_as: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.slug == UNSTATED:
            raise KeyFault("slug", f"{shown(self.slug)} can't be a slug", "choose another")


class _File(FileTable, frozen=True):
    devices: tuple[_Entry, ...] = ()


def read_devices(path: Path) -> tuple[Device, ...]:
    """Read one devices.toml; CatalogError where it is broken."""
    entries = read_toml(path, _File).devices
    no_duplicates(path, "devices", "slug", (entry.slug for entry in entries))
    _one_device_per_name(path, entries)
    return tuple(map(_device, entries))


@functools.cache
def _built_in() -> tuple[Device, ...]:
    return read_devices(_BUILT_IN)


def _device(entry: _Entry) -> Device:
    names = words_by_language(entry.name)
    by_language = names if len(set(names.values())) > 1 else {}
    own = msgspec.structs.asdict(entry) | {"name": names[LANGUAGES[0]], "names": by_language}
    return Device(**own)


def _one_device_per_name(path: Path, entries: Sequence[_Entry]) -> None:
    """Refuse a reported name that two entries claim, or one that could never be reported."""
    claimed: dict[str, str] = {}
    for index, entry in enumerate(entries, 1):
        where = f"devices[{index}]"
        for name in entry.reported_as:
            if not name or name != name.strip():
                problem, cure = f"{shown(name)} is no reported name", "copy it from nvidia-smi"
            elif name in claimed:
                problem = f"{shown(name)} is there twice, first in {claimed[name]}"
                cure = "leave it at the device it belongs to"
            else:
                claimed[name] = where
                continue
            raise fault(path, f"{where}.reported_as", problem, cure)


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
