"""The kinds of region there are: what each takes, and the markdown it becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from profiler.catalog import LANGUAGES
from profiler.docs.request import Request
from profiler.docs.sources import Sources
from profiler.errors import NoDataError, UnknownNameError, UsageError
from profiler.plots.style import Format, ThemeName
from profiler.records import Record, ScatterPlot
from profiler.render.messages import Messages, load_messages

#: The attributes that say what a region is, one of them in each.
ASKED_BY = ("table", "plot", "summary", "note")
#: Stands for any value, as a summary's, which names a model.
ANY = "*"


class Picture(Record, frozen=True):
    """A picture that a page shows: its address from the page's folder, and what is drawn."""

    address: str
    plots: tuple[ScatterPlot, ...]
    format: Format
    preset: str
    theme: ThemeName


class Content(Record, frozen=True):
    """What a region shows: markdown with plain line feeds, and the pictures beside the page."""

    markdown: str
    pictures: tuple[Picture, ...] = ()


Fill = Callable[[Request, Sources, Messages], Content]


class Kind(Record, frozen=True):
    """A kind of region: its attributes, and how it is filled.

    What it shows is the message ``regions.about.<asked_by>.<value>``.
    """

    asked_by: str
    value: str
    attributes: tuple[str, ...]
    fill: Fill

    @property
    def marker(self) -> str:
        """What a marker says to ask for it."""
        return f"{self.asked_by}={'MODEL' if self.value == ANY else self.value}"

    def about(self, messages: Messages) -> str:
        """What it shows, in a sentence."""
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


def every_kind() -> Iterator[Kind]:
    """Every kind, in the order of ``ASKED_BY``."""
    for name in ASKED_BY:
        yield from (each for each in _KINDS.values() if each.asked_by == name)


def content_of(attributes: Mapping[str, str], sources: Sources) -> Content:
    """What a region of these attributes shows today.

    Raises:
        InprofError: the region asks for what there is not, or a model can't be counted.
    """
    found, request = _asked(attributes)
    language = request.choice("lang", LANGUAGES, LANGUAGES[0])
    content = found.fill(request, sources, load_messages(language))
    if not content.markdown.strip():
        raise NoDataError(f"{request.what}: there is nothing to show")
    return content


def _asked(attributes: Mapping[str, str]) -> tuple[Kind, Request]:
    named = [name for name in attributes if name in ASKED_BY]
    if len(named) != 1:
        problem = (
            f"asks for {' and '.join(named)} at once" if named else "does not say what it shows"
        )
        raise UsageError(
            f"a region {problem}: write one of table=, plot=, summary= and note=, "
            "for example table=accuracy"
        )
    name = named[0]
    value = attributes[name]
    found = _KINDS.get((name, value)) or _KINDS.get((name, ANY))
    if found is None:
        values = [each.value for each in every_kind() if each.asked_by == name]
        raise UnknownNameError(f"{name} of a region", value, values)
    others = {key: text for key, text in attributes.items() if key != name}
    return found, Request(name, value, others, found.attributes)
