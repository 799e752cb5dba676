"""Parts that networks are compared by: kinds of op, and stages, by the resolution of the output.

Kinds tell convolutions apart by what they connect, and take norms as one. Networks name their parts
differently and cut them at different places, so it is not modules that stand side by side in a
comparison but the ops, at the stride that each works at:

- An op's grid is that of its first output, if a convolution, a pool or an interpolation made that
  grid or it is the input's own, and it has more than one cell; else the grid of the op before it.
- The stage is the power of two nearest to the input's side over the grid's, on a logarithmic scale
  and by the geometric mean of the sides: 224 over 27 is 8.3, stage 8; 299 over 10 is 29.9, stage
  32. An op that halves the grid stands in the stage that it leads to.
- The head is what comes after the last op whose output has a grid of more than one cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from profiler.records import OpRecord, Shape, Trace

HEAD = "head"
#: What no op does: parameters that none uses, and what a rule adds to its total alone.
NO_OP = "no_op"

_MAKES_A_GRID = ("conv", "deform_conv", "pool", "interpolate", "grid_sample")


def op_stages(trace: Trace) -> tuple[str, ...]:
    """Each op's stage, in the trace's order: "1", "2", "4" … or "head".

    A grid finer than the input's is stage "x2", "x4" and so on.
    """
    whole = trace.input_shape[2:]
    body = _body_length(trace)
    seen, here = {whole}, whole
    stages = []
    for op in trace.ops[:body]:
        grid = _grid(op, len(whole))
        if op.kind in _MAKES_A_GRID:
            seen.add(grid)
        if grid in seen and prod(grid) > 1:
            here = grid
        stages.append(_stage(whole, here))
    return (*stages, *[HEAD] * (len(trace.ops) - body))


def stride_of(stage: str) -> int:
    """The input's side over the grid's, 0 where the stage has no grid or a finer one."""
    return int(stage) if stage.isdecimal() else 0


def fineness_of(stage: str) -> int:
    """The grid's side over the input's, 0 where the stage has no grid or a coarser one."""
    return int(stage[1:]) if stage.startswith("x") else 0


def ordered_stages(stages: Iterable[str]) -> tuple[str, ...]:
    """Each of the stages once, from fine to coarse, then the head and what no op does."""
    last = {HEAD: (1, 0.0), NO_OP: (2, 0.0)}

    def place(stage: str) -> tuple[int, float]:
        return last.get(stage) or (0, stride_of(stage) or 1 / fineness_of(stage))

    return tuple(sorted(set(stages), key=place))


def _body_length(trace: Trace) -> int:
    """Number of ops up to the last whose output has a grid of more than one cell."""
    if prod(trace.input_shape[2:]) > 1:
        for index in range(len(trace.ops) - 1, -1, -1):
            if prod(_output_shape(trace.ops[index])[2:]) > 1:
                return index + 1
    return 0


def _grid(op: OpRecord, dimensions: int) -> Shape:
    """The sides of the first output, none where it has other dimensions than the input."""
    grid = _output_shape(op)[2:]
    return grid if len(grid) == dimensions else ()


def _output_shape(op: OpRecord) -> Shape:
    return op.outputs[0].shape if op.outputs else ()


def _stage(whole: Shape, grid: Shape) -> str:
    """The power 2^k that the linear ratio is nearest to on a logarithmic scale.

    With d sides the ratio is (cells of the input / cells of the grid)^(1/d), and k is right where
    2^(k - 1/2) <= ratio < 2^(k + 1/2); squared and to the power d all of it is whole numbers.
    """
    cells, parts, sides = prod(whole) ** 2, prod(grid) ** 2, len(whole)
    power = 0
    while cells >= parts << sides * (2 * power + 1):
        power += 1
    while power <= 0 and cells << sides * (1 - 2 * power) < parts:
        power -= 1
    return str(2**power) if power >= 0 else f"x{2**-power}"


REGULAR_CONV = "regular_conv"
POINTWISE_CONV = "pointwise_conv"
DEPTHWISE_CONV = "depthwise_conv"
GROUPED_CONV = "grouped_conv"

#: Kinds of the tracer that are one here.
_MERGED = {
    "batch_norm": "norm",
    "layer_norm": "norm",
    "group_norm": "norm",
    "instance_norm": "norm",
    "rms_norm": "norm",
    "add": "elementwise",
    "sub": "elementwise",
    "mul": "elementwise",
    "div": "elementwise",
}
#: The order in which kinds are shown; a kind that is not here comes after these.
_ORDER = (
    REGULAR_CONV,
    POINTWISE_CONV,
    DEPTHWISE_CONV,
    GROUPED_CONV,
    "deform_conv",
    "linear",
    "matmul",
    "attention",
    "norm",
    "activation",
    "pool",
    "elementwise",
    "concat",
)


def op_kind(op: OpRecord) -> str:
    """The op's kind in a comparison."""
    return _conv_kind(op) if op.kind == "conv" else _MERGED.get(op.kind, op.kind)


def ordered_kinds(kinds: Iterable[str]) -> tuple[str, ...]:
    """Each of the kinds once, in the order they are shown in."""
    places = {kind: place for place, kind in enumerate(_ORDER)}
    return tuple(sorted(set(kinds), key=lambda kind: (places.get(kind, len(places)), kind)))


def _conv_kind(op: OpRecord) -> str:
    """A convolution by its weight: [Cout, Cin/g, *k], transposed [Cin, Cout/g, *k].

    Depthwise: a group per input channel, g = Cin. Grouped: 1 < g < Cin. Pointwise: g = 1 and a
    kernel of one cell.
    """
    weight, groups = op.weight_shape or (), op.attributes.get("groups")
    if groups == 1 or len(weight) < 2:
        return POINTWISE_CONV if len(weight) > 2 and prod(weight[2:]) == 1 else REGULAR_CONV
    alone = weight[0] == groups if op.attributes.get("transposed") else weight[1] == 1
    return DEPTHWISE_CONV if alone else GROUPED_CONV
