"""Model zoos by name: ``timm:xception41``, ``torchvision:googlenet``.

A zoo is imported when one of its models is asked for. Weights are never fetched: no shape depends
on them.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from profiler.errors import BuildError, UnknownNameError
from profiler.models.builders import cause_of
from profiler.models.state import global_state_kept
from profiler.records import Shape

#: Published weights take RGB images.
_CHANNELS = 3

Builder = Callable[..., Any]


@dataclass(frozen=True)
class Zoo:
    """A package of models that go by names.

    ``names`` lists them; ``builder`` gives the function that builds one without weights;
    ``image`` what a model's published weights were evaluated on, None where that is not known.
    """

    package: str
    names: Callable[[ModuleType], list[str]]
    builder: Callable[[ModuleType, str], Builder]
    image: Callable[[ModuleType, str], Shape | None]


def zoo_names(name: str) -> list[str]:
    """Every model of a zoo, as addresses."""
    zoo = _ZOOS[name]
    with _quietly():
        return [f"{name}:{each}" for each in zoo.names(_imported(zoo, name))]


@contextlib.contextmanager
def zoo_builder(address: str) -> Iterator[tuple[Builder, ModuleType]]:
    """The builder of a zoo's model, and the zoo's package.

    Raises:
        BuildError: the package is not installed, or can't be imported.
        UnknownNameError: it has no such model; lists the nearest.
    """
    name, _, model = address.partition(":")
    zoo = _ZOOS[name]
    with _quietly():
        module = _imported(zoo, address)
        known = zoo.names(module)
        # timm's names may go on with those of weights, which say what the model takes and tells
        architecture = model.partition(".")[0] if name == "timm" else model
        if architecture not in known:
            raise UnknownNameError(f"{name} model", architecture, known)
        yield zoo.builder(module, model), module


def zoo_image(address: str) -> Shape | None:
    """Channels, height and width that a model's published weights were evaluated on, if known."""
    name, _, model = address.partition(":")
    zoo = _ZOOS[name]
    return zoo.image(_imported(zoo, address), model)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    with contextlib.redirect_stdout(sys.stderr), global_state_kept():
        yield


def _imported(zoo: Zoo, asked: str) -> ModuleType:
    try:
        return importlib.import_module(zoo.package)
    except ModuleNotFoundError as error:
        if error.name != zoo.package:
            raise BuildError(f"{asked}: importing {zoo.package} failed: {error}") from error
        raise BuildError(
            f"{asked} needs the package {zoo.package}, which is not installed: "
            f"pip install {zoo.package}"
        ) from error
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        raise BuildError(f"{asked}: importing {zoo.package} failed: {cause_of(error)}") from error


def _timm_builder(timm: ModuleType, name: str) -> Builder:
    return functools.partial(timm.create_model, name, pretrained=False)


def _timm_image(timm: ModuleType, name: str) -> Shape | None:
    return None  # the model itself says it, in default_cfg


def _torchvision_names(torchvision: ModuleType) -> list[str]:
    names: list[str] = torchvision.models.list_models()
    return names


def _torchvision_builder(torchvision: ModuleType, name: str) -> Builder:
    build = torchvision.models.get_model_builder(name)
    parameters = inspect.signature(build).parameters
    options: dict[str, Any] = {"weights": None}
    if "weights_backbone" in parameters:  # fetched unless it is said that none are wanted
        options["weights_backbone"] = None
    if name in ("googlenet", "inception_v3"):  # takes minutes, and warns about itself
        options["init_weights"] = False
    return functools.partial(build, **options)


def _torchvision_image(torchvision: ModuleType, name: str) -> Shape | None:
    try:
        weights = torchvision.models.get_model_weights(name).DEFAULT
    except (ValueError, AttributeError):  # a model without published weights
        return None
    settings = getattr(weights.transforms, "keywords", {})
    side = settings.get("crop_size", settings.get("resize_size"))
    sides = (side, side) if type(side) is int else side
    if not isinstance(sides, (tuple, list)) or len(sides) != 2:
        return None
    return (_CHANNELS, *sides)


_ZOOS = {
    "timm": Zoo(
        package="timm",
        names=lambda timm: list(timm.list_models()),
        builder=_timm_builder,
        image=_timm_image,
    ),
    "torchvision": Zoo(
        package="torchvision",
        names=_torchvision_names,
        builder=_torchvision_builder,
        image=_torchvision_image,
    ),
}
