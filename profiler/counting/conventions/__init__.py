"""Counting conventions: named, pure rules from a trace to MACs, FLOPs and parameters.

A convention's module is imported when it is first looked up, so that counting under one loads no
other. A new one is a module here that registers its name, and a line in ``_MODULES``.
"""

from __future__ import annotations

import importlib
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

#: What one op costs.
OpRule = Callable[[OpRecord], OpCounts]

#: The same for a whole trace, for tools that look at modules.
Rule = Callable[[Trace], Tally]

Unit = Literal["macs", "flops"]
Params = Literal["all", "trainable", "own"]


#: The rule of the true figures, and the default everywhere.
TRUE_CONVENTION = "flops"

#: Convention → the module here that registers it.
_MODULES = {
    "calflops": "patched_functions",
    "deepspeed": "patched_functions",
    "flops": "macs",
    "flops_all": "flops_all",
    "fvcore": "fvcore",
    "macs": "macs",
    "paddle_flops": "paddle_flops",
    "paddle_static": "paddle_static",
    "ptflops_aten": "ptflops_aten",
    "ptflops_pytorch": "ptflops_pytorch",
    "thop": "thop",
    "torch": "torch_counter",
    "torchinfo": "torchinfo",
}
#: Rules of versions that are no longer installed → the same. They are looked for behind a figure,
#: and named by nobody.
_EARLIER = {
    "ptflops 0.6.2": "earlier",
    "thop 0.0.31": "earlier",
}


@dataclass(frozen=True)
class Convention:
    """One counting rule."""

    name: str
    #: What its figure is a number of: ``macs`` where one multiply-accumulate is one, ``flops``
    #: where it is two. The other metric holds the true figure.
    unit: Unit
    #: What it counts, in a sentence.
    summary: str
    rule: Rule
    #: The program that prints this figure.
    tool: str = ""
    #: Which parameters count: all of the model's, the trainable ones, or those that the rule itself
    #: gives its ops.
    params: Params = "all"
    #: Op kind → why its figure is not that of ``flops``.
    reasons: Mapping[str, str] = field(default_factory=dict)

    def figure(self, counted: LayerCounts | Totals) -> int:
        """The number that goes by this rule's name: MACs or FLOPs, whichever its unit is."""
        return counted.macs if self.unit == "macs" else counted.flops

    @property
    def own_params(self) -> bool:
        """Whether the rule itself gives parameters to its ops."""
        return self.params == "own"


#: The conventions whose modules are imported.
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
    """Register a rule under ``name``, which may be taken once; those of ``_MODULES`` are taken."""

    def decorate(rule: Rule) -> Rule:
        owner = _module(name) if name in _MODULES | _EARLIER else rule.__module__
        if name in _REGISTRY or rule.__module__ != owner:
            raise ValueError(f"convention {name!r} is registered twice")
        _REGISTRY[name] = Convention(name, unit, summary, rule, tool, params, reasons or {})
        return rule

    return decorate


def per_op(rule: OpRule) -> Rule:
    """The rule for a trace that applies ``rule`` to each of its ops."""

    def tally(trace: Trace) -> Tally:
        return Tally(tuple([rule(op) for op in trace.ops]))

    tally.__doc__, tally.__module__ = rule.__doc__, rule.__module__
    return tally


def convention(name: str) -> Convention:
    """Look a convention up by name.

    Raises:
        UnknownNameError: no convention of that name.
    """
    if name not in _REGISTRY:
        if name not in _MODULES | _EARLIER:
            raise UnknownNameError("convention", name, list_conventions())
        importlib.import_module(_module(name))
    return _REGISTRY[name]


def list_conventions() -> tuple[str, ...]:
    """Names of all conventions but those of earlier versions."""
    return tuple(sorted((_MODULES.keys() | _REGISTRY.keys()) - _EARLIER.keys()))


def list_earlier() -> tuple[str, ...]:
    """Names of the rules that earlier versions of tools had."""
    return tuple(_EARLIER)


def _module(name: str) -> str:
    return f"{__name__}.{(_MODULES | _EARLIER)[name]}"
