"""The one list of architectures, and the way from a name to a network.

What can be said of an architecture without building it stands in `_ARCHITECTURES`, so that it can
be asked without importing torch. The builders stand in the family files, each under `@register`.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from .errors import ArchError, UnknownArchitecture, UnknownVariant

if TYPE_CHECKING:
    from torch import nn

    Builder = Callable[[int], nn.Module]
    BuilderT = TypeVar("BuilderT", bound=Builder)

__all__ = [
    "VARIANTS",
    "Architecture",
    "architecture",
    "create",
    "default_input_shape",
    "identify",
    "list_models",
    "register",
    "variants",
]

VARIANTS = ("deploy", "train")


@dataclass(frozen=True)
class Architecture:
    """An architecture before it is built: name, module, input size, graphs."""

    name: str
    """The key: the title in lower case."""
    title: str
    """As it is written in the published tables."""
    module: str
    """The family file, `archs/<module>.py`."""
    crop_size: int
    """Side in pixels of the image that it is trained and counted with."""
    variants: tuple[str, ...] = VARIANTS

    @property
    def file(self) -> Path:
        """The source file of the family."""
        return Path(__file__).with_name(f"{self.module}.py")

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """One RGB image of the default crop, NCHW."""
        return (1, 3, self.crop_size, self.crop_size)


def _by_name(*architectures: Architecture) -> dict[str, Architecture]:
    table: dict[str, Architecture] = {}
    for entry in architectures:
        if entry.name in table:
            raise ArchError(f"architecture {entry.name!r} is listed twice")
        table[entry.name] = entry
    return dict(sorted(table.items()))


_ARCHITECTURES = _by_name(
    Architecture("googlenet", "GoogLeNet", "googlenet", crop_size=224),
    Architecture("inceptionv3", "InceptionV3", "inception_v3", crop_size=299),
    Architecture("inceptionv4", "InceptionV4", "inception_v4", crop_size=299),
    Architecture("resnet18", "ResNet18", "resnet", crop_size=224),
    Architecture("resnet34", "ResNet34", "resnet", crop_size=224),
    Architecture("resnet50", "ResNet50", "resnet", crop_size=224),
    Architecture("resnet101", "ResNet101", "resnet", crop_size=224),
    Architecture("resnet152", "ResNet152", "resnet", crop_size=224),
    Architecture("xception41", "Xception41", "xception", crop_size=299),
    Architecture("xception65", "Xception65", "xception", crop_size=299),
    Architecture("xception71", "Xception71", "xception", crop_size=299),
    Architecture("xception41_deeplab", "Xception41_deeplab", "xception_deeplab", crop_size=299),
    Architecture("xception65_deeplab", "Xception65_deeplab", "xception_deeplab", crop_size=299),
)

_BUILDERS: dict[tuple[str, str], "Builder"] = {}
_CREATED: "WeakKeyDictionary[nn.Module, tuple[str, str]]" = WeakKeyDictionary()


def register(name: str, *, variant: str = "deploy") -> "Callable[[BuilderT], BuilderT]":
    """Make the decorated function the builder of one graph of the architecture `name`."""

    def add(builder: "BuilderT") -> "BuilderT":
        if name not in _ARCHITECTURES:
            raise ArchError(f"{builder.__qualname__} builds {name!r}, which is not in the registry")
        if variant not in _ARCHITECTURES[name].variants:
            raise UnknownVariant(name, variant, _ARCHITECTURES[name].variants)
        if (name, variant) in _BUILDERS:
            raise ArchError(f"{name!r} already has a builder of its {variant} graph")
        _BUILDERS[name, variant] = builder
        return builder

    return add


def list_models() -> list[str]:
    """Every name that `create` takes, sorted."""
    return list(_ARCHITECTURES)


def architecture(name: str) -> Architecture:
    """The architecture called `name` (in any case of letters), not built."""
    try:
        return _ARCHITECTURES[name.lower()]
    except KeyError:
        raise UnknownArchitecture(name, tuple(_ARCHITECTURES)) from None


def default_input_shape(name: str) -> tuple[int, int, int, int]:
    """The shape (1, 3, crop, crop) that `name` is trained and counted with."""
    return architecture(name).input_shape


def variants(name: str) -> tuple[str, ...]:
    """The graphs that `name` can be built as; the first is the default."""
    return architecture(name).variants


def create(name: str, num_classes: int = 1000, variant: str = "deploy") -> "nn.Module":
    """A new, initialised network on the default device.

    The `train` graph of a network without auxiliary heads is its `deploy` graph.
    """
    entry = architecture(name)
    if variant not in entry.variants:
        raise UnknownVariant(entry.name, variant, entry.variants)
    if num_classes < 1:
        raise ArchError(f"num_classes must be at least 1, not {num_classes!r}")
    importlib.import_module(f".{entry.module}", __package__)
    build = _BUILDERS.get((entry.name, variant)) or _BUILDERS[entry.name, "deploy"]
    model = build(num_classes)
    _CREATED[model] = (entry.name, variant)
    return model


def identify(model: "nn.Module") -> tuple[str, str] | None:
    """Name and variant of a network that `create` made; None for any other."""
    return _CREATED.get(model)
