"""The whole way on a real GPU; skipped, and said so, where there is none."""

import gc

import pytest
import torch
from torch import nn

from profiler.records import TimingSettings
from profiler.timing.devices.cuda import CudaBackend
from profiler.timing.loop.environment import environment
from profiler.timing.loop.jobs import (
    Task,
    TimedModel,
    TimingRequest,
    jobs_of,
)
from profiler.timing.loop.layers import Boundaries, layer_times
from profiler.timing.loop.measuring import Measuring, Workload
from profiler.timing.loop.protocol import measure
from profiler.timing.loop.statistics import median

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")

QUICK = TimingSettings(budget_s=8.0)


def network():
    """Layers of about 0.1 ms each on a large GPU, so that boundaries do not outweigh them."""
    layers = [nn.Conv2d(64, 64, 3, padding=1) for _ in range(6)]
    return nn.Sequential(*layers).eval().cuda()


def call_of(model, batch_size=16):
    images = torch.randn(batch_size, 64, 56, 56, device="cuda")

    def call():
        with torch.inference_mode():
            return model(images)

    return call


def test_layers_of_a_captured_graph_sum_to_the_whole():
    model, backend = network(), CudaBackend()
    call = call_of(model)
    boundaries = Boundaries(model, call)
    found = layer_times(backend, boundaries, call, QUICK, captured=True, budget_s=3.0)
    assert found.refused == ""
    assert [span.path for span in found.spans] == [str(at) for at in range(6)]
    whole = sum(span.span_ms for span in found.spans) + found.unattributed_ms
    assert whole == pytest.approx(found.total_ms)
    # equal layers, told apart by the events between them
    times = [span.span_ms for span in found.spans]
    assert max(times) < 2 * min(times)


def test_a_replay_runs_the_networks_kernels_and_no_others():
    backend, call = CudaBackend(), call_of(network())
    call()
    eager, replayed = backend.kernels(call), backend.kernels(backend.capture(call))
    if eager is None:
        pytest.skip("the kernels' names can't be read here")
    assert eager == replayed


def test_device_and_eager_agree_where_launching_does_not_matter():
    backend, call = CudaBackend(), call_of(network(), batch_size=128)
    device, eager = (measure(backend, call, name, QUICK) for name in ("device", "eager"))
    assert median(eager.samples_ms) == pytest.approx(median(device.samples_ms), rel=0.03)


def test_a_batch_that_does_not_fit_is_told_and_the_next_task_works(tmp_path, monkeypatch):
    (tmp_path / "nets.py").write_text(
        "import torch\nfrom torch import nn\n\n\nclass Wide(nn.Module):\n"
        "    def forward(self, x):\n"
        "        return torch.empty(x.shape[0] - 1, 1 << 34, dtype=x.dtype, device=x.device)\n"
        "\n\ndef wide():\n    return Wide()\n"
    )
    monkeypatch.chdir(tmp_path)
    (job,) = jobs_of(
        TimingRequest(
            models=(TimedModel("wide", "nets.py:wide", "deploy", (1, 3, 8, 8)),),
            device="cuda", precisions=("fp32",), batch_sizes=(1, 64), quantities=("eager",),
            runs=1, settings=QUICK,
        ),
        "s",
    )  # fmt: skip
    backend, workload, where = CudaBackend(), Workload(job), environment("cuda")
    with pytest.raises(torch.OutOfMemoryError):
        Measuring(backend, workload, job, Task(64, "eager"), ()).record(where, lambda *_: None)
    record = Measuring(backend, workload, job, Task(1, "eager"), ()).record(where, lambda *_: None)
    assert record.samples_ms


def test_what_a_task_takes_is_given_back():
    model, backend = network(), CudaBackend()
    weights = torch.cuda.memory_allocated()
    measure(backend, call_of(model, 64), "device", QUICK)
    gc.collect()
    torch.cuda.empty_cache()
    # cuBLAS and cuDNN keep a workspace for the stream of captures
    assert torch.cuda.memory_allocated() < weights + 128 * 2**20
