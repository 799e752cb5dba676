"""The CPU as a device: what it tells of others that use it."""

import subprocess
import sys
import time

import pytest

from profiler.timing.devices import cpu
from profiler.timing.devices.cpu import CpuBackend

IDLE = "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 {0} 0 0 900 5 0 0 {1} 0 0\ncpu1 {2} 0 0 900 5 0 0 0 0 0\n"


@pytest.fixture
def readings(monkeypatch):
    """Made-up readings: (seconds, own CPU seconds, all CPU seconds on two cores)."""
    left = []
    monkeypatch.setattr(cpu, "_cores", lambda: frozenset({0, 1}))
    monkeypatch.setattr(cpu, "_use", lambda cores: cpu._Use(*left.pop(0)) if left else None)
    return left


@pytest.mark.parametrize(
    ("own_s", "all_s", "foreign"),
    [
        (2.0, 2.0, 0),  # both cores ours
        (2.0, 2.05, 0),  # less than a tenth of a core is another's
        (1.2, 2.0, 1),  # 0.8 of a core is another's, and no core is free
        (0.1, 1.9, 2),
        (0.5, 1.2, 0),  # others are busy, but there is room for both
    ],
)
def test_who_else_was_there(own_s, all_s, foreign, readings):
    readings += [(10.0, 5.0, 7.0), (11.0, 5.0 + own_s, 7.0 + all_s)]
    assert CpuBackend().telemetry().foreign_processes == foreign


def test_a_moment_says_nothing(readings):
    readings += [(10.0, 5.0, 7.0), (10.1, 5.0, 7.2), (10.4, 5.0, 7.8)]
    backend = CpuBackend()
    assert backend.telemetry() is None
    assert backend.telemetry().foreign_processes == 2  # 0.8 CPU seconds in 0.4


def test_the_kernels_figures_are_read(tmp_path, monkeypatch):
    stat = tmp_path / "stat"
    stat.write_text(IDLE.format(100, 20, 300))
    monkeypatch.setattr(cpu, "_STAT", stat)
    ticks = cpu.os.sysconf("SC_CLK_TCK")
    assert cpu._use(frozenset({0, 1})).all_s == 420 / ticks
    assert cpu._use(frozenset({1})).all_s == 300 / ticks
    stat.unlink()
    assert cpu._use(frozenset({0})) is None
    assert CpuBackend().telemetry() is None


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc/stat")
def test_a_process_that_takes_every_core_is_noticed():
    cores = len(cpu._cores())
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(cores)]
    try:
        backend = CpuBackend()
        until = time.perf_counter() + 1.0
        while time.perf_counter() < until:
            pass
        assert backend.telemetry().foreign_processes >= 1
    finally:
        for process in busy:
            process.kill()
            process.wait()
