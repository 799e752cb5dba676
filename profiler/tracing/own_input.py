"""The image that a model says it takes, wherever networks are in the habit of saying so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

import torch
from msgspec.structs import replace

from profiler.model_address import zoo_of
from profiler.records import OWN_SIZE, Input, Shape
from profiler.tracing.zoos import zoo_image

#: One RGB image, for a model that does not say.
_USUAL: Shape = (3, 224, 224)


def sized(given: Input, address: str, model: torch.nn.Module) -> Input:
    """The input with the sizes that were left to the model at that address."""
    if OWN_SIZE not in given.shape:
        return given
    zoo = zoo_of(address)
    own = (zoo_image(address) if zoo else None) or own_image(model)
    shape = (given.shape[0], *(size or its for size, its in zip(given.shape[1:], own, strict=True)))
    return replace(given, shape=shape)


def own_image(model: torch.nn.Module) -> Shape:
    """Channels, height and width: timm's ``default_cfg``, a ``config`` of transformers, a side.

    What a model does not say is the usual 3x224x224's.
    """
    channels, height, width = _USUAL
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
