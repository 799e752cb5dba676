"""``deepspeed``: ``deepspeed.profiling.flops_profiler.get_model_profile`` (0.19.6), FLOPs and MACs.

Source: ``deepspeed/profiling/flops_profiler/profiler.py``; the formulas are those of
``patched_functions``, with these of its own:

- mm, bmm and ``a @ b`` count as matmul does;
- attention counts its two products, without softmax and whatever the mask;
- interpolation counts the sides of the size asked for, or the output's elements.
"""

from __future__ import annotations

from math import prod

from profiler.counting.conventions.contractions import op_macs
from profiler.counting.conventions.patched_functions import (
    PATCHED,
    REASONS,
    Figures,
    patched_tally,
    product,
    resizing,
)
from profiler.counting.conventions.registry import register
from profiler.records import OpRecord, Tally, Trace


def _resized(op: OpRecord) -> Figures:
    size, scale = op.attributes["size"], op.attributes["scale"]
    if isinstance(size, tuple):
        return prod(size), 0
    if isinstance(size, int):
        return size, 0
    return int(op.inputs[0].numel * (scale if isinstance(scale, (int, float)) else 1)), 0


def _attention(op: OpRecord) -> Figures:
    macs = op_macs(op)
    return 2 * macs, macs


_PATCHED = {
    **PATCHED,
    **resizing(_resized),
    "torch.nn.functional.scaled_dot_product_attention": _attention,
    **{f"{owner}.{name}": product for owner in ("torch", "Tensor") for name in ("mm", "bmm")},
    "Tensor.__matmul__": product,
}


@register(
    "deepspeed",
    unit="flops",
    tool="deepspeed.profiling.flops_profiler.get_model_profile",
    summary="2 x MACs and bias of patched functions, plus norms, activations and pools",
    reasons={**REASONS, "interpolate": "the sides of the size asked for, or the output's elements"},
)
def deepspeed(trace: Trace, _left_out: frozenset[str]) -> Tally:
    """Patched functions at every path of the module that calls them."""
    return patched_tally(trace, _PATCHED)
