"""Inception v3.

Paper: "Rethinking the Inception Architecture for Computer Vision",
https://arxiv.org/abs/1512.00567

What differs from the paper, as in the published network of the series:
- no auxiliary classifier, in training neither;
- the widths and the factorised 7x7 branches are those of the authors' released network rather than
  of the paper's table 1;
- average pooling counts its padding;
- dropout scales down in eval mode.
"""

from collections import OrderedDict
from typing import ClassVar

import torch
from torch import Tensor, nn

from .conv_bn import ConvBNReLU
from .dropout import DownscaleDropout
from .initialization import initialize
from .input_size import check_input_size
from .registry import register
from .stage import stage

__all__ = ["InceptionV3"]


def average_pool() -> nn.AvgPool2d:
    """A 3x3 average that keeps the size; the zeros around the edge count as elements."""
    return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=True)


class Stem(nn.Sequential):
    """(N, 3, 299, 299) to (N, 192, 35, 35)."""

    def __init__(self) -> None:
        super().__init__(
            OrderedDict(
                conv1=ConvBNReLU(3, 32, 3, stride=2),
                conv2=ConvBNReLU(32, 32, 3),
                conv3=ConvBNReLU(32, 64, 3, padding=1),
                pool1=nn.MaxPool2d(3, stride=2),
                conv4=ConvBNReLU(64, 80, 1),
                conv5=ConvBNReLU(80, 192, 3),
                pool2=nn.MaxPool2d(3, stride=2),
            )
        )


