"""One line per broken data file: which file, where in it, the value, and the cure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from profiler.errors import CatalogError, EncodingError, nearest, one_line, utf8_text

_MOST_SHOWN = 80

#: What may become a file name: no separators, no leading dot, nothing a shell or a URL minds.
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}", re.ASCII)
SAFE_NAME_CURE = "use up to 100 letters, digits and . _ + -, starting with a letter or a digit"


def fault(path: Path, place: str, problem: str, cure: str) -> CatalogError:
    """The error itself, in one form for every file."""
    where = f"{path}: {place}" if place else f"{path}"
    return CatalogError(f"{where}: {problem} ({cure})")


def shown(value: object) -> str:
    """A value from a file as it may stand in a message: quoted, on one line, not too long."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits has no repr
        return f"this {type(value).__name__}"
    return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"


def choice(value: str, known: Iterable[str], otherwise: str = "") -> str:
    """The cure for a name that is not among the known ones: the nearest, or something else."""
    near = nearest(value, known)
    if not otherwise:
        return near
    return f"{near} or {otherwise}" if near.endswith("?") else f"{near}, or {otherwise}"


def is_safe_name(name: str) -> bool:
    """Whether the name may become part of a file name."""
    return SAFE_NAME.fullmatch(name) is not None


def read_text(path: Path) -> str:
    """The file's text as UTF-8, without a byte order mark."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise fault(path, "", "the file is missing", "create it") from None
    except OSError as error:
        reason = error.strerror or one_line(error)
        raise fault(path, "", f"can't be read: {reason}", "check the path and its rights") from None
    try:
        return utf8_text(raw).removeprefix("\ufeff")
    except EncodingError as error:
        raise fault(path, f"line {error.line}", str(error), "save the file as UTF-8") from None
