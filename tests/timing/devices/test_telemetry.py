"""What NVML tells, what it does not, and what that says of a result."""

import os
import sys
import threading
import time

import pytest
from fake_nvml import BOARD, UUID, NVMLError, fake_nvml, process

from profiler.records import Telemetry
from profiler.timing.devices.backend import (
    ClockReason,
    Sampler,
    relative_clock_range,
    telemetry_flags,
)
from profiler.timing.devices.cuda import NvmlDevice

OWN = os.getpid()


@pytest.fixture
def board(monkeypatch):
    """Install the stand-in with these answers and find the GPU in it."""

    def install(answers=BOARD, **options):
        monkeypatch.setitem(sys.modules, "pynvml", fake_nvml(answers, **options))
        return NvmlDevice.find(UUID)

    return install


def test_everything_a_healthy_board_tells(board):
    running = {("nvmlDeviceGetComputeRunningProcesses",): [process(OWN)]}
    assert board(BOARD | running).telemetry() == Telemetry(
        at_s=0.0,
        sm_clock_mhz=1755,
        memory_clock_mhz=2619,
        power_w=312.345,
        temperature_c=41,
        p_state=0,
        clock_reasons=0x4,
        foreign_processes=0,
    )


def test_the_board_is_found_by_its_uuid_and_never_by_its_number(board):
    assert board(uuid=b"GPU-another") is None
    assert board(uuid=f"MIG-{UUID}".encode()) is not None


