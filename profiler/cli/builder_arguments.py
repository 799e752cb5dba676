"""``--arg`` and ``--input``: how a model is built, and what its forward is given."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeVar

import click

from profiler.errors import UsageError
from profiler.input_text import parse_inputs
from profiler.records import Input

_Command = TypeVar("_Command", bound=Callable[..., Any])


def builder_options(command: _Command) -> _Command:
    """``--arg``, which the command gets as the mapping ``options``; and ``--input``: ``inputs``."""
    arguments = click.option(
        "--arg", "options", multiple=True, metavar="NAME=VALUE", callback=_arguments,
        help="An argument of the builder, a Python literal or a word (repeatable).",
    )  # fmt: skip
    inputs = click.option(
        "--input", "inputs", multiple=True, metavar="SHAPE", callback=_inputs,
        help="An input of the forward, in order, instead of an image: 1x3x224x224, tokens:1x12 for "
        "whole numbers, x=1x3x32x32 for the argument x (repeatable).",
    )  # fmt: skip
    return arguments(inputs(command))


def check_inputs(inputs: tuple[Input, ...]) -> None:
    """UsageError where sizes of an image are given beside whole inputs."""
    given = click.core.ParameterSource.COMMANDLINE
    context = click.get_current_context()
    for name in ("size", "batch_size"):
        if inputs and context.get_parameter_source(name) == given:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"--input states whole shapes: leave out {option}")


def _arguments(
    _context: click.Context, _option: click.Parameter, texts: tuple[str, ...]
) -> dict[str, object]:
    options: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name.isidentifier()):
            raise UsageError(f"--arg {text!r}: write NAME=VALUE, as in --arg width=2")
        if name == "variant":
            raise UsageError("--arg variant=…: use --variant, which names the graph in every table")
        if name in options:
            raise UsageError(f"--arg {name}=…: given twice")
        options[name] = _literal(value)
    return options


def _literal(text: str) -> object:
    """A Python literal; what is none is the word itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def _inputs(
    _context: click.Context, _option: click.Parameter, texts: tuple[str, ...]
) -> tuple[Input, ...]:
    return parse_inputs(texts)
