"""The one registry of conventions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from profiler.errors import UnknownNameError
from profiler.records import OpCounts, OpRecord

#: An op and the paths of the linear layers a published figure left out → what the op costs.
Rule = Callable[[OpRecord, frozenset[str]], OpCounts]


@dataclass(frozen=True)
class Convention:
    """One counting rule.

    ``headline`` is the metric people quote under this name; ``summary`` says in a sentence what
    it counts. ``own_params`` is true where the rule also defines parameters.
    """

    name: str
    headline: Literal["macs", "flops"]
    summary: str
    rule: Rule
    own_params: bool = False


_REGISTRY: dict[str, Convention] = {}


def register(
    name: str, *, headline: Literal["macs", "flops"], summary: str, own_params: bool = False
) -> Callable[[Rule], Rule]:
    """Register a rule under ``name``; a name may be taken once."""

    def decorate(rule: Rule) -> Rule:
        if name in _REGISTRY:
            raise ValueError(f"convention {name!r} is registered twice")
        _REGISTRY[name] = Convention(name, headline, summary, rule, own_params)
        return rule

    return decorate


def convention(name: str) -> Convention:
    """Look a convention up by name.

    Raises:
        UnknownNameError: no convention of that name.
    """
    try:
        return _REGISTRY[name]
    except KeyError:
        raise UnknownNameError("convention", name, _REGISTRY) from None


def list_conventions() -> tuple[str, ...]:
    """Names of all conventions."""
    return tuple(sorted(_REGISTRY))
