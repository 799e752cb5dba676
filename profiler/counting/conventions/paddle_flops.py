"""``paddle_flops``: ``paddle.flops(net, [1, 3, h, w])`` (3.3) of the same network in Paddle.

Source: ``paddle/hapi/dynamic_flops.py``. It prints MACs as FLOPs.

Hooks on leaf layers whose exact class it knows, with X the input's elements and Y the output's:

- convolution Y * (Cin / groups * prod(kernel) + bias), the transposed kind too;
- two-dimensional batch norm 2X; linear in_features * Y, no bias; LeakyReLU X;
- average pool Y; adaptive average pool (product of in // out + 1) * Y;
- everything else 0, batch norms of one and three dimensions included.

Parameters are those of the leaf layers that are called; a batch norm's running statistics are
parameters in Paddle and are counted. A layer below several parents is hooked once for each.
"""

from __future__ import annotations

from math import prod

from profiler.counting.conventions import register
from profiler.counting.conventions.ledger import (
    Call,
    Formula,
    Ledger,
    own_parameters,
    parameter_sizes,
)
from profiler.counting.conventions.tool_formulas import (
    input_elements,
    linear_products,
    output_elements,
)
from profiler.records import Tally, Trace


def _conv(call: Call) -> int | None:
    op = call.op("conv")
    if op is None or op.weight_shape is None:
        return None
    groups = op.attributes["groups"]
    assert isinstance(groups, int)
    window = prod(op.weight_shape[2:])
    # Cin / g * window + bias may be no integer where g does not divide; Y times it is cut
    scaled = call.input_shape[1] * window + (groups if op.bias_shape else 0)
    return prod(call.output_shape) * scaled // groups


def _adaptive_average_pool(call: Call) -> int:
    sides = zip(call.input_shape[2:], call.output_shape[2:], strict=True)
    return (prod(size // out for size, out in sides) + 1) * prod(call.output_shape)


#: Class of torch.nn → what the hook of its namesake in Paddle adds at a call.
RULES: dict[str, Formula] = {
    **{f"Conv{dims}d": _conv for dims in (1, 2, 3)},
    **{f"ConvTranspose{dims}d": _conv for dims in (1, 2, 3)},
    "BatchNorm2d": lambda call: 2 * prod(call.input_shape),
    "Linear": linear_products,
    "LeakyReLU": input_elements,
    **{f"AvgPool{dims}d": output_elements for dims in (1, 2, 3)},
    **{f"AdaptiveAvgPool{dims}d": _adaptive_average_pool for dims in (1, 2, 3)},
}


@register(
    "paddle_flops",
    unit="macs",
    tool="paddle.flops",
    summary="MACs and bias adds of leaf layers, plus 2 per element of a batch norm and some pools",
    params="own",
    reasons={
        "conv": "bias adds; transposed ones counted from the output side",
        "linear": "functional calls not seen",
        "matmul": "not seen",
        "attention": "not seen",
        "recurrent": "not seen",
        "batch_norm": "2 per element",
        "activation": "LeakyReLU, 1 per element",
        "pool": "average pools only",
    },
)
def paddle_flops(trace: Trace) -> Tally:
    """Every call of a leaf layer."""
    ledger = Ledger(trace, "macs")
    sizes = parameter_sizes(trace)
    for index, call in enumerate(ledger.calls()):
        record = call.record
        if not record.is_leaf or "is_made" in record.options:
            continue
        rule = RULES.get(call.torch_class)
        figure = rule(call) if rule else 0
        if figure is None:
            ledger.add_unknown_call(index)
            continue
        params = 0
        if record.call_index == 0:
            params = sum(sizes[name] for name in own_parameters(record))
            if call.torch_class.startswith("BatchNorm") and "running_mean" in record.buffers:
                params += 2 * call.output_shape[1]
        ledger.add_call(index, figure * (1 + len(record.shared_with)), params)
    return ledger.tally()
