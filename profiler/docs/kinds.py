"""The kinds of region there are, and what a region of one of them shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from profiler.catalog import LANGUAGES
from profiler.docs import notes, plots, tables  # noqa: F401 (register their kinds)
from profiler.docs.content import ANY, ASKED_BY, Content, Kind, registered_kinds
from profiler.docs.request import RegionRequest, RegionSources
from profiler.errors import NoDataError, UnknownNameError, UsageError
from profiler.render.messages import load_messages


def every_kind() -> Iterator[Kind]:
    """Every kind, in the order of ``ASKED_BY``."""
    return registered_kinds()


def content_of(attributes: Mapping[str, str], sources: RegionSources) -> Content:
    """The content of a region of these attributes today.

    Raises:
        InprofError: the region asks for what there is not, or a model can't be counted.
    """
    found, request = _asked(attributes)
    language = request.choice("lang", LANGUAGES, LANGUAGES[0])
    content = found.fill(request, sources, load_messages(language))
    if not content.markdown.strip():
        raise NoDataError(f"{request.what}: there is nothing to show")
    return content


def _asked(attributes: Mapping[str, str]) -> tuple[Kind, RegionRequest]:
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
    of_name = {each.value: each for each in every_kind() if each.asked_by == name}
    found = of_name.get(value) or of_name.get(ANY)
    if found is None:
        raise UnknownNameError(f"{name} of a region", value, of_name)
    others = {key: text for key, text in attributes.items() if key != name}
    return found, RegionRequest(name, value, others, found.attributes)
