"""An address → a module, on the meta device where its builder needs no values.

An address is the name of an architecture in ``archs``, a zoo's model (``timm:xception41``),
``package.module:function``, ``path/to/file.py:function`` or a file that ``torch.export`` saved.
Builders run the user's own code.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard
from weakref import WeakKeyDictionary

import torch
from msgspec.structs import replace

import archs
from profiler.errors import (
    OWN_BUILDER,
    BuildError,
    UnknownNameError,
    UsageError,
    text_of,
)
from profiler.files import file_hash
from profiler.models.address import (
    check_model_file,
    is_built_in,
    is_model_file,
    is_onnx,
    zoo_of,
)
from profiler.models.builders import cause_of, imported_builder
from profiler.models.dependencies import Sources, followed
from profiler.models.exported import load_exported
from profiler.models.state import ALONE, collector_paused, eager, global_state_kept
from profiler.models.zoos import zoo_builder, zoo_image
from profiler.records import (
    OWN_SIZE,
    USUAL_IMAGE,
    Input,
    Shape,
)


@dataclass(frozen=True)
class Origin:
    """Where a module comes from: its name, its graph, the sources and packages behind it.

    ``inputs`` are those that a file of a model states.
    """

    label: str
    variant: str
    sources: Sources | None = None
    inputs: tuple[Input, ...] = ()


#: Calls a builder with its options, in the way the model is wanted.
_Make = Callable[[Callable[..., Any], dict[str, Any]], Any]
#: What was built here: where a module comes from, for as long as the module lives.
_BUILT: WeakKeyDictionary[torch.nn.Module, Origin] = WeakKeyDictionary()


def build(address: str, *, variant: str = "deploy", **kwargs: Any) -> torch.nn.Module:
    """Build the model at ``address``, on the meta device unless its builder looks at values.

    Args:
        address: an architecture's name, ``package.module:function``, ``file.py:function``, or a
            zoo's model: ``timm:name``, ``torchvision:name``; a file of ``torch.export``, ``*.pt2``.
        variant: ``deploy`` or ``train``, the graph to build.
        kwargs: handed to the builder.

    Raises:
        UnknownNameError: no architecture of that name.
        BuildError: the builder can't be imported, raises, or returns no module.
    """
    return _built(address, variant, kwargs, _on_meta)


def build_initialised(address: str, *, variant: str = "deploy", **kwargs: Any) -> torch.nn.Module:
    """Build the model at ``address`` as ``build`` does, with its weights, the same each time.

    They are what the builder gives them, random numbers from a fixed seed as a rule.
    """
    return _built(address, variant, kwargs, _seeded)


def _built(address: str, variant: str, options: dict[str, Any], make: _Make) -> torch.nn.Module:
    if not isinstance(address, str):
        raise UsageError(f"a model goes by a name or an address, not {address!r}")
    before = set(sys.modules)
    if is_model_file(address):
        return _loaded(address, variant, options, make)
    if is_built_in(address):
        model = _build_architecture(address, variant, options, make)
        _BUILT[model] = Origin(_label(address.lower(), options), variant)
        return model
    find = zoo_builder if zoo_of(address) else imported_builder
    with find(address) as (builder, module):
        model = _call(address, builder, variant, options, make)
        loaded = [sys.modules[name] for name in set(sys.modules) - before]
        behind = followed(module, *loaded)
    _BUILT[model] = Origin(_label(address, options), variant, behind)
    return model


def _loaded(address: str, variant: str, options: dict[str, Any], make: _Make) -> torch.nn.Module:
    """A model that is a file; nothing in it can be chosen."""
    if is_onnx(address):
        raise BuildError(
            f"{address} is a graph and no module that could be run: it can be counted, not timed "
            "or handed to another tool"
        )
    check_model_file(address, variant, options)
    model, inputs = load_exported(address)
    path = Path(address).resolve()
    behind = Sources({str(path): file_hash(path)}, frozenset())
    _BUILT[model] = Origin(address, "deploy", behind, inputs)
    return model.to("meta") if make is _on_meta else model


def _label(address: str, options: dict[str, Any]) -> str:
    """The name of a model: its address, and the arguments that its builder was given."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in options.items())
    return f"{address}({arguments})" if arguments else address


