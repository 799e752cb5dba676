"""The disk for ``inprof docs``: which files are pages, what is in them, which images exist."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from profiler.docs.lint.config import Config
from profiler.docs.lint.finding import LintFinding
from profiler.docs.lint.page import Page
from profiler.docs.lint.reading import read_page
from profiler.docs.lint.structure_rules import page_text, unreadable
from profiler.errors import one_line

_SUFFIXES = (".md", ".markdown")
#: Folders that hold what others wrote, or what a program did.
_SKIPPED = ("node_modules", "build")


def page_paths(given: Iterable[Path], config: Config) -> list[Path]:
    """The pages that files and folders stand for, each once, in alphabetical order.

    Folders are gone through with all that is in them but hidden files and folders,
    ``node_modules``, ``build`` and what the config excludes; links to folders are not followed.
    """
    found: dict[str, Path] = {}
    for path in given:
        for page in _pages_below(path, config) if path.is_dir() else (path,):
            if not config.excludes(str(page)):
                found.setdefault(os.path.realpath(page), page)
    return sorted(map(_short, found.values()))


def read_pages(paths: Sequence[Path]) -> tuple[list[Page], list[LintFinding]]:
    """The pages, and a finding for each file that is none."""
    pages, unread = [], []
    for path in paths:
        name = path.as_posix()
        try:
            text = page_text(name, path.read_bytes())
        except OSError as error:
            unread.append(unreadable(name, error.strerror or one_line(error)))
            continue
        if isinstance(text, str):
            pages.append(read_page(name, text))
        else:
            unread.append(text)
    return pages, unread


def files_on_disk() -> Callable[[str], str | None]:
    """Which files there are, upper and lower case told apart, on systems too that don't."""

    @cache
    def names(folder: str) -> frozenset[str]:
        try:
            return frozenset(os.listdir(folder or "."))
        except OSError:
            return frozenset()

    @cache
    def actual(path: str) -> str | None:
        folder, name = os.path.split(path)
        if name in ("", ".", "..") or not folder.strip("/"):
            parent: str | None = folder
        else:
            parent = actual(folder)
        if parent is None or name in ("", ".", ".."):
            return path if parent is not None and os.path.isdir(path) else None
        there = names(parent)
        if name in there:
            return os.path.join(parent, name)
        other = next((each for each in sorted(there) if each.lower() == name.lower()), None)
        return os.path.join(parent, other) if other is not None else None

    def file(path: str) -> str | None:
        found = actual(path)
        return found if found is not None and os.path.isfile(found) else None

    return file


def _pages_below(folder: Path, config: Config) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and name not in _SKIPPED
            and not config.excludes(os.path.join(parent, name))
        ]
        yield from (Path(parent, name) for name in files if _is_page(Path(parent, name)))


def _is_page(path: Path) -> bool:
    """Whether a file of a folder is read: a pipe would keep us waiting, a dead link is told."""
    named = not path.name.startswith(".") and path.suffix.lower() in _SUFFIXES
    return named and (path.is_file() or not path.exists())


def _short(path: Path) -> Path:
    """The path from the current folder where it lies below it: what editors and GitHub want."""
    absolute, here = Path(os.path.abspath(path)), Path.cwd()
    return absolute.relative_to(here) if absolute.is_relative_to(here) else path
