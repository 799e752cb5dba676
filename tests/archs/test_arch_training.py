"""A new network is a normal module: it trains, copies and exports."""

import copy
import math

import pytest
import torch
from torch.nn import functional as F

import archs

# Small images, large enough for the last maps to have more than one element for batch norm.
CASES = [
    ("googlenet", "deploy", 64),
    ("googlenet", "train", 192),
    ("inceptionv3", "deploy", 107),
    ("xception41", "deploy", 48),
    ("xception41_deeplab", "deploy", 48),
    ("inceptionv4", "deploy", 107),
    ("xception65", "deploy", 48),
    ("xception65_deeplab", "deploy", 48),
    ("xception71", "deploy", 48),
    ("resnet18", "deploy", 64),
    ("resnet152", "deploy", 64),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "variant", "size"), CASES)
def test_one_step(name, variant, size) -> None:
    net = archs.create(name, num_classes=10, variant=variant).train()
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-4)
    x, labels = torch.randn(4, 3, size, size), torch.tensor([1, 3, 5, 7])

    def loss() -> torch.Tensor:
        outputs = net(x)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        # The paper's weights: 1 for the classifier, 0.3 for each head.
        weights = (1.0, 0.3, 0.3)
        return sum(
            weight * F.cross_entropy(output, labels)
            for weight, output in zip(weights, outputs, strict=False)
        )

    before = loss()
    # Scores start small, so every class is about as likely as any other.
    chance = math.log(10) * (1.6 if variant == "train" else 1.0)
    assert before.item() == pytest.approx(chance, rel=0.5)
    before.backward()
    for path, parameter in net.named_parameters():
        assert parameter.grad is not None, path
        assert parameter.grad.isfinite().all(), path
        assert parameter.grad.abs().max() > 0, path
    optimizer.step()
    assert loss().isfinite()


def test_first_weights_keep_the_scale_of_activations() -> None:
    net = archs.create("googlenet").eval()
    scales = {}
    for path, module in net.named_children():
        module.register_forward_hook(lambda m, i, o, p=path: scales.update({p: o.std().item()}))
    with torch.no_grad():
        net(torch.randn(2, 3, 112, 112))
    inception = {path: scale for path, scale in scales.items() if path.startswith("inception")}
    assert len(inception) == 9
    assert all(0.01 < scale < 10 for scale in inception.values()), inception


@torch.no_grad()
def test_the_deepest_network_fits_half_precision() -> None:
    # 50 additions of as much as there is would be 2^25 times the first standard deviation.
    scores = archs.create("resnet152").eval()(torch.randn(1, 3, 64, 64))
    assert 0.1 < scores.std() < 10


@pytest.mark.parametrize("name", ["googlenet", "xception41_deeplab"])
def test_creation_follows_the_default_device(name) -> None:
    with torch.device("meta"):
        net = archs.create(name)
    assert {tensor.device.type for tensor in net.state_dict().values()} == {"meta"}
    net.to_empty(device="cpu")
    assert {tensor.device.type for tensor in net.state_dict().values()} == {"cpu"}


def test_creation_is_reproducible_and_copies_are_equal() -> None:
    torch.manual_seed(1)
    first = archs.create("googlenet", variant="train")
    torch.manual_seed(1)
    second = archs.create("googlenet", variant="train")
    third = copy.deepcopy(first)
    for path, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[path]), path
        assert torch.equal(value, third.state_dict()[path]), path


@torch.no_grad()
def test_exports() -> None:
    net = archs.create("googlenet", variant="train").eval()
    x = torch.randn(1, 3, 192, 192)
    exported = torch.export.export(net, (x,))
    torch.testing.assert_close(exported.module()(x), net(x))


@torch.no_grad()
@pytest.mark.slow
@pytest.mark.parametrize("name", ["googlenet", "xception41_deeplab"])
def test_graph_recorders_leave_no_trace_of_the_size_check(name) -> None:
    net = archs.create(name).eval()
    x = torch.randn(1, 3, 64, 64)
    symbolic = torch.fx.symbolic_trace(net)
    torch.testing.assert_close(symbolic(x), net(x))
    traced = torch.jit.trace(net, x)
    torch.testing.assert_close(traced(x), net(x))
    kinds = {node.kind() for node in traced.inlined_graph.nodes()}
    assert not kinds & {"aten::size", "aten::lt", "aten::gt"}
