"""Adding to a file of measurements: on a full disk, killed, and several processes at once."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from made_lines import line_of, small, written

from profiler.errors import OutputError
from profiler.timing.latencies import measurement_file
from profiler.timing.latencies.measurement_file import append, read

SUPPORT = Path(__file__).parents[2] / "support"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "t4.jsonl"


# --- files that can't be written ---


def test_a_folder_or_a_pipe_in_its_place(tmp_path):
    with pytest.raises(OutputError, match=r"can't write '.*': Is a directory"):
        append(tmp_path, small())
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError, match="a pipe or a device can't be read back"):
        append(tmp_path / "pipe", small())
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="can't create the folder"):
        append(tmp_path / "file" / "t4.jsonl", small())


def test_a_read_only_file(path, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")  # root may write anywhere

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(OutputError, match=r"can't write '.*t4.jsonl': Permission denied"):
        append(path, small())


def test_a_file_system_without_locks(path, monkeypatch):
    append(path, small())

    def refuse(*_arguments):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(measurement_file.fcntl, "flock", refuse)
    with pytest.raises(OutputError, match=r"can't lock .*not supported\): name a file on a local"):
        append(path, small())
    assert len(read(path).records) == 1


@pytest.mark.parametrize("before", [b"", line_of().encode(), line_of().encode() + b'{"inprof"'])
def test_a_full_disk_leaves_the_file_as_it_was(path, before):
    """A limit on the size of files lets a part of the line through, as a full disk may."""
    written(path, before)
    code = f"""
import resource, sys
from pathlib import Path
sys.path.insert(0, {str(SUPPORT)!r})
from made_measurements import made
from profiler.errors import OutputError
from profiler.timing.latencies.measurement_file import append
resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) + 100}, resource.RLIM_INFINITY))
try:
    append(Path({str(path)!r}), made())
except OutputError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"can't write {str(path)!r}: File too large\n"
    assert path.read_bytes() == before


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_what_never_reached_the_disk_is_taken_back(path, monkeypatch, error):
    append(path, small())
    before = path.read_bytes()

    def fail(_descriptor):
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises((OutputError, KeyboardInterrupt)):
        append(path, small())
    assert path.read_bytes() == before


# --- several processes ---

APPENDER = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(SUPPORT)!r})
from made_measurements import made
from profiler.timing.latencies.measurement_file import append
path, session, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
record = made(session=session, samples=[1.25] * int(sys.argv[4]))
print("ready", flush=True)
sys.stdin.readline()
for run in range(1, count + 1):
    append(path, __import__("msgspec").structs.replace(record, run=run))
    print("done", run, flush=True)
"""


def appender(path: Path, session: str, count: int, samples: int) -> subprocess.Popen[str]:
    """A process that is about to append; it starts when it gets a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", APPENDER, str(path), session, str(count), str(samples)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def start(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_processes_that_append_at_once_lose_nothing(path):
    count = 25
    processes = [appender(path, name, count, samples=3000) for name in "abcd"]
    for process in processes:
        start(process)
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    found = read(path)
    assert found.problems == ()
    for session in "abcd":
        mine = [record.run for record in found.records if record.session == session]
        assert mine == list(range(1, count + 1))


def test_killed_at_any_moment_what_was_done_is_there(path):
    done: dict[str, int] = {}
    for round_ in range(12):
        session = str(round_)
        process = appender(path, session, 100_000, samples=2000)
        start(process)
        time.sleep(0.002 + 0.007 * round_)
        process.send_signal(signal.SIGKILL)
        said = process.communicate()[0]
        done[session] = len(re.findall("done [0-9]+\n", said))
    append(path, small(session="last"))
    found = read(path)
    assert all("cut short" in problem for problem in found.problems)
    assert len(found.problems) <= len(done)
    assert sum(done.values()) > 0
    for session, count in done.items():
        mine = [record.run for record in found.records if record.session == session]
        assert mine[:count] == list(range(1, count + 1))
        assert len(mine) <= count + 1
    assert found.records[-1].session == "last"


def test_an_append_waits_for_another_and_both_stay(path, monkeypatch):
    """While one has the file a second one can't see, nor tear, its line."""
    inside, go_on = threading.Event(), threading.Event()
    write = os.write

    def half_then_half(descriptor, data):
        if inside.is_set():
            return write(descriptor, data)
        count = write(descriptor, data[: len(data) // 2])
        inside.set()
        assert go_on.wait(10)
        return count

    monkeypatch.setattr(os, "write", half_then_half)
    first = threading.Thread(target=append, args=(path, small(run=1)))
    second = threading.Thread(target=append, args=(path, small(run=2)))
    seen = []
    reader = threading.Thread(target=lambda: seen.append(read(path)))
    first.start()
    assert inside.wait(10)
    second.start()
    reader.start()
    second.join(0.1)
    assert second.is_alive()
    assert reader.is_alive()
    go_on.set()
    for thread in (first, second, reader):
        thread.join(10)
    assert [record.run for record in read(path).records] == [1, 2]
    assert seen[0].problems == ()


def test_a_file_that_was_moved_away_while_waiting_is_made_anew(path, monkeypatch):
    append(path, small(run=1))
    moved = path.with_name("moved.jsonl")
    lock = measurement_file.fcntl.flock

    def move_then_lock(file, kind):
        if not moved.exists():
            path.rename(moved)
        lock(file, kind)

    monkeypatch.setattr(measurement_file.fcntl, "flock", move_then_lock)
    append(path, small(run=2))
    assert [record.run for record in read(moved).records] == [1]
    assert [record.run for record in read(path).records] == [2]
