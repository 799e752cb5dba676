"""A kind of region: its attributes, how it is filled, and the markdown that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from profiler.docs.request import RegionRequest, RegionSources
from profiler.plots.style import Format, ThemeName
from profiler.records import Record, ScatterPlot
from profiler.render.messages import Messages

#: The attributes that say what a region is, one of them in each.
ASKED_BY = ("table", "plot", "summary", "note")
#: Stands for any value, as a summary's, which names a model.
ANY = "*"


class Picture(Record, frozen=True):
    """A picture that a region shows."""

    #: From the page's folder.
    address: str
    plots: tuple[ScatterPlot, ...]
    format: Format
    preset: str
    theme: ThemeName


class Content(Record, frozen=True):
    """The markdown of a region, and the pictures that it shows."""

    #: With plain line feeds.
    markdown: str
    #: They lie beside the page.
    pictures: tuple[Picture, ...] = ()


Fill = Callable[[RegionRequest, RegionSources, Messages], Content]


class Kind(Record, frozen=True):
    """A kind of region."""

    #: One of ``ASKED_BY``.
    asked_by: str
    #: The attribute's value that asks for it, or ``ANY``.
    value: str
    #: The other attributes that it takes.
    attributes: tuple[str, ...]
    fill: Fill

    @property
    def marker(self) -> str:
        """The attribute that asks for it, as a marker has it."""
        return f"{self.asked_by}={'MODEL' if self.value == ANY else self.value}"

    def about(self, messages: Messages) -> str:
        """A sentence on it, the message ``regions.about.<asked_by>.<value>``."""
        value = "any" if self.value == ANY else self.value
        return messages.text(f"regions.about.{self.asked_by}.{value}")


_KINDS: dict[tuple[str, str], Kind] = {}


def kind(asked_by: str, value: str, attributes: str) -> Callable[[Fill], Fill]:
    """Register how a kind of region is filled; refuses one that is there.

    Args:
        asked_by: one of ``ASKED_BY``.
        value: the attribute's value that asks for it, or ``ANY``.
        attributes: the other attributes it takes, separated by spaces; every kind takes ``lang``.
    """

    def register(fill: Fill) -> Fill:
        if (asked_by, value) in _KINDS:
            raise ValueError(f"there are two kinds of region {asked_by}={value}")
        names = (*attributes.split(), "lang")
        _KINDS[asked_by, value] = Kind(asked_by, value, names, fill)
        return fill

    return register


def registered_kinds() -> Iterator[Kind]:
    """The kinds whose modules are imported, in the order of ``ASKED_BY``."""
    for name in ASKED_BY:
        yield from (each for each in _KINDS.values() if each.asked_by == name)
