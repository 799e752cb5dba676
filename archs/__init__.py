"""The architectures of the built-in series, Inception and ResNet, as PyTorch modules.

`import archs` does not import torch: names, variants and default sizes are known without it, and a
family's file is imported when `create` first builds from it.
"""

from .errors import ArchError, InputSizeError, UnknownArchitecture, UnknownVariant
from .registry import (
    Architecture,
    architecture,
    create,
    default_input_shape,
    identify,
    list_models,
    variants,
)

__all__ = [
    "ArchError",
    "Architecture",
    "InputSizeError",
    "UnknownArchitecture",
    "UnknownVariant",
    "architecture",
    "create",
    "default_input_shape",
    "identify",
    "list_models",
    "variants",
]
