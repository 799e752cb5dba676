"""``--arg`` and ``--input``: how a model is built, and what its forward is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from profiler.errors import UsageError
from profiler.models.arguments import parse_arguments, parse_inputs
from profiler.records import Input

_Command = TypeVar("_Command", bound=Callable[..., Any])


def builder_options(command: _Command) -> _Command:
    """``--arg``, which the command gets as the mapping ``options``; and ``--input``: ``inputs``.

    Of several models every one is built and run with them.
    """
    arguments = click.option(
        "--arg", "options", multiple=True, metavar="NAME=VALUE", callback=_arguments,
        help="An argument of every builder, a Python literal or a word (repeatable).",
    )  # fmt: skip
    inputs = click.option(
        "--input", "inputs", multiple=True, metavar="SHAPE", callback=_inputs,
        help="An input of every forward, in order, instead of an image: 1x3x224x224, "
        "tokens:1x12 for whole numbers, x=1x3x32x32 for the argument x (repeatable).",
    )  # fmt: skip
    return arguments(inputs(command))


#: Options that say what ``--input`` says in whole, by the name their commands know them under.
_SIZES = {"size": "--size", "sizes": "--size", "batch_size": "--batch-size", "batch_sizes": "--bs"}


def check_inputs(inputs: tuple[Input, ...]) -> None:
    """UsageError where sizes of an image are given beside whole inputs."""
    given = click.core.ParameterSource.COMMANDLINE
    context = click.get_current_context()
    for name, option in _SIZES.items():
        if inputs and context.get_parameter_source(name) == given:
            raise UsageError(f"--input states whole shapes: leave out {option}")


def is_one_batch(inputs: tuple[Input, ...]) -> bool:
    """Whether it is what a model is given without ``--input``, one tensor of numbers."""
    return len(inputs) == 1 and not inputs[0].name and inputs[0].kind == "float"


def _arguments(
    _context: click.Context, _option: click.Parameter, texts: tuple[str, ...]
) -> dict[str, object]:
    return parse_arguments(texts)


def _inputs(
    _context: click.Context, _option: click.Parameter, texts: tuple[str, ...]
) -> tuple[Input, ...]:
    return parse_inputs(texts)
