"""Lines of measurement files: small records, and lines as other programs might write them."""

import json
from pathlib import Path
from typing import Any

import msgspec
from made_measurements import made

from profiler.records import Measurement


def small(**overrides: Any) -> Measurement:
    """A record of three samples."""
    return made(**({"samples": (1.25, 1.5, 1.375)} | overrides))


def written(path: Path, *lines: str | bytes) -> Path:
    """The file, with nothing but these lines in it."""
    path.write_bytes(b"".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


def line_of(**overrides: Any) -> str:
    """A record's line with its break, as another program might write it."""
    return json.dumps({"inprof": "0.1.0"} | msgspec.to_builtins(small()) | overrides) + "\n"
