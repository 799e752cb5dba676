"""Every error a user can meet, as one tree.

InprofError                 exit 1: one line, no traceback
├── UsageError              exit 2: the request itself is wrong
│   ├── UnknownNameError    a name that is not in its registry; lists the nearest
│   └── NoDataError         a combination nothing is known about; lists what there is
├── BuildError              an address that gives no module
├── TraceError              a forward that can't be traced; names the op and the module
├── UncountedError          --strict met an op without a counting rule
├── ToolError               a counting tool that is not installed, or fails on a model
├── EncodingError           bytes that are no UTF-8; names the line and the byte
├── CatalogError            a data file that can't be read; names file, key and cure
├── MeasurementError        a measurement that can't be taken, or records that can't be read
├── RenderError             a page or plot that can't be drawn
└── OutputError             a file that can't be written
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

#: What to do where no model of a name exists.
OWN_BUILDER = "a builder of your own goes by package.module:function or path/to/file.py:function"


class InprofError(Exception):
    """Something the user can act on; the message is one line that says how."""

    exit_code = 1


class UsageError(InprofError):
    """The request itself is wrong."""

    exit_code = 2


class UnknownNameError(UsageError):
    """A name that is not in its registry.

    Args:
        what: the kind of thing, as a reader would say it ("model", "convention").
        name: what was asked for.
        known: the names that exist.
        cure: what to do when none of them is meant, a clause without a full stop.
    """

    def __init__(self, what: str, name: str, known: Iterable[str], cure: str = "") -> None:
        self.what = what
        self.name = name
        self.known = sorted(known)
        super().__init__(f"unknown {what} {name!r}: {nearest(name, self.known)}{_clause(cure)}")


class NoDataError(UsageError):
    """A combination (hardware, precision, batch size …) that no record covers."""


class BuildError(InprofError):
    """An address that gives no module."""


class TraceError(InprofError):
    """A forward that can't be traced."""

    #: The trace of what ran before, where there is one.
    before: object = None


class UncountedError(InprofError):
    """``--strict`` met an op without a counting rule."""


class ToolError(InprofError):
    """A counting tool that is not installed, or fails on a model."""


class EncodingError(InprofError):
    """Bytes that are no UTF-8.

    Args:
        line: the line of the first that is none, from 1.
        byte: that byte, as ``0xe9``.
    """

    def __init__(self, line: int, byte: str) -> None:
        self.line = line
        self.byte = byte
        super().__init__(f"byte {byte} is not UTF-8")


class CatalogError(InprofError):
    """A data file that can't be read."""


class MeasurementError(InprofError):
    """A measurement that can't be taken, or a file of measurements that can't be read."""


class RenderError(InprofError):
    """A page or plot that can't be drawn."""


class OutputError(InprofError):
    """A file that can't be written."""


def utf8_text(raw: bytes) -> str:
    """The text of bytes in UTF-8, with its line ends and a byte order mark where it has one.

    Raises:
        EncodingError: the bytes are no UTF-8.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        above = raw[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        raise EncodingError(above.count(b"\n") + 1, f"0x{raw[error.start]:02x}") from None


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "did you mean …?" where something is close, else the list of what there is."""
    names = list(known)
    by_lower = {candidate.lower(): candidate for candidate in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(by_lower[match] for match in close)}?"
    return f"choose from {', '.join(names)}" if names else "there are none"


def one_line(error: BaseException) -> str:
    """The first line of an exception's text, or its class name where it has none."""
    text = text_of(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def process_end(code: int) -> str:
    """How a process was ended, as a clause, from its exit code; a signal's is below zero."""
    import signal

    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit status {code}"


def text_of(error: BaseException) -> str:
    """An exception's text as a file can hold it; "" where its own class fails to give one."""
    try:
        text = str(error)
    except Exception:  # of the user's own making, as in a builder's
        return ""
    return text.encode("utf-8", "backslashreplace").decode()


def _clause(cure: str) -> str:
    return f" ({cure})" if cure else ""
