"""What was measured of a series' models: under which names, and in which order of devices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from msgspec.structs import replace

from profiler.catalog import known_devices
from profiler.records import MeasuredLatency, Measurement, Series

_Timed = TypeVar("_Timed", MeasuredLatency, Measurement)


def named_in(series: Series, timed: Iterable[_Timed]) -> Iterator[_Timed]:
    """What is of the series' models, under their names there.

    A model goes by its name in the series, or by the address that the series builds it from. One
    that was built with arguments is another model, and one that was given other things than images
    did another work.
    """
    names = {model.address: model.name for model in reversed(series.models)}
    names |= {model.name: model.name for model in series.models}
    return (
        replace(each, model=names[each.model])
        for each in timed
        if each.model in names and not each.arguments and not each.inputs
    )


def device_rank(series: Series) -> Callable[[str], tuple[int, str]]:
    """A key that sorts devices' slugs: known ones in the catalogue's order, then the others."""
    known = list(known_devices(series))
    return lambda hw: (known.index(hw) if hw in known else len(known), hw)
