"""Which files and packages decided what a builder built.

The imports of the builder's module are followed through the modules they name: a module of the
user's own is a file to watch, a third-party one a distribution with a version. What a builder
reads beside Python modules can't be watched; ``file_reads`` tells that it happened.
"""

from __future__ import annotations

import ast
import functools
import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from types import ModuleType

#: Sources that every trace depends on are part of the cache's own key.
_OURS = ("profiler",)
_PYTHON = tuple(
    str(Path(path).resolve())
    for path in {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")}
)
_SITE = tuple(
    str(Path(path).resolve())
    for path in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
)

_reads: list[str] | None = None
_hooked = False


def followed(*modules: ModuleType) -> tuple[frozenset[Path], frozenset[str]]:
    """Files of the user's own, and names of third-party distributions, behind modules.

    Args:
        modules: the builder's, and those that were loaded while it was imported and run.
    """
    files: set[Path] = set()
    packages: set[str] = set()
    pending = list(modules)
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        name = current.__name__
        top = name.partition(".")[0]
        origin = getattr(current, "__file__", None)
        if top in _OURS or top in sys.stdlib_module_names or origin is None:
            continue
        path = Path(origin).resolve()
        if str(path).startswith(_SITE):
            packages.add(top)
        elif not str(path).startswith(_PYTHON):
            files.add(path)
            pending.extend(_imported_by(current, path))
    return frozenset(files), frozenset(name for top in packages for name in _distributions(top))


@contextmanager
def file_reads() -> Iterator[list[str]]:
    """Collect the files that are opened for reading meanwhile and are no Python modules."""
    global _reads, _hooked
    if not _hooked:
        sys.addaudithook(_on_event)  # a hook can't be removed; it does nothing between uses
        _hooked = True
    outer, _reads = _reads, []
    try:
        yield _reads
    finally:
        _reads = outer


def _on_event(event: str, arguments: tuple[object, ...]) -> None:
    if _reads is None or event != "open":
        return
    path, mode, flags = arguments
    if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR):
        return
    if isinstance(path, bytes):
        path = path.decode(errors="replace")
    if not isinstance(path, str) or (isinstance(mode, str) and not mode.startswith("r")):
        return
    if path.endswith((".py", ".pyc", ".pyi", ".so")) or path.startswith(
        ("/proc/", "/sys/", "/dev/")
    ):
        return
    # the import system looks into every entry of sys.path, archives among them, and torch into the
    # command that runs
    if path not in (*sys.path, getattr(sys.modules["__main__"], "__file__", None)) and not str(
        Path(path).absolute()
    ).startswith((*_PYTHON, *_SITE)):
        _reads.append(path)


def _imported_by(module: ModuleType, path: Path) -> list[ModuleType]:
    """The loaded modules that a source file's import statements name, wherever they stand in it."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    package = module.__name__ if hasattr(module, "__path__") else module.__name__.rpartition(".")[0]
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base]).strip(".")
            names.add(base)
            names.update(f"{base}.{alias.name}" for alias in node.names)
    # a submodule's parents run too
    every = {name.rsplit(".", cut)[0] for name in names for cut in range(name.count(".") + 1)}
    return [sys.modules[name] for name in every if name in sys.modules]


@functools.cache
def _distributions(package: str) -> tuple[str, ...]:
    """The distributions that a top-level package comes from; mostly one of the same name."""
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return tuple(_all_distributions().get(package, ()))
    return (package,)


@functools.cache
def _all_distributions() -> Mapping[str, list[str]]:
    # reads every installed distribution's file list, which takes as long as a trace
    return metadata.packages_distributions()
