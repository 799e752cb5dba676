"""``thop``: what ``thop.profile`` returns (pytorch-OpCounter 0.1.1), MACs by its own account.

Source: ``thop/profile.py``, ``thop/vision/basic_hooks.py``, ``calc_func.py`` and ``rnn_hooks.py``.

Forward hooks on modules whose exact class it knows; everything else, functional calls and
operators included, is nothing. With X the input's elements and Y the output's:

- convolution Y * (Cin // groups) * prod(kernel), the transposed kind too (which is stride**2 times
  its MACs); no bias;
- linear in_features * Y, no bias;
- batch, layer and instance norm 2X, 4X with an affine; group norm nothing;
- average pool Y, whatever the kernel; adaptive average pool (prod(in / out) + 1) * Y; max pools 0;
- softmax rows * (3n - 1); PReLU X; every other activation 0;
- upsample 1, 5, 11 or 259 per output element (nearest, linear, bilinear, bicubic), others 0;
- RNN, GRU, LSTM: weights and biases at each position, and 1, 7 or 8 per hidden unit.

Parameters are those of called modules that have a rule. A module that stands below several parents
is hooked and summed once for each: p paths give p * p times its figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from profiler.counting.conventions import register
from profiler.counting.conventions.contractions import RARE
from profiler.counting.conventions.ledger import (
    Call,
    Formula,
    Ledger,
    own_parameters,
    parameter_sizes,
)
from profiler.counting.conventions.tool_formulas import (
    input_elements,
    is_affine,
    linear_products,
    output_elements,
    packed_positions,
    recurrent_figure,
)
from profiler.records import Tally, Trace

_UPSAMPLE = {"nearest": 1, "linear": 5, "bilinear": 11, "bicubic": 259}
_PER_UNIT = {"rnn": 1, "gru": 7, "lstm": 8}


def _conv(call: Call) -> int | None:
    op = call.op("conv")
    if op is None or op.weight_shape is None:
        return None
    groups = op.attributes["groups"]
    assert isinstance(groups, int)
    return prod(call.output_shape) * (call.input_shape[1] // groups) * prod(op.weight_shape[2:])


def _norm(call: Call) -> int:
    return (4 if is_affine(call) else 2) * prod(call.input_shape)


def _adaptive_average_pool(call: Call) -> int:
    # in floating point, as the tool has it
    kernel = 1.0
    for size, out in zip(call.input_shape[2:], call.output_shape[2:], strict=True):
        kernel *= size / out
    return int((kernel + 1) * prod(call.output_shape))


def _softmax(call: Call) -> int | None:
    op = call.op("softmax")
    summed = op.attributes.get("summed") if op else None
    if not isinstance(summed, int) or not summed:
        return None
    return prod(call.input_shape) // summed * (3 * summed - 1)


def _upsample(call: Call) -> int | None:
    op = call.op("interpolate")
    if op is None:
        return None
    return _UPSAMPLE.get(str(op.attributes["mode"]), 0) * prod(call.output_shape)


def _recurrent(call: Call) -> int | None:
    """Projections are not seen; packed sequences count as if all were as long as the longest."""
    if call.record.options.get("packed"):
        at = packed_positions(call.record)
    else:
        at = prod(call.input_shape[: 2 if call.record.options else 1])
    return recurrent_figure(call, at, 1, _PER_UNIT, sees_projections=False)


#: Class of torch.nn → what its hook adds at a call.
RULES: dict[str, Formula] = {
    **{f"Conv{dims}d": _conv for dims in (1, 2, 3)},
    **{f"ConvTranspose{dims}d": _conv for dims in (1, 2, 3)},
    **{f"{kind}{dims}d": _norm for kind in ("BatchNorm", "InstanceNorm") for dims in (1, 2, 3)},
    "SyncBatchNorm": _norm,
    "LayerNorm": _norm,
    "PReLU": input_elements,
    "Softmax": _softmax,
    **{f"AvgPool{dims}d": output_elements for dims in (1, 2, 3)},
    **{f"AdaptiveAvgPool{dims}d": _adaptive_average_pool for dims in (1, 2, 3)},
    "Linear": linear_products,
    **dict.fromkeys(("Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d"), _upsample),
    **dict.fromkeys(("RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell"), _recurrent),
}


@register(
    "thop",
    unit="macs",
    tool="thop.profile",
    summary="MACs of hooked modules, plus 4 per element of a batch norm and some pools",
    params="own",
    reasons={
        **dict.fromkeys(RARE, "not seen"),
        "conv": "transposed ones counted from the output side",
        "linear": "functional calls not seen",
        "matmul": "not seen",
        "attention": "not seen",
        "recurrent": "biases and gates added",
        "batch_norm": "2 per element, 4 with an affine",
        "layer_norm": "2 per element, 4 with an affine",
        "instance_norm": "2 per element, 4 with an affine",
        "pool": "average pools only",
        "softmax": "3n - 1 per row of n",
        "interpolate": "1 to 259 per output element, by mode",
    },
)
def thop(trace: Trace) -> Tally:
    """Every call of a hooked module, times the paths at which the module stands."""
    return profiled(trace, RULES)


def profiled(trace: Trace, rules: Mapping[str, Formula]) -> Tally:
    """What ``thop.profile`` makes of a trace with these hooks: class of torch.nn → its figure."""
    ledger = Ledger(trace, "macs")
    sizes = parameter_sizes(trace)
    for index, call in enumerate(ledger.calls()):
        rule = rules.get(call.torch_class)
        if rule is None:
            continue
        record = call.record
        figure = rule(call)
        if figure is None:
            ledger.add_unknown_call(index)
            continue
        # the model itself is summed over its children, which leaves its own parameters out
        counts_params = record.call_index == 0 and record.path != ""
        params = sum(sizes[name] for name in own_parameters(record)) if counts_params else 0
        figure *= 1 + len(record.shared_with)
        ledger.add_call(index, figure, params)
        for path in record.shared_with:
            ledger.add_path(path, "shared", figure, params)
    return ledger.tally()
