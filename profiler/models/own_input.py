"""The image that a model says it takes, wherever networks are in the habit of saying so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import torch
from msgspec.structs import replace

from profiler.errors import UsageError
from profiler.models.address import is_model_file, zoo_of
from profiler.models.building import stated_inputs
from profiler.models.zoos import zoo_image
from profiler.records import (
    OWN_SIZE,
    USUAL_IMAGE,
    Input,
    Shape,
)


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
        own = (zoo_image(address) if zoo_of(address) else None) or own_image(model)
    shape = (given.shape[0], *(size or its for size, its in zip(given.shape[1:], own, strict=True)))
    return replace(given, shape=shape)


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
