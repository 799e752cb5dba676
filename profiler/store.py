"""Files on disk: written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from profiler.errors import OutputError


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write ``content`` to a temporary file beside ``path``, then rename it into place.

    An existing file keeps its permissions and is never left half written. Text is written as
    UTF-8 with the line ends it has.

    Raises:
        OutputError: the folder does not exist, is not writable, or the disk is full.
    """
    check_target(path)
    data = content.encode() if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file():  # a pipe or a device can't be renamed over
            path.write_bytes(data)
            return
        path = Path(os.path.realpath(path))  # through a symbolic link, its target is replaced
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(temporary, mode)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise OutputError(f"can't write {str(path)!r}: {error.strerror or error}") from error


def check_target(path: Path) -> None:
    """Say before the work whether ``path`` can be written; OutputError where it can't."""
    try:
        _check_target(path)
    except OSError as error:  # a folder on the way that may not even be looked into
        raise OutputError(f"can't write {str(path)!r}: {error.strerror or error}") from error


def _check_target(path: Path) -> None:
    if path.exists() and not path.is_file() and not path.is_dir():
        return  # a pipe or a device is written to as it is
    if path.is_dir():
        raise OutputError(f"can't write {str(path)!r}: it is a folder; name a file in it")
    if not path.parent.is_dir():
        raise OutputError(
            f"can't write {str(path)!r}: there is no folder {str(path.parent)!r}; create it first"
        )
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"can't write {str(path)!r}: its folder is read-only for you")


def make_folder(path: Path) -> Path:
    """Create a folder and its parents; OutputError where that is not possible."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"can't create the folder {str(path)!r}: {error.strerror}") from error
    return path


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
