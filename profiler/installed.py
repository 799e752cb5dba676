"""Which distributions are installed, without the second that ``importlib.metadata`` can take."""

from __future__ import annotations

import functools
import os
import sys


def version(distribution: str) -> str:
    """A distribution's version; empty where it is not installed."""
    return _installed().get(_normal(distribution), "")


@functools.cache
def _installed() -> dict[str, str]:
    """Distribution → version, from the names of the folders that installers leave."""
    found: dict[str, str] = {}
    for folder in reversed(sys.path):  # the first folder on the path wins
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            stem, suffix = os.path.splitext(name)
            if suffix in (".dist-info", ".egg-info"):
                distribution, _, number = stem.partition("-")
                found[_normal(distribution)] = number
    return found


def _normal(distribution: str) -> str:
    return distribution.lower().replace("-", "_").replace(".", "_")
