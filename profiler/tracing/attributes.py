"""Attributes of an op: the arguments that formulas need, by one function per kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import torch

from profiler.records import Attribute, Shape

_INTEGERS = frozenset({int})
Arguments = Mapping[str, Any]
Describe = Callable[[str, Arguments], dict[str, Attribute]]


def description(kind: str) -> Describe | None:
    """The function from a bare name and named arguments to this kind's attributes, if any."""
    return _DESCRIPTIONS.get(kind)


def weight_and_bias(kind: str, base: str, bound: Arguments) -> tuple[Shape | None, Shape | None]:
    """Shapes of the op's weight and bias; None where it has none."""
    if kind not in _WEIGHTED:
        return None, None
    if kind == "matmul":
        return None, _shape(bound.get("bias")) if base.startswith(("add", "badd")) else None
    return _shape(bound.get("weight")), _shape(bound.get("bias"))


_WEIGHTED = frozenset(
    "conv deform_conv linear bilinear matmul batch_norm layer_norm group_norm instance_norm "
    "rms_norm embedding grouped_matmul quantized_matmul conv_tbc embedding_bag".split()
)


def _conv(base: str, bound: Arguments) -> dict[str, Attribute]:
    weight: Shape = _shape(bound["weight"]) or ()
    dims = len(weight) - 2
    transposed = "transpose" in base or bool(bound.get("transposed", False))
    return {
        "kernel": weight[2:],
        "stride": _per_dim(bound.get("stride", 1), dims),
        "padding": _per_dim(bound.get("padding", 0), dims),
        "dilation": _per_dim(bound.get("dilation", 1), dims),
        "groups": int(bound.get("groups", 1)),
        "transposed": transposed,
        # what a transposed convolution is counted from; the input may be a parameter
        **({"input_elements": prod(_shape(bound["input"]) or ())} if transposed else {}),
    }


def _deform_conv(base: str, bound: Arguments) -> dict[str, Attribute]:
    # input [n, Cin, *in], weight [Cout, Cin/g, *k], offset [n, 2 * parts * prod(k), *out]
    given, weight, offset = (_shape(bound[name]) or () for name in ("input", "weight", "offset"))
    return {
        "kernel": weight[2:],
        "stride": (int(bound["stride_h"]), int(bound["stride_w"])),
        "padding": (int(bound["pad_h"]), int(bound["pad_w"])),
        "dilation": (int(bound["dil_h"]), int(bound["dil_w"])),
        "groups": int(bound["groups"]),
        # every input channel is read between its cells, once a kernel cell and output position
        "sampled": prod(given[:2]) * prod(weight[2:]) * prod(offset[2:]),
        "masked": bool(bound["use_mask"]),
    }