def identity(model: torch.nn.Module) -> tuple[str, str]:
    """The name of a module and its graph; else its class name and "deploy"."""
    if model in _BUILT:
        return _BUILT[model].label, _BUILT[model].variant
    model = eager(model)
    return archs.identify(model) or (type(model).__name__, "deploy")


def stated_inputs(model: torch.nn.Module) -> tuple[Input, ...]:
    """The inputs that the file of a module states; none for any other module."""
    return _BUILT[model].inputs if model in _BUILT else ()


def sources(model: torch.nn.Module) -> Sources:
    """The sources behind a module that ``build`` made; KeyError for any other."""
    known = _BUILT[model].sources
    # an architecture's are looked up when they are asked for: that takes a while
    return known or followed(sys.modules[type(model).__module__], ours=True)


def fingerprint(model: torch.nn.Module) -> str:
    """A short name for a network's layers: their classes, settings and the shapes of their tensors.

    The same on every device and for every value of the weights.
    """
    shapes = [(name, tuple(tensor.shape)) for name, tensor in model.state_dict().items()]
    return hashlib.sha256(f"{model!r} {shapes}".encode()).hexdigest()[:12]


def _build_architecture(
    name: str, variant: str, kwargs: dict[str, Any], make: _Make
) -> torch.nn.Module:
    if name.lower() not in archs.list_models():
        raise UnknownNameError("model", name, archs.list_models(), OWN_BUILDER)
    return _call(name, functools.partial(archs.create, name), variant, kwargs, make)


def list_models() -> list[str]:
    """Names of the built-in architectures."""
    return list(archs.list_models())


def _call(
    address: str, builder: Callable[..., Any], variant: str, kwargs: dict[str, Any], make: _Make
) -> torch.nn.Module:
    if isinstance(builder, torch.nn.Module):
        raise BuildError(
            f"{address}: it is a {type(builder).__name__} that is built already: name a function "
            "that returns it"
        )
    options = {**kwargs, **_variant_option(address, builder, variant)}
    with ALONE, global_state_kept(), contextlib.redirect_stdout(sys.stderr):
        try:
            model = make(builder, options)
        except (KeyboardInterrupt, MemoryError):
            raise
        except BaseException as error:
            raise BuildError(f"{address}: building it failed: {cause_of(error)}") from error
    if not isinstance(model, torch.nn.Module):
        raise BuildError(
            f"{address}: the builder returned a {type(model).__name__}, not a torch.nn.Module"
        )
    return model


#: What torch's own layers call to fill parameters and running statistics with values.
_RESETS = ("reset_parameters", "_reset_parameters", "reset_running_stats")


@contextlib.contextmanager
def _without_initialisation() -> Iterator[None]:
    """Leave the parameters of torch's layers as they come; no shape depends on their values."""
    originals = [
        (cls, name, vars(cls)[name])
        for cls in _layer_classes()
        for name in _RESETS
        if name in vars(cls)
    ]
    for cls, name, _ in originals:
        setattr(cls, name, lambda self: None)
    try:
        yield
    finally:
        for cls, name, original in originals:
            setattr(cls, name, original)


#: Types of attributes that are neither parameters, buffers nor modules.
_PLAIN = frozenset({bool, int, float, str, tuple, list, type(None)})


@contextlib.contextmanager
def _plain_attributes_at_once() -> Iterator[None]:
    """Set numbers, strings and tuples on modules without asking what they might be.

    ``Module.__setattr__`` asks three times, in Python, whether a value is a parameter, a module or
    a buffer, which is a fifth of building a network; names that are registered still go that way.
    """
    original = torch.nn.Module.__setattr__

    def set_attribute(module: torch.nn.Module, name: str, value: Any) -> None:
        if type(value) in _PLAIN:
            own = vars(module)
            if not (
                name in own.get("_parameters", ())
                or name in own.get("_modules", ())
                or name in own.get("_buffers", ())
            ):
                object.__setattr__(module, name, value)
                return
        original(module, name, value)

    torch.nn.Module.__setattr__ = set_attribute  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        torch.nn.Module.__setattr__ = original  # type: ignore[method-assign]


