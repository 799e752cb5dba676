"""Measured layers beside counted ones, with figures worked out by hand."""

import pytest
from made_measurements import made

import profiler
from profiler.records import LayerSpan, LayerTimes
from profiler.report.tables.layers import layer_time_table
from profiler.timing.latencies.roofline import timed_layers


def spans(*parts):
    """Layer times of these (path, call, ms); 0.1 ms are outside any layer."""
    total = sum(ms for _, _, ms in parts) + 0.1
    return LayerTimes(
        method="made up",
        calls=50,
        total_ms=total,
        plain_ms=total,
        unattributed_ms=0.1,
        inflation=0.0,
        rescaled=1.0,
        resolution_ms=0.0005,
        spans=tuple(LayerSpan(path, call, "Layer", ms) for path, call, ms in parts),
    )


@pytest.fixture(scope="module")
def trace():
    from torch import nn

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 8, 3, padding=1, bias=False)
            self.block = nn.Sequential(nn.ReLU(), nn.Conv2d(8, 16, 1, bias=False))

        def forward(self, x):
            x = self.block(self.conv(x))
            return x + x

    return profiler.trace(Net(), (2, 3, 32, 32))


def test_rates_and_roofs_by_hand(trace):
    record = made(
        device="t4", layers=spans(("conv", 0, 0.5), ("block.0", 0, 0.02), ("block.1", 0, 0.2))
    )
    conv, relu, pointwise = timed_layers(record, trace)
    # 2 images x 32 x 32 positions x 8 channels x 27 products, two FLOPs each
    assert conv.flops == 2 * 2 * 32 * 32 * 8 * 27
    assert conv.flops_per_s == pytest.approx(conv.flops / 0.0005)
    # in: 2x3x32x32, out: 2x8x32x32, weights 8x3x3x3, 4 bytes each
    assert conv.bytes_moved == 4 * (2 * 3 * 1024 + 2 * 8 * 1024 + 216)
    assert conv.bytes_per_s == pytest.approx(conv.bytes_moved / 0.0005)
    # T4: 8.1 TFLOP/s and 320 GB/s. 884,736 FLOPs take 0.109 µs; 90,976 bytes 0.284 µs
    assert conv.bound == "memory"
    assert conv.roof_ms == pytest.approx(90_976 / 320e9 * 1000)
    assert relu.flops == 0
    assert relu.flops_per_s is None
    assert relu.bound == "memory"
    assert pointwise.share == pytest.approx(0.2 / 0.82)


def test_times_of_a_path_add_up_over_its_calls_and_spans(trace):
    layers = timed_layers(
        made(layers=spans(("conv", 0, 0.5), ("", 0, 0.1), ("conv", 1, 0.3))), trace
    )
    assert [(layer.path, layer.calls) for layer in layers] == [("conv", 2), ("", 1)]
    assert layers[0].self_ms == pytest.approx(0.8)


def test_what_is_below_the_measured_depth_counts_for_what_holds_it(trace):
    whole = sum(layer.flops for layer in timed_layers(made(layers=spans(("", 0, 1.0))), trace))
    rolled = timed_layers(made(layers=spans(("conv", 0, 0.5), ("block", 0, 0.2))), trace)
    assert sum(layer.flops for layer in rolled) == whole
    # the 1x1 convolution: 2 x 1024 positions x 16 channels x 8 products, two FLOPs each
    assert rolled[1].flops == 2 * 2 * 1024 * 16 * 8


def test_the_rows_of_the_table_sum_to_its_total(trace):
    record = made(layers=spans(("conv", 0, 0.5), ("block.0", 0, 0.02), ("block.1", 0, 0.2)))
    table = layer_time_table(record.layers, timed_layers(record, trace))
    at = [column.key for column in table.columns].index("layer_times.time")
    *parts, total = [row[at].value for row in table.rows]
    assert sum(parts) == pytest.approx(total)


def test_a_time_of_a_few_clock_steps_has_no_rate(trace):
    (conv,) = timed_layers(made(layers=spans(("conv", 0, 0.0015))), trace)
    assert conv.flops_per_s is None
    assert conv.flops > 0


def test_a_device_without_known_peaks_has_no_roof(trace):
    record = made(device="cpu-made-up", layers=spans(("conv", 0, 0.5)))
    (conv,) = timed_layers(record, trace)
    assert (conv.roof_ms, conv.bound) == (None, "")
    headings = [column.key for column in layer_time_table(record.layers, (conv,)).columns]
    assert "layer_times.bound" not in headings


def test_a_record_without_layers_has_none(trace):
    assert timed_layers(made(), trace) == ()
