"""Rules that tools had in versions which figures of their time come from.

Source: the packages of these versions, whose hooks are on modules of the exact classes below. With
X the input's elements and Y the output's:

- ``thop`` 0.0.31 (December 2019 to October 2021, numbered 0.0.4 and 0.0.5 as well):
  ``thop/vision/basic_hooks.py``. Convolution Y * ((Cin // groups) * prod(kernel) + 1 for a bias),
  batch norm 2X whether affine or not, leaky ReLU X, average pool Y, adaptive average pool
  (prod(in // out) + 1) * Y, upsample 0 for nearest. No other norm, no softmax, no PReLU.
- ``ptflops`` 0.6.2 (before public functions were patched): ``ptflops/flops_counter.py``.
  Convolution MACs + Y with a bias; linear MACs alone; batch norm X, 2X with an affine; ReLU, PReLU,
  ELU, LeakyReLU and ReLU6 Y; every pool X. No other norm, no GELU.
"""

from __future__ import annotations

from math import prod

from profiler.counting.conventions import register
from profiler.counting.conventions.ledger import Call, Formula, Ledger
from profiler.counting.conventions.ptflops_pytorch import HOOKED, images
from profiler.counting.conventions.thop import RULES, profiled
from profiler.counting.conventions.tool_formulas import (
    input_elements,
    linear_products,
    output_elements,
)
from profiler.records import Tally, Trace

_CONV = tuple(f"Conv{dims}d" for dims in (1, 2, 3))
_TRANSPOSED = tuple(f"ConvTranspose{dims}d" for dims in (1, 2, 3))
_BATCH_NORM = tuple(f"BatchNorm{dims}d" for dims in (1, 2, 3))
_RECURRENT = ("RNN", "GRU", "LSTM", "RNNCell", "GRUCell", "LSTMCell")
_UPSAMPLE = ("Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d")


def _thop_conv(call: Call) -> int | None:
    products, op = RULES["Conv2d"](call), call.op("conv")
    if products is None or op is None:
        return None
    return products + (output_elements(call) if op.bias_shape else 0)


def _thop_upsample(call: Call) -> int | None:
    op = call.op("interpolate")
    nearest = op is not None and op.attributes["mode"] == "nearest"
    return 0 if nearest else RULES["Upsample"](call)


def _thop_adaptive_pool(call: Call) -> int:
    kernel = prod(
        size // out for size, out in zip(call.input_shape[2:], call.output_shape[2:], strict=True)
    )
    return (kernel + 1) * output_elements(call)


_THOP: dict[str, Formula] = {
    **dict.fromkeys((*_CONV, *_TRANSPOSED), _thop_conv),
    **dict.fromkeys((*_BATCH_NORM, "SyncBatchNorm"), lambda call: 2 * input_elements(call)),
    "LeakyReLU": input_elements,
    **{f"AvgPool{dims}d": output_elements for dims in (1, 2, 3)},
    **{f"AdaptiveAvgPool{dims}d": _thop_adaptive_pool for dims in (1, 2, 3)},
    "Linear": linear_products,
    **dict.fromkeys(_UPSAMPLE, _thop_upsample),
    **{name: RULES[name] for name in _RECURRENT},
    # counted as nothing, with their parameters
    **dict.fromkeys(("ReLU", "ReLU6", "Dropout", "ZeroPad2d"), lambda call: 0),
}

_PTFLOPS: dict[str, Formula] = {
    **{
        name: rule
        for name, rule in HOOKED.items()
        if name in (*_CONV, "ConvTranspose2d", *_BATCH_NORM, *_RECURRENT, "Upsample")
        or name.endswith(("Pool1d", "Pool2d", "Pool3d"))
    },
    **dict.fromkeys(("ReLU", "PReLU", "ELU", "LeakyReLU", "ReLU6"), output_elements),
    "Linear": linear_products,
}


@register(
    "thop 0.0.31",
    unit="macs",
    tool="thop.profile",
    summary="MACs, bias adds of convolutions, 2 per element of a batch norm (2019 to 2021)",
    params="own",
)
def thop_0_0_31(trace: Trace) -> Tally:
    """Hooks of the earlier version, summed as today's are."""
    return profiled(trace, _THOP)


@register(
    "ptflops 0.6.2",
    unit="macs",
    tool="ptflops.get_model_complexity_info",
    summary="MACs and bias adds of hooked modules alone, each layer once (2020)",
    params="trainable",
)
def ptflops_0_6_2(trace: Trace) -> Tally:
    """Hooks per image of the batch, each module once."""
    ledger = Ledger(trace, "macs")
    batch = images(trace)
    for index, call in enumerate(ledger.calls()):
        rule = _PTFLOPS.get(call.torch_class)
        if rule is None:
            continue
        figure = rule(call)
        if figure is None:
            ledger.add_unknown_call(index)
            continue
        ledger.add_call(index, figure // batch)
    return ledger.tally()
