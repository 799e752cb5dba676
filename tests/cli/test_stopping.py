"""Commands that somebody stops: no process lives on, and what was finished is kept."""

import os
import signal
import time
import uuid
from pathlib import Path

import pytest
from marked_command import marked_processes, started, wait_for

from profiler.timing.latencies.measurement_file import read

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc"),
]

LONG = ("time", "--model", "nets.py:small", "--device", "cpu", "--size", "16", "--no-cache",
        "--budget", "2", "--runs", "5", "--bs", "1,2", "--out", "t.jsonl")  # fmt: skip


def records(path):
    found = read(path)
    assert found.problems == ()
    return found.records


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
def test_stopping_it_keeps_every_finished_record(by, folder, inprof):
    mark = uuid.uuid4().hex
    process = started(folder, *LONG, mark=mark)
    path = folder / "t.jsonl"
    try:
        # the fourth may still be taken back, where the disk has not confirmed it
        assert wait_for(lambda: path.exists() and path.read_bytes().count(b"\n") >= 4)
        os.kill(process.pid, by)
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert wait_for(lambda: not marked_processes(mark)), "a measuring process lives on"
    kept = records(path)
    assert 3 <= len(kept) < 10
    if by == signal.SIGINT:
        assert process.returncode == 130
        assert f"{len(kept)} of 10 records are kept" in errors
        assert "--resume" in errors
        assert "Traceback" not in errors
    result = inprof(*LONG, "--resume")
    assert result.exit_code == 0, result.output
    finished = records(path)
    assert finished[: len(kept)] == kept
    assert len(finished) == 10
    assert len({(record.run, record.batch_size) for record in finished}) == 10


@pytest.mark.parametrize("after_s", [0.3, 1.0, 4.0])  # as processes start, import torch, build
def test_an_interrupt_ends_every_process(after_s, folder):
    (folder / "slow.py").write_text("import time\ndef net():\n    time.sleep(600)\n")
    mark = uuid.uuid4().hex
    models = ("--model", "slow.py:net", "--model", "slow.py:net")
    process = started(folder, "count", "--jobs", "2", *models, "--no-cache", mark=mark)
    time.sleep(after_s)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the whole group hears it
    output, errors = process.communicate(timeout=30)
    assert process.returncode != 0
    assert output == ""
    if after_s > 0.5:  # earlier it may be Python itself that is interrupted as it starts
        assert errors.split() == ["Aborted!"]
    assert not marked_processes(mark)
