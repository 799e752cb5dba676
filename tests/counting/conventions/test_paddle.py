"""``paddle_flops`` against Paddle itself, layer by layer; skipped where it is not installed.

Paddle has no torch modules, so each leaf of a network is built again as its Paddle namesake and run
alone on the input it gets. ``paddle.flops`` wants numpy before 2.4.
"""

import contextlib
import io
import re

import pytest
from torch import nn

import archs
import profiler
from profiler.counting.counts import count
from profiler.tracing.tracer import trace

paddle = pytest.importorskip("paddle")

LAYERS = {
    "Conv2d": lambda m: paddle.nn.Conv2D(
        m.in_channels, m.out_channels, m.kernel_size, m.stride, m.padding, m.dilation, m.groups,
        bias_attr=None if m.bias is not None else False,
    ),
    "ConvTranspose2d": lambda m: paddle.nn.Conv2DTranspose(
        m.in_channels, m.out_channels, m.kernel_size, m.stride, m.padding, groups=m.groups,
        bias_attr=None if m.bias is not None else False,
    ),
    "BatchNorm2d": lambda m: paddle.nn.BatchNorm2D(m.num_features),
    "BatchNorm1d": lambda m: paddle.nn.BatchNorm1D(m.num_features),
    "Linear": lambda m: paddle.nn.Linear(
        m.in_features, m.out_features, bias_attr=None if m.bias is not None else False
    ),
    "ReLU": lambda m: paddle.nn.ReLU(),
    "LeakyReLU": lambda m: paddle.nn.LeakyReLU(),
    "MaxPool2d": lambda m: paddle.nn.MaxPool2D(
        m.kernel_size, m.stride, m.padding, ceil_mode=m.ceil_mode
    ),
    "AvgPool2d": lambda m: paddle.nn.AvgPool2D(m.kernel_size, m.stride, m.padding),
    "AdaptiveAvgPool2d": lambda m: paddle.nn.AdaptiveAvgPool2D(m.output_size),
}  # fmt: skip

SMALL = {
    "convolutions": (
        nn.Sequential(
            nn.Conv2d(4, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, groups=8, bias=False), nn.ReLU(),
            nn.ConvTranspose2d(8, 4, 3, 2, groups=2), nn.LeakyReLU(),
        ),
        (1, 4, 13, 13),
    ),
    "norms and pools": (
        nn.Sequential(
            nn.BatchNorm2d(4), nn.MaxPool2d(2), nn.AvgPool2d(3, 1, 1), nn.AdaptiveAvgPool2d(4),
        ),
        (1, 4, 19, 19),
    ),
    "linear": (nn.Sequential(nn.Linear(6, 3), nn.Linear(3, 2, bias=False)), (1, 6)),
}  # fmt: skip


def paddle_figures(layer, shape):
    """What paddle.flops returns and prints for one layer."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        flops = paddle.flops(paddle.nn.Sequential(layer), list(shape))
    params = re.search(r"Total Params: (\d+)", printed.getvalue())
    return int(flops), int(params.group(1))


def check(model, shape):
    traced = trace(model, shape)
    counts = count(traced, "paddle_flops", by="module")
    rows = {row.path: (row.macs, row.params) for row in counts.layers}
    modules, total, total_params = dict(model.named_modules()), 0, 0
    for call in traced.modules:
        if not call.is_leaf or call.class_name not in LAYERS:
            continue
        layer = LAYERS[call.class_name](modules[call.path])
        flops, params = paddle_figures(layer, call.input_shapes[0])
        assert rows.get(call.path, (0, 0)) == (flops, params), call.path
        total, total_params = total + flops, total_params + params
    assert (counts.totals.macs, counts.totals.params) == (total, total_params)


@pytest.mark.parametrize("name", SMALL)
def test_a_small_network(name):
    check(*SMALL[name])


@pytest.mark.parametrize("name", archs.list_models())
def test_a_network(name):
    check(profiler.build(name), archs.default_input_shape(name))
