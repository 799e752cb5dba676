"""``ptflops_aten``: ``ptflops.get_model_complexity_info(…, backend="aten")`` (0.7.5), MACs.

Source: ``ptflops/aten_engine.py`` and ``aten_ops.py``.

A dispatch mode, run on the CPU: mm, bmm and matmul their MACs, addmm and convolution their MACs and
one per output element for the bias; GRU and RNN layers arrive as such products, with their biases.
Attention and LSTM layers run in kernels of their own there and are 0, as is everything else.
"""

from __future__ import annotations

from profiler.counting.conventions import per_op, register
from profiler.counting.conventions.contractions import RARE, op_macs
from profiler.counting.conventions.ledger import is_below_function
from profiler.counting.conventions.tool_formulas import is_einsum, recurrent_figure
from profiler.counting.conventions.torch_counter import is_with_a_vector
from profiler.records import OpCounts, OpRecord

#: Kinds that it sees, in one shape or another.
_SEEN = frozenset({"conv", "linear", "matmul", "attention", "recurrent"})


@register(
    "ptflops_aten",
    unit="macs",
    tool='ptflops.get_model_complexity_info(backend="aten")',
    summary="MACs of matrix products and convolutions, plus bias adds",
    params="trainable",
    reasons={
        **dict.fromkeys(RARE, "not seen"),
        "conv": "bias adds",
        "linear": "bias adds",
        "matmul": "bias of addmm; baddbmm and products with a vector not seen",
        "attention": "not seen",
        "recurrent": "biases added; LSTM layers not seen",
        "bilinear": "not seen",
        "deform_conv": "not seen",
    },
)
@per_op
def ptflops_aten(op: OpRecord) -> OpCounts:
    """MACs and bias of what arrives at the dispatcher as a matrix product or a convolution."""
    macs = op_macs(op)
    figure = _figure(op, macs)
    return OpCounts(macs=figure or 0, flops=2 * macs, uncounted=figure is None)


def _figure(op: OpRecord, macs: int) -> int | None:
    """None where the kernel that runs, and so what is seen of it, depends on more than shapes."""
    if is_below_function(op) and not is_einsum(op) and op.kind in _SEEN:
        return None
    if op.kind == "conv":
        return macs + (op.outputs[0].numel if op.bias_shape else 0)
    if op.kind == "linear":
        rank = len(op.outputs[0].shape)
        fused = rank == 2 or (rank > 2 and bool(op.attributes["contiguous"]))
        return macs + (op.outputs[0].numel if op.bias_shape and fused else 0)
    if op.kind == "matmul" and op.aten not in {"baddbmm", "addbmm"} and not is_with_a_vector(op):
        return macs + (op.outputs[0].numel if op.aten == "addmm" else 0)
    if op.kind == "attention":
        fused = len(op.outputs[0].shape) == 4
        return 0 if fused and op.attributes["head_dim"] == op.attributes["value_dim"] else None
    return _recurrent(op) if op.kind == "recurrent" else 0


def _recurrent(op: OpRecord) -> int | None:
    figure = recurrent_figure(op, op.inputs[0].shape, 1, {"lstm": 0, "gru": 0, "rnn": 0})
    if figure is None or op.aten.endswith("_cell"):
        return figure
    if op.aten == "lstm":
        return 0
    # of a sequence whose batch comes first the biases of the input are added apart
    return figure if not op.attributes["biases"] or 1 in op.inputs[0].shape[:2] else None
