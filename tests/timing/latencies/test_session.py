"""A session of jobs: what is kept when processes die, and what may be resumed."""

from pathlib import Path

import pytest
from made_measurements import made_environment
from msgspec.structs import replace

from profiler.errors import MeasurementError
from profiler.timing.latencies import session as timing_session
from profiler.timing.latencies.measurement_file import read
from profiler.timing.latencies.session import measure_session, new_session, resumed_session
from profiler.timing.loop.jobs import TimedModel, TimingRequest
from profiler.timing.loop.processes import Finished, ProcessDiedError, Progress, Started

HERE = made_environment("cpu-made-up")
REQUEST = TimingRequest(
    models=tuple(TimedModel(name, name, "deploy", (1, 3, 8, 8)) for name in "AB"),
    device="cpu",
    precisions=("fp32",),
    batch_sizes=(1, 2, 4),
    quantities=("host",),
    runs=1,
)


def finished(job, task):
    return Finished(job.record(HERE, task, flags=(), samples_ms=(1.0, 1.1, 1.2)))


def measured(job, tasks=None):
    for task in job.tasks if tasks is None else tasks:
        yield Started(task)
        yield Progress(3, 1.1)
        yield finished(job, task)


@pytest.fixture
def processes(monkeypatch):
    """What each process does in turn, as functions of its job; the last one is repeated."""
    script = [measured]
    started = []

    def carry_out(job):
        started.append([task.batch_size for task in job.tasks])
        yield from (script.pop(0) if len(script) > 1 else script[0])(job)

    monkeypatch.setattr(timing_session, "carry_out", carry_out)
    script_of = lambda *parts: script.__setitem__(slice(None), [*parts, measured])  # noqa: E731
    return script_of, started


def run(folder: Path, resume=False):
    begin = resumed_session if resume else new_session
    session = begin(REQUEST, folder / "t.jsonl", HERE)
    for _ in measure_session(session, lambda job: None):
        pass
    return [
        (record.model, record.batch_size, record.flags) for record in read(session.path).records
    ]


EVERYTHING = [(model, batch, ()) for model in "AB" for batch in (1, 2, 4)]


def test_every_task_has_a_record(tmp_path, processes):
    assert run(tmp_path) == EVERYTHING


def test_a_death_in_a_task_costs_that_task(tmp_path, processes):
    script, started = processes

    def dies(job):
        yield from measured(job, job.tasks[:1])
        yield Started(job.tasks[1])
        raise ProcessDiedError(-9, job.tasks[1])

    script(dies)
    expected = list(EVERYTHING)
    expected[1] = ("A", 2, ("failed",))
    assert run(tmp_path) == expected
    assert started == [[1, 2, 4], [4], [1, 2, 4]]


def test_a_death_between_tasks_costs_nothing(tmp_path, processes):
    script, started = processes

    def dies(job):
        yield from measured(job, job.tasks[:1])
        raise ProcessDiedError(3, None)

    script(dies)
    assert run(tmp_path) == EVERYTHING
    assert started == [[1, 2, 4], [2, 4], [1, 2, 4]]


def test_a_death_after_the_work_costs_nothing(tmp_path, processes):
    script, started = processes

    def dies(job):
        yield from measured(job)
        raise ProcessDiedError(-11, None)

    script(dies, dies)
    assert run(tmp_path) == EVERYTHING
    assert len(started) == 2


def test_a_death_before_the_work_costs_the_job_and_not_the_session(tmp_path, processes):
    script, _ = processes

    def dies(job):
        raise ProcessDiedError(-9, None)
        yield

    script(dies)
    expected = [("A", batch, ("failed",)) for batch in (1, 2, 4)] + EVERYTHING[3:]
    assert run(tmp_path) == expected
    assert "SIGKILL" in read(tmp_path / "t.jsonl").records[0].reason


def test_a_record_is_on_the_disk_when_it_is_told_of(tmp_path, processes):
    session = new_session(REQUEST, tmp_path / "t.jsonl", HERE)
    done = 0
    for _, said in measure_session(session, lambda job: None):
        if isinstance(said, Finished):
            done += 1
            assert len(read(session.path).records) == done


def test_the_rate_of_a_known_device_is_judged(tmp_path, processes):
    import profiler

    trace = profiler.trace(profiler.build("googlenet"), (1, 3, 224, 224))
    session = replace(
        new_session(REQUEST, tmp_path / "t.jsonl", HERE), environment=made_environment("t4")
    )

    def impossible(job):
        # 2.86 GFLOP in 1 µs would be 2,860 TFLOP/s; a T4 does 8.1
        fast = job.record(made_environment("t4"), job.tasks[0], flags=(), samples_ms=(0.001,) * 20)
        yield Started(job.tasks[0])
        yield Finished(fast)

    processes[0](impossible, impossible)
    told = [said for _, said in measure_session(session, lambda job: trace)]
    flags = [said.measurement.flags for said in told if isinstance(said, Finished)]
    assert flags[0] == ("above_peak",)


@pytest.mark.parametrize(
    "change",
    [
        {"software": {"torch": "1.0"}},
        {"device": {"driver": "1.0"}},
        {"device": {"driver": "570.0", "power_limit_w": 100.0}},
        {"variables": {"OMP_NUM_THREADS": "1"}},
        {"name": "Another CPU"},
    ],
)
def test_what_was_measured_elsewhere_is_not_gone_on_with(change, tmp_path, processes):
    run(tmp_path)
    other = made_environment("cpu-made-up", **change)
    with pytest.raises(MeasurementError, match="leave out --resume"):
        resumed_session(REQUEST, tmp_path / "t.jsonl", other)


def test_an_equal_device_of_another_lease_is_gone_on_with(tmp_path, processes):
    run(tmp_path)
    leased = made_environment("cpu-made-up", variables={"NVIDIA_VISIBLE_DEVICES": "sha256:ab"})
    assert resumed_session(REQUEST, tmp_path / "t.jsonl", leased).tasks == 0
