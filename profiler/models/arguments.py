"""``width=2`` → an argument of a builder, and back to text that says the same."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from profiler.errors import UsageError


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
    """What a model goes by whose builder was given arguments: ``nets.py:net(width=2)``."""
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
