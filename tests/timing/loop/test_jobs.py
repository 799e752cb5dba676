"""A request → jobs for processes: every combination once a run, rotated, resumable."""

import re
from collections import Counter
from pathlib import Path

import pytest
from made_measurements import made, made_environment
from msgspec.structs import replace

from profiler.records import Input, LayerTimes, TimingSettings
from profiler.timing.loop.jobs import (
    Request,
    Task,
    TimedModel,
    jobs_of,
    shareable,
    unfinished,
)


def model(name):
    return TimedModel(name, name, "deploy", (1, 3, 224, 224))


def request(**changes):
    fields = {
        "models": tuple(map(model, "ABC")),
        "device": "cuda",
        "precisions": ("fp32", "fp16"),
        "batch_sizes": (8, 1, 4),
        "quantities": ("device", "host"),
        "runs": 3,
    }
    return Request(**(fields | changes))


def test_every_combination_stands_once_in_every_run():
    jobs = jobs_of(request(), "s")
    seen = Counter(
        (job.run, job.model.name, job.precision, task.batch_size, task.quantity)
        for job in jobs
        for task in job.tasks
    )
    assert set(seen.values()) == {1}
    assert len(seen) == 3 * 3 * 2 * 3 * 2


def test_batches_ascend_within_a_process():
    for job in jobs_of(request(), "s"):
        assert [task.batch_size for task in job.tasks] == [1, 1, 4, 4, 8, 8]


def test_the_order_of_models_rotates():
    jobs = jobs_of(request(precisions=("fp32",), runs=4), "s")
    assert ["".join(job.model.name for job in jobs if job.run == run) for run in (1, 2, 3, 4)] == [
        "ABC",
        "BCA",
        "CAB",
        "ABC",
    ]


def test_what_is_asked_for_twice_is_done_once():
    once = request(batch_sizes=(1,), precisions=("fp32",), quantities=("host",))
    twice = request(batch_sizes=(1, 1), precisions=("fp32", "fp32"), quantities=("host", "host"))
    assert [job.tasks for job in jobs_of(once, "s")] == [job.tasks for job in jobs_of(twice, "s")]


def recorded(job, task, **changes):
    fields = {
        "precision": job.precision,
        "batch_size": task.batch_size,
        "quantity": task.quantity,
        "session": job.session,
        "run": job.run,
        "input_shape": (task.batch_size, 3, 224, 224),
    }
    return made(job.model.name, **(fields | changes))


def test_resuming_leaves_out_what_is_there_and_nothing_else():
    jobs = jobs_of(request(), "s")
    done = [recorded(job, task) for job in jobs[:2] for task in job.tasks][:-1]
    left = unfinished(jobs, done)
    assert left[0].tasks == jobs[1].tasks[-1:]
    assert left[1:] == jobs[2:]
    everything = [recorded(job, task) for job in jobs for task in job.tasks]
    assert unfinished(jobs, everything) == ()


def test_records_of_other_conditions_do_not_count_as_done():
    jobs = jobs_of(request(runs=1, batch_sizes=(1,), quantities=("device",)), "s")
    (task,) = jobs[0].tasks
    others = (
        {"session": "another"},
        {"run": 2},
        {"layout": "nhwc"},
        {"engine": "torch.compile"},
        {"input_shape": (1, 3, 299, 299)},
        {"settings": TimingSettings(flush_l2=True)},
        {"arguments": {"width": "2"}},
        {"inputs": (Input(shape=(1, 12), kind="tokens"),)},
    )
    for change in others:
        assert unfinished(jobs[:1], [recorded(jobs[0], task, **change)]) == jobs[:1], change
    assert unfinished(jobs[:1], [recorded(jobs[0], task)]) == ()


