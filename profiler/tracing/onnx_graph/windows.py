"""Nodes that slide a window or sample a grid: convolution, pools, resizing, local response."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from profiler.records import Attribute, Shape
from profiler.tracing.onnx_graph.nodes import Node
from profiler.tracing.onnx_graph.work import Describe, Work, functional
from profiler.units import shape as sized


def convolution(x: int = 0, weight: int = 1, bias: int = 2) -> Describe:
    """The map is [n, Cin, *in], the weight [Cout, Cin/g, *k] → [n, Cout, *out].

    Padding that differs between the two ends of a side is an op of its own, as in PyTorch.

    Args:
        x: which input is the map.
        weight: which one the weight.
        bias: which one the bias.
    """

    def describe(node: Node) -> tuple[Work, ...]:
        given, kernel = node.shape(x), node.shape(weight)
        groups = _groups(node, given, kernel)
        if len(kernel) < 2 or given[1] != kernel[1] * groups or kernel[0] % groups:
            raise node.error(
                f"{sized(given)} does not fit a weight of {sized(kernel)} in {groups} groups"
            )
        sides = len(kernel) - 2
        begin, end = _pads(node, given[2:], kernel[2:])
        works: tuple[Work, ...] = ()
        if begin != end:
            padded = tuple(map(sum, zip(given[2:], begin, end, strict=True)))
            shape = (*given[:2], *padded)
            works = (functional("copy", "pad", shape=shape, reads=(x,)),)
            begin = (0,) * sides
        conv = functional(
            "conv",
            f"conv{sides}d",
            {**_window(node, kernel, begin, groups), "transposed": False},
            weight_shape=kernel,
            bias_shape=node.shape(bias) if node.has(bias) else None,
            reads=(weight, bias) if works else None,
        )
        return (*works, conv)

    return describe


def stateful_convolution(node: Node) -> tuple[Work, ...]:
    """Each channel of x [n, c, l] by a filter of its own, [c, 1, k], over what came before."""
    given, kernel = node.shape(0), node.shape(1)
    if len(given) != 3 or len(kernel) != 3 or kernel[:2] != (given[1], 1):
        raise node.error(f"{sized(given)} does not fit a weight of {sized(kernel)}")
    conv = functional(
        "conv",
        "conv1d",
        {
            "kernel": kernel[2:],
            "stride": (1,),
            "padding": (0,),
            "dilation": (1,),
            "groups": given[1],
            "transposed": False,
        },
        weight_shape=kernel,
        bias_shape=node.shape(2) if node.has(2) else None,
        shape=given,
        reads=(1, 2),
    )
    padded = (*given[:2], given[2] + kernel[2] - 1)
    works = [functional("copy", "pad", shape=padded, reads=(0, 3)), conv]
    if node.attributes.get("activation", "none") in ("none", ""):
        works[-1] = replace(conv, shape=None)
    else:
        works.append(functional("activation", "silu", reads=()))
    return tuple(works)


def transposed_convolution(node: Node) -> tuple[Work, ...]:
    """From x [n, Cin, *in] and weight [Cin, Cout/g, *k] to [n, Cout, *out]."""
    given, kernel = node.shape(0), node.shape(1)
    groups = _groups(node, given, kernel)
    if len(kernel) < 2 or given[1] != kernel[0] or kernel[0] % groups:
        raise node.error(
            f"{sized(given)} does not fit a weight of {sized(kernel)} in {groups} groups"
        )
    sides = len(kernel) - 2
    padding = node.per_side("pads", 2 * sides, 0)[:sides]
    return (
        functional(
            "conv",
            f"conv_transpose{sides}d",
            {
                **_window(node, kernel, padding, groups),
                "transposed": True,
                "input_elements": prod(given),
            },
            weight_shape=kernel,
            bias_shape=node.shape(2) if node.has(2) else None,
        ),
    )


def deformable_convolution(node: Node) -> tuple[Work, ...]:
    """From x [n, Cin, *in], weight [Cout, Cin/g, *k] and offset [n, parts, *out]; torchvision's."""
    given, kernel, offset = node.shape(0), node.shape(1), node.shape(2)
    groups = _groups(node, given, kernel)
    if given[1] != kernel[1] * groups or kernel[0] % groups or len(offset) != len(given):
        raise node.error(
            f"{sized(given)} does not fit a weight of {sized(kernel)} in {groups} groups and "
            f"offsets of {sized(offset)}"
        )
    sides = len(kernel) - 2
    padding = node.per_side("pads", 2 * sides, 0)[:sides]
    return (
        Work(
            "torchvision.ops.deform_conv2d",
            "deform_conv",
            "deform_conv2d",
            {
                **_window(node, kernel, padding, groups),
                "sampled": prod(given[:2]) * prod(kernel[2:]) * prod(offset[2:]),
                "masked": node.has(4),
            },
            weight_shape=kernel,
            bias_shape=node.shape(3) if node.has(3) else None,
        ),
    )


