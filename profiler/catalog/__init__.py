"""Published figures and device specifications: data files and their loader.

A series is a folder named after it. ``series.toml`` is the one file it needs; ``counts.csv`` and
``latency.csv`` hold published figures, ``devices.toml`` hardware that inprof does not know, and the
folder ``measurements`` what was measured. The built-in series ``series/inception`` is the example
to copy: its files explain every key and column. An address such as ``my.py:net`` means the file of
that name in the series folder where there is one; any other address is left as it is.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from profiler.catalog.devices import UNSTATED, known_devices, load_devices, slug_of
    from profiler.catalog.languages import LANGUAGES
    from profiler.catalog.paddle_static import uncounted_linear
    from profiler.catalog.series_folder import (
        built_in_series,
        list_series,
        load_series,
        series_measurements,
    )

#: What the room gives, and the file that has it: read when asked for, most counts need none.
_FILES = {
    "LANGUAGES": "languages",
    "UNSTATED": "devices",
    "built_in_series": "series_folder",
    "known_devices": "devices",
    "list_series": "series_folder",
    "load_devices": "devices",
    "load_series": "series_folder",
    "series_measurements": "series_folder",
    "slug_of": "devices",
    "uncounted_linear": "paddle_static",
}

__all__ = [
    "LANGUAGES",
    "UNSTATED",
    "built_in_series",
    "known_devices",
    "list_series",
    "load_devices",
    "load_series",
    "series_measurements",
    "slug_of",
    "uncounted_linear",
]


def __getattr__(name: str) -> Any:
    if name not in _FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FILES[name]}"), name)
