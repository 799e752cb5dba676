"""The one registry of conventions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from profiler.errors import UnknownNameError
from profiler.records import (
    LayerCounts,
    OpCounts,
    OpRecord,
    Tally,
    Totals,
    Trace,
)

#: An op and the paths of the linear layers a published figure left out → what the op costs.
OpRule = Callable[[OpRecord, frozenset[str]], OpCounts]

#: The same for a whole trace, for tools that look at modules.
Rule = Callable[[Trace, frozenset[str]], Tally]

Unit = Literal["macs", "flops"]
Params = Literal["all", "trainable", "own"]


@dataclass(frozen=True)
class Convention:
    """One counting rule.

    ``unit`` is what its figure is a number of: ``macs`` where one multiply-accumulate is one,
    ``flops`` where it is two; the other metric holds the true figure. ``summary`` says in a
    sentence what it counts, ``tool`` which program prints this figure. ``params`` says which
    parameters count: all of the model's, the trainable ones, or those the rule itself gives its
    ops. ``reasons`` says by op kind why it departs from ``flops``.
    """

    name: str
    unit: Unit
    summary: str
    rule: Rule
    tool: str = ""
    params: Params = "all"
    reasons: Mapping[str, str] = field(default_factory=dict)

    def figure(self, counted: LayerCounts | Totals) -> int:
        """The number that goes by this rule's name: MACs or FLOPs, whichever its unit is."""
        return counted.macs if self.unit == "macs" else counted.flops

    @property
    def own_params(self) -> bool:
        """Whether the rule itself gives parameters to its ops."""
        return self.params == "own"


_REGISTRY: dict[str, Convention] = {}


def register(
    name: str,
    *,
    unit: Unit,
    summary: str,
    tool: str = "",
    params: Params = "all",
    reasons: Mapping[str, str] | None = None,
) -> Callable[[Rule], Rule]:
    """Register a rule under ``name``; a name may be taken once."""

    def decorate(rule: Rule) -> Rule:
        if name in _REGISTRY:
            raise ValueError(f"convention {name!r} is registered twice")
        _REGISTRY[name] = Convention(name, unit, summary, rule, tool, params, reasons or {})
        return rule

    return decorate


def per_op(rule: OpRule) -> Rule:
    """The rule for a trace that applies ``rule`` to each of its ops."""

    def tally(trace: Trace, left_out: frozenset[str]) -> Tally:
        return Tally(tuple([rule(op, left_out) for op in trace.ops]))

    tally.__doc__ = rule.__doc__
    return tally


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
