"""What happens to a count on its way to a printed figure, and how likely that is.

Each slip is one that authors of public pages have made: a unit of 1024 instead of 1000, MACs of a
tool taken twice for FLOPs, a batch that was not divided by, or divided by again, a count of a small
image scaled by area, parameters that leave out a part. A figure may have two of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Literal

from profiler.records import Record, Trace

#: Sides of an image in pixels: one of a square, or height and width.
Size = int | tuple[int, int]

SlipKind = Literal[
    "binary", "doubled", "halved", "batch", "per_batch", "area", "without", "only"
]  # fmt: skip

#: How far-fetched each is; of several explanations the least far-fetched are the answer.
COSTS: Mapping[SlipKind, int] = {
    "binary": 1,
    "doubled": 1,
    "halved": 1,
    "without": 2,
    "only": 2,
    "batch": 2,
    "per_batch": 3,
    "area": 3,
}
#: The same of a rule that the tool had in an earlier version, of a graph that is not deployed, and
#: of a size that nobody stated.
EARLIER_COST = 1
TRAIN_GRAPH_COST = 1
OTHER_SIZE_COST = 1
RECTANGLE_COST = 2

BATCHES = (2, 4, 8, 16, 32, 64, 128, 256)
#: Height and width of the inputs that detection, segmentation, pose and re-identification are
#: stated for.
RECTANGLES = (
    (256, 128), (256, 192), (384, 288), (360, 480), (384, 640), (480, 640), (512, 1024),
    (720, 960), (720, 1280), (800, 1280), (800, 1333), (1024, 2048), (1080, 1920),
)  # fmt: skip
#: Heights of letterboxed images as a share of the side that is stated: 4:3, 5:3, 16:9 and 2:1.
_LETTERBOXES = (Fraction(3, 4), Fraction(3, 5), Fraction(9, 16), Fraction(1, 2))
#: Sides of small images that a count is scaled up from.
SMALL_SIZES = (32, 64, 128)


class Slip(Record, frozen=True, gc=False):
    """One thing done to a count."""

    kind: SlipKind
    #: What figures of work are multiplied by.
    work: Fraction = Fraction(1)
    #: Parameters that are left out.
    left_out: int = 0
    #: The batch, the part's name, the size that is scaled to, or the one figure that is in units of
    #: 1024 where others are not.
    detail: int | str | Size | None = None


def slip_text(slip: Slip) -> str:
    """The detail as a word or a number: a size is "480x640"; "" where there is none."""
    if slip.kind == "area" and isinstance(slip.detail, int | tuple):
        return "x".join(map(str, sides(slip.detail)))
    return "" if slip.detail is None else str(slip.detail)


def unit_slips(is_tool: bool, unit: str, asked: Collection[str]) -> Iterator[Slip]:
    """A tool's MACs stated as FLOPs, two for each; or the other way round."""
    if is_tool and unit == "macs" and "flops" in asked:
        yield Slip("doubled", Fraction(2))
    if is_tool and unit == "flops" and "macs" in asked:
        yield Slip("halved", Fraction(1, 2))


def batch_slips() -> Iterator[Slip]:
    """A count of a batch that is stated as one image's, or one image's that was divided by it."""
    for batch in BATCHES:
        yield Slip("batch", Fraction(batch), detail=batch)
    for batch in BATCHES:
        yield Slip("per_batch", Fraction(1, batch), detail=batch)


def binary_slips(asked: Collection[str]) -> Iterator[Slip]:
    """G for 1024 * 1024 * 1024, M for 1024 * 1024; of work and parameters, or of one of them."""
    yield Slip("binary")
    if "params" in asked and len(asked) > 1:
        yield Slip("binary", detail="params")
        yield Slip("binary", detail="work")


def scaled(size: Size, to: Size) -> Slip:
    """A count at one size that is stated for another."""
    return Slip("area", Fraction(area(to), area(size)), detail=to)


def area(size: Size) -> int:
    """Pixels of an image."""
    height, width = sides(size)
    return height * width


def sides(size: Size) -> tuple[int, int]:
    """Height and width."""
    return size if isinstance(size, tuple) else (size, size)


def letterboxes(size: int) -> tuple[tuple[int, int], ...]:
    """The rectangles that images of a stated side are often padded to."""
    heights = (size * share for share in _LETTERBOXES)
    return tuple((int(height), size) for height in heights if height.denominator == 1)


def rectangles(stated: int) -> tuple[tuple[int, int], ...]:
    """The rectangles to try where squares give nothing."""
    return tuple(dict.fromkeys((*letterboxes(stated), *RECTANGLES)))


def part_slips(parts: Mapping[str, int], total: int) -> Iterator[Slip]:
    """Parameters without one part of the model, or of that part alone."""
    for name, elements in parts.items():
        if 0 < elements < total:
            yield Slip("without", left_out=elements, detail=name)
    for name, elements in parts.items():
        if 0 < elements < total and name != EMBEDDINGS:
            yield Slip("only", left_out=total - elements, detail=name)


#: The tables of a model that tokens are looked up in, wherever they stand.
EMBEDDINGS = "embeddings"


def parameter_parts(trace: Trace) -> dict[str, int]:
    """Elements of each top-level module, and of all tables that tokens are looked up in.

    Where everything stands in one module, the parts are those inside it.
    """
    tables = {
        name for op in trace.ops if op.kind == "embedding" for name in op.parameters
    }  # fmt: skip
    depth = 0
    while True:
        parts: dict[str, int] = {}
        for parameter in trace.parameters:
            path = parameter.name.split(".")
            name = ".".join(path[: depth + 1][: len(path) - 1]) or parameter.name
            parts[name] = parts.get(name, 0) + parameter.numel
        deepest = max((each.name.count(".") for each in trace.parameters), default=0)
        if len(parts) > 1 or depth >= deepest:
            break
        depth += 1
    looked_up = sum(each.numel for each in trace.parameters if each.name in tables)
    return {**parts, EMBEDDINGS: looked_up} if looked_up else parts
