"""What an address names, as far as it can be told before anything is imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import archs
from profiler.errors import OWN_BUILDER, BuildError, UnknownNameError, UsageError

#: Called with a model's name as its turn comes.
Progress = Callable[[str], None]

#: Zoos whose models go by name: ``timm:xception41``.
ZOOS = ("timm", "torchvision")

_EXPORTED = ".pt2"
_ONNX = ".onnx"
_FILES = (_EXPORTED, _ONNX)


def zoo_of(address: str) -> str:
    """The zoo that an address names a model of; "" for any other address."""
    name, colon, _ = address.partition(":")
    return name if colon and name in ZOOS else ""


def is_onnx(address: str) -> bool:
    """Whether it is an ONNX graph, which is counted without torch."""
    return address.endswith(_ONNX)


def is_model_file(address: str) -> bool:
    """Whether the file itself is the model, and no code that builds one."""
    return address.endswith(_FILES)


def check_model_file(
    address: str, variant: str = "", options: Mapping[str, object] = MappingProxyType({})
) -> None:
    """Refuse what can't be chosen about a model that is a file.

    Raises:
        BuildError: there is no such file.
        UsageError: its builder's arguments, or another graph, are asked for.
    """
    if not Path(address).is_file():
        raise BuildError(f"{address}: there is no file {address!r}")
    if options:
        raise UsageError(f"{address} is a model as it stands: its builder's arguments are gone")
    if variant not in ("", "deploy"):
        raise UsageError(f"{address} has no {variant!r} graph: it holds the one it was made from")


def is_built_in(address: str) -> bool:
    """Whether it can only be the name of one of the project's architectures."""
    return ":" not in address and not is_model_file(address)


def check_address(address: str) -> None:
    """Say what is misspelt about an address before anything is built from it.

    Raises:
        UnknownNameError: no architecture of that name.
        BuildError: there is no such file.
        UsageError: it is no address.
    """
    if is_model_file(address):
        check_model_file(address)
        return
    source, colon, name = address.rpartition(":")
    if not colon and address.lower() not in archs.list_models():
        raise UnknownNameError("model", address, archs.list_models(), OWN_BUILDER)
    if source.endswith(".py") and not Path(source).is_file():
        raise BuildError(f"{address}: there is no file {source!r}")
    if colon and not name.isidentifier() and not zoo_of(address):
        raise UsageError(f"{address!r} is no address: {OWN_BUILDER}")
