"""Addresses of models: what each names, as far as it is known before anything is imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType

import archs
from profiler.errors import OWN_BUILDER, BuildError, UnknownNameError, UsageError, one_line
from profiler.files import installed_version

#: Called with a model's name as its turn comes.
Progress = Callable[[str], None]
#: Told of a zoo that can't be imported, where others were asked for too.
Warn = Callable[[str], None]

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


def is_pattern(text: str) -> bool:
    """Whether it stands for several models."""
    return "*" in text or "?" in text


def installed_zoos() -> tuple[str, ...]:
    """The zoos that are there; none is imported for it."""
    return tuple(zoo for zoo in ZOOS if installed_version(zoo))


def matching(pattern: str, warn: Warn) -> Iterator[str]:
    """Addresses of the models that a name with ``*`` and ``?`` in it stands for.

    What stands before a colon names zoos; without one every zoo is looked through.

    Raises:
        BuildError: a zoo that is named in full can't be imported.
    """
    zoo, colon, name = pattern.rpartition(":")
    if not colon:
        yield from (each for each in archs.list_models() if fnmatchcase(each, pattern))
    for each in ZOOS:
        if colon and not fnmatchcase(each, zoo):
            continue
        if installed_version(each) or zoo == each:
            yield from (
                address
                for address in _addresses(each, zoo == each, warn)
                if fnmatchcase(address.partition(":")[2], name)
            )


def _addresses(zoo: str, is_named: bool, warn: Warn) -> list[str]:
    from profiler.models.zoos import zoo_names

    try:
        return zoo_names(zoo)
    except BuildError as error:
        if is_named:
            raise
        warn(one_line(error))
        return []
