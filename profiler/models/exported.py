"""A program that ``torch.export`` saved → a module with the hierarchy that it was exported from."""

from __future__ import annotations

import contextlib
import logging
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import torch

from profiler.errors import BuildError
from profiler.models.builders import cause_of
from profiler.models.state import global_state_kept
from profiler.records import Input


def load_exported(address: str) -> tuple[torch.nn.Module, tuple[Input, ...]]:
    """The module, on the meta device, and the inputs that it was exported with.

    Raises:
        BuildError: it is no file that ``torch.export.save`` wrote.
    """
    try:
        with _quietly(), global_state_kept():
            program = torch.export.load(address)
            model = torch.export.unflatten(program)
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:
        why = cause_of(error)
        if "warnings above" in why:  # torch has logged what it found; of no use to anybody else
            why = f"torch {torch.__version__} can't read what is in it"
        raise BuildError(
            f"{address}: it is no program that torch.export.save wrote: {why}"
        ) from error
    args, kwargs = program.example_inputs or ((), {})
    positional = _inputs(("", value) for value in args)
    return model.to("meta"), positional + _inputs(kwargs.items())


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without what torch has to say about its own file format; prints go to stderr."""
    level = logging.root.manager.disable
    with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(level)


def _inputs(values: Iterable[tuple[str, Any]]) -> tuple[Input, ...]:
    return tuple(
        Input(
            shape=tuple(value.shape),
            kind="float" if value.is_floating_point() else "tokens",
            name=name,
        )
        for name, value in values
        if isinstance(value, torch.Tensor)
    )
