"""ResNet-18, 34, 50, 101 and 152.

Paper: "Deep Residual Learning for Image Recognition", https://arxiv.org/abs/1512.03385

Layers have the names, shapes and order that they have in torchvision, whose weights fit.

What differs from the paper, as in the published networks of the series:
- a bottleneck that shrinks does so in its 3x3 convolution, not in its first 1x1 (known as v1.5);
- a shortcut is convolved wherever its shape changes and nowhere else (the paper's option B).
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from .initialization import initialize
from .input_size import check_input_size
from .registry import register

__all__ = ["ResNet"]


def conv3x3(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    """A convolution without bias that keeps the size, but for the stride."""
    return nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)


def conv1x1(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    """A convolution of single pixels, without bias."""
    return nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)


def projection(in_channels: int, out_channels: int, stride: int) -> nn.Sequential | None:
    """The shortcut's convolution; None where the input can be added as it comes."""
    if in_channels == out_channels and stride == 1:
        return None
    return nn.Sequential(conv1x1(in_channels, out_channels, stride), nn.BatchNorm2d(out_channels))


class BasicBlock(nn.Module):
    """(N, in, H, W) to (N, width, H / stride, W / stride): two 3x3 convolutions and a shortcut."""

    expansion: ClassVar[int] = 1

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = conv3x3(in_channels, width, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.conv2 = conv3x3(width, width)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = projection(in_channels, width, stride)

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The one in front of the addition."""
        return self.bn2

    def forward(self, x: Tensor) -> Tensor:
        residual: Tensor = self.relu(self.bn1(self.conv1(x)))
        residual = self.bn2(self.conv2(residual))
        shortcut = x if self.downsample is None else self.downsample(x)
        total: Tensor = self.relu(residual + shortcut)
        return total


class Bottleneck(nn.Module):
    """(N, in, H, W) to (N, 4 * width, H / stride, W / stride): the 3x3 works on fewer channels."""

    expansion: ClassVar[int] = 4

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        out_channels = width * self.expansion
        self.conv1 = conv1x1(in_channels, width)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv3x3(width, width, stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = conv1x1(width, out_channels)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()
        self.downsample = projection(in_channels, out_channels, stride)

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The one in front of the addition."""
        return self.bn3

    def forward(self, x: Tensor) -> Tensor:
        residual: Tensor = self.relu(self.bn1(self.conv1(x)))
        residual = self.relu(self.bn2(self.conv2(residual)))
        residual = self.bn3(self.conv3(residual))
        shortcut = x if self.downsample is None else self.downsample(x)
        total: Tensor = self.relu(residual + shortcut)
        return total


@dataclass(frozen=True)
class Layout:
    """Where two networks of the family differ."""

    name: str
    block: type[BasicBlock] | type[Bottleneck]
    depths: tuple[int, int, int, int]
    """Blocks in each of the four stages."""


_WIDTHS = (64, 128, 256, 512)

RESNET18 = Layout("resnet18", BasicBlock, depths=(2, 2, 2, 2))
RESNET34 = Layout("resnet34", BasicBlock, depths=(3, 4, 6, 3))
RESNET50 = Layout("resnet50", Bottleneck, depths=(3, 4, 6, 3))
RESNET101 = Layout("resnet101", Bottleneck, depths=(3, 4, 23, 3))
RESNET152 = Layout("resnet152", Bottleneck, depths=(3, 8, 36, 3))


def stages(layout: Layout) -> list[nn.Sequential]:
    """(N, 64, 56, 56) to (N, 512 * expansion, 7, 7): the first keeps the size, the others halve it.

    Their blocks have numbers for names, counted from 0.
    """
    rows = []
    in_channels = 64
    for number, (width, depth) in enumerate(zip(_WIDTHS, layout.depths, strict=True)):
        blocks: list[nn.Module] = []
        for index in range(depth):
            stride = 2 if index == 0 and number > 0 else 1
            blocks.append(layout.block(in_channels, width, stride))
            in_channels = width * layout.block.expansion
        rows.append(nn.Sequential(*blocks))
    return rows


class ResNet(nn.Module):
    """ResNet of one of the layouts above."""

    minimum_size: ClassVar[int] = 1

    def __init__(self, layout: Layout, num_classes: int = 1000) -> None:
        super().__init__()
        self.name = layout.name
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1, self.layer2, self.layer3, self.layer4 = stages(layout)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(_WIDTHS[-1] * layout.block.expansion, num_classes)
        initialize(self)
        for block in self.modules():
            if isinstance(block, layout.block):
                # Else every addition doubles the variance, and 50 of them overflow half precision.
                nn.init.constant_(block.last_norm.weight, sum(layout.depths) ** -0.5)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, num_classes); every layer is padded, so any size fits."""
        check_input_size(self.name, x, self.minimum_size)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.maxpool(x)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)
        x = self.avgpool(x)
        x = torch.flatten(x, 1)
        scores: Tensor = self.fc(x)
        return scores


@register("resnet18")
def resnet18(num_classes: int) -> ResNet:
    """8 blocks of two convolutions."""
    return ResNet(RESNET18, num_classes)


@register("resnet34")
def resnet34(num_classes: int) -> ResNet:
    """16 blocks of two convolutions."""
    return ResNet(RESNET34, num_classes)


@register("resnet50")
def resnet50(num_classes: int) -> ResNet:
    """16 bottlenecks."""
    return ResNet(RESNET50, num_classes)


@register("resnet101")
def resnet101(num_classes: int) -> ResNet:
    """33 bottlenecks."""
    return ResNet(RESNET101, num_classes)


@register("resnet152")
def resnet152(num_classes: int) -> ResNet:
    """50 bottlenecks."""
    return ResNet(RESNET152, num_classes)
