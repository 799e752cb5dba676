"""``paddle_static``: the rule the published Inception tables follow, quirks included.

Per op, at batch 1, each op's figure truncated to an integer:

- convolution: FLOPs 2 * OH*OW * Cout * (kh*kw * Cin/g / g + bias), parameters
  Cout * (kh*kw * Cin/g / g + bias): the channels of a group are divided by the groups again;
- batch norm: FLOPs 2 * C*H*W, parameters 2*C;
- pooling: OH*OW*C * kh*kw; a global average pool 1 per output;
- ReLU, sigmoid and tanh: minus the number of elements, as the batch size of a static program
  is -1;
- linear: in*out (not doubled), parameters in*out + 1, left out where the published network's
  variable name was not recognised (``catalog.uncounted_linear``);
- everything else 0.

Source: the summary function of a static-graph analysis module since removed from its framework;
the rule was read there and reproduces all 16 published figures.
"""

from __future__ import annotations

from math import prod

from profiler.catalog import uncounted_linear
from profiler.counting.conventions import register
from profiler.counting.conventions.contractions import UNKNOWN, op_macs
from profiler.records import OpCounts, OpRecord, Shape, Tally, Trace


@register(
    "paddle_static",
    unit="flops",
    summary="the mixed rule behind the published Inception tables, quirks included",
    tool="paddle.fluid.contrib.model_stat",
    params="own",
    reasons={
        "conv": "grouped convolutions divided by their groups twice",
        "linear": "not doubled, and only where the output's variable had the right name",
        "batch_norm": "2 per element",
        "pool": "window size per output element, 1 for a global pool",
        "activation": "subtracted, as the batch size of a static program is -1",
    },
)
def paddle_static(trace: Trace) -> Tally:
    """FLOPs and parameters by the static rule; MACs are the true ones."""
    left_out = uncounted_linear(trace.arch, trace.variant)
    return Tally(tuple([_cost(op, left_out) for op in trace.ops]))


def _cost(op: OpRecord, left_out: frozenset[str]) -> OpCounts:
    flops, params = _figures(op, left_out)
    return OpCounts(macs=op_macs(op), flops=flops, params=params, uncounted=op.kind in UNKNOWN)


def _figures(op: OpRecord, left_out: frozenset[str]) -> tuple[int, int]:
    if op.kind == "conv":
        return _conv(op)
    if op.kind == "linear":
        inputs, outputs = op.attributes["contracted"], op.outputs[0].shape[-1]
        assert isinstance(inputs, int)
        return (0, 0) if op.path in left_out else (inputs * outputs, inputs * outputs + 1)
    if op.kind == "batch_norm":
        channels = op.outputs[0].shape[1]
        return 2 * _per_image(op.outputs[0].shape), 2 * channels
    if op.kind == "pool":
        kernel = op.attributes["kernel"]
        assert isinstance(kernel, tuple)
        window = 1 if op.attributes["global"] else prod(kernel)
        return _per_image(op.outputs[0].shape) * window, 0
    if op.kind == "activation" and op.aten in {"relu", "sigmoid", "tanh"}:
        return -_per_image(op.outputs[0].shape), 0
    return 0, 0


def _conv(op: OpRecord) -> tuple[int, int]:
    # weight: [Cout, Cin/g, *k], transposed [Cin, Cout/g, *k]; Cin/g is divided by g once more
    weight = op.weight_shape or ()
    groups = op.attributes["groups"]
    assert isinstance(groups, int)
    bias = 1 if op.bias_shape else 0
    kernel = weight[2:]
    *_, channels_out = op.outputs[0].shape[: -len(kernel)]
    positions = prod(op.outputs[0].shape[-len(kernel) :])
    per_group = prod(weight[:2]) // channels_out
    # trunc(n * (k*p/g + b)) in exact integers: n * (k*p + b*g) // g
    scaled_window = prod(kernel) * per_group + bias * groups
    flops = 2 * positions * channels_out * scaled_window // groups
    params = channels_out * scaled_window // groups
    return flops, params


def _per_image(shape: Shape) -> int:
    return prod(shape[1:])
