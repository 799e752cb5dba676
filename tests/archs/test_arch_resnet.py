"""The ResNets against the paper's Table 1 and against what torchvision publishes."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

# torchvision 0.28.0, meta["num_params"] of the IMAGENET1K_V1 weights.
PARAMETERS = {18: 11689512, 34: 21797672, 50: 25557032, 101: 44549160, 152: 60192808}
# "Deep Residual Learning for Image Recognition", Table 1: blocks of conv2_x to conv5_x.
TABLE_1 = {
    18: ("basic", (2, 2, 2, 2)),
    34: ("basic", (3, 4, 6, 3)),
    50: ("bottleneck", (3, 4, 6, 3)),
    101: ("bottleneck", (3, 4, 23, 3)),
    152: ("bottleneck", (3, 8, 36, 3)),
}


def macs_of_table_1(depth: int) -> int:
    """Multiply-adds at 224 pixels: output pixels x kernel pixels x channels in x channels out.

    ResNet-18: 112^2*49*3*64 = 118,013,952 of conv1; 4 * 56^2*9*64^2 = 462,422,016 of conv2_x;
    in each stage behind, 3 convolutions of 115,605,504, one from half the channels, 57,802,752,
    and its shortcut, 6,422,528: 411,041,792; the classifier 512,000; together 1,814,073,344.

    ResNet-50: conv1 as above; conv2_x 12,845,056 + 3 * 115,605,504 + 5 * 51,380,224 +
    51,380,224 of its shortcut = 667,942,912; and so on, 4,089,184,256 in all.
    """
    kind, blocks = TABLE_1[depth]
    total = 112**2 * 7**2 * 3 * 64
    channels = 64
    for stage, (count, width) in enumerate(zip(blocks, (64, 128, 256, 512), strict=True)):
        size = 56 // 2**stage
        out = width * (4 if kind == "bottleneck" else 1)
        for index in range(count):
            first = index == 0
            if kind == "basic":
                work = 9 * channels * width + 9 * width * width
            else:
                # The first 1x1 is in front of the stride, which is in the 3x3.
                before = 4 if first and stage > 0 else 1
                work = before * channels * width + 9 * width * width + width * out
            if first and channels != out:
                work += channels * out
            total += work * size**2
            channels = out
    return total + channels * 1000


def test_the_arithmetic_of_the_docstring() -> None:
    assert macs_of_table_1(18) == 118_013_952 + 462_422_016 + 3 * 411_041_792 + 512_000
    stage = 12_845_056 + 3 * 115_605_504 + 5 * 51_380_224 + 51_380_224
    assert stage == 667_942_912
    assert macs_of_table_1(50) == 4_089_184_256


@pytest.mark.parametrize("depth", TABLE_1)
def test_work_is_that_of_table_1(depth, meta) -> None:
    net = meta(f"resnet{depth}").eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        net(torch.empty(1, 3, 224, 224, device="meta"))
    assert counter.get_total_flops() == 2 * macs_of_table_1(depth)


@pytest.mark.parametrize("depth", PARAMETERS)
def test_parameters_are_those_published(depth, meta) -> None:
    net = meta(f"resnet{depth}")
    assert sum(parameter.numel() for parameter in net.parameters()) == PARAMETERS[depth]


@pytest.mark.parametrize("depth", TABLE_1)
def test_a_name_is_its_number_of_layers(depth, meta) -> None:
    # Those on the way through the blocks: the shortcuts' do not count.
    layers = [
        path
        for path, module in meta(f"resnet{depth}").named_modules()
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear) and "downsample" not in path
    ]
    assert len(layers) == depth


def test_names_are_torchvisions(meta) -> None:
    # torchvision.models.resnet18().state_dict() of 0.28.0, less the counters of the batch norms
    names = [name for name in meta("resnet18").state_dict() if "num_batches" not in name]
    assert names[:6] == [
        "conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var",
        "layer1.0.conv1.weight",
    ]  # fmt: skip
    assert "layer2.0.downsample.0.weight" in names
    assert "layer2.0.downsample.1.running_var" in names
    assert "layer1.0.downsample.0.weight" not in names
    assert names[-2:] == ["fc.weight", "fc.bias"]


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_a_bottleneck_shrinks_in_its_3x3(depth, meta) -> None:
    for stage in ("layer2", "layer3", "layer4"):
        first = meta(f"resnet{depth}").get_submodule(f"{stage}.0")
        strides = [getattr(first, name).stride for name in ("conv1", "conv2", "conv3")]
        assert strides == [(1, 1), (2, 2), (1, 1)]
