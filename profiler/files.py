"""The disk: files written whole or not at all, bytes that are kept, where our own files are."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from profiler.errors import InprofError, OutputError


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
        """The content stored under a key; None if there is none or it is damaged."""
        return read_kept(self._path(key))

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


def read_kept(path: Path) -> bytes | None:
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


_PACKAGE = Path(__file__).resolve().parent


def templates_dir() -> Path:
    """The folder of the Jinja templates."""
    return find_folder("templates", _PACKAGE)


def site_dir() -> Path:
    """The folder of the static site's sources."""
    return find_folder("site", _PACKAGE)


def find_folder(name: str, package: Path) -> Path:
    """Return the folder ``name`` that belongs to the package folder ``package``.

    A wheel carries it inside the package; in a checkout it lies beside. Beside counts only where a
    pyproject.toml lies there too: next to an installed package are other people's folders.

    Raises:
        InprofError: there is neither.
    """
    inside, beside = package / name, package.parent / name
    if inside.is_dir():
        return inside
    if beside.is_dir() and (package.parent / "pyproject.toml").is_file():
        return beside
    raise InprofError(
        f"the folder {name}/ is missing: neither {inside} nor {beside} is there; "
        "install inprof again, or run it from a complete checkout"
    )


def installed_version(distribution: str) -> str:
    """A distribution's version; empty where it is not installed."""
    return _installed().get(_normal(distribution), "")


@functools.cache
def _installed() -> dict[str, str]:
    """Distribution → version, from the names of the folders that installers leave."""
    found: dict[str, str] = {}
    for folder in reversed(sys.path):  # the first folder on the path wins
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            stem, suffix = os.path.splitext(name)
            if suffix in (".dist-info", ".egg-info"):
                distribution, _, number = stem.partition("-")
                found[_normal(distribution)] = number
    return found


def _normal(distribution: str) -> str:
    return distribution.lower().replace("-", "_").replace(".", "_")
