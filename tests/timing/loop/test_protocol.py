"""The measuring loop on a simulated device, whose truth is known, and on the CPU for relations."""

import importlib.util
import time
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from profiler.errors import MeasurementError, UnknownNameError
from profiler.records import TimingSettings
from profiler.timing.devices.cpu import CpuBackend
from profiler.timing.devices.simulated import NotReadyError, SimulatedDevice, Traits
from profiler.timing.loop import protocol
from profiler.timing.loop.statistics import median, median_interval

SETTINGS = TimingSettings()
#: A millisecond in ten kernels.
KERNELS = (100.0,) * 10


def timed(conditions=None, quantity="device", kernels=KERNELS, seed=0, knobs=SETTINGS, of=protocol):
    device = SimulatedDevice(conditions or Traits(), seed)
    return of.measure(device, device.network(*kernels), quantity, knobs), device


def test_an_event_must_not_be_read_before_a_synchronisation():
    device = SimulatedDevice()
    start, end = device.events(2)
    device.record(start)
    device.network(5.0)()
    device.record(end)
    with pytest.raises(NotReadyError):
        device.elapsed_ms(start, end)
    device.synchronize()
    assert device.elapsed_ms(start, end) > 0


@pytest.mark.parametrize("quantity", ["device", "eager"])
def test_a_chunk_is_launched_whole_then_waited_for_once_then_read(quantity):
    found, device = timed(quantity=quantity)
    log = device.log[device.log.index("events") :]
    assert log.count("events") == 1, "events are made ahead"
    runs = [name for name, _ in groupby(name for name in log if name != "events")]
    written = "".join(name[0] for name in runs)  # l(aunch), r(ecord), s(ync)
    chunks = [part for part in written.split("s") if "r" in part]
    # the pre-roll, then for each sample an event, the call, an event: two events meet as one run
    assert all(part == "l" + "rl" * (part.count("l") - 1) + "r" for part in chunks)
    assert len(chunks) < log.count("record") / 2, "one synchronisation for many samples"
    assert log.count("record") / 2 >= len(found.samples_ms)


def test_pre_roll_calls_are_not_samples():
    knobs = TimingSettings(pre_roll_calls=5)
    found, device = timed(knobs=knobs)
    measured = device.log.count("record") // 2
    launched = device.log[device.log.index("events") :].count("launch")
    assert launched >= measured + 5
    assert len(found.samples_ms) < measured < launched


def test_the_first_call_is_told_apart():
    found, _ = timed(Traits(first_call_us=500_000.0, noise=0.001))
    assert found.cold_first_ms > 500
    assert max(found.samples_ms) < 2
    assert median(found.samples_ms) == pytest.approx(1.0, rel=0.005)


def test_the_quantities_of_a_launch_bound_network():
    # 50 kernels of 10 µs: 500 µs on the device, 50 x 30 = 1500 µs to launch one by one
    conditions = Traits(launch_us=30.0, noise=0.002, sync_us=8.0)
    kernels = (10.0,) * 50
    found = {name: timed(conditions, name, kernels)[0] for name in ("device", "eager", "host")}
    medians = {name: median(each.samples_ms) for name, each in found.items()}
    assert medians["device"] == pytest.approx(0.5, rel=0.01)
    assert medians["eager"] == pytest.approx(1.5, rel=0.01)
    assert medians["host"] > medians["eager"]
    assert "launch_bound" in found["eager"].flags
    assert "launch_bound" not in found["device"].flags
    assert found["eager"].enqueue_ms == pytest.approx(1.5, rel=0.01)


def test_a_network_that_the_device_bounds_takes_as_long_eager_as_captured():
    conditions = Traits(launch_us=2.0, noise=0.002)
    device, eager = (median(timed(conditions, name)[0].samples_ms) for name in ("device", "eager"))
    assert eager == pytest.approx(device, rel=0.01)


