"""One task on the CPU: samples stand whatever fails after them, and nothing private is told."""

import getpass
import platform
from pathlib import Path

import pytest
import torch
from made_measurements import made_environment
from torch import nn

from profiler.errors import MeasurementError
from profiler.records import Input, TimingSettings
from profiler.timing.devices.cpu import CpuBackend
from profiler.timing.loop import measuring
from profiler.timing.loop.jobs import (
    Task,
    TimedModel,
    TimingRequest,
    jobs_of,
)
from profiler.timing.loop.measuring import Measuring, Workload, is_lasting, is_out_of_memory, told

NETS = """
import torch
from torch import nn

def deep():
    return nn.Sequential(*[nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()) for _ in range(4)])
"""
QUICK = TimingSettings(
    warmup_s=0.01, steady_cap_s=0.1, min_samples=20, min_busy_s=0.0, budget_s=20.0, max_samples=60
)


@pytest.fixture
def make(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nets.py").write_text(NETS)

    def measuring_of(**changes):
        fields = {
            "models": (TimedModel("deep", "nets.py:deep", "deploy", (1, 3, 8, 8)),),
            "device": "cpu",
            "precisions": ("fp32",),
            "batch_sizes": (2,),
            "quantities": ("host",),
            "runs": 1,
            "settings": QUICK,
        }
        (job,) = jobs_of(TimingRequest(**(fields | changes)), "s")
        return Measuring(CpuBackend(), Workload(job), job, Task(2, "host"), ())

    return measuring_of


def record_of(task):
    return task.record(made_environment("cpu-made-up"), lambda samples, ms: None)


def test_a_record_says_what_it_is_of(make):
    record = record_of(make())
    assert record.input_shape == (2, 3, 8, 8)
    assert record.samples_ms
    assert record.measured_from_s > 0
    assert record.enqueue_ms is None, "a CPU has no queue to put anything into"
    assert len(record.network) == 12
    assert record.layers is None


def test_another_network_has_another_fingerprint(make, tmp_path):
    before = record_of(make()).network
    assert record_of(make()).network == before
    (tmp_path / "nets.py").write_text(NETS.replace("3, 3, 1", "3, 3, 1, stride=2"))
    assert record_of(make()).network != before


def test_the_deepest_layers_that_do_not_slow_it_are_taken(make, monkeypatch):
    tried = []

    def layer_times(backend, boundaries, call, settings, **others):
        tried.append(boundaries.depth)
        inflation = 0.5 if boundaries.count > 5 else 0.01
        return measuring.LayerTimes("m", 9, 1.0, 1.0, 0.0, inflation, 1.0, 0.001, boundaries.depth)

    monkeypatch.setattr(measuring, "layer_times", layer_times)
    assert record_of(make(per_layer=True)).layers.depth == 1
    # 8 layers in 4 blocks; depths 3 and 2 have the same boundaries as all, and are not tried again
    assert tried == [None, 1]
    tried.clear()
    assert record_of(make(per_layer=True, layer_depth=2)).layers.depth == 2
    assert tried == [2]


@pytest.mark.parametrize("error", [RuntimeError("event\nnot ready"), MemoryError("graphs")])
def test_samples_stand_when_the_layers_fail(make, monkeypatch, error):
    def fails(*_, **__):
        raise error

    monkeypatch.setattr(measuring, "layer_times", fails)
    record = record_of(make(per_layer=True))
    assert record.samples_ms
    assert str(error).splitlines()[0] in record.layers.refused
    assert record.layers.spans == ()


def test_a_compiled_network_has_no_layers(make):
    task = make(per_layer=True)
    task._job = measuring.replace(
        task._job, request=measuring.replace(task._job.request, engine="torch.compile")
    )
    assert "torch.compile" in record_of(task).layers.refused


def test_what_an_error_tells_names_no_place_and_nobody():
    error = FileNotFoundError(2, "No such file", f"{Path.home()}/secret/weights.pt")
    text = told(error)
    assert "weights.pt" in text
    assert "secret" not in text
    assert str(Path.home()) not in text or len(str(Path.home())) <= 3
    text = told(RuntimeError(f"no room for /data/zoo/nets.py:12 on {platform.node()}"))
    assert "nets.py:12" in text
    assert "zoo" not in text
    assert platform.node() not in text or len(platform.node()) <= 3
    user = getpass.getuser()
    assert user not in told(MeasurementError(f"at /home/{user}/x/y.py")) or len(user) <= 3
    assert told(ValueError("a ratio of 3/4 and 1/2")) == "ValueError: a ratio of 3/4 and 1/2"


def test_errors_that_outlast_a_call():
    assert is_lasting(RuntimeError("CUDA error: an illegal memory access was encountered"))
    assert not is_lasting(RuntimeError("shapes do not match"))
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: can't allocate memory"))
    assert not is_lasting(MemoryError())


def test_nhwc_leaves_what_has_no_such_layout():
    (job,) = jobs_of(
        TimingRequest(
            models=(TimedModel("v", "nets.py:volume", "deploy", (1, 3, 4, 8, 8)),),
            device="cpu", precisions=("fp32",), batch_sizes=(1,), quantities=("host",),
            layout="nhwc", runs=1,
        ),
        "s",
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        net = nn.Sequential(nn.Conv3d(3, 4, 3), nn.Flatten(1, 2), nn.Conv2d(8, 2, 1))
        patch.setattr("profiler.timing.loop.measuring.build_initialised", lambda *_, **__: net)
        assert Workload(job).call(1)() is not None


class Named(nn.Module):
    """Remembers what it is given."""

    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(50, 4), nn.Embedding(7, 4)

    def forward(self, *positional, **named):
        self.given = positional, named
        return named["mask"]


def test_every_input_is_what_it_was_said_to_be(monkeypatch):
    inputs = (
        Input(shape=(2, 1000), kind="tokens"), Input(shape=(2, 5), name="mask"),
        Input(shape=(2, 3, 4, 4)),
    )  # fmt: skip
    job, *_ = jobs_of(
        TimingRequest(
            models=(TimedModel("n", "n.py:n", "deploy", (2, 1000), {"width": "(2,)"}, inputs),),
            device="cpu", precisions=("bf16",), batch_sizes=(2,), quantities=("host",), runs=1,
        ),
        "s",
    )  # fmt: skip
    net, options = Named(), {}

    def build(_address, **given):
        options.update(given)
        return net

    monkeypatch.setattr("profiler.timing.loop.measuring.build_initialised", build)
    Workload(job).call(2)()
    (tokens, image), named = net.given
    assert options == {"variant": "deploy", "width": (2,)}
    assert (tokens.dtype, tuple(tokens.shape)) == (torch.int64, (2, 1000))
    # every row of the smaller table is drawn in 2000 draws, and none that it does not have
    assert tokens.unique().tolist() == list(range(7))
    assert (image.dtype, tuple(image.shape)) == (torch.bfloat16, (2, 3, 4, 4))
    assert list(named) == ["mask"]
    assert tuple(named["mask"].shape) == (2, 5)
