"""``calflops``: ``calflops.calculate_flops`` (0.3.2), FLOPs, and MACs beside them.

Source: ``calflops/pytorch_ops.py`` and ``calculate_pipline.py``; the formulas are those of
``patched_functions``, with these of its own:

- mm and bmm are not patched, nor are attention and ``a @ b``;
- interpolation to a size counts the product of the sides, without batch and channels; by a factor
  it counts the input's elements, as the result of the multiplication is dropped.
"""

from __future__ import annotations

from math import prod

from profiler.counting.conventions.patched_functions import (
    PATCHED,
    REASONS,
    Figures,
    patched_tally,
    resizing,
)
from profiler.counting.conventions.registry import register
from profiler.records import OpRecord, Tally, Trace


def _resized(op: OpRecord) -> Figures:
    size = op.attributes["size"]
    if isinstance(size, tuple):
        return prod(size), 0
    return size if isinstance(size, int) else op.inputs[0].numel, 0


_PATCHED = {**PATCHED, **resizing(_resized)}


@register(
    "calflops",
    unit="flops",
    tool="calflops.calculate_flops",
    summary="2 x MACs and bias of patched functions, plus norms, activations and pools",
    params="trainable",
    reasons={
        **REASONS,
        "attention": "not seen",
        "interpolate": "the sides of the size asked for, or the input's elements",
    },
)
def calflops(trace: Trace, _left_out: frozenset[str]) -> Tally:
    """Patched functions at every path of the module that calls them."""
    return patched_tally(trace, _PATCHED)
