"""``--inputs file.py:function`` → what a forward is given, for all that ``--input`` can't say.

The function is the user's own and takes no argument. It returns a tensor, a tuple of arguments, or
a mapping of keywords.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn.utils.rnn import PackedSequence

from profiler.errors import BuildError
from profiler.models.builders import cause_of, imported_builder
from profiler.models.dependencies import Sources, followed
from profiler.models.state import ALONE, global_state_kept


@dataclass(frozen=True)
class Arguments:
    """What a forward is called with, as it stands: nothing in it is the shape of a tensor."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    #: What a function that gave it was made from.
    sources: Sources | None = None


@contextlib.contextmanager
def imported_inputs(address: str) -> Iterator[Callable[[], Arguments]]:
    """Import the function that gives the inputs, and yield how to call it.

    While it is open a model is built from the same modules: a class that both sides name is one.

    Raises:
        BuildError: it can't be imported, or is no function; on the call, it raises or returns
            what no forward is called with.
        UnknownNameError: the module has no such function; lists the nearest.
    """
    before = set(sys.modules)
    with imported_builder(address, "function of inputs") as (function, module):

        def give() -> Arguments:
            with ALONE, global_state_kept(), contextlib.redirect_stdout(sys.stderr):
                torch.manual_seed(0)
                try:
                    value = function()
                except (KeyboardInterrupt, MemoryError):
                    raise
                except BaseException as error:
                    raise BuildError(f"{address}: calling it failed: {cause_of(error)}") from error
            args, kwargs = _called_with(address, value)
            loaded = [sys.modules[name] for name in set(sys.modules) - before]
            return Arguments(args, kwargs, followed(module, *loaded))

        yield give


def _called_with(address: str, value: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and keyword arguments, from what a function of inputs returned."""
    if isinstance(value, (torch.Tensor, PackedSequence)):
        return (value,), {}
    if isinstance(value, tuple):
        return tuple(value), {}
    if isinstance(value, Mapping):
        wrong = [name for name in value if not isinstance(name, str)]
        if wrong:
            raise BuildError(
                f"{address}: it returned a mapping with the key {wrong[0]!r}, which names no "
                "argument; a mapping that is one argument goes into a tuple: (mapping,)"
            )
        return (), dict(value)
    found = "nothing" if value is None else f"a {type(value).__name__}"
    raise BuildError(
        f"{address}: it returned {found}: return a tensor, a tuple of arguments "
        "(one alone as (value,)) or a mapping of keywords"
    )