class InceptionA(nn.Module):
    """(N, in, 35, 35) to (N, 224 + pool_channels, 35, 35)."""

    def __init__(self, in_channels: int, pool_channels: int) -> None:
        super().__init__()
        self.branch1x1 = ConvBNReLU(in_channels, 64, 1)
        self.branch5x5_reduce = ConvBNReLU(in_channels, 48, 1)
        self.branch5x5 = ConvBNReLU(48, 64, 5, padding=2)
        self.branch3x3_reduce = ConvBNReLU(in_channels, 64, 1)
        self.branch3x3_1 = ConvBNReLU(64, 96, 3, padding=1)
        self.branch3x3_2 = ConvBNReLU(96, 96, 3, padding=1)
        self.pool = average_pool()
        self.branch_pool = ConvBNReLU(in_channels, pool_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        branch1x1 = self.branch1x1(x)
        branch5x5 = self.branch5x5(self.branch5x5_reduce(x))
        branch3x3 = self.branch3x3_2(self.branch3x3_1(self.branch3x3_reduce(x)))
        branch_pool = self.branch_pool(self.pool(x))
        return torch.cat((branch1x1, branch5x5, branch3x3, branch_pool), dim=1)


class ReductionA(nn.Module):
    """(N, 288, 35, 35) to (N, 768, 17, 17)."""

    def __init__(self) -> None:
        super().__init__()
        self.branch3x3 = ConvBNReLU(288, 384, 3, stride=2)
        self.branch3x3_double_reduce = ConvBNReLU(288, 64, 1)
        self.branch3x3_double_1 = ConvBNReLU(64, 96, 3, padding=1)
        self.branch3x3_double_2 = ConvBNReLU(96, 96, 3, stride=2)
        self.pool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        branch3x3 = self.branch3x3(x)
        double = self.branch3x3_double_1(self.branch3x3_double_reduce(x))
        double = self.branch3x3_double_2(double)
        return torch.cat((branch3x3, double, self.pool(x)), dim=1)


class InceptionB(nn.Module):
    """(N, 768, 17, 17) to the same, through 7x7 branches that are `channels` wide inside."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branch1x1 = ConvBNReLU(768, 192, 1)
        self.branch7x7_reduce = ConvBNReLU(768, channels, 1)
        self.branch7x7_1 = ConvBNReLU(channels, channels, (1, 7), padding=(0, 3))
        self.branch7x7_2 = ConvBNReLU(channels, 192, (7, 1), padding=(3, 0))
        self.branch7x7_double_reduce = ConvBNReLU(768, channels, 1)
        self.branch7x7_double_1 = ConvBNReLU(channels, channels, (7, 1), padding=(3, 0))
        self.branch7x7_double_2 = ConvBNReLU(channels, channels, (1, 7), padding=(0, 3))
        self.branch7x7_double_3 = ConvBNReLU(channels, channels, (7, 1), padding=(3, 0))
        self.branch7x7_double_4 = ConvBNReLU(channels, 192, (1, 7), padding=(0, 3))
        self.pool = average_pool()
        self.branch_pool = ConvBNReLU(768, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        branch1x1 = self.branch1x1(x)
        branch7x7 = self.branch7x7_2(self.branch7x7_1(self.branch7x7_reduce(x)))
        double = self.branch7x7_double_reduce(x)
        double = self.branch7x7_double_2(self.branch7x7_double_1(double))
        double = self.branch7x7_double_4(self.branch7x7_double_3(double))
        branch_pool = self.branch_pool(self.pool(x))
        return torch.cat((branch1x1, branch7x7, double, branch_pool), dim=1)


class ReductionB(nn.Module):
    """(N, 768, 17, 17) to (N, 1280, 8, 8)."""

    def __init__(self) -> None:
        super().__init__()
        self.branch3x3_reduce = ConvBNReLU(768, 192, 1)
        self.branch3x3 = ConvBNReLU(192, 320, 3, stride=2)
        self.branch7x7_reduce = ConvBNReLU(768, 192, 1)
        self.branch7x7_1 = ConvBNReLU(192, 192, (1, 7), padding=(0, 3))
        self.branch7x7_2 = ConvBNReLU(192, 192, (7, 1), padding=(3, 0))
        self.branch7x7_3 = ConvBNReLU(192, 192, 3, stride=2)
        self.pool = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        branch3x3 = self.branch3x3(self.branch3x3_reduce(x))
        branch7x7 = self.branch7x7_2(self.branch7x7_1(self.branch7x7_reduce(x)))
        branch7x7 = self.branch7x7_3(branch7x7)
        return torch.cat((branch3x3, branch7x7, self.pool(x)), dim=1)


class InceptionC(nn.Module):
    """(N, in, 8, 8) to (N, 2048, 8, 8); two branches end in a 1x3 and a 3x1 side by side."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch1x1 = ConvBNReLU(in_channels, 320, 1)
        self.branch3x3_reduce = ConvBNReLU(in_channels, 384, 1)
        self.branch3x3_wide = ConvBNReLU(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3_tall = ConvBNReLU(384, 384, (3, 1), padding=(1, 0))
        self.branch3x3_double_reduce = ConvBNReLU(in_channels, 448, 1)
        self.branch3x3_double = ConvBNReLU(448, 384, 3, padding=1)
        self.branch3x3_double_wide = ConvBNReLU(384, 384, (1, 3), padding=(0, 1))
        self.branch3x3_double_tall = ConvBNReLU(384, 384, (3, 1), padding=(1, 0))
        self.pool = average_pool()
        self.branch_pool = ConvBNReLU(in_channels, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        branch1x1 = self.branch1x1(x)
        branch3x3 = self.branch3x3_reduce(x)
        branch3x3 = torch.cat((self.branch3x3_wide(branch3x3), self.branch3x3_tall(branch3x3)), 1)
        double = self.branch3x3_double(self.branch3x3_double_reduce(x))
        double = torch.cat(
            (self.branch3x3_double_wide(double), self.branch3x3_double_tall(double)), dim=1
        )
        branch_pool = self.branch_pool(self.pool(x))
        return torch.cat((branch1x1, branch3x3, double, branch_pool), dim=1)


class InceptionV3(nn.Module):
    """Inception v3."""

    minimum_size: ClassVar[int] = 75

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.stem = Stem()
        # (channels in, channels of the pooling branch)
        self.inception_a = stage(
            InceptionA(*widths) for widths in ((192, 32), (256, 64), (288, 64))
        )
        self.reduction_a = ReductionA()
        self.inception_b = stage(InceptionB(channels) for channels in (128, 160, 160, 192))
        self.reduction_b = ReductionB()
        self.inception_c = stage(InceptionC(in_channels) for in_channels in (1280, 2048))
        self.global_pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = DownscaleDropout(0.2)
        self.classifier = nn.Linear(2048, num_classes)
        initialize(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, num_classes), H and W at least 75."""
        check_input_size("inceptionv3", x, self.minimum_size)
        x = self.stem(x)
        x = self.inception_a(x)
        x = self.reduction_a(x)
        x = self.inception_b(x)
        x = self.reduction_b(x)
        x = self.inception_c(x)
        x = self.global_pool(x)
        x = torch.flatten(x, 1)
        x = self.dropout(x)
        scores: Tensor = self.classifier(x)
        return scores


@register("inceptionv3")
def inceptionv3(num_classes: int) -> InceptionV3:
    """Inception v3."""
    return InceptionV3(num_classes)
