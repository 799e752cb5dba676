"""Inputs of a graph: its own sizes, the batch and crop asked for, or inputs spelt out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from profiler.errors import UsageError, nearest
from profiler.models.arguments import input_text
from profiler.records import Input, Shape

#: A size, the name of one that is left open, or "" for an open one without a name.
Size = int | str

_CHANNELS = (1, 3, 4)


@dataclass(frozen=True)
class Declared:
    """An input as the file declares it; no sizes where it states not even how many there are."""

    name: str
    sizes: tuple[Size, ...] | None
    is_float: bool

    @property
    def text(self) -> str:
        """As a reader writes it: [batch, 3, ?, ?]."""
        return f"[{', '.join(str(size) or '?' for size in self.sizes or ())}]"


@dataclass(frozen=True)
class Sizes:
    """Shapes by input, sizes by the name that the file gives them, and whether the file's own fit.

    ``overridden`` says that a size which the file fixes is another one.
    """

    shapes: Mapping[str, Shape]
    named: Mapping[str, int] = field(default_factory=dict)
    overridden: bool = False


def input_sizes(
    declared: Sequence[Declared],
    inputs: Sequence[Input] = (),
    batch_size: int = 1,
    crop_size: int | None = None,
) -> Sizes:
    """Settle every size of every input.

    A size that the file leaves open and names is the same wherever it stands. The first one of an
    input is the batch (unless another is called so); the sides of an input of four dimensions are
    the crop. Sizes that the file fixes stand unless an input, a batch other than 1 or a crop says
    otherwise.

    Raises:
        UsageError: an input that is not the graph's or has another number of sizes; a size that
            nothing says, or that two things say.
    """
    given = _matched(declared, inputs)
    named: dict[str, int] = {}
    shapes: dict[str, Shape] = {}
    sources: dict[str, str] = {}
    for each in sorted(declared, key=lambda one: one.name not in given):  # these bind names first
        stated = given.get(each.name)
        asked = _asked(each, stated, named, batch_size, crop_size)
        shape = []
        for at, size in enumerate(asked):
            known = named.get(size) if isinstance(size, str) else size
            if known is None:
                raise UsageError(_open(each, at))
            shape.append(known)
            name = each.sizes[at] if each.sizes is not None else ""
            if isinstance(name, str) and name:
                if named.setdefault(name, known) != known:
                    raise UsageError(
                        f"dimension {name!r} can't be {named[name]} in input {sources[name]!r} "
                        f"and {known} in {each.name!r}"
                    )
                sources.setdefault(name, each.name)
        shapes[each.name] = tuple(shape)
    if crop_size and not inputs and not any(_sides(each) for each in declared):
        raise UsageError(
            "a crop is the side of an image, and the model takes none: "
            f"{', '.join(f'{each.name} {each.text}' for each in declared)}"
        )
    return Sizes(
        {each.name: shapes[each.name] for each in declared},
        named,
        any(
            isinstance(size, int) and size != known
            for each in declared
            for size, known in zip(each.sizes or (), shapes[each.name], strict=False)
        ),
    )


def _matched(declared: Sequence[Declared], inputs: Sequence[Input]) -> dict[str, Input]:
    """Each input that is spelt out, by the name of the graph's; those without a name in order."""
    names = {each.name: each for each in declared}
    matched: dict[str, Input] = {}
    for each in inputs:
        if each.name and each.name not in names:
            raise UsageError(f"the model has no input {each.name!r}: {nearest(each.name, names)}")
        if each.name:
            matched[each.name] = each
    free = [name for name in names if name not in matched]
    unnamed = [each for each in inputs if not each.name]
    if len(unnamed) > len(free):
        raise UsageError(
            f"{len(inputs)} inputs are given and the model takes {len(declared)}: "
            f"{', '.join(f'{each.name} {each.text}' for each in declared) or 'none'}"
        )
    matched.update(zip(free, unnamed, strict=False))
    for name, each in matched.items():
        own = names[name]
        if own.sizes is not None and len(own.sizes) != len(each.shape):
            raise UsageError(
                f"input {name!r} is {own.text}: {input_text(each)} has {len(each.shape)} sizes"
            )
        if each.kind == "tokens" and own.is_float:
            raise UsageError(f"input {name!r} takes floating point, not tokens")
    return matched


def _asked(
    each: Declared,
    stated: Input | None,
    named: Mapping[str, int],
    batch_size: int,
    crop_size: int | None,
) -> tuple[Size, ...]:
    """The file's sizes with everything that is asked for; open ones keep their names."""
    if each.sizes is None:
        if stated is None:
            raise UsageError(
                f"the file does not say how many sizes input {each.name!r} has: give them by "
                f"--input, as in {_example(each.name)}"
            )
        return stated.shape
    sizes = [named.get(size, size) if isinstance(size, str) else size for size in each.sizes]
    if stated is not None:
        return tuple(asked or own for asked, own in zip(stated.shape, sizes, strict=True))
    bound = [isinstance(own, str) and own in named for own in each.sizes]
    fixed = bool(sizes) and isinstance(each.sizes[0], int)
    # what the file fixes stands unless a batch is asked for; one number alone is no batch
    stands = fixed and (batch_size == 1 or len(sizes) < 2)
    if sizes and _first_is_batch(each.sizes) and not bound[0] and not stands:
        sizes[0] = batch_size
    for at, size in enumerate(sizes):
        if isinstance(size, str) and _is_batch(size):
            sizes[at] = batch_size
    for at in _sides(each) if crop_size else ():
        sizes[at] = crop_size or 0
    return tuple(sizes)


def _first_is_batch(sizes: Sequence[Size]) -> bool:
    """Not where another one goes by that name, as in a sequence that comes first."""
    return not any(isinstance(size, str) and _is_batch(size) for size in sizes[1:])


def _is_batch(name: str) -> bool:
    return "batch" in name.lower()


def _sides(each: Declared) -> tuple[int, ...]:
    """Where height and width stand: last, or before the channels where these come last."""
    sizes = each.sizes or ()
    if len(sizes) != 4:
        return ()
    return (1, 2) if sizes[3] in _CHANNELS and sizes[1] not in _CHANNELS else (2, 3)


def _open(each: Declared, at: int) -> str:
    size = (each.sizes or ())[at]
    what = f"dimension {size!r}" if size else f"dimension {at}"
    how = "--size, or all of them by --input" if at in _sides(each) else "--input"
    return (
        f"input {each.name!r} is {each.text}: {what} is left open; give it by {how}, "
        f"as in {_example(each.name, each.sizes)}"
    )


def _example(name: str, sizes: Sequence[Size] | None = None) -> str:
    usual = [1, 3, 224, 224] if sizes is None or len(sizes) == 4 else [1, *[16] * (len(sizes) - 1)]
    numbers = [
        size if isinstance(size, int) else other
        for size, other in zip(sizes or usual, usual, strict=True)
    ]
    prefix = f"{name}=" if name.isidentifier() else ""
    return f"--input {prefix}{'x'.join(map(str, numbers))}"
