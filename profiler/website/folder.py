"""The site's folder on disk: written file by file, and cleared of its own old files only.

``MANIFEST`` in the folder lists every file that a build wrote, with its checksum, in the form
that ``sha256sum --check`` reads. A later build replaces and removes what is listed there and
nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from profiler.errors import OutputError
from profiler.files import make_folder, write_atomic

MANIFEST = "inprof-site.sha256"

_LINE = re.compile(r"([0-9a-f]{64})  ([^\0\n]+)")


def prepare_folder(folder: Path) -> None:
    """Make the folder, and say before the work starts whether it can hold a site.

    Raises:
        OutputError: it is a file, or can't be made.
    """
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"can't write the site to {str(folder)!r}: it is a file; name a folder")
    make_folder(folder)


def write_site(files: Mapping[str, str | bytes], folder: Path) -> None:
    """Write the site's files, then remove what an earlier build left and this one has not.

    Args:
        files: path below the folder, with forward slashes → content.
        folder: where the site goes; made if it is not there.

    Raises:
        OutputError: a file is in the way that no build wrote, or something can't be written.
    """
    prepare_folder(folder)
    contents = {
        path: data.encode() if isinstance(data, str) else data for path, data in files.items()
    }
    sums = {path: hashlib.sha256(data).hexdigest() for path, data in contents.items()}
    old = _read_manifest(folder)
    for path in contents:
        if path not in old and (folder / path).exists():
            raise OutputError(
                f"can't write {str(folder / path)!r}: a file of that name is there that no build "
                f"of the site wrote; move it away, or name another folder"
            )
    # listed before they are written: a build that is cut off leaves nothing that no list names
    _write_manifest(folder, {**old, **sums})
    for path, data in contents.items():
        target = folder / path
        make_folder(target.parent)
        write_atomic(target, data)
    for path, checksum in old.items():
        if path not in contents:
            _remove(folder, path, checksum)
    _write_manifest(folder, sums)


def _read_manifest(folder: Path) -> dict[str, str]:
    """Path → checksum; lines that lead out of the folder are no lines of ours."""
    path = folder / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise OutputError(f"can't read {str(path)!r}: {reason}; remove it") from None
    found = (_LINE.fullmatch(line) for line in text.split("\n"))
    return {match[2]: match[1] for match in found if match and _is_inside(match[2])}


def _write_manifest(folder: Path, sums: Mapping[str, str]) -> None:
    lines = (f"{sums[path]}  {path}\n" for path in sorted(sums))
    write_atomic(folder / MANIFEST, "".join(lines))


def _is_inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts and "\\" not in path


def _remove(folder: Path, path: str, checksum: str) -> None:
    """Remove a file as it was written, and the folders it leaves empty; one that changed stays."""
    target = folder / path
    try:
        if target.is_symlink() or not target.resolve().is_relative_to(folder.resolve()):
            return
        if hashlib.sha256(target.read_bytes()).hexdigest() != checksum:
            return
        target.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"can't remove {str(target)!r}: {error.strerror or error}") from None
    with contextlib.suppress(OSError):  # not empty
        for parent in PurePosixPath(path).parents:
            if str(parent) != ".":
                (folder / parent).rmdir()