def test_without_the_package_there_is_no_telemetry(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert NvmlDevice.find(UUID) is None


def test_without_a_driver_there_is_no_telemetry(monkeypatch):
    def fails():
        raise NVMLError("Driver Not Loaded")

    nvml = fake_nvml(BOARD)
    monkeypatch.setattr(nvml, "nvmlInit", fails)
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    assert NvmlDevice.find(UUID) is None


@pytest.mark.parametrize("missing", [key for key in BOARD if key[0].startswith("nvmlDeviceGet")])
def test_one_failing_question_costs_one_field(board, missing):
    whole, rest = board(), board({key: BOARD[key] for key in BOARD if key != missing})
    for field in Telemetry.__struct_fields__:
        told, left = getattr(whole.telemetry(), field), getattr(rest.telemetry(), field)
        assert left == told or left is None
    facts, left = whole.facts(), rest.facts()
    assert facts.keys() == left.keys()
    assert all(left[name] in (facts[name], None) for name in facts)
    changed = sum(facts[name] != left[name] for name in facts)
    assert changed <= 2


def test_a_board_that_answers_nothing(board):
    device = board({})
    assert device.telemetry() == Telemetry(at_s=0.0)
    assert set(device.facts().values()) == {None}
    assert device.driver() is None


@pytest.mark.parametrize("reasons", [0x0, 0x24])
def test_older_drivers_call_the_reasons_throttle_reasons(board, reasons):
    answers = {key: BOARD[key] for key in BOARD if "EventReasons" not in key[0]}
    device = board(answers | {("nvmlDeviceGetCurrentClocksThrottleReasons",): reasons})
    assert device.telemetry().clock_reasons == reasons


def test_no_reason_at_all_is_an_answer(board):
    none = {
        ("nvmlDeviceGetCurrentClocksEventReasons",): 0,
        ("nvmlDeviceGetCurrentClocksThrottleReasons",): 0x8,
    }
    assert board(BOARD | none).telemetry().clock_reasons == 0


def test_newer_drivers_have_another_thermometer(board):
    answers = {key: BOARD[key] for key in BOARD if key[0] != "nvmlDeviceGetTemperature"}
    device = board(answers | {("nvmlDeviceGetTemperatureV", 0): 55})
    assert device.telemetry().temperature_c == 55


def test_an_unknown_p_state_is_none(board):
    assert board(BOARD | {("nvmlDeviceGetPerformanceState",): 32}).telemetry().p_state is None


@pytest.mark.parametrize(
    ("compute", "graphics", "foreign"),
    [
        ([OWN], [], 0),
        ([OWN, OWN + 1], [], 1),
        ([OWN], [OWN, OWN + 1], 1),
        ([OWN, OWN + 1], [OWN + 1], 1),
        ([1, 2], [], 1),  # a container: this process is one of them under another number
        ([], [], None),  # a container that hides even this process
    ],
)
def test_foreign_processes(board, compute, graphics, foreign):
    running = {
        ("nvmlDeviceGetComputeRunningProcesses",): list(map(process, compute)),
        ("nvmlDeviceGetGraphicsRunningProcesses",): list(map(process, graphics)),
    }
    assert board(BOARD | running).telemetry().foreign_processes == foreign


def test_facts_of_the_board(board):
    device = board()
    assert device.driver() == "570.86.15"
    assert device.facts() == {
        "vbios": "96.00.A5.00.01",
        "power_limit_w": 650.0,
        "default_power_limit_w": 700.0,
        "max_sm_clock_mhz": 1980,
        "max_memory_clock_mhz": 2619,
        "application_sm_clock_mhz": 1980,
        "application_memory_clock_mhz": 2619,
        "application_clocks_set": False,
        "ecc": True,
        "mig": False,
        "persistence": True,
        "pcie": "gen1 x16",
        "pcie_max": "gen5 x16",
    }


def test_application_clocks_that_somebody_chose(board):
    lower = board(BOARD | {("nvmlDeviceGetApplicationsClock", 1): 1200})
    assert lower.facts()["application_clocks_set"] is True


def sample(reasons: int | None = 0, clock: int | None = 1500, foreign: int | None = 0) -> Telemetry:
    return Telemetry(at_s=0.0, sm_clock_mhz=clock, clock_reasons=reasons, foreign_processes=foreign)


@pytest.mark.parametrize(
    ("reasons", "flags"),
    [
        (0x0, ()),
        (0x1, ()),
        (0x2, ()),
        (0x4, ("power_capped",)),
        (0x8, ("thermal",)),
        (0x10, ()),
        (0x20, ("thermal",)),
        (0x40, ("thermal",)),
        (0x80, ("thermal",)),
        (0x100, ()),
        (0x24, ("thermal", "power_capped")),
    ],
)
def test_what_the_clock_reasons_say(reasons, flags):
    assert telemetry_flags([sample(), sample(reasons), sample()]) == flags


def test_reasons_are_nvmls_bits():
    assert [reason.value for reason in ClockReason] == [1 << bit for bit in range(8)]


def test_flags_of_different_moments_add_up():
    samples = [sample(0x20), sample(0x4), sample(foreign=2)]
    assert telemetry_flags(samples) == ("thermal", "power_capped", "shared_gpu")


def test_what_is_not_told_raises_no_flag():
    assert telemetry_flags([]) == ()
    assert telemetry_flags([sample(None, None, None)]) == ()


def test_clock_range():
    samples = [sample(clock=clock) for clock in (1500, None, 1470, 1485)]
    assert relative_clock_range(samples) == pytest.approx(0.02)
    assert relative_clock_range(samples[:1]) is None
    assert relative_clock_range(samples[1:2] * 3) is None
    assert relative_clock_range([]) is None


def test_the_sampler_reads_beside_the_loop_until_it_is_stopped():
    read_on: list[str] = []

    def read() -> Telemetry:
        read_on.append(threading.current_thread().name)
        return sample()

    sampler = Sampler(read, period_s=0.005)
    sampler.start()
    until = time.monotonic() + 10
    while len(read_on) < 3 and time.monotonic() < until:
        time.sleep(0.005)
    samples = sampler.stop()
    assert len(samples) == len(read_on) >= 3
    assert set(read_on) == {"telemetry"}
    assert [s.at_s for s in samples] == sorted(s.at_s for s in samples)
    assert samples[0].at_s > 0
    assert not any(thread.name == "telemetry" for thread in threading.enumerate())


def test_a_sampler_of_a_mute_device_ends_by_itself():
    sampler = Sampler(lambda: None, period_s=0.001)
    sampler.start()
    assert sampler.stop() == ()
