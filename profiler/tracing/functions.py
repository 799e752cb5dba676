"""What is known of a function before it is called, looked up once per function."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from profiler.tracing.attributes import Describe, description
from profiler.tracing.names import base_name, public_name, writes_in_place
from profiler.tracing.ops import QUERIES, kind_of
from profiler.tracing.shape_rules.registry import HARMLESS, RULES
from profiler.tracing.shape_rules.rule import Rule
from profiler.tracing.signatures import signature

_VIEW_PROPERTIES = frozenset(f"Tensor.{name}.__get__" for name in ("T", "mT", "H", "mH"))


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of torch: its names, its kind, and how its arguments are read.

    ``is_query`` is true for calls that record nothing. ``rule`` gives the output without the
    dispatcher, when no keyword beyond ``keywords`` is used.
    """

    name: str
    base: str
    kind: str
    is_query: bool
    in_place: bool
    signature: tuple[str, ...]
    describe: Describe | None
    rule: Rule | None
    keywords: frozenset[str]


_known: dict[Callable[..., Any], Function] = {}


def lookup(func: Callable[..., Any]) -> Function:
    """The facts about ``func``."""
    try:
        return _known[func]
    except KeyError:
        known = _known[func] = _resolve(public_name(func))
        return known


#: Libraries of ops whose names the vocabulary speaks of.
_KNOWN_LIBRARIES = ("aten", "torchvision")


def _is_somebody_elses(name: str) -> bool:
    """Whether it is an op of a library that may call anything ``linear`` or ``add``."""
    library = name.removeprefix("torch.ops.").partition(".")[0]
    return name.startswith("torch.ops.") and library not in _KNOWN_LIBRARIES


@functools.cache
def aten_function(name: str, below: str) -> Function:
    """The facts about an aten op that runs below a public function, under that one's name."""
    known = _resolve(name)
    is_told = known.kind != "other" or below.startswith(name)
    return replace(known, name=below if is_told else f"{below} → {name}")


def _resolve(name: str) -> Function:
    base = base_name(name)
    in_place = writes_in_place(name)
    is_property = name.endswith(".__get__")
    if name in _VIEW_PROPERTIES:
        base, is_property = "transpose", False
    is_foreign = _is_somebody_elses(name)
    kind = "other" if is_foreign else kind_of(base)
    names = signature(name, base)
    rule = RULES.get(f"{base}_" if in_place else base)
    return Function(
        name=name,
        base=base,
        kind=kind,
        is_query=is_property or (base in QUERIES and not is_foreign),
        in_place=in_place,
        signature=names,
        describe=description(kind),
        rule=None if kind == "other" or name.startswith("torch.special") else rule,
        keywords=HARMLESS.union(names),
    )
