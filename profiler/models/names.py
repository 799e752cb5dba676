"""Models by pattern: among the built-in ones, and those of the zoos that are installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

import archs
from profiler.errors import BuildError, one_line
from profiler.files import installed_version
from profiler.models.address import ZOOS

#: Told of a zoo that can't be imported, where others were asked for too.
Warn = Callable[[str], None]


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
