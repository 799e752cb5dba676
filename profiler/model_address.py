"""What an address names, as far as it can be told before anything is imported."""

from __future__ import annotations

#: Zoos whose models go by name: ``timm:xception41``.
ZOOS = ("timm", "torchvision")


def zoo_of(address: str) -> str:
    """The zoo that an address names a model of; "" for any other address."""
    name, colon, _ = address.partition(":")
    return name if colon and name in ZOOS else ""
