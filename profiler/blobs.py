"""Bytes under a key in the user's cache folder: atomic, checked by hash, never an error."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from profiler.errors import OutputError
from profiler.store import make_folder, write_atomic

_DIGEST_BYTES = 32


class Blobs:
    """A file each in one folder; safe under several processes, as files are renamed in.

    Args:
        folder: where the files are; ``default_folder()`` unless given.
        suffix: how this kind of file ends.
    """

    def __init__(self, suffix: str, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()
        self.suffix = suffix

    def load(self, key: bytes) -> bytes | None:
        """What was stored under the key; None if nothing was, or if it is damaged."""
        return read(self._path(key))

    def save(self, key: bytes, content: bytes) -> None:
        """Store. A folder that can't be written is no error, only slower next time."""
        try:
            make_folder(self.folder)
            write_atomic(self._path(key), hashlib.sha256(content).digest() + content)
        except OutputError:
            return

    def paths(self) -> list[Path]:
        """Every file of this kind; OutputError where the folder can't be read."""
        try:
            return sorted(self.folder.glob(f"*{self.suffix}"))
        except OSError as error:
            raise OutputError(f"can't read {str(self.folder)!r}: {error.strerror}") from error

    def clear(self) -> int:
        """Delete every file of this kind; returns how many there were."""
        paths = self.paths()
        try:
            for path in paths:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(f"can't clear {str(self.folder)!r}: {error.strerror}") from error
        return len(paths)

    def _path(self, key: bytes) -> Path:
        return self.folder / f"{hashlib.sha256(key).hexdigest()[:32]}{self.suffix}"


def read(path: Path) -> bytes | None:
    """A stored file's content; None where it is missing, cut short or altered."""
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    content = stored[_DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == stored[:_DIGEST_BYTES] else None


def default_folder() -> Path:
    """``INPROF_CACHE_DIR``, else ``inprof`` in the user's cache folder."""
    stated = os.environ.get("INPROF_CACHE_DIR")
    if stated:
        return Path(stated)
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    if base:
        return Path(base) / "inprof"
    try:
        return Path.home() / ".cache" / "inprof"
    except RuntimeError:  # a user without a home
        return Path(tempfile.gettempdir()) / "inprof"


def file_hash(path: Path) -> str:
    """SHA-256 of a file's content; empty where there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def sources_hash(paths: Iterable[Path]) -> str:
    """SHA-256 over several files of ours; OSError where one is not there."""
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    return hashlib.sha256("".join(hashes).encode()).hexdigest()
