"""Xception41 and Xception65 as DeepLab uses them.

Papers: "Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation",
https://arxiv.org/abs/1802.02611, on "Xception: Deep Learning with Depthwise Separable
Convolutions", https://arxiv.org/abs/1610.02357

What differs from the papers, as in the published networks of the series: they classify, so the exit
flow's last block keeps its stride-32 map with a dilation of 2 and ends in dropout (the kind that
scales down in eval mode), pooling and a linear layer. Unlike `xception.py`: the depthwise
convolution comes before the 1x1, blocks shrink by a stride of their last depthwise convolution, the
shortcut has a batch norm and is computed last, and batch norms have an epsilon of 1e-3.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .conv_bn import ConvBNReLU
from .dropout import DownscaleDropout
from .initialization import initialize
from .input_size import check_input_size
from .registry import register
from .stage import stage

__all__ = ["XceptionDeepLab"]

EPS = 1e-3


class Stem(nn.Sequential):
    """(N, 3, 299, 299) to (N, 64, 150, 150)."""

    def __init__(self) -> None:
        super().__init__(
            OrderedDict(
                conv1=ConvBNReLU(3, 32, 3, stride=2, padding=1, eps=EPS),
                conv2=ConvBNReLU(32, 64, 3, padding=1, eps=EPS),
            )
        )


class SeparableConv(nn.Module):
    """(N, in, H, W) to (N, out, H / stride, W / stride): filtered first, then mixed.

    With `relu_inside`, a ReLU follows each of the two batch norms.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int = 1,
        dilation: int = 1,
        *,
        relu_inside: bool = False,
    ) -> None:
        super().__init__()
        self.relu_inside = relu_inside
        self.depthwise = nn.Conv2d(
            in_channels,
            in_channels,
            3,
            stride,
            padding=dilation,
            dilation=dilation,
            groups=in_channels,
            bias=False,
        )
        self.depthwise_bn = nn.BatchNorm2d(in_channels, eps=EPS)
        self.pointwise = nn.Conv2d(in_channels, out_channels, 1, bias=False)
        self.pointwise_bn = nn.BatchNorm2d(out_channels, eps=EPS)

    def forward(self, x: Tensor) -> Tensor:
        x = self.depthwise(x)
        x = self.depthwise_bn(x)
        if self.relu_inside:
            x = F.relu(x)
        x = self.pointwise(x)
        x = self.pointwise_bn(x)
        if self.relu_inside:
            x = F.relu(x)
        return x


class ResidualBlock(nn.Module):
    """(N, in, H, W) to (N, out, H, W) by three separable convolutions, a ReLU before each.

    The input is added as it comes, before any ReLU.
    """

    def __init__(
        self, in_channels: int, inner_channels: int, out_channels: int, stride: int = 1
    ) -> None:
        super().__init__()
        self.separable1 = SeparableConv(in_channels, inner_channels)
        self.separable2 = SeparableConv(inner_channels, out_channels)
        self.separable3 = SeparableConv(out_channels, out_channels, stride)

    def residual(self, x: Tensor) -> Tensor:
        """The part added to the input."""
        x = self.separable1(F.relu(x))
        x = self.separable2(F.relu(x))
        residual: Tensor = self.separable3(F.relu(x))
        return residual

    def forward(self, x: Tensor) -> Tensor:
        return self.residual(x) + x


class StridedBlock(ResidualBlock):
    """(N, in, H, W) to (N, out, H / 2, W / 2): a residual block with a convolved shortcut."""

    def __init__(self, in_channels: int, inner_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, inner_channels, out_channels, stride=2)
        self.shortcut = nn.Conv2d(in_channels, out_channels, 1, stride=2, bias=False)
        self.shortcut_bn = nn.BatchNorm2d(out_channels, eps=EPS)

    def forward(self, x: Tensor) -> Tensor:
        residual = self.residual(x)
        shortcut: Tensor = self.shortcut_bn(self.shortcut(x))
        return residual + shortcut


class DilatedBlock(nn.Sequential):
    """(N, 1024, H, W) to (N, 2048, H, W) by dilated convolutions; no shortcut."""

    def __init__(self) -> None:
        super().__init__(
            OrderedDict(
                separable1=SeparableConv(1024, 1536, dilation=2, relu_inside=True),
                separable2=SeparableConv(1536, 1536, dilation=2, relu_inside=True),
                separable3=SeparableConv(1536, 2048, dilation=2, relu_inside=True),
            )
        )


@dataclass(frozen=True)
class Layout:
    """Where two networks of the family differ."""

    name: str
    middle_blocks: int


XCEPTION41_DEEPLAB = Layout("xception41_deeplab", middle_blocks=8)
XCEPTION65_DEEPLAB = Layout("xception65_deeplab", middle_blocks=16)

# (channels in, channels out) of each block of the entry flow, every one of stride 2
ENTRY_WIDTHS = ((64, 128), (128, 256), (256, 728))


class XceptionDeepLab(nn.Module):
    """Xception with the blocks that DeepLab gave it, as a classifier."""

    minimum_size: ClassVar[int] = 1

    def __init__(self, layout: Layout, num_classes: int = 1000) -> None:
        super().__init__()
        self.name = layout.name
        self.stem = Stem()
        self.entry = stage(
            StridedBlock(in_channels, out_channels, out_channels)
            for in_channels, out_channels in ENTRY_WIDTHS
        )
        self.middle = stage(ResidualBlock(728, 728, 728) for _ in range(layout.middle_blocks))
        self.exit = stage((StridedBlock(728, 728, 1024), DilatedBlock()))
        self.dropout = DownscaleDropout(0.5)
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
        x = self.dropout(x)
        x = self.global_pool(x)
        x = torch.flatten(x, 1)
        scores: Tensor = self.classifier(x)
        return scores


@register("xception41_deeplab")
def xception41_deeplab(num_classes: int) -> XceptionDeepLab:
    """Xception41 with DeepLab's blocks."""
    return XceptionDeepLab(XCEPTION41_DEEPLAB, num_classes)


@register("xception65_deeplab")
def xception65_deeplab(num_classes: int) -> XceptionDeepLab:
    """Xception65 with DeepLab's blocks."""
    return XceptionDeepLab(XCEPTION65_DEEPLAB, num_classes)
