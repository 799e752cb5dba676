"""Networks as PyTorch exports them, beside the forward that PyTorch runs."""

import pytest

pytest.importorskip("onnx")

import torch
import torch.nn.functional as F
from onnx_files import exported
from torch import nn

import archs
import profiler
from profiler.counting.counts import count
from profiler.tracing.onnx_graph import trace_onnx


class Block(nn.Module):
    """A transformer's, with a position embedding."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(32)
        self.qkv = nn.Linear(32, 96)
        self.out = nn.Linear(32, 32, bias=False)
        self.mlp = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 32))
        self.position = nn.Parameter(torch.zeros(1, 7, 32))

    def forward(self, x):
        x = x + self.position
        b, n, c = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(b, n, 3, 4, 8).permute(2, 0, 3, 1, 4).unbind(0)
        y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, n, c)
        x = x + self.out(y)
        return x + self.mlp(x)


class Pyramid(nn.Module):
    """Paddings, pools and a resize to a size that is worked out."""

    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.Hardswish()
        )
        self.up = nn.ConvTranspose2d(8, 6, 3, stride=2, padding=1, output_padding=1, groups=2)
        self.slope = nn.PReLU(6)

    def forward(self, x):
        small = F.max_pool2d(self.down(x), 3, 2, ceil_mode=True)
        large = F.interpolate(small, size=x.shape[2:], mode="bilinear")
        return self.slope(self.up(large)).mean((2, 3))


NETWORKS = {
    "block": (Block, (2, 7, 32)),
    "pyramid": (Pyramid, (2, 3, 21, 18)),
    "lstm": (lambda: nn.LSTM(8, 16, 2, bidirectional=True), (5, 3, 8)),
    "gru": (lambda: nn.GRU(8, 16), (5, 3, 8)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network(tmp_path, name):
    build, shape = NETWORKS[name]
    network = build()
    found = trace_onnx(exported(tmp_path / "m.onnx", network, shape), batch_size=shape[0])
    true = profiler.trace(network.eval(), shape)
    for convention in ("macs", "flops", "torch"):
        ours, theirs = count(found, convention), count(true, convention)
        assert not ours.uncounted
        assert ours.totals.flops == theirs.totals.flops
        assert ours.totals.params == theirs.totals.params


@pytest.mark.slow
@pytest.mark.parametrize("name", ["googlenet", "inceptionv3", "xception41"])
def test_a_built_in_network(tmp_path, name):
    """Layer by layer, and under the rules of tools that look at layers."""
    shape = archs.default_input_shape(name)
    network = archs.create(name)
    found = trace_onnx(exported(tmp_path / "m.onnx", network, shape))
    true = profiler.trace(network.eval(), shape)
    assert {p.name: p.shape for p in found.parameters} == {p.name: p.shape for p in true.parameters}
    for convention in ("flops", "fvcore", "thop", "ptflops_pytorch", "torchinfo", "deepspeed"):
        ours, theirs = count(found, convention), count(true, convention)
        assert (ours.totals.flops, ours.totals.macs) == (theirs.totals.flops, theirs.totals.macs)
        assert ours.totals.params == theirs.totals.params
    work = {row.path: row.macs for row in count(true).layers if row.macs}
    assert {row.path: row.macs for row in count(found).layers if row.macs} == work


@pytest.mark.slow
def test_folded_batch_norms(tmp_path):
    """As exported by default: the network has no batch norm, its convolutions a bias each."""
    network = archs.create("inceptionv3").eval()
    shape = archs.default_input_shape("inceptionv3")
    path = exported(tmp_path / "m.onnx", network, shape, folded=True)
    found, true = count(trace_onnx(path)).totals, count(profiler.trace(network, shape)).totals
    channels = sum(m.num_features for m in network.modules() if isinstance(m, nn.BatchNorm2d))
    assert found.macs == true.macs
    assert found.params == true.params - 2 * channels + channels
