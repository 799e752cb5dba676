"""``ptflops_aten``: ``ptflops.get_model_complexity_info(…, backend="aten")`` (0.7.5), MACs.

Source: ``ptflops/aten_engine.py`` and ``aten_ops.py``.

A dispatch mode, run on the CPU: mm, bmm and matmul their MACs, addmm and convolution their MACs and
one per output element for the bias; GRU and RNN layers arrive as such products, with their biases.
Attention and LSTM layers run in kernels of their own there and are 0, as is everything else.
"""

from __future__ import annotations

from profiler.conventions.contractions import op_macs
from profiler.conventions.recurrence import recurrent_figure
from profiler.conventions.registry import per_op, register
from profiler.conventions.torch_counter import is_with_a_vector
from profiler.records import OpCounts, OpRecord


@register(
    "ptflops_aten",
    unit="macs",
    tool='ptflops.get_model_complexity_info(backend="aten")',
    summary="MACs of matrix products and convolutions, plus bias adds",
    params="trainable",
    reasons={
        "conv": "bias adds",
        "linear": "bias adds",
        "matmul": "bias of addmm; baddbmm and products with a vector not seen",
        "attention": "not seen",
        "recurrent": "biases added; LSTM layers not seen",
        "bilinear": "not seen",
    },
)
@per_op
def ptflops_aten(op: OpRecord, _left_out: frozenset[str]) -> OpCounts:
    """MACs and bias of what arrives at the dispatcher as a matrix product or a convolution."""
    macs = op_macs(op)
    return OpCounts(macs=_figure(op, macs), flops=2 * macs)


def _figure(op: OpRecord, macs: int) -> int:
    if op.kind in {"conv", "linear"} and not is_with_a_vector(op):
        return macs + (op.outputs[0].numel if op.bias_shape else 0)
    if op.kind == "matmul" and op.aten not in {"baddbmm", "addbmm"} and not is_with_a_vector(op):
        return macs + (op.outputs[0].numel if op.aten == "addmm" else 0)
    if op.kind == "recurrent" and op.aten != "lstm":
        return recurrent_figure(op, 1, {"lstm": 0, "gru": 0, "rnn": 0})
    return 0
