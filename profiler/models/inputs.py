"""``1x3x224x224``, ``tokens:1x12`` or ``x=1x3x32x32`` → an input of a forward."""

from __future__ import annotations

import re
from collections.abc import Sequence

from profiler.errors import UsageError
from profiler.records import Input

_INPUT = re.compile(
    r"(?:(?P<name>[^\W\d]\w*)=)?(?:(?P<kind>[a-z]+):)?(?P<shape>[0-9]+(?:x[0-9]+)*)"
)
_MOST_ELEMENTS = 2**62


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