def test_a_record_says_what_the_model_was_built_with_and_given():
    tokens = (Input(shape=(1, 12), kind="tokens"), Input(shape=(1, 4), name="mask"))
    told = TimedModel("m(width=2)", "m", "deploy", (1, 12), {"width": "2"}, tokens)
    asked = request(models=(told,), batch_sizes=(1,), quantities=("device",), runs=1)
    for job in jobs_of(asked, "s"):
        record = job.record(made_environment(), job.tasks[0], flags=(), samples_ms=(1.0,))
        assert (record.model, record.address) == ("m(width=2)", "m")
        assert (record.arguments, record.given, record.input_shape) == (
            {"width": "2"}, tokens, (1, 12),
        )  # fmt: skip
        assert unfinished([job], [record]) == ()
    assert model("A").given(4) == (Input(shape=(4, 3, 224, 224)),)


def test_the_order_of_arguments_says_nothing():
    one, other = ({"width": "2", "depth": "4"}, {"depth": "4", "width": "2"})
    for arguments in (one, other):
        told = TimedModel("A", "A", "deploy", (1, 3, 224, 224), arguments)
        (job,) = jobs_of(request(models=(told,), precisions=("fp32",), runs=1), "s")
        done = [recorded(job, task, arguments=one) for task in job.tasks]
        assert unfinished([job], done) == ()
    assert made(arguments=one).conditions == made(arguments=other).conditions


def test_files_elsewhere_keep_their_name_and_are_told_apart():
    told = [shareable(f"{folder}/nets.py:small") for folder in ("/home/ann", "/home/bob", "../ann")]
    assert len(set(told)) == 3
    for address in told:
        assert re.fullmatch(r"nets\.py@[0-9a-f]{6}:small", address)
    assert shareable("/home/ann/nets.py:small") == told[0]


def test_what_failed_is_tried_again():
    jobs = jobs_of(request(runs=1), "s")
    lost = recorded(jobs[0], Task(8, "device"), samples_ms=(), flags=("failed",))
    assert unfinished(jobs, [lost]) == jobs


def test_what_ran_out_of_memory_is_not_tried_again():
    jobs = jobs_of(request(runs=1), "s")
    task = Task(8, "device")
    lost = recorded(jobs[0], task, samples_ms=(), flags=("oom",))
    assert task not in unfinished(jobs[:1], [lost])[0].tasks


def test_a_record_without_layers_is_not_one_with_them():
    jobs = jobs_of(request(per_layer=True, runs=1, batch_sizes=(1,), quantities=("device",)), "s")
    (task,) = jobs[0].tasks
    plain = recorded(jobs[0], task)
    layered = replace(plain, layers=LayerTimes("m", 9, 1.0, 1.0, 0.0, 0.0, 1.0, 0.001))
    assert unfinished(jobs[:1], [plain]) == jobs[:1]
    assert unfinished(jobs[:1], [layered]) == ()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("googlenet", "googlenet"),
        ("zoo.nets:small", "zoo.nets:small"),
        ("nets.py:small", "nets.py:small"),
        ("{here}/zoo/nets.py:small", "zoo/nets.py:small"),
    ],
)
def test_an_address_in_a_record_does_not_tell_where_somebody_keeps_things(address, told):
    assert shareable(address.format(here=Path.cwd())) == told


def test_layers_that_were_refused_at_one_depth_may_be_tried_at_another():
    def asked(depth):
        fields = {"per_layer": True, "layer_depth": depth, "runs": 1}
        return jobs_of(request(**fields, batch_sizes=(1,), quantities=("device",)), "s")[:1]

    (job,) = asked(None)
    times = LayerTimes("m", 9, 1.2, 1.0, 0.0, 0.2, 1.0, 0.001, depth=2, refused="slows it")
    refused = recorded(job, job.tasks[0], layers=times)
    assert unfinished(asked(None), [refused]) == ()
    assert unfinished(asked(2), [refused]) == ()
    assert unfinished(asked(1), [refused]) == asked(1)
    # without layers the samples are what was asked for
    plain = jobs_of(request(runs=1, batch_sizes=(1,), quantities=("device",)), "s")[:1]
    assert unfinished(plain, [refused]) == ()
