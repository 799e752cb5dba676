"""Xception41, Xception65 and Xception71.

Papers: "Xception: Deep Learning with Depthwise Separable Convolutions",
https://arxiv.org/abs/1610.02357; the deeper layouts come from "Encoder-Decoder with Atrous
Separable Convolution for Semantic Image Segmentation", https://arxiv.org/abs/1802.02611

What differs from the papers, as in the published networks of the series:
- a separable convolution is the 1x1 first and the 3x3 depthwise after it, a batch norm behind each;
- blocks shrink by max pooling, and the shortcut's convolution has no batch norm;
- in Xception71 a block of stride 1 pools as well, with stride 1;
- no dropout.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .conv_bn import ConvBNReLU
from .initialization import initialize
from .input_size import check_input_size
from .registry import register
from .stage import stage

__all__ = ["Xception"]


class Stem(nn.Sequential):
    """(N, 3, 299, 299) to (N, 64, 150, 150)."""

    def __init__(self) -> None:
        super().__init__(
            OrderedDict(
                conv1=ConvBNReLU(3, 32, 3, stride=2, padding=1),
                conv2=ConvBNReLU(32, 64, 3, padding=1),
            )
        )


class SeparableConv(nn.Sequential):
    """(N, in, H, W) to (N, out, H, W): channels are mixed first, then each is filtered."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        depthwise = nn.Conv2d(
            out_channels, out_channels, 3, padding=1, groups=out_channels, bias=False
        )
        super().__init__(
            OrderedDict(
                pointwise=nn.Conv2d(in_channels, out_channels, 1, bias=False),
                pointwise_bn=nn.BatchNorm2d(out_channels),
                depthwise=depthwise,
                depthwise_bn=nn.BatchNorm2d(out_channels),
            )
        )


class PoolingBlock(nn.Module):
    """(N, in, H, W) to (N, out, H / stride, W / stride), beside a convolved shortcut.

    The shortcut takes the input as it comes, before any ReLU. `relu_first` is False where the input
    is rectified already.
    """

    def __init__(
        self,
        in_channels: int,
        inner_channels: int,
        out_channels: int,
        stride: int,
        *,
        relu_first: bool = True,
    ) -> None:
        super().__init__()
        self.relu_first = relu_first
        self.shortcut = nn.Conv2d(in_channels, out_channels, 1, stride, bias=False)
        self.separable1 = SeparableConv(in_channels, inner_channels)
        self.separable2 = SeparableConv(inner_channels, out_channels)
        self.pool = nn.MaxPool2d(3, stride, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        shortcut: Tensor = self.shortcut(x)
        if self.relu_first:
            x = F.relu(x)
        x = self.separable1(x)
        x = F.relu(x)
        x = self.separable2(x)
        x = self.pool(x)
        return shortcut + x


class MiddleBlock(nn.Module):
    """(N, channels, H, W) to the same; the input is added as it comes, before any ReLU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.separable1 = SeparableConv(channels, channels)
        self.separable2 = SeparableConv(channels, channels)
        self.separable3 = SeparableConv(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        residual: Tensor = self.separable1(F.relu(x))
        residual = self.separable2(F.relu(residual))
        residual = self.separable3(F.relu(residual))
        return x + residual


class ExitFlow(nn.Module):
    """(N, 728, 19, 19) to (N, 2048, 10, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.block = PoolingBlock(728, 728, 1024, stride=2)
        self.separable1 = SeparableConv(1024, 1536)
        self.separable2 = SeparableConv(1536, 2048)

    def forward(self, x: Tensor) -> Tensor:
        x = self.block(x)
        x = F.relu(self.separable1(x))
        return F.relu(self.separable2(x))


@dataclass(frozen=True)
class Layout:
    """Where two networks of the family differ."""

    name: str
    entry: tuple[tuple[int, int], ...]
    """(output channels, stride) of each block of the entry flow."""
    middle_blocks: int


_ENTRY_41 = ((128, 2), (256, 2), (728, 2))
_ENTRY_71 = ((128, 2), (256, 1), (256, 2), (728, 1), (728, 2))

XCEPTION41 = Layout("xception41", entry=_ENTRY_41, middle_blocks=8)
XCEPTION65 = Layout("xception65", entry=_ENTRY_41, middle_blocks=16)
XCEPTION71 = Layout("xception71", entry=_ENTRY_71, middle_blocks=16)


def entry_flow(layout: Layout) -> nn.Sequential:
    """(N, 64, 150, 150) to (N, 728, 19, 19)."""
    blocks: list[PoolingBlock] = []
    in_channels = 64
    for out_channels, stride in layout.entry:
        # The stem ends in a ReLU, so the first block needs none in front.
        relu_first = bool(blocks)
        blocks.append(
            PoolingBlock(in_channels, out_channels, out_channels, stride, relu_first=relu_first)
        )
        in_channels = out_channels
    return stage(blocks)


class Xception(nn.Module):
    """Xception of one of the layouts above."""

    minimum_size: ClassVar[int] = 1

    def __init__(self, layout: Layout, num_classes: int = 1000) -> None:
        super().__init__()
        self.name = layout.name
        self.stem = Stem()
        self.entry = entry_flow(layout)
        self.middle = stage(MiddleBlock(728) for _ in range(layout.middle_blocks))
        self.exit = ExitFlow()
        self.global_pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(2048, num_classes)
        initialize(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, num_classes); every layer is padded, so any size fits."""
        check_input_size(self.name, x, self.minimum_size)
        x = self.stem(x)
        x = self.entry(x)
        x = self.middle(x)
        x = self.exit(x)
        x = self.global_pool(x)
        x = torch.flatten(x, 1)
        scores: Tensor = self.classifier(x)
        return scores


@register("xception41")
def xception41(num_classes: int) -> Xception:
    """Xception with 8 middle blocks."""
    return Xception(XCEPTION41, num_classes)


@register("xception65")
def xception65(num_classes: int) -> Xception:
    """Xception with 16 middle blocks."""
    return Xception(XCEPTION65, num_classes)


@register("xception71")
def xception71(num_classes: int) -> Xception:
    """Xception with 16 middle blocks and two more in the entry flow."""
    return Xception(XCEPTION71, num_classes)
