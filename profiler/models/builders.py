"""``package.module:function`` or ``path/to/file.py:function`` → the builder it names."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from profiler.errors import (
    BuildError,
    UnknownNameError,
    UsageError,
    one_line,
)
from profiler.models.state import global_state_kept

Builder = Callable[..., Any]


@contextlib.contextmanager
def imported_builder(address: str) -> Iterator[tuple[Builder, ModuleType]]:
    """Import the builder and keep its folder importable while it runs; prints go to stderr.

    What a file imports from its own folder is forgotten afterwards, so that another file's
    neighbour of the same name is not mistaken for it.

    Raises:
        BuildError: it can't be imported, or is no function.
        UnknownNameError: the module has no such function; lists the nearest.
    """
    source, _, name = address.rpartition(":")
    if not source or not name:
        raise UsageError(
            f"{address!r}: expected package.module:function or path/to/file.py:function"
        )
    is_file = is_file_source(source)
    folder = Path(source).resolve().parent if is_file else Path.cwd()
    with (
        _importable_from(folder, forget=is_file),
        contextlib.redirect_stdout(sys.stderr),
        global_state_kept(),
    ):
        module = _import_file(address, Path(source)) if is_file else _import(address, source)
        builder = getattr(module, name, None)
        if builder is None:
            raise UnknownNameError(f"builder in {source}", name, _callables(module))
        if not callable(builder):
            raise BuildError(f"{address}: {name!r} is a {type(builder).__name__}, not a function")
        yield builder, module


def is_file_source(source: str) -> bool:
    """Whether the part before the colon names a file."""
    return source.endswith(".py") or "/" in source or "\\" in source


def cause_of(error: BaseException) -> str:
    """An exception on one line, its type first."""
    return f"{type(error).__name__}: {one_line(error)}"


def _import(address: str, source: str) -> ModuleType:
    try:
        return importlib.import_module(source)
    except ModuleNotFoundError as error:
        if error.name and source.startswith(error.name):
            raise BuildError(
                f"{address}: no module named {error.name!r}; run from the folder that holds "
                "it, or name the file: path/to/file.py:function"
            ) from error
        raise BuildError(f"{address}: importing it failed: {one_line(error)}") from error
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        raise BuildError(f"{address}: importing it failed: {cause_of(error)}") from error


def _import_file(address: str, path: Path) -> ModuleType:
    if not path.is_file():
        raise BuildError(f"{address}: there is no file {str(path)!r}")
    name = path.stem
    if name in sys.modules:  # a file called json.py must not stand in for json
        name = f"{name}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BuildError(f"{address}: {str(path)!r} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses and pickle look while it runs
    try:
        spec.loader.exec_module(module)
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        raise BuildError(f"{address}: importing it failed: {cause_of(error)}") from error
    return module


@contextlib.contextmanager
def _importable_from(folder: Path, forget: bool) -> Iterator[None]:
    """Let ``import`` find modules in ``folder`` meanwhile; ``forget`` those that it found there."""
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))
        if forget:
            for name in set(sys.modules) - before:
                origin = getattr(sys.modules[name], "__file__", None)
                if origin and Path(origin).resolve().is_relative_to(folder):
                    del sys.modules[name]


def _callables(module: ModuleType) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
    ]
