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

Of ``torch.nn.MultiheadAttention`` the projections and both products count, the products as bmm; not
the scores under a mask, which are a baddbmm, and neither product where no weights are wanted, as
attention is one function then. The figure is the one with autograd on, which is how the tool is
called in its documentation, and with the model's parameters as they are: an attention module of
which nothing is trained, nor anything before it, runs a kernel of its own in eval mode, and is 0.
Under ``torch.no_grad()`` the tool says 0 for every self-attention module of the usual make, trained
or not.

What no output needs is not in the trace, nor what runs in a ``torch.autograd.Function``.
"""

from __future__ import annotations

from profiler.counting.conventions import register
from profiler.counting.conventions.contractions import RARE, op_macs, operand_products
from profiler.counting.conventions.fused_attention import fused_attention
from profiler.counting.conventions.ledger import base_of, is_bare, is_below_function
from profiler.counting.conventions.tool_formulas import (
    einsum_flops,
    einsums,
    per_element,
    remapped,
)
from profiler.counting.conventions.torch_counter import is_with_a_vector, writes_a_sum
from profiler.records import ExtraCounts, OpCounts, OpRecord, Tally, Trace

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
def fvcore(trace: Trace) -> Tally:
    """One handle an aten function, of those that a TorchScript trace keeps."""
    kept, asked = _kept(trace)
    fused, equations = fused_attention(trace), einsums(trace)
    counted: list[OpCounts] = []
    beside: list[ExtraCounts] = []
    for index, op in enumerate(trace.ops):
        true = op_macs(op)
        figure: int | None
        if index in fused.possible:
            figure = None
        elif index not in kept or index in fused.certain or op.autograd_function:
            figure = None if index in asked and true else 0
        elif index in equations:
            figure = _einsum(equations[index])
        else:
            figure = _figure(op, true)
        if figure and op.kind == "view":  # of an einsum; views have no row
            beside.append(ExtraCounts(op.path, "einsum", macs=figure))
            figure = 0
        counted.append(OpCounts(macs=figure or 0, flops=2 * true, uncounted=figure is None))
    return Tally(tuple(counted), tuple(beside))


def _kept(trace: Trace) -> tuple[set[int], set[int]]:
    """Ops of which something comes into the output; a TorchScript trace drops the others.

    What writes into an input, a parameter or a buffer stays as well. The second set is of ops that
    only give the sizes of something: whether these come into the output no record tells.
    """
    everything = set(range(len(trace.ops)))
    if not trace.outputs:
        return everything, set()
    roots = {tensor.storage for tensor in (*trace.outputs, *trace.inputs)}
    kept = _leading_to(roots, trace)
    asked = _leading_to(roots | set(trace.sizes_asked), trace) if trace.sizes_asked else kept
    return kept, asked - kept


def _leading_to(needed: set[int], trace: Trace) -> set[int]:
    kept: set[int] = set()
    for index in range(len(trace.ops) - 1, -1, -1):
        op = trace.ops[index]
        if any(tensor.storage in needed or tensor.state for tensor in op.outputs):
            kept.add(index)
            needed.update(tensor.storage for tensor in op.inputs)
    return kept


def _einsum(op: OpRecord | None) -> int | None:
    if op is None:
        return 0
    if remapped(str(op.attributes["equation"])) in _EXACT_EINSUMS:
        return op_macs(op)
    flops = einsum_flops(op)
    return None if flops is None else int(flops / 2)


def _figure(op: OpRecord, true: int) -> int | None:
    """The tool's number; None where it stops with an error, or where it is not known."""
    if op.aten in _GRID_SAMPLERS:
        return 4 * _output(op)
    if is_bare(op) and true:
        return None  # it does not look into compiled code; what else it was no record tells
    if is_below_function(op) and op.kind != "view":
        # a compiled function is one that it does not know; one that it does hides its batch in vmap
        return None if base_of(op) in _CONTRACTIONS | _NORMS else 0
    if op.kind == "conv" and isinstance(op.attributes["padding"], str):
        return 0  # "same" and "valid" arrive as a function of their own
    if op.aten == "matmul":
        return None if is_with_a_vector(op) else operand_products(op)
    if op.aten in _CONTRACTIONS:
        return 0 if writes_a_sum(op) else true
    if op.kind == "recurrent":
        return true if op.aten.endswith("_cell") else 0  # a cell arrives as its products
    if op.kind in _NORMS:
        return per_element(op) * _input(op)
    if op.kind == "pool" and op.aten.lstrip("_") == "adaptive_avg_pool2d":
        return _input(op)
    if op.kind == "interpolate" and len(op.outputs[0].shape) == 4:
        if op.attributes["mode"] == "area":
            return _input(op)  # it arrives as an adaptive average pool
        if op.attributes.get("antialias"):
            return 0
        return {"nearest": 1, "bilinear": 4}.get(str(op.attributes["mode"]), 0) * _output(op)
    return 0


def _input(op: OpRecord) -> int:
    return op.inputs[0].numel


def _output(op: OpRecord) -> int:
    return op.outputs[0].numel