def test_flushing_stands_outside_the_samples():
    plain, _ = timed(Traits(noise=0.002))
    flushed, device = timed(Traits(noise=0.002), knobs=TimingSettings(flush_l2=True))
    assert device.log.count("flush") >= len(flushed.samples_ms)
    assert median(flushed.samples_ms) == pytest.approx(median(plain.samples_ms), rel=0.005)


@pytest.mark.parametrize(
    ("conditions", "flag"),
    [
        (Traits(ramp=3.0, ramp_s=20.0), "not_steady"),
        (Traits(noise=0.3), "ci_not_met"),
        (Traits(slow_clock=0.1, sticky=0.98), "bimodal"),
        (Traits(noise=0.02, correlation=0.95), "autocorrelated"),
    ],
)
def test_what_is_wrong_is_flagged(conditions, flag):
    assert flag in timed(conditions)[0].flags


def test_a_step_near_the_end_is_flagged():
    # 0.7 s of warming up and 1.6 s of samples, the last third of which take 4 % longer
    knobs = TimingSettings(max_samples=1600)
    assert "drift" in timed(Traits(step=0.04, step_at_s=2.1), knobs=knobs)[0].flags


@pytest.mark.parametrize("seed", range(5))
def test_a_quiet_device_is_not_flagged(seed):
    assert timed(Traits(noise=0.01), seed=seed)[0].flags == ()


def test_what_the_stop_rule_promises():
    found, _ = timed()
    assert len(found.samples_ms) >= SETTINGS.min_samples
    assert sum(found.samples_ms) >= SETTINGS.min_busy_s * 1000
    interval = median_interval(found.samples_ms)
    assert (interval.high - interval.low) / 2 <= 0.005 * median(found.samples_ms)


@pytest.mark.slow
@pytest.mark.parametrize(
    "conditions",
    [Traits(noise=0.02), Traits(noise=0.02, correlation=0.5), Traits(tail=0.05)],
)
def test_the_interval_holds_the_truth_as_often_as_it_says(conditions):
    # A tail of 5 % at 1.5 times moves the median by less than 0.1 % of its value.
    held = 0
    seeds = 60
    for seed in range(seeds):
        samples = timed(conditions, seed=seed)[0].samples_ms
        interval = median_interval(samples)
        held += interval.low * 0.999 <= 1.0 <= interval.high * 1.001
    assert held >= 0.88 * seeds


def test_two_runs_of_the_same_say_the_same():
    same = 0
    for seed in range(30):
        first, second = (
            median(timed(Traits(noise=0.02), seed=seed + other)[0].samples_ms)
            for other in (0, 1000)
        )
        same += abs(second / first - 1) < 0.01
    assert same == 30


@settings(max_examples=25)
@example(call_ms=30.0, budget_s=1.0, noise=0.5, quantity="host")
@given(
    call_ms=st.floats(0.01, 20_000),
    budget_s=st.floats(1, 60),
    noise=st.sampled_from([0.0, 0.02, 0.5]),
    quantity=st.sampled_from(["device", "eager", "host"]),
)
def test_the_budget_holds_for_calls_of_any_length(call_ms, budget_s, noise, quantity):
    knobs = TimingSettings(budget_s=budget_s, max_samples=2000)
    found, device = timed(Traits(noise=noise), quantity, (1000 * call_ms,), knobs=knobs)
    assert found.samples_ms
    # Whatever the budget: the first call, the first of warming up, one launch, one sample, and
    # the calls before each that keep the queue full.
    unavoidable = 4 + 4 * knobs.pre_roll_calls
    assert device.now_ns() / 1e9 <= budget_s + unavoidable * max(call_ms / 1000, 0.07) * 1.5
    if len(found.samples_ms) < 6:
        assert "ci_not_met" in found.flags


