"""``--arg width=2`` and ``--input tokens:1x12``: what builders and forwards are given, as text."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence

from profiler.errors import UsageError
from profiler.records import Input

_INPUT = re.compile(
    r"(?:(?P<name>[^\W\d]\w*)=)?(?:(?P<kind>[a-z]+):)?(?P<shape>[0-9]+(?:x[0-9]+)*)"
)
_MOST_ELEMENTS = 2**62


def parse_arguments(texts: Sequence[str]) -> dict[str, object]:
    """Names and values in order; a value is a Python literal, or the word itself.

    Raises:
        UsageError: a text that is no argument; a name that is given twice.
    """
    arguments: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (equals and name.isidentifier()):
            raise UsageError(f"--arg {text!r}: write NAME=VALUE, as in --arg width=2")
        if name == "variant":
            raise UsageError("--arg variant=…: that is the graph, which count takes as --variant")
        if name in arguments:
            raise UsageError(f"--arg {name}=…: given twice")
        arguments[name] = _value(value)
    return arguments


def argument_texts(arguments: Mapping[str, object]) -> dict[str, str]:
    """Each value as Python writes it, the names in order; ``argument_values`` reads them."""
    return {name: _text(value) for name, value in sorted(arguments.items())}


def argument_values(texts: Mapping[str, str]) -> dict[str, object]:
    """The values that ``argument_texts`` wrote."""
    return {name: _value(text) for name, text in texts.items()}


def built_with(name: str, texts: Mapping[str, str]) -> str:
    """The name of a model whose builder was given arguments: ``nets.py:net(width=2)``."""
    arguments = ", ".join(f"{each}={text}" for each, text in texts.items())
    return f"{name}({arguments})" if arguments else name


def _value(text: str) -> object:
    """A Python literal; what is none is the word itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def _text(value: object) -> str:
    """``repr``, but where that is no literal or has no fixed order."""
    match value:
        case float():
            return repr(value).replace("inf", "1e999")
        case complex():  # no literal says -0j; adding zero leaves one zero of the two
            return repr(complex(value.real + 0.0, value.imag + 0.0)).replace("inf", "1e999")
        case list():
            return f"[{', '.join(map(_text, value))}]"
        case tuple():
            return f"({', '.join(map(_text, value))}{',' * (len(value) == 1)})"
        case set() if value:
            return f"{{{', '.join(sorted(map(_text, value)))}}}"
        case dict():
            return f"{{{', '.join(f'{_text(key)}: {_text(each)}' for key, each in value.items())}}}"
        case _:
            return "..." if value is ... else repr(value)


def parse_inputs(texts: Sequence[str]) -> tuple[Input, ...]:
    """The inputs in order.

    Raises:
        UsageError: a text that is none; a name that is given twice.
    """
    inputs = tuple(_parse(text) for text in texts)
    names = [each.name for each in inputs if each.name]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"--input {name}=…: given {names.count(name)} times")
    return inputs


def input_text(given: Input) -> str:
    """The text that ``parse_inputs`` reads the input from."""
    name = f"{given.name}=" if given.name else ""
    kind = f"{given.kind}:" if given.kind != "float" else ""
    return f"{name}{kind}{'x'.join(map(str, given.shape))}"


def _parse(text: str) -> Input:
    match = _INPUT.fullmatch(text.strip())
    if match is None:
        raise UsageError(
            f"--input {text!r}: write a shape with the batch first, as in 1x3x224x224; "
            "tokens:1x12 for whole numbers, x=1x3x32x32 for the argument x"
        )
    kind = match["kind"] or "float"
    if kind not in ("float", "tokens"):
        raise UsageError(f"--input {text!r}: {kind!r} is no kind of input: float or tokens")
    shape = tuple(int(size) for size in match["shape"].split("x"))
    elements = 1
    for size in shape:
        elements *= size
    if not 0 < elements < _MOST_ELEMENTS:
        why = "has a size below 1" if not elements else "is too large for a tensor"
        raise UsageError(f"--input {text!r}: the shape {why}")
    return Input(
        shape=shape, kind="tokens" if kind == "tokens" else "float", name=match["name"] or ""
    )
