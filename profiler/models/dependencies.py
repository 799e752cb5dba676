"""Which files and packages decided what a builder built.

The imports of the builder's module are followed through the modules they name: a module of the
user's own is a file to watch, a third-party one a distribution with a version. What else decides
can't be watched; ``Sources.complete`` and ``file_reads`` tell that there may be more.
"""

from __future__ import annotations

import ast
import functools
import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType

import archs
from profiler.files import file_hash

#: Sources that every trace depends on are part of the cache's own key.
_OURS = ("profiler",)
_PYTHON = tuple({Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")})
_SITE = tuple({Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")})
#: What folders are called that packages are installed in, those of other environments too.
_SITE_NAMES = frozenset({"site-packages", "dist-packages"})
_PROJECT = (Path(__file__).resolve().parents[1], Path(archs.__file__).resolve().parent)

_reads: list[str] | None = None
_hooked = False


#: What a builder's own files may import from the standard library and still be sure to build the
#: same network again: modules that look at nothing but their arguments.
_PURE = frozenset(
    "__future__ abc ast bisect collections contextlib copy dataclasses decimal enum fractions "
    "functools heapq inspect itertools keyword logging math numbers operator re reprlib "
    "statistics string textwrap types typing unittest warnings weakref".split()
)
_IMPURE_CALLS = frozenset({"open", "exec", "eval", "compile", "__import__", "input", "globals"})


def is_installed(path: Path) -> bool:
    """Whether a file or folder, links followed, is of an installed package, in whatever place."""
    return not _SITE_NAMES.isdisjoint(path.parts) or _in_own_site(path)


def _in_own_site(path: Path) -> bool:
    return any(map(path.is_relative_to, _SITE))


@dataclass(frozen=True)
class Sources:
    """The sources behind a builder: hashed files of the user's own, names of distributions.

    ``complete`` is false where that may not be everything: code that can look at files, the clock,
    the environment or what happens to be installed can't be keyed.
    """

    files: Mapping[str, str]
    distributions: frozenset[str]
    complete: bool = True


def followed(*modules: ModuleType, ours: bool = False) -> Sources:
    """The sources behind modules: the builder's, and those that were loaded meanwhile.

    Args:
        modules: where to begin; what they import is followed through the user's own modules.
        ours: whether they are the project's own architectures, which are known to be plain.
    """
    files: dict[str, str] = {}
    packages: set[str] = set()
    pending = list(modules)
    seen: set[int] = set()
    complete = True
    while pending:
        current = pending.pop()
        top = current.__name__.partition(".")[0]
        origin = getattr(current, "__file__", None)
        if id(current) in seen or top in _OURS or top in sys.stdlib_module_names or not origin:
            continue
        seen.add(id(current))
        path = Path(origin).resolve()
        if _in_own_site(path) or (is_installed(path) and _distributions(top)):
            packages.add(top)
        elif not any(path.is_relative_to(folder) for folder in _PYTHON):
            files[str(path)] = file_hash(path)
            tree = _parsed(path)
            complete = complete and (ours or (tree is not None and _is_plain(tree)))
            pending.extend(_imported_by(current, tree))
    distributions = frozenset(name for top in packages for name in _distributions(top))
    return Sources(files, distributions, complete)


@contextmanager
def file_reads() -> Iterator[list[str]]:
    """Collect the files that are opened for reading meanwhile, Python's and installed ones aside.

    The sources that an import opens are among them.
    """
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
    if path.endswith((".pyc", ".so")) or path.startswith(("/proc/", "/sys/", "/dev/")):
        return
    # the import system looks into every entry of sys.path, archives among them, and torch into the
    # command that runs
    if path in (*sys.path, getattr(sys.modules["__main__"], "__file__", None)):
        return
    full = Path(path).resolve()
    if not (is_installed(full) or any(map(full.is_relative_to, (*_PYTHON, *_PROJECT)))):
        _reads.append(str(full))


def _parsed(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def _is_plain(tree: ast.Module) -> bool:
    """Whether a file can't look at more than its imports: no impure module, call or fallback."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        elif isinstance(node, ast.Try) and any(map(_is_import, ast.walk(node))):
            return False  # what is imported depends on what is installed
        elif isinstance(node, ast.Name) and node.id in _IMPURE_CALLS:
            return False
        tops = {name.partition(".")[0] for name in names} & sys.stdlib_module_names
        if not tops <= _PURE:
            return False
    return True


def _is_import(node: ast.AST) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _imported_by(module: ModuleType, tree: ast.Module | None) -> list[ModuleType]:
    """The loaded modules that a source file's import statements name, wherever they stand in it."""
    package = module.__name__ if hasattr(module, "__path__") else module.__name__.rpartition(".")[0]
    names: set[str] = set()
    for node in ast.walk(tree) if tree else ():
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