def test_a_chunk_ends_in_time_to_look_at_the_rule_and_the_budget():
    found, device = timed(kernels=(50_000.0,))  # 50 ms a call: 64 of them would be 3 s
    log = device.log[device.log.index("events") :]
    longest = max(part.count("record") // 2 for part in "|".join(log).split("sync"))
    assert 1 <= longest <= 25
    assert found.samples_ms


def test_host_time_is_never_called_launch_bound():
    assert "launch_bound" not in timed(Traits(launch_us=50.0), "host", (1.0,) * 50)[0].flags


def test_out_of_memory_is_the_callers_to_tell():
    device = SimulatedDevice(Traits(memory_bytes=1e9))
    with pytest.raises(MemoryError):
        protocol.measure(device, device.network(5.0, bytes_needed=2e9), "eager", SETTINGS)


def test_a_device_without_a_queue_has_host_time_alone():
    for quantity in ("device", "eager"):
        with pytest.raises(MeasurementError, match="measure host"):
            protocol.measure(CpuBackend(), lambda: None, quantity, SETTINGS)
    with pytest.raises(UnknownNameError):
        protocol.measure(CpuBackend(), lambda: None, "latency", SETTINGS)


def test_the_same_seed_gives_the_same_samples():
    assert timed(seed=3)[0] == timed(seed=3)[0]
    assert timed(seed=3)[0] != timed(seed=4)[0]


# What makes the figures right is taken out of the source, and the checks must notice.


def the_checks(of):
    """Checks that hold for the loop as it is; each raises where its part is missing."""
    quiet = Traits(noise=0.001, launch_us=40.0)
    found, _ = timed(quiet, "eager", (100.0,) * 10, of=of)  # fails to read without the sync
    assert max(found.samples_ms) < 1.01, "a sample began on an empty queue"
    # 3 times as slow at first: a median over cold calls would lie far above the truth
    found, _ = timed(Traits(ramp=2.0, ramp_s=0.3, noise=0.001), of=of)
    assert median(found.samples_ms) == pytest.approx(1.0, rel=0.005)
    assert found.samples_ms[0] < 1.01, "a sample was taken before the device was warm"


MUTATIONS = {
    "the synchronisation": (
        "    backend.synchronize()\n    return [backend",
        "    return [backend",
    ),
    "the pre-roll": ("settings.pre_roll_calls if named.queued else 0", "0"),
    "the warm-up": (
        "warmth = warm_up(take, backend.telemetry, settings, spent_s)",
        "from profiler.timing.loop.protocol import Warmth\n"
        "    warmth = Warmth(True, take(1)[0], ())",
    ),
}


def mutated(old: str, new: str, tmp_path: Path):
    source = Path(protocol.__file__).read_text(encoding="utf-8")
    assert source.count(old) == 1, f"the source no longer has {old!r} once"
    path = tmp_path / "mutant.py"
    path.write_text(source.replace(old, new), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("mutant", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_checks_hold():
    the_checks(protocol)


@pytest.mark.parametrize("part", MUTATIONS)
def test_a_loop_without_it_is_noticed(part, tmp_path):
    mutant = mutated(*MUTATIONS[part], tmp_path)
    with pytest.raises((AssertionError, NotReadyError)):
        the_checks(mutant)


def busy_wait(ms: float):
    def call():
        until = time.perf_counter_ns() + int(ms * 1e6)
        while time.perf_counter_ns() < until:
            pass

    return call


QUICK = TimingSettings(warmup_s=0.02, steady_cap_s=0.2, min_samples=50, min_busy_s=0.1, budget_s=3)


def test_a_wait_of_known_length_on_a_real_clock():
    found = protocol.measure(CpuBackend(), busy_wait(2.0), "host", QUICK)
    assert min(found.samples_ms) >= 2.0
    # the shortest: other work on the machine makes any of them longer, and none shorter
    assert min(found.samples_ms) == pytest.approx(2.0, rel=0.02, abs=0.002)


def test_more_work_takes_longer_on_a_real_clock():
    short, long = (
        median(protocol.measure(CpuBackend(), busy_wait(ms), "host", QUICK).samples_ms)
        for ms in (0.5, 2.0)
    )
    assert long > 2 * short
