"""``fvcore``: ``fvcore.nn.FlopCountAnalysis(model, inputs).total()`` (0.1.5), MACs called flops.

Source: ``fvcore/nn/flop_count.py`` and ``jit_handles.py``; mmengine's analysis counts alike.

A TorchScript trace at the level of aten functions; "we count one fused multiply-add as one flop".
With X the input's elements and Y the output's:

- convolution, linear, mm, bmm, addmm and matmul: their MACs, no bias; a convolution whose padding
  is a word ("same") 0, a matmul whose left operand is broadcast as if it were not, and one with a
  vector on the right stops the tool with an error;
- einsum: its MACs to four digits, which is how numpy prints them; two batched products exactly;
- batch norm 2X with an affine, X without (training: 5X, 4X); layer, group and instance norm 5X, 4X;
- adaptive average pool in two dimensions X; nearest and bilinear upsampling in two dimensions Y and
  4Y; grid sampling 4Y;
- everything else 0, most of it with a warning: attention as one function, baddbmm, recurrent
  layers (their cells are seen), all other pools, activations and elementwise ops.
"""

from __future__ import annotations

from math import prod

from profiler.counting.conventions import per_op, register
from profiler.counting.conventions.contractions import RARE, op_macs, operand_products
from profiler.counting.conventions.ledger import is_below_function
from profiler.counting.conventions.tool_formulas import einsum_flops, is_einsum, per_element
from profiler.counting.conventions.torch_counter import is_with_a_vector
from profiler.records import OpCounts, OpRecord, Shape

#: Contracting functions that it has a handle for.
_CONTRACTIONS = frozenset(
    "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d convolution "
    "_convolution linear addmm bmm mm matmul".split()
)
#: Batched products that it counts itself; for others it reads the four digits that numpy prints.
_EXACT_EINSUMS = frozenset({"abc,abd->acd", "abc,adc->adb"})
_NORMS = frozenset({"batch_norm", "layer_norm", "group_norm", "instance_norm"})
_GRID_SAMPLERS = frozenset({"grid_sampler", "grid_sampler_2d", "grid_sampler_3d", "grid_sample"})


@register(
    "fvcore",
    unit="macs",
    tool="fvcore.nn.FlopCountAnalysis",
    summary="MACs, plus 2 per element of a batch norm and 5 of other norms",
    reasons={
        **dict.fromkeys(RARE, "not seen"),
        "conv": "padding given as a word not seen",
        "matmul": "baddbmm and products of vectors not seen",
        "attention": "not seen as one function",
        "recurrent": "cells only",
        "bilinear": "not seen",
        "deform_conv": "not seen",
        "batch_norm": "1 per element, 2 with an affine",
        "layer_norm": "4 per element, 5 with an affine",
        "group_norm": "4 per element, 5 with an affine",
        "instance_norm": "4 per element, 5 with an affine",
        "pool": "input elements of adaptive average pools",
        "interpolate": "1 per output element of nearest, 4 of bilinear",
        "grid_sample": "4 per output element",
    },
)
@per_op
def fvcore(op: OpRecord) -> OpCounts:
    """One handle an aten function."""
    true = op_macs(op)
    figure = _figure(op, true)
    return OpCounts(
        macs=figure or 0,
        flops=2 * true,
        uncounted=figure is None,
    )


def _figure(op: OpRecord, true: int) -> int | None:
    """The tool's number; None where it stops with an error, or where it is not known."""
    if is_einsum(op):
        if str(op.attributes["equation"]).replace(" ", "") in _EXACT_EINSUMS:
            return true
        flops = einsum_flops(op)
        return None if flops is None else flops // 2
    if op.kind == "conv" and isinstance(op.attributes["padding"], str):
        return 0  # "same" and "valid" arrive as a function of their own
    if is_below_function(op) and op.kind != "view":
        # Python below a functional is traced through, a compiled function is one it does not know
        return None if op.function.startswith("torch.nn.functional.") else 0
    if op.aten == "matmul":
        return None if is_with_a_vector(op) else operand_products(op)
    if op.aten in _CONTRACTIONS:
        return true
    if op.kind == "recurrent":
        return true if op.aten.endswith("_cell") else 0  # a cell arrives as its products
    if op.kind in _NORMS:
        return per_element(op) * _input(op)
    if op.kind == "pool" and op.aten.lstrip("_") == "adaptive_avg_pool2d":
        return _input(op)
    if op.kind == "interpolate" and len(op.outputs[0].shape) == 4:
        if op.attributes["mode"] == "area":
            return _input(op)  # it arrives as an adaptive average pool
        return {"nearest": 1, "bilinear": 4}.get(str(op.attributes["mode"]), 0) * _output(op)
    if op.aten in _GRID_SAMPLERS:
        return 4 * _output(op)
    return 0


def _input(op: OpRecord) -> int:
    shape: Shape = op.inputs[0].shape if op.inputs else op.outputs[0].shape
    return prod(shape)


def _output(op: OpRecord) -> int:
    return op.outputs[0].numel
