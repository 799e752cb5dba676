"""Times of layers: the parts are the whole, and each part is what the layer was made to take."""

from itertools import groupby

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from profiler.errors import MeasurementError
from profiler.records import TimingSettings
from profiler.timing.devices.cpu import CpuBackend
from profiler.timing.devices.simulated import SimulatedDevice, Traits
from profiler.timing.loop.layers import Boundaries, layer_times

SETTINGS = TimingSettings()
EXACT = Traits(noise=0.0, launch_us=1.0, quantum_us=0.0)


class Kernel(nn.Module):
    """A layer that takes the simulated device a known time."""

    def __init__(self, device, us):
        super().__init__()
        self.device, self.us = device, us

    def forward(self, x):
        self.device.launch(self.us)
        return x + 1  # an op, which is how a dry run knows that something runs here


class Holder(nn.Module):
    """Calls its children in turn, with work of its own before, between and after."""

    def __init__(self, device, children, own_us):
        super().__init__()
        self.parts = nn.ModuleList(children)
        self.device, self.own_us = device, own_us

    def own(self, x):
        if not self.own_us:
            return x
        self.device.launch(self.own_us)
        return x + 1

    def forward(self, x):
        x = self.own(x)
        for part in self.parts:
            x = self.own(part(x))
        return x


def times_of(model, device, captured=True, depth=None, knobs=SETTINGS):
    x = torch.zeros(1)

    def call():
        return model(x)

    boundaries = Boundaries(model, call, depth)
    return layer_times(device, boundaries, call, knobs, captured=captured, budget_s=1.0)


def by_path(found):
    own = {}
    for span in found.spans:
        own[span.path] = own.get(span.path, 0) + 1000 * span.span_ms
    return own


@pytest.mark.parametrize("captured", [True, False])
def test_each_layer_takes_what_it_was_made_to_take(captured):
    device = SimulatedDevice(EXACT)
    inner = Holder(device, [Kernel(device, 30.0), Kernel(device, 40.0)], own_us=5.0)
    model = Holder(device, [Kernel(device, 20.0), inner], own_us=0.0)
    found = times_of(model, device, captured)
    assert found.refused == ""
    # the inner holder works before, between and after: 3 times 5 µs
    expected = {"parts.0": 20, "parts.1": 15, "parts.1.parts.0": 30, "parts.1.parts.1": 40}
    assert by_path(found) == pytest.approx(expected, rel=1e-6)
    assert 1000 * found.total_ms == pytest.approx(105)
    assert found.inflation == pytest.approx(0, abs=1e-9)


def test_containers_without_work_of_their_own_get_no_boundary():
    device = SimulatedDevice(EXACT)
    chain = nn.Sequential(*[nn.Sequential(Kernel(device, 10.0)) for _ in range(5)])
    boundaries = Boundaries(chain, lambda: chain(torch.zeros(1)))
    assert boundaries.count == 6, "five layers have four boundaries between them and two ends"
    assert [owner[0] for owner in boundaries.owners] == [f"{at}.0" for at in range(5)]


def test_a_module_called_twice_has_both_calls():
    device = SimulatedDevice(EXACT)
    shared = Kernel(device, 10.0)
    model = nn.Sequential(shared, Kernel(device, 50.0), shared)
    found = times_of(model, device)
    assert [(span.path, span.call_index) for span in found.spans] == [("0", 0), ("1", 0), ("0", 1)]
    assert by_path(found) == pytest.approx({"0": 20, "1": 50})


def test_depth_rolls_layers_up():
    device = SimulatedDevice(EXACT)
    inner = nn.Sequential(Kernel(device, 30.0), Kernel(device, 40.0))
    model = nn.Sequential(Kernel(device, 20.0), inner)
    assert by_path(times_of(model, device, depth=1)) == pytest.approx({"0": 20, "1": 70})