def _groups(node: Node, given: Shape, kernel: Shape) -> int:
    groups = node.integer("group", 1)
    if groups < 1 or len(given) != len(kernel) or len(given) < 3:
        raise node.error(f"{sized(given)} does not fit a weight of {sized(kernel)}")
    return groups


def _window(node: Node, kernel: Shape, padding: Shape, groups: int) -> dict[str, Attribute]:
    sides = len(kernel) - 2
    return {
        "kernel": kernel[2:],
        "stride": node.per_side("strides", sides, 1),
        "padding": padding,
        "dilation": node.per_side("dilations", sides, 1),
        "groups": groups,
    }


def _pads(node: Node, given: Shape, kernel: Shape) -> tuple[Shape, Shape]:
    """Padding before and after each side; SAME_UPPER adds an odd cell after."""
    sides = len(kernel)
    auto = str(node.attributes.get("auto_pad", "NOTSET"))
    if auto in ("NOTSET", ""):
        pads = node.per_side("pads", 2 * sides, 0)
        return pads[:sides], pads[sides:]
    if auto == "VALID":
        return (0,) * sides, (0,) * sides
    strides = node.per_side("strides", sides, 1)
    dilations = node.per_side("dilations", sides, 1)
    totals = [
        max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        for n, k, s, d in zip(given, kernel, strides, dilations, strict=True)
    ]
    less, more = tuple(n // 2 for n in totals), tuple(n - n // 2 for n in totals)
    return (less, more) if auto == "SAME_UPPER" else (more, less)


def pool(name: str) -> Describe:
    """A window over each channel of x [n, c, *in]; ``name`` is max, avg or lp."""

    def describe(node: Node) -> tuple[Work, ...]:
        given = node.shape(0)
        sides = len(given) - 2
        kernel = node.per_side("kernel_shape", sides, 1)
        aten = f"{name}_pool{sides}d"
        if len(node.outputs) > 1 and node.outputs[1] is not None:
            aten += "_with_indices"
        return (
            functional(
                "pool",
                aten,
                {
                    "kernel": kernel,
                    "stride": node.per_side("strides", sides, 1),
                    "padding": _pads(node, given[2:], kernel)[0],
                    "ceil_mode": bool(node.integer("ceil_mode", 0)),
                    "count_include_pad": bool(node.integer("count_include_pad", 0)),
                    "global": False,
                    "max": name == "max",
                },
            ),
        )

    return describe


def global_pool(name: str) -> Describe:
    """One window over all of x [n, c, *in]; ``name`` is max, avg or lp."""

    def describe(node: Node) -> tuple[Work, ...]:
        given = node.input(0)
        attributes: dict[str, Attribute] = {
            "kernel": given.shape[2:],
            "adaptive": True,
            "global": True,
            "max": name == "max",
            "visited": given.numel,
        }
        return (functional("pool", f"adaptive_{name}_pool{len(given.shape) - 2}d", attributes),)

    return describe


def resize(node: Node) -> tuple[Work, ...]:
    """Interpolation along the sides that change their size; PyTorch's names for the modes."""
    given, output = node.shape(0), node.output.shape
    mode = str(node.attributes.get("mode", "nearest"))
    if mode in ("linear", "bilinear"):
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}.get(len(output) - 2, "linear")
    mode = "bicubic" if mode == "cubic" else mode
    attributes: dict[str, Attribute] = {"mode": mode, "size": output[2:], "scale": None}
    if given[:2] != output[:2]:
        attributes["size"] = output
    return (functional("interpolate", "interpolate", attributes),)