def _pool(base: str, bound: Arguments) -> dict[str, Attribute]:
    dims = next(int(digit) for digit in base if digit.isdigit())
    sizes = (_shape(bound["input"]) or ())[-dims:]
    if "adaptive" in base:
        wanted = bound["output_size"]
        per_dim = wanted if isinstance(wanted, Sequence) else [wanted] * dims
        outputs = tuple(
            size if w is None else int(w) for size, w in zip(sizes, per_dim, strict=True)
        )
        # Where the sizes divide this is every window; where not, windows differ and overlap.
        kernel = tuple(-(-size // out) for size, out in zip(sizes, outputs, strict=True))
        maps = prod((_shape(bound["input"]) or ())[:-dims])
        return {
            "kernel": kernel,
            "adaptive": True,
            "global": prod(outputs) == 1,
            "max": "max" in base,
            "visited": maps * prod(map(_visited, sizes, outputs)),
        }
    kernel = _tuple(_per_dim(bound["kernel_size"], dims))
    padding = _tuple(_per_dim(bound.get("padding", 0), dims))
    stride = bound.get("stride")
    return {
        "kernel": kernel,
        "stride": kernel if stride in (None, [], ()) else _per_dim(stride, dims),
        "padding": padding,
        "ceil_mode": bool(bound.get("ceil_mode", False)),
        "count_include_pad": bool(bound.get("count_include_pad", True)),
        "global": False,
        "max": "max" in base,
        # y = (sum of x ** p) ** (1 / p) over the window
        **({"power": True} if base.startswith("lp_") else {}),
    }


def _visited(size: int, out: int) -> int:
    """Inputs that the windows of an adaptive pool visit along one side, each window by itself.

    Window i reaches from floor(i * size / out) to ceil((i + 1) * size / out).
    """
    return sum(-(-(i + 1) * size // out) - i * size // out for i in range(out))


def _matmul(base: str, bound: Arguments) -> dict[str, Attribute]:
    # a: [..., m, k] @ b: [..., k, n]; a vector is [k]
    rows, other = _shape(bound["input"]) or (), _shape(bound.get("other")) or ()
    return {
        "contracted": rows[-1] * (rows[0] if base == "addbmm" else 1) if rows else 1,
        # what is added may count for nothing
        **({"adds": bound.get("beta", 1) != 0} if "bias" in bound else {}),
        # as tools see it that look at the operands and not at the result
        "input_shape": rows,
        "other_shape": other,
    }


def _vecdot(base: str, bound: Arguments) -> dict[str, Attribute]:
    # both [*, k], broadcast, the sum taken over one side
    shapes = [_shape(bound[name]) or () for name in ("input", "other")]
    side = bound.get("dim", -1)
    side -= max(map(len, shapes)) if side >= 0 else 0  # sides are aligned at the last
    return {"contracted": max(shape[side] for shape in shapes if len(shape) >= -side)}


def _operands(base: str, bound: Arguments) -> dict[str, Attribute]:
    # a: [m, k] or [g, m, k] @ b: [k, n] or [g, k, n]; of packed weights b may be any shape
    rows, other = _shape(bound["input"]) or (), _shape(bound.get("other")) or ()
    packed = _PER_ELEMENT.get(str(bound["input"].dtype), 1)
    return {"contracted": rows[-1] * packed, "input_shape": rows, "other_shape": other}


#: Numbers in an element, where it is more than one.
_PER_ELEMENT = {"torch.float4_e2m1fn_x2": 2}


def _conv_tbc(base: str, bound: Arguments) -> dict[str, Attribute]:
    # input [T, batch, Cin], weight [k, Cin, Cout] -> [T', batch, Cout]
    return {"contracted": prod((_shape(bound["weight"]) or ())[:2])}


def _last_side(base: str, bound: Arguments) -> dict[str, Attribute]:
    # distances: points [*, n, k]; an affine grid: theta [batch, dims, dims + 1]
    return {"contracted": (_shape(bound["input"]) or (1,))[-1]}


def _conv_backward(base: str, bound: Arguments) -> dict[str, Attribute]:
    # grad_out [n, Cout, *out], input [n, Cin, *in], weight [Cout, Cin/g, *k]; transposed
    # [Cin, Cout/g, *k]: the forward took every position of the other side
    transposed = bool(bound["transposed"])
    side, weight = _shape(bound["input" if transposed else "grad_out"]), _shape(bound["weight"])
    wanted = [bool(each) for each in bound["output_mask"]]
    return {
        "forward": prod(side or ()) * prod((weight or ())[1:]),
        "groups": int(bound["groups"]),
        "input_gradient": wanted[0],
        "weight_gradient": wanted[1],
        "bias_gradient": prod(_shape(bound["grad_out"]) or ()) if wanted[2] else 0,
    }


def _binary(base: str, bound: Arguments) -> dict[str, Attribute]:
    # None for a number
    return {"input_shape": _shape(bound.get("input")), "other_shape": _shape(bound.get("other"))}


def _linear(base: str, bound: Arguments) -> dict[str, Attribute]:
    x = bound.get("input")
    return {
        "contracted": (_shape(bound["weight"]) or (1,))[-1],
        # of others the framework makes a product and a sum
        "contiguous": isinstance(x, torch.Tensor) and x.is_contiguous(),
    }


def _bilinear(base: str, bound: Arguments) -> dict[str, Attribute]:
    weight = _shape(bound["weight"]) or (1, 1, 1)
    return {"contracted": weight[1] * weight[2]}


def _attention(base: str, bound: Arguments) -> dict[str, Attribute]:
    # q: [..., l, e] @ k: [..., s, e] -> scores [..., l, s] @ v: [..., s, ev] -> [..., l, ev]
    query, key, value = (_shape(bound[name]) or () for name in ("query", "key", "value"))
    return {
        "query_rows": prod(query[:-1]),
        "key_length": key[-2],
        "head_dim": query[-1],
        "value_dim": value[-1],
        # a fused kernel wants its last sides dense
        "dense": all(bound[name].stride(-1) == 1 for name in ("query", "key", "value")),
        "dropout": float(bound.get("dropout_p", 0.0)),
        "mask_shape": _shape(bound.get("attn_mask")),
    }


def _recurrent(base: str, bound: Arguments) -> dict[str, Attribute]:
    is_layer = base == "mkldnn_rnn_layer"  # one layer of an LSTM, in one direction
    if is_layer or base.endswith("_cell"):
        weights: Sequence[Any] = [bound.get(name) for name in ("w_ih", "w_hh", "b_ih", "b_hh")]
    else:
        # (input, hx, weights) or, packed, (data, batch_sizes, hx, weights): the last list is theirs
        weights = [value for value in bound.values() if isinstance(value, (list, tuple))][-1]
    tensors = [tensor for tensor in weights if tensor is not None]
    matrices = [tensor for tensor in tensors if tensor.dim() == 2]
    mode = "lstm" if is_layer else base.removesuffix("_cell")
    gates = {"lstm": 4, "gru": 3}.get(mode, 1)
    # w_ih and w_hh have gates x hidden rows in every layer and direction; a projection has fewer.
    rows = sum(matrix.shape[0] for matrix in matrices if matrix.shape[0] == matrices[0].shape[0])
    return {
        "mode": mode,
        # every weight matrix is applied once at each (time step, sequence)
        "positions": prod((_shape(bound["input"]) or ())[:-1]),
        "weights": sum(matrix.numel() for matrix in matrices),
        "biases": sum(tensor.numel() for tensor in tensors if tensor.dim() == 1),
        "hidden_units": rows // (2 * gates),
        # time first, batch second; or the other way round
        "contiguous": bound["input"].is_contiguous(),
        "contiguous_turned": bound["input"].dim() > 1
        and bound["input"].transpose(0, 1).is_contiguous(),
        "projected": any(matrix.shape[0] != matrices[0].shape[0] for matrix in matrices),
    }


def _interpolate(base: str, bound: Arguments) -> dict[str, Attribute]:
    mode = str(bound.get("mode", "nearest"))
    for known in ("bicubic", "trilinear", "bilinear", "linear"):
        if known in base:
            mode = known
            break
    size, scale = bound.get("size"), bound.get("scale_factor")
    antialias = bool(bound.get("antialias", base.endswith("_aa")))
    sides = len(_shape(bound.get("input")) or (1, 1)) - 2
    return {
        "mode": mode,
        # what was asked for: the sides, or by how much the elements grow
        "size": tuple(size) if isinstance(size, (tuple, list)) else size,
        "scale": prod(scale) if isinstance(scale, (tuple, list)) else scale and scale**sides,
        **({"antialias": True} if antialias else {}),
    }


def _grid_sample(base: str, bound: Arguments) -> dict[str, Attribute]:
    mode = bound.get("mode", "bilinear")
    mode = mode if isinstance(mode, str) else ("bilinear", "nearest", "bicubic")[mode]
    sides = (_shape(bound["grid"]) or (2,))[-1]
    return {"mode": "trilinear" if (mode, sides) == ("bilinear", 3) else mode}


def _embedding_bag(base: str, bound: Arguments) -> dict[str, Attribute]:
    # input: rows of the table to look up, weight [rows, dim] -> [bags, dim]
    mode = bound.get("mode", "mean")
    return {
        "mode": mode if isinstance(mode, str) else ("sum", "mean", "max")[mode],
        "gathered": prod(_shape(bound["input"]) or ()) * (_shape(bound["weight"]) or (1,))[-1],
        "weighted": bound.get("per_sample_weights") is not None,
    }


def _weight_norm(base: str, bound: Arguments) -> dict[str, Attribute]:
    # w = g * v / norm of v: a norm for each element of g
    return {"norms": prod(_shape(bound["g"]) or ())}


def _fft(base: str, bound: Arguments) -> dict[str, Attribute]:
    shape = _shape(bound["input"]) or ()
    name = base.removeprefix("_fft_")
    if name == "stft":
        length = int(bound["n_fft"])
        hop = int(bound.get("hop_length") or length // 4)
        padded = shape[-1] + (2 * (length // 2) if bound.get("center", True) else 0)
        transforms = prod(shape[:-1]) * ((padded - length) // hop + 1)
        return {"length": length, "transforms": transforms, "real": True}
    if name == "istft":  # [*, frequencies, frames]
        length = int(bound["n_fft"])
        return {"length": length, "transforms": prod(shape) // shape[-2], "real": True}
    sizes = _transformed(name, shape, bound)
    return {
        "length": prod(sizes.values()),
        "transforms": prod(size for side, size in enumerate(shape) if side not in sizes),
        "real": name.startswith(("r", "ir", "h", "ih", "c2r")),
    }


def _transformed(name: str, shape: Shape, bound: Arguments) -> dict[int, int]:
    """Side → the size that is transformed, as the arguments of one of ``torch.fft`` say."""
    dims = bound.get("dim")
    given = bound["n"] if bound.get("n") is not None else bound.get("s")
    wanted = [given] if isinstance(given, int) else list(given or ())
    if isinstance(dims, int):
        dims = [dims]
    elif dims is None:
        count = len(wanted) or (len(shape) if name.endswith("n") else 2 if "2" in name else 1)
        dims = range(-count, 0)
    sides = [dim % len(shape) for dim in dims]
    sizes = {side: shape[side] for side in sides}
    if name.startswith(("ir", "hf", "c2r")) and not wanted:
        sizes[sides[-1]] = 2 * (shape[sides[-1]] - 1)  # half of the spectrum is given
    for side, size in zip(reversed(sides), reversed(wanted), strict=False):
        sizes[side] = shape[side] if size == -1 else int(size)
    return sizes


def _reduction(base: str, bound: Arguments) -> dict[str, Attribute]:
    reduced = bound.get("input")
    return {"input_elements": reduced.numel() if isinstance(reduced, torch.Tensor) else 0}


def _softmax(base: str, bound: Arguments) -> dict[str, Attribute]:
    # the side that adds up to one; None where the dimension was left to PyTorch
    shape, dim = _shape(bound.get("input")) or (), bound.get("dim")
    if isinstance(dim, int) and -len(shape) <= dim < len(shape):
        return {"summed": shape[dim]}
    return {"summed": None}


def _norm(base: str, bound: Arguments) -> dict[str, Attribute]:
    return {"affine": bound.get("weight") is not None, "training": bool(bound.get("training"))}


_DESCRIPTIONS: dict[str, Describe] = {
    "conv": _conv,
    "deform_conv": _deform_conv,
    "pool": _pool,
    "matmul": _matmul,
    "vecdot": _vecdot,
    "grouped_matmul": _operands,
    "quantized_matmul": _operands,
    "conv_tbc": _conv_tbc,
    "distance": _last_side,
    "affine_grid": _last_side,
    "conv_backward": _conv_backward,
    "attention_backward": _attention,
    "grid_sample": _grid_sample,
    "embedding_bag": _embedding_bag,
    "weight_norm": _weight_norm,
    "fft": _fft,
    "add": _binary,
    "mul": _binary,
    "linear": _linear,
    "bilinear": _bilinear,
    "attention": _attention,
    "recurrent": _recurrent,
    "interpolate": _interpolate,
    "reduction": _reduction,
    "softmax": _softmax,
    "batch_norm": _norm,
    "layer_norm": _norm,
    "group_norm": _norm,
    "instance_norm": _norm,
    "rms_norm": _norm,
}


def _shape(value: Any) -> Shape | None:
    return tuple(value.shape) if isinstance(value, torch.Tensor) else None


def _per_dim(value: Any, dims: int) -> Attribute:
    """3 → (3, 3); [3, 1] → (3, 1); "same" stays."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return (int(value),) * dims
    if type(value) is tuple and len(value) == dims and _INTEGERS.issuperset(map(type, value)):
        return value
    sizes = tuple(int(size) for size in value)
    return sizes * dims if len(sizes) == 1 else sizes


def _tuple(value: Attribute) -> tuple[int, ...]:
    assert isinstance(value, tuple)
    return value