def test_instruments_that_slow_it_too_much_are_refused():
    # 10 layers of 10 µs and 11 events of 2 µs: 22 % longer
    slowed = Traits(noise=0.0, graph_event_us=2.0, quantum_us=0.0)
    device = SimulatedDevice(slowed)
    model = nn.Sequential(*[Kernel(device, 10.0) for _ in range(10)])
    found = times_of(model, device)
    assert found.spans == ()
    assert "slow it by 22%" in found.refused
    assert found.inflation == pytest.approx(0.22, abs=0.005)
    # with boundaries around the whole alone there are 2
    assert times_of(nn.Sequential(model), device, depth=1).refused == ""


def test_time_outside_any_layer_past_the_limit_is_refused():
    device = SimulatedDevice(EXACT)
    model = nn.Sequential(Kernel(device, 80.0))
    x = torch.zeros(1)

    def call():
        model(x)
        device.launch(20.0)

    found = layer_times(
        device, Boundaries(model, call), call, SETTINGS, captured=True, budget_s=1.0
    )
    assert "20% of the time is outside any layer" in found.refused


def test_layers_that_run_differently_the_second_time_are_refused():
    device = SimulatedDevice(EXACT)
    layers = nn.ModuleList([Kernel(device, 10.0), Kernel(device, 20.0)])

    class Fickle(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers, self.calls = layers, 0

        def forward(self, x):
            self.calls += 1
            return self.layers[0](x) if self.calls > 1 else self.layers[1](self.layers[0](x))

    with pytest.raises(MeasurementError, match="differently"):
        times_of(Fickle(), device)


def test_no_hook_stays():
    device = SimulatedDevice(EXACT)
    model = nn.Sequential(Kernel(device, 10.0), Kernel(device, 10.0))
    times_of(model, device)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


trees = st.recursive(
    st.floats(5, 500),
    lambda children: st.tuples(st.lists(children, min_size=1, max_size=4), st.sampled_from([0, 7])),
    max_leaves=12,
)


def built(tree, device):
    if isinstance(tree, float):
        return Kernel(device, tree)
    children, own_us = tree
    return Holder(device, [built(child, device) for child in children], float(own_us))


def own_times(tree, path=""):
    if isinstance(tree, float):
        return {path: tree}
    children, own_us = tree
    own = {path: own_us * (1 + len(children))} if own_us else {}
    for at, child in enumerate(children):
        own |= own_times(child, f"{path}.parts.{at}".lstrip("."))
    return own


@settings(max_examples=30)
@given(tree=trees, noise=st.sampled_from([0.0, 0.03]), captured=st.booleans())
def test_the_parts_are_the_whole(tree, noise, captured):
    device = SimulatedDevice(Traits(noise=noise, launch_us=1.0, quantum_us=0.0), seed=1)
    found = times_of(built(tree, device), device, captured)
    assert sum(span.span_ms for span in found.spans) + found.unattributed_ms == pytest.approx(
        found.total_ms, rel=1e-9
    )
    if not noise:
        assert by_path(found) == pytest.approx(own_times(tree), rel=1e-6)
    paths = [(span.path, span.call_index) for span in found.spans]
    assert len(paths) == len(list(groupby(paths))), "neighbours of one owner are one span"


def test_layers_of_a_real_network_on_a_real_clock():
    model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Conv2d(16, 64, 5)).eval()
    x = torch.zeros(2, 3, 64, 64)

    def call():
        with torch.inference_mode():
            return model(x)

    limits = TimingSettings(max_inflation=10.0, max_unattributed=0.9)
    found = layer_times(
        CpuBackend(), Boundaries(model, call), call, limits, captured=False, budget_s=1.0
    )
    own = by_path(found)
    assert sum(own.values()) / 1000 + found.unattributed_ms == pytest.approx(found.total_ms)
    assert list(own) == ["0", "1", "2"]
    # 25 * 16 * 64 against 9 * 3 * 16 multiplications a pixel: 59 times the work
    assert own["2"] > own["0"]