def local_response(node: Node) -> tuple[Work, ...]:
    """Make x / (k + alpha * mean over n channels of x**2) ** beta, op by op as PyTorch does it."""
    shape, size = node.shape(0), node.integer("size", 1)
    rank = len(shape) - 2
    attributes: dict[str, Attribute] = {
        "kernel": (size, *(1,) * rank),
        "stride": (1,) * (rank + 1),
        "padding": (size // 2, *(0,) * rank),
        "ceil_mode": False,
        "count_include_pad": True,
        "global": False,
        "max": False,
    }
    numbers: dict[str, Attribute] = {"input_shape": shape, "other_shape": None}
    squared: dict[str, Attribute] = {"input_shape": shape, "other_shape": shape}
    return (
        Work("Tensor.mul", "mul", "mul", squared, shape=shape),
        functional("pool", f"avg_pool{min(rank + 1, 3)}d", attributes, shape=shape, reads=()),
        Work("Tensor.mul", "mul", "mul", numbers, shape=shape, reads=()),
        Work("Tensor.add", "add", "add", numbers, shape=shape, reads=()),
        Work("Tensor.pow", "elementwise", "pow", shape=shape, reads=()),
        Work("Tensor.__truediv__", "div", "truediv", reads=(0,)),
    )


#: How many sides a grid has → the name of linear interpolation along all of them.
_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def grid_sample(node: Node) -> tuple[Work, ...]:
    """Values of x [n, c, *in] at the places of a grid [n, *out, sides]."""
    sides = len(node.shape(0)) - 2
    mode = str(node.attributes.get("mode", "linear"))
    if mode in ("linear", "bilinear"):
        mode = _LINEAR.get(sides, "linear")
    mode = "bicubic" if mode == "cubic" else mode
    return (functional("grid_sample", "grid_sample", {"mode": mode}),)


def affine_grid(node: Node) -> tuple[Work, ...]:
    """Places [n, *out, sides]: each cell's own place and a 1, by theta [n, sides, sides + 1]."""
    return (functional("affine_grid", "affine_grid", {"contracted": node.shape(0)[-1]}),)


def fourier(node: Node) -> tuple[Work, ...]:
    """Transforms along an axis of x [*, n, *, 1 or 2]; 2 are the parts of a complex number."""
    given = node.shape(0)
    axis = node.integer("axis", 1)
    if node.opset >= 20:  # the axis became an input
        stated = node.input(2).value if node.has(2) else None
        axis = -2 if stated is None else int(stated.ravel()[0])
    rank = len(given)
    if rank < 2 or not -rank <= axis < rank:
        raise node.error(f"axis {axis} of {rank} dimensions")
    asked = node.input(1).value if node.has(1) else None
    length = given[axis] if asked is None else int(asked.ravel()[0])
    others = prod(given[:-1]) // max(given[axis], 1)
    attributes: dict[str, Attribute] = {
        "length": length, "transforms": others, "real": given[-1] == 1,
    }  # fmt: skip
    return (Work("torch.fft.fft", "fft", "fft", attributes),)


def short_fourier(node: Node) -> tuple[Work, ...]:
    """A transform of each frame of a signal [n, l, 1 or 2] → [n, frames, bins, 2].

    Without a rule where a value that is not constant says how long a frame is.
    """
    given, output = node.shape(0), node.output.shape
    stated = node.input(3).value if node.has(3) else None
    if stated is not None:
        length = int(stated.ravel()[0])
    elif node.has(2):
        length = node.shape(2)[0]
    else:
        return (Work("torch.stft", "other", "stft"),)
    is_real = len(given) < 3 or given[-1] == 1
    attributes: dict[str, Attribute] = {
        "length": length, "transforms": prod(output[:2]), "real": is_real,
    }  # fmt: skip
    return (Work("torch.stft", "fft", "stft", attributes),)