@functools.cache
def _layer_classes() -> tuple[type[torch.nn.Module], ...]:
    """Every class of ``torch.nn``, bases included."""
    classes: dict[type[torch.nn.Module], None] = {}
    for value in vars(torch.nn).values():
        if isinstance(value, type) and issubclass(value, torch.nn.Module):
            classes.update(
                dict.fromkeys(c for c in value.__mro__ if issubclass(c, torch.nn.Module))
            )
    return tuple(cls for cls in classes if cls is not torch.nn.Module)


def _on_meta(builder: Callable[..., Any], options: dict[str, Any]) -> Any:
    """Build on the meta device; where a builder computes with values, on the CPU.

    There the model stays as it stands: ``to("meta")`` would take the values from what modules move
    along in ``_apply`` (strides and anchors that a forward looks at), and a tracer stands in for
    parameters and buffers itself.
    """
    try:
        with (
            torch.device("meta"),
            _without_initialisation(),
            _plain_attributes_at_once(),
            collector_paused(),
        ):
            return builder(**options)
    except Exception as error:
        if not _is_about_meta(error):
            raise
    return builder(**options)


def _is_about_meta(error: BaseException | None) -> bool:
    """Whether an error, or one that it was raised over, says that a tensor had no values."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if "meta" in text_of(error).lower():
            return True
        seen.append(error)
        error = error.__cause__ or error.__context__
    return False


def _seeded(builder: Callable[..., Any], options: dict[str, Any]) -> Any:
    torch.manual_seed(0)
    return builder(**options)


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


def sized(inputs: Sequence[Input], address: str, model: torch.nn.Module) -> tuple[Input, ...]:
    """The inputs with what was left to the model at that address, which may be all of them.

    Raises:
        UsageError: a file of a model that takes no image was given the size of one, or none at all
            that states no inputs.
    """
    stated = stated_inputs(model)
    if not inputs:
        if not stated:
            raise UsageError(f"{address} does not say what it takes: --input 1x3x224x224 does")
        return stated
    return tuple(_sized(given, address, model, stated) for given in inputs)


def _sized(given: Input, address: str, model: torch.nn.Module, stated: Sequence[Input]) -> Input:
    if OWN_SIZE not in given.shape:
        return given
    if is_model_file(address):
        if len(stated) != 1 or len(stated[0].shape) != 4:
            raise UsageError(f"{address} takes no single image: say with --input what it takes")
        own: Shape = stated[0].shape[1:]
    else:
        # weights that were not asked for may have been evaluated at another side than is built
        stated_by_zoo = None if _is_size(_entry(model, "image_size")) else _zoo_image(address)
        own = stated_by_zoo or own_image(model)
    shape = (given.shape[0], *(size or its for size, its in zip(given.shape[1:], own, strict=True)))
    return replace(given, shape=shape)


def _zoo_image(address: str) -> Shape | None:
    return zoo_image(address) if zoo_of(address) else None


def own_image(model: torch.nn.Module) -> Shape:
    """Channels, height and width: timm's ``default_cfg``, a ``config`` of transformers, a side.

    What a model does not say is the usual 3x224x224's.
    """
    channels, height, width = USUAL_IMAGE
    stated = _entry(getattr(model, "pretrained_cfg", None), "input_size") or _entry(
        getattr(model, "default_cfg", None), "input_size"
    )
    if isinstance(stated, (tuple, list)) and len(stated) == 3 and all(map(_is_size, stated)):
        return tuple(stated)
    config = getattr(model, "config", None)
    side = _entry(config, "image_size") or getattr(model, "image_size", None)
    stated_channels = _entry(config, "num_channels")
    channels = stated_channels if _is_size(stated_channels) else channels
    if _is_size(side):
        height = width = side
    elif isinstance(side, (tuple, list)) and len(side) == 2 and all(map(_is_size, side)):
        height, width = side
    return (channels, height, width)


def _entry(settings: Any, name: str) -> Any:
    if isinstance(settings, Mapping):
        return settings.get(name)
    return getattr(settings, name, None)


def _is_size(value: Any) -> TypeGuard[int]:
    return type(value) is int and value > 0
