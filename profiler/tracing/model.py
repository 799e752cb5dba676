"""An address → a module on the meta device.

An address is the name of an architecture in ``archs``, ``package.module:function`` or
``path/to/file.py:function``. Builders run the user's own code.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import torch

import archs
from profiler.errors import BuildError, UnknownNameError, UsageError, one_line
from profiler.records import Shape
from profiler.tracing.state import global_state_kept

#: Input of a model that does not say what it takes: one RGB image.
DEFAULT_INPUT_SHAPE: Shape = (1, 3, 224, 224)

#: What was built here: the address and graph behind a module, for as long as the module lives.
_BUILT: WeakKeyDictionary[torch.nn.Module, tuple[str, str]] = WeakKeyDictionary()


def build(address: str, *, variant: str = "deploy", **kwargs: Any) -> torch.nn.Module:
    """Build the model at ``address`` on the meta device.

    Args:
        address: an architecture's name, ``package.module:function`` or ``file.py:function``.
        variant: ``deploy`` or ``train``, the graph to build.
        kwargs: handed to the builder.

    Raises:
        UnknownNameError: no architecture of that name.
        BuildError: the builder can't be imported, raises, or returns no module.
    """
    model = _build(address, variant, kwargs)
    _BUILT[model] = (address if ":" in address else address.lower(), variant)
    return model


def identity(model: torch.nn.Module) -> tuple[str, str]:
    """The address and graph ``build`` made the module from; else its class name, "deploy"."""
    return _BUILT.get(model, (type(model).__name__, "deploy"))


def _build(address: str, variant: str, kwargs: dict[str, Any]) -> torch.nn.Module:
    if ":" in address:
        return _call(address, _builder(address), variant, kwargs)
    if address.lower() not in archs.list_models():
        raise UnknownNameError(
            "model",
            address,
            archs.list_models(),
            "a builder of your own goes by package.module:function or path/to/file.py:function",
        )
    return _call(
        address, lambda **options: archs.create(address, variant=variant, **options), "", kwargs
    )


def default_input_shape(address: str) -> Shape:
    """The input a model's counts are stated at: 1 x 3 x crop x crop."""
    if ":" in address:
        return DEFAULT_INPUT_SHAPE
    return tuple(archs.default_input_shape(address))


def list_models() -> list[str]:
    """Names of the built-in architectures."""
    return list(archs.list_models())


def _builder(address: str) -> Callable[..., Any]:
    source, _, name = address.rpartition(":")
    if not source or not name:
        raise BuildError(
            f"{address!r}: expected package.module:function or path/to/file.py:function"
        )
    module = _import_file(address, Path(source)) if _is_file(source) else _import(address, source)
    builder = getattr(module, name, None)
    if builder is None:
        raise UnknownNameError(f"builder in {source}", name, _callables(module))
    if not callable(builder):
        raise BuildError(f"{address}: {name!r} is a {type(builder).__name__}, not a function")
    return builder  # type: ignore[no-any-return]


def _is_file(source: str) -> bool:
    return source.endswith(".py") or "/" in source or "\\" in source


def _import(address: str, source: str) -> ModuleType:
    with _importable_from(Path.cwd()):
        try:
            return importlib.import_module(source)
        except ModuleNotFoundError as error:
            if error.name and source.startswith(error.name):
                raise BuildError(
                    f"{address}: no module named {error.name!r}; run from the folder that holds "
                    "it, or name the file: path/to/file.py:function"
                ) from error
            raise BuildError(f"{address}: importing it failed: {one_line(error)}") from error
        except Exception as error:
            raise BuildError(f"{address}: importing it failed: {_cause(error)}") from error


def _import_file(address: str, path: Path) -> ModuleType:
    if not path.is_file():
        raise BuildError(f"{address}: there is no file {str(path)!r}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise BuildError(f"{address}: {str(path)!r} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    with _importable_from(path.resolve().parent):
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise BuildError(f"{address}: importing it failed: {_cause(error)}") from error
    return module


def _call(
    address: str, builder: Callable[..., Any], variant: str, kwargs: dict[str, Any]
) -> torch.nn.Module:
    options = {**kwargs, **_variant_option(address, builder, variant)}
    with global_state_kept(), contextlib.redirect_stdout(sys.stderr):
        try:
            model = _on_meta(builder, options)
        except Exception as error:
            raise BuildError(f"{address}: building it failed: {_cause(error)}") from error
    if not isinstance(model, torch.nn.Module):
        raise BuildError(
            f"{address}: the builder returned a {type(model).__name__}, not a torch.nn.Module"
        )
    return model


def _on_meta(builder: Callable[..., Any], options: dict[str, Any]) -> Any:
    """Build on the meta device; where a builder computes with values, on the CPU and then move."""
    try:
        with torch.device("meta"):
            return builder(**options)
    except (RuntimeError, NotImplementedError) as error:
        if "meta" not in str(error).lower():
            raise
    model = builder(**options)
    return model.to("meta") if isinstance(model, torch.nn.Module) else model


def _variant_option(address: str, builder: Callable[..., Any], variant: str) -> dict[str, str]:
    """``variant`` for a builder that takes it; one that does not has a single graph."""
    if not variant:
        return {}
    try:
        parameters = inspect.signature(builder).parameters
    except (TypeError, ValueError):
        parameters = {}  # type: ignore[assignment]
    if "variant" in parameters:
        return {"variant": variant}
    if variant != "deploy":
        raise UsageError(
            f"{address} has no {variant!r} graph: its builder takes no argument named variant"
        )
    return {}


@contextlib.contextmanager
def _importable_from(folder: Path) -> Iterator[None]:
    """Let ``import`` find modules in ``folder`` meanwhile; what they print goes to stderr."""
    sys.path.insert(0, str(folder))
    try:
        with contextlib.redirect_stdout(sys.stderr), global_state_kept():
            yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))


def _callables(module: ModuleType) -> list[str]:
    return [
        name
        for name, value in vars(module).items()
        if callable(value)
        and not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
    ]


def _cause(error: Exception) -> str:
    return f"{type(error).__name__}: {one_line(error)}"
