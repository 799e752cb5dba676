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
from typing import Any, NamedTuple

from profiler.errors import (
    BuildError,
    UnknownNameError,
    UsageError,
    one_line,
)
from profiler.models.dependencies import is_installed
from profiler.models.state import global_state_kept

Builder = Callable[..., Any]


@contextlib.contextmanager
def imported_builder(address: str, what: str = "builder") -> Iterator[tuple[Builder, ModuleType]]:
    """Import the builder and keep its folder importable while it runs; prints go to stderr.

    What a file imports from its own folder is forgotten afterwards, so that another file's
    neighbour of the same name is not mistaken for it.

    Args:
        address: ``package.module:function`` or ``path/to/file.py:function``.
        what: what an error calls the function.

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
            raise UnknownNameError(f"{what} in {source}", name, _callables(module))
        if not callable(builder):
            raise BuildError(f"{address}: {name!r} is a {type(builder).__name__}, not a function")
        yield builder, module


@contextlib.contextmanager
def imported_file(path: Path) -> Iterator[ModuleType]:
    """Run a Python file and keep its folder importable meanwhile; prints go to stderr.

    While it is open a model is built from the same modules: a class that both sides name is one.

    Raises:
        BuildError: there is no such file, or it raises.
    """
    with (
        _importable_from(path.resolve().parent, forget=True),
        contextlib.redirect_stdout(sys.stderr),
        global_state_kept(),
    ):
        yield _import_file(str(path), path)


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
    marked = f"{path.stem}_{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    for name in (path.stem, marked):
        # a builder that is open may have imported it, and a class in it is to be one class
        if any(name not in other.modules for other in _opened) and _is_file(name, path):
            return sys.modules[name]
    # a file called json.py must not stand in for json
    name = marked if path.stem in sys.modules else path.stem
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


class _Opened(NamedTuple):
    """A folder that a builder is being imported from, and what there was before."""

    folder: Path
    modules: frozenset[str]
    path: frozenset[str]

    def found(self) -> list[str]:
        """The modules of the user's own that were looked for, and found, in the folder since.

        Not what an environment below it holds, or an entry that ``sys.path`` had already:
        importing the compiled parts of a package anew, under what is left of it, ends badly.
        """
        return [name for name in set(sys.modules) - self.modules if self._holds(_entry_of(name))]

    def _holds(self, entry: Path | None) -> bool:
        if entry is None or is_installed(entry):
            return False
        return entry == self.folder or (
            entry.is_relative_to(self.folder) and str(entry) not in self.path
        )


#: Those that are open, the outermost first.
_opened: list[_Opened] = []


@contextlib.contextmanager
def _importable_from(folder: Path, forget: bool) -> Iterator[None]:
    """Let ``import`` find modules in ``folder`` meanwhile; ``forget`` those that it found there.

    What was found in the folder of another builder that is open is out of the way meanwhile.
    """
    hidden = {
        name: sys.modules.pop(name)
        for other in _opened
        if other.folder != folder
        for name in other.found()
    }
    path = frozenset(str(Path(entry).resolve()) for entry in sys.path)
    here = _Opened(folder, frozenset(sys.modules), path)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    if forget:
        _opened.append(here)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))
        if forget:
            _opened.remove(here)
            for name in here.found():
                del sys.modules[name]
        sys.modules.update(hidden)


def _entry_of(name: str) -> Path | None:
    """The entry of ``sys.path`` in which a loaded module's outermost package was found."""
    top = sys.modules.get(name.partition(".")[0])
    facts = getattr(top, "__dict__", {})  # asking some modules for an attribute makes it
    place = next(iter(facts.get("__path__") or ()), None) or facts.get("__file__")
    return Path(place).resolve().parent if isinstance(place, str) else None


def _is_file(name: str, path: Path) -> bool:
    origin = getattr(sys.modules.get(name), "__file__", None)
    return origin is not None and Path(origin).resolve() == path.resolve()


def _callables(module: ModuleType) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
    ]
