"""``inprof time`` with real processes on the CPU: what is kept, whatever happens on the way."""

import json
import textwrap

import pytest
from click.testing import CliRunner
from made_measurements import made

from profiler.cli import main
from profiler.cli.time_layers import _trace_of
from profiler.counting.counts import count
from profiler.errors import InprofError, MeasurementError
from profiler.records import Input
from profiler.timing.latencies.measurement_file import read
from profiler.timing.loop import processes
from profiler.timing.loop.processes import DeviceInquiry, Sizing

NETS = textwrap.dedent(
    """
    import os, signal
    import torch
    from torch import nn


    def small():
        print("building")  # must not get among what the processes tell each other
        return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 8, 3))


    class Trouble(nn.Module):
        def forward(self, x):
            if x.shape[0] == 2:
                raise ValueError("a batch of 2 is\\nnot for me")
            if x.shape[0] == 3:
                raise MemoryError("no room")
            if x.shape[0] == 4 and not x.is_meta:
                os.kill(os.getpid(), signal.SIGKILL)
            return x + 1


    def trouble():
        return Trouble()


    def unbuildable():
        raise RuntimeError("no such weights")


    class Changing(nn.Module):
        def forward(self, x):
            torch.set_num_threads(1)
            return x + 1


    def threads():
        return Changing()


    def rounded(left, right):
        return left.bfloat16().float().matmul(right)


    class Coarse(nn.Module):
        def forward(self, x):
            # what "medium" does where a processor has bf16; here on every machine
            torch.Tensor.__matmul__ = rounded
            return x @ x


    def coarse():
        return Coarse()


    class Leaving(nn.Module):
        def forward(self, x):
            if not x.is_meta and x.shape[0] == 2:
                os._exit(0)
            return x + 1


    def leaving():
        return Leaving()


    def crashing():
        os.kill(os.getpid(), signal.SIGSEGV)


    def wide(width=4, mode=""):
        assert mode in ("", "plain")
        return nn.Conv2d(3, width, 1)


    class Words(nn.Module):
        def __init__(self, rows):
            super().__init__()
            self.table = nn.Embedding(rows, 3)

        def forward(self, tokens, mask):
            return self.table(tokens).sum(-1) * mask


    def words(rows=10):
        return Words(rows)


    class Config:
        image_size = 20
        num_channels = 1


    def grey():
        net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2 * 18 * 18, 3))
        net.config = Config()
        return net


    def leaves_on_meta():
        if torch.empty(1).is_meta:
            os._exit(5)
        return small()


    def broken_numbers():
        class Net(nn.Module):
            def forward(self, x):
                return x / 0
        return Net()
    """
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "nets.py").write_text(NETS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def here(monkeypatch):
    """Measure in this process, which spares seconds of importing torch in every other one."""
    from profiler.timing.loop import worker

    def replies(order):
        said = []
        try:
            if isinstance(order, DeviceInquiry):
                worker.answer(order, said.append)
            elif isinstance(order, Sizing):
                worker.size(order, said.append)
            else:
                worker.do(order.job, said.append)
        except InprofError as error:
            raise MeasurementError(str(error)) from error
        yield from said

    monkeypatch.setattr(processes, "_replies", replies)


QUICK = ("--device", "cpu", "--size", "16", "--budget", "1", "--runs", "1", "--no-cache")


def run(*arguments):
    return CliRunner().invoke(main, ["time", *arguments])


def records(folder, name=None):
    (path,) = [folder / name] if name else (folder / "measurements").glob("*.jsonl")
    found = read(path)
    assert found.problems == ()
    return found.records


def test_it_measures_and_keeps_what_it_measured(folder):
    result = run("--model", "nets.py:small", *QUICK, "--bs", "1,4", "--per-layer")
    assert result.exit_code == 0, result.output
    found = records(folder)
    assert [record.batch_size for record in found] == [1, 4]
    for record in found:
        assert record.model == "nets.py:small"
        assert record.device.startswith("cpu-")
        assert (record.precision, record.quantity, record.run) == ("fp32", "host", 1)
        assert len(record.samples_ms) >= 1
        assert record.threads == record.environment.software["threads"]
        assert record.input_shape == (record.batch_size, 3, 16, 16)
        assert record.layers is not None
    assert len({record.session for record in found}) == 1
    assert "nets.py:small" in result.stdout
    assert "[2/2]" in result.stderr
    assert "2 records added" in result.stderr


@pytest.mark.slow
def test_what_goes_wrong_is_a_record_and_the_rest_goes_on(folder):
    result = run("--model", "nets.py:trouble", *QUICK, "--bs", "1,2,3,4,5")
    assert result.exit_code == 0, result.output
    one, two, three, four, five = records(folder)
    assert one.samples_ms
    assert five.samples_ms
    assert (two.flags, two.reason) == (("failed",), "ValueError: a batch of 2 is")
    assert three.flags == ("oom",)
    assert three.peak_bytes
    assert four.flags == ("failed",)
    assert "SIGKILL" in four.reason


@pytest.mark.slow
def test_a_process_that_leaves_or_crashes_costs_what_was_under_way(folder):
    models = ("--model", "nets.py:crashing", "--model", "nets.py:leaving")
    result = run(*models, *QUICK, "--bs", "1,2,3")
    assert result.exit_code == 0, result.output
    found = [(record.model, record.batch_size, record.flags[:1]) for record in records(folder)]
    crashed = [("nets.py:crashing", batch, ("failed",)) for batch in (1, 2, 3)]
    assert found[:3] == crashed
    assert [each[:2] for each in found[3:]] == [("nets.py:leaving", batch) for batch in (1, 2, 3)]
    assert [bool(record.samples_ms) for record in records(folder)[3:]] == [True, False, True]


@pytest.mark.parametrize(("model", "why"), [("threads", "number of threads"), ("coarse", "fp32")])
def test_a_model_that_changes_its_conditions_has_no_figure(model, why, folder, here, monkeypatch):
    import torch

    monkeypatch.setattr(torch.Tensor, "__matmul__", torch.Tensor.__matmul__)  # put back afterwards
    before = torch.get_num_threads()
    try:
        run("--model", f"nets.py:{model}", *QUICK, "--threads", "2")
    finally:
        torch.set_num_threads(before)
    (record,) = records(folder)
    assert record.flags == ("failed",)
    assert why in record.reason


def test_a_model_that_cannot_be_built_is_a_record_for_each_batch(folder, here):
    result = run("--model", "nets.py:unbuildable", *QUICK, "--bs", "1,4")
    assert result.exit_code == 1, "nothing was measured"
    assert [record.flags for record in records(folder)] == [("failed",)] * 2
    assert "no such weights" in result.stderr


def test_numbers_that_are_none_are_flagged(folder, here):
    run("--model", "nets.py:broken_numbers", *QUICK)
    assert "not_finite" in records(folder)[0].flags


def test_json_is_what_time_show_gives(folder, here):
    result = run("--model", "nets.py:small", *QUICK, "--format", "json", "--out", "a/b.jsonl")
    assert result.exit_code == 0, result.output
    (shown,) = json.loads(result.stdout)
    (kept,) = records(folder, "a/b.jsonl")
    assert shown["model"] == "nets.py:small"
    assert shown["samples"] == len(kept.samples_ms)


# --- what it is built with and given ---


NO_SIZE = tuple(each for each in QUICK if each not in ("--size", "16"))


def test_arguments_are_part_of_the_name_and_the_record(folder, here):
    arguments = ("--arg", "width=6", "--arg", "mode=plain")
    result = run("--model", "nets.py:wide", *QUICK, *arguments, "--out", "t.jsonl")
    assert result.exit_code == 0, result.output
    assert run("--model", "nets.py:wide", *QUICK, "--out", "t.jsonl").exit_code == 0
    six, plain = records(folder, "t.jsonl")
    assert six.model == "nets.py:wide(mode='plain', width=6)"
    assert (six.address, six.arguments) == ("nets.py:wide", {"mode": "'plain'", "width": "6"})
    assert (plain.model, plain.arguments) == ("nets.py:wide", {})
    assert six.network != plain.network
    assert six.model in result.stdout


@pytest.mark.slow
def test_a_resumed_session_does_not_take_other_arguments_for_done(folder, here):
    wide = ("--model", "nets.py:wide", *QUICK, "--out", "t.jsonl")
    run(*wide)
    result = run(*wide, "--arg", "width=6", "--resume")
    assert "1 record added" in result.stderr
    assert "0 records added" in run(*wide, "--arg", "width=6", "--resume").stderr
    assert len(records(folder, "t.jsonl")) == 2


def test_inputs_are_given_whole_and_say_so(folder, here):
    inputs = ("--input", "tokens:2x12", "--input", "mask=2x12")
    result = run("--model", "nets.py:words", *NO_SIZE, *inputs, "--out", "t.jsonl")
    assert result.exit_code == 0, result.output
    (record,) = records(folder, "t.jsonl")
    assert (record.batch_size, record.input_shape) == (2, (2, 12))
    assert [(each.kind, each.name) for each in record.inputs] == [("tokens", ""), ("float", "mask")]
    assert "input tokens:2x12 + mask=2x12" in result.stdout
    shown = json.loads(run("show", "t.jsonl", "--format", "json").stdout)
    assert shown[0]["inputs"] == ["tokens:2x12", "mask=2x12"]


def test_one_image_by_input_is_the_image_of_that_size(folder, here):
    run("--model", "nets.py:small", *NO_SIZE, "--input", "2x3x16x16", "--out", "t.jsonl")
    run("--model", "nets.py:small", *QUICK, "--bs", "2", "--out", "t.jsonl")
    by_input, by_size = records(folder, "t.jsonl")
    assert by_input.conditions == by_size.conditions
    assert by_input.input_shape == (2, 3, 16, 16)


def test_a_model_has_the_image_that_it_states(folder, here):
    result = run("--model", "nets.py:grey", *NO_SIZE)
    assert result.exit_code == 0, result.output
    assert records(folder)[0].input_shape == (1, 1, 20, 20)
    assert "input 1x20x20" in result.stdout
    assert "states no other" not in result.stderr


def test_a_model_that_states_no_image_has_the_usual_one_and_it_is_said(folder, here):
    result = run("--model", "nets.py:small", *NO_SIZE)
    assert records(folder)[0].input_shape == (1, 3, 224, 224)
    assert "nets.py:small is given 3x224x224: it states no other size" in result.stderr


@pytest.mark.slow
def test_a_builder_that_ends_the_process_when_it_is_asked_is_timed_all_the_same(folder):
    models = ("--model", "nets.py:leaves_on_meta", "--model", "nets.py:grey")
    result = run(*models, *NO_SIZE)
    assert result.exit_code == 0, result.output
    found = [(record.input_shape, bool(record.samples_ms)) for record in records(folder)]
    assert found == [((1, 3, 224, 224), True), ((1, 1, 20, 20), True)]


def test_layers_are_joined_with_the_counts_of_what_was_built_and_given(folder):
    wide = {"address": "nets.py:wide", "arguments": {"width": "6"}}
    trace = _trace_of(made(**wide, batch_size=2, input_shape=(2, 3, 8, 12)), None)
    # a 1x1 convolution of 3 channels to 6
    assert count(trace).totals.macs == 2 * 8 * 12 * 3 * 6
    words = (Input(shape=(2, 12), kind="tokens"), Input(shape=(2, 12), name="mask"))
    trace = _trace_of(made(address="nets.py:words", input_shape=(2, 12), inputs=words), None)
    assert trace.input_shapes == {"0": (2, 12), "mask": (2, 12)}


def test_resuming_does_what_is_left(folder, here):
    small = ("--model", "nets.py:small", *QUICK, "--out", "t.jsonl")
    assert run(*small, "--bs", "1").exit_code == 0
    result = run(*small, "--bs", "1,2", "--resume")
    assert result.exit_code == 0, result.output
    first, second = records(folder, "t.jsonl")
    assert (first.batch_size, second.batch_size) == (1, 2)
    assert first.session == second.session
    # nothing is left: nothing is measured, and what there is is shown
    result = run(*small, "--bs", "1,2", "--resume")
    assert result.exit_code == 0
    assert len(records(folder, "t.jsonl")) == 2
    assert "0 records added" in result.stderr
    # without --resume it is another session
    run(*small, "--bs", "1")
    assert len({record.session for record in records(folder, "t.jsonl")}) == 2


def test_a_session_of_another_environment_is_not_resumed(folder, here):
    small = ("--model", "nets.py:small", *QUICK, "--out", "t.jsonl")
    run(*small)
    path = folder / "t.jsonl"
    (kept,) = records(folder, "t.jsonl")
    torch_version = kept.environment.software["torch"]
    path.write_text(path.read_text().replace(f'"torch":"{torch_version}"', '"torch":"1.0.0"'))
    result = run(*small, "--bs", "2", "--resume")
    assert result.exit_code == 1
    assert "torch 1.0.0 then" in result.stderr
    assert "--resume" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--model ADDRESS or --series NAME"),
        (("--model", "googlenet", "--series", "inception"), "not both"),
        (("--model", "googlenet"), "--device cpu"),  # no GPU here: the CPU is offered
        (("--model", "googlenet", "--device", "cpu", "--quantity", "device"), "--quantity host"),
        (("--model", "googlenet", "--device", "cpu", "--precision", "tf32"), "tf32"),
        (("--model", "googlenet", "--device", "cpu", "--precision", "fp8"), "fp32"),
        (("--model", "googlenet", "--device", "cpu", "--bs", "0"), "batch sizes from 1"),
        (("--model", "googlenet", "--device", "cpu", "--bs", "1,x"), "batch sizes from 1"),
        (("--series", "nobody", "--device", "cpu"), "inception"),
        (("--model", "googlenett", "--device", "cpu"), "did you mean googlenet"),
        (("--model", "absent.py:net", "--device", "cpu"), "there is no file 'absent.py'"),
        (("--model", "nets.py:", "--device", "cpu"), "is no address"),
        (("--model", "googlenet", "--device", "cpu", "--budget", "nan"), "number of seconds"),
        (("--model", "googlenet", "--input", "1x3x8x8", "--bs", "2"), "leave out --bs"),
        (("--model", "googlenet", "--input", "1x3x8x8", "--size", "8"), "leave out --size"),
        (("--model", "googlenet", "--arg", "width"), "NAME=VALUE"),
        (("--model", "nets.pt2", "--arg", "width=2"), "there is no file"),
        (("--model", "googlenet", "--device", "cpu", "--out", "/dev/full"), "device"),
        (("--model", "googlenet", "--device", "cpu", "--out", "."), "folder"),
        (("--model", "googlenet", "--device", "cpu", "--out", "foreign.txt"), "not a file of"),
    ],
)
def test_bad_input_gets_one_line_and_measures_nothing(arguments, said, folder, here):
    import torch

    if arguments == ("--model", "googlenet") and torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    (folder / "foreign.txt").write_text("a text of somebody's\n")
    result = run(*arguments)
    assert result.exit_code in (1, 2)
    assert said in result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stdout == ""
    assert not (folder / "measurements").exists()
    assert (folder / "foreign.txt").read_text() == "a text of somebody's\n"
