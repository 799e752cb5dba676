"""A markdown file as text, and back to the bytes it has."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

from profiler.errors import UsageError, one_line
from profiler.records import Record


class PageFile(Record, frozen=True):
    """A file that was read: its text with its own line ends, and whether a BOM stands before it."""

    path: Path
    text: str
    has_bom: bool

    @property
    def folder(self) -> Path:
        """Where its text really lies, behind a symbolic link too: pictures go by it."""
        lies = Path(os.path.realpath(self.path)) if self.path.is_symlink() else self.path
        return lies.parent

    def encoded(self, text: str) -> bytes:
        """Another text as this file holds one."""
        return (codecs.BOM_UTF8 if self.has_bom else b"") + text.encode()


def read_page_file(path: Path) -> PageFile:
    """Read a markdown file; UsageError where it is not there, or is no UTF-8."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"{path}: there is no such file") from None
    except OSError as error:
        raise UsageError(f"{path}: can't be read: {error.strerror or one_line(error)}") from None
    has_bom = data.startswith(codecs.BOM_UTF8)
    body = data[len(codecs.BOM_UTF8) :] if has_bom else data
    try:
        return PageFile(path, body.decode("utf-8"), has_bom)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path}:{line}: byte 0x{body[error.start]:02x} is not UTF-8: save the page as UTF-8"
        ) from None
