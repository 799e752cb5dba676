"""What an address names, as far as it can be told before anything is imported."""

from __future__ import annotations

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


def is_built_in(address: str) -> bool:
    """Whether it can only be the name of one of the project's architectures."""
    return ":" not in address and not is_model_file(address)
