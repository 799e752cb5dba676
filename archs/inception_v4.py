"""Inception v4.

Paper: "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning",
https://arxiv.org/abs/1602.07261

The blocks are those of the paper's figures 3 to 9. What differs, as in the published network of the
series: dropout scales down in eval mode.
"""

from typing import ClassVar

import torch
from torch import Tensor, nn

from .conv_bn import ConvBNReLU
from .dropout import DownscaleDropout
from .initialization import initialize
from .input_size import check_input_size
from .registry import register
from .stage import stage

__all__ = ["InceptionV4"]


def average_pool() -> nn.AvgPool2d:
    """A 3x3 average that keeps the size; at the edge, only the elements that exist are averaged."""
    return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)


class Stem(nn.Module):
    """(N, 3, 299, 299) to (N, 384, 35, 35)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = ConvBNReLU(3, 32, 3, stride=2)
        self.conv2 = ConvBNReLU(32, 32, 3)
        self.conv3 = ConvBNReLU(32, 64, 3, padding=1)
        self.pool1 = nn.MaxPool2d(3, stride=2)
        self.conv4 = ConvBNReLU(64, 96, 3, stride=2)
        self.branch3x3_reduce = ConvBNReLU(160, 64, 1)
        self.branch3x3 = ConvBNReLU(64, 96, 3)
        self.branch7x7_reduce = ConvBNReLU(160, 64, 1)
        self.branch7x7_1 = ConvBNReLU(64, 64, (7, 1), padding=(3, 0))
        self.branch7x7_2 = ConvBNReLU(64, 64, (1, 7), padding=(0, 3))
        self.branch7x7_3 = ConvBNReLU(64, 96, 3)
        self.conv5 = ConvBNReLU(192, 192, 3, stride=2)
        self.pool2 = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        x = self.conv2(x)
        x = self.conv3(x)
        x = torch.cat((self.pool1(x), self.conv4(x)), dim=1)
        branch3x3 = self.branch3x3(self.branch3x3_reduce(x))
        branch7x7 = self.branch7x7_2(self.branch7x7_1(self.branch7x7_reduce(x)))
        branch7x7 = self.branch7x7_3(branch7x7)
        x = torch.cat((branch3x3, branch7x7), dim=1)
        return torch.cat((self.conv5(x), self.pool2(x)), dim=1)


class InceptionA(nn.Module):
    """(N, 384, 35, 35) to the same."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = average_pool()
        self.branch_pool = ConvBNReLU(384, 96, 1)
        self.branch1x1 = ConvBNReLU(384, 96, 1)
        self.branch3x3_reduce = ConvBNReLU(384, 64, 1)
        self.branch3x3 = ConvBNReLU(64, 96, 3, padding=1)
        self.branch3x3_double_reduce = ConvBNReLU(384, 64, 1)
        self.branch3x3_double_1 = ConvBNReLU(64, 96, 3, padding=1)
        self.branch3x3_double_2 = ConvBNReLU(96, 96, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        branch_pool = self.branch_pool(self.pool(x))
        branch1x1 = self.branch1x1(x)
        branch3x3 = self.branch3x3(self.branch3x3_reduce(x))
        double = self.branch3x3_double_1(self.branch3x3_double_reduce(x))
        double = self.branch3x3_double_2(double)
        return torch.cat((branch_pool, branch1x1, branch3x3, double), dim=1)


class ReductionA(nn.Module):
    """(N, 384, 35, 35) to (N, 1024, 17, 17)."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(3, stride=2)
        self.branch3x3 = ConvBNReLU(384, 384, 3, stride=2)
        self.branch3x3_double_reduce = ConvBNReLU(384, 192, 1)
        self.branch3x3_double_1 = ConvBNReLU(192, 224, 3, padding=1)
        self.branch3x3_double_2 = ConvBNReLU(224, 256, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        pool = self.pool(x)
        branch3x3 = self.branch3x3(x)
        double = self.branch3x3_double_1(self.branch3x3_double_reduce(x))
        double = self.branch3x3_double_2(double)
        return torch.cat((pool, branch3x3, double), dim=1)


class InceptionB(nn.Module):
    """(N, 1024, 17, 17) to the same."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = average_pool()
        self.branch_pool = ConvBNReLU(1024, 128, 1)
        self.branch1x1 = ConvBNReLU(1024, 384, 1)
        self.branch7x7_reduce = ConvBNReLU(1024, 192, 1)
        self.branch7x7_1 = ConvBNReLU(192, 224, (1, 7), padding=(0, 3))
        self.branch7x7_2 = ConvBNReLU(224, 256, (7, 1), padding=(3, 0))
        self.branch7x7_double_reduce = ConvBNReLU(1024, 192, 1)
        self.branch7x7_double_1 = ConvBNReLU(192, 192, (1, 7), padding=(0, 3))
        self.branch7x7_double_2 = ConvBNReLU(192, 224, (7, 1), padding=(3, 0))
        self.branch7x7_double_3 = ConvBNReLU(224, 224, (1, 7), padding=(0, 3))
        self.branch7x7_double_4 = ConvBNReLU(224, 256, (7, 1), padding=(3, 0))

    def forward(self, x: Tensor) -> Tensor:
        branch_pool = self.branch_pool(self.pool(x))
        branch1x1 = self.branch1x1(x)
        branch7x7 = self.branch7x7_2(self.branch7x7_1(self.branch7x7_reduce(x)))
        double = self.branch7x7_double_reduce(x)
        double = self.branch7x7_double_2(self.branch7x7_double_1(double))
        double = self.branch7x7_double_4(self.branch7x7_double_3(double))
        return torch.cat((branch_pool, branch1x1, branch7x7, double), dim=1)


class ReductionB(nn.Module):
    """(N, 1024, 17, 17) to (N, 1536, 8, 8)."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(3, stride=2)
        self.branch3x3_reduce = ConvBNReLU(1024, 192, 1)
        self.branch3x3 = ConvBNReLU(192, 192, 3, stride=2)
        self.branch7x7_reduce = ConvBNReLU(1024, 256, 1)
        self.branch7x7_1 = ConvBNReLU(256, 256, (1, 7), padding=(0, 3))
        self.branch7x7_2 = ConvBNReLU(256, 320, (7, 1), padding=(3, 0))
        self.branch7x7_3 = ConvBNReLU(320, 320, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        pool = self.pool(x)
        branch3x3 = self.branch3x3(self.branch3x3_reduce(x))
        branch7x7 = self.branch7x7_2(self.branch7x7_1(self.branch7x7_reduce(x)))
        branch7x7 = self.branch7x7_3(branch7x7)
        return torch.cat((pool, branch3x3, branch7x7), dim=1)


class InceptionC(nn.Module):
    """(N, 1536, 8, 8) to the same; two branches end in a 1x3 and a 3x1 side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = average_pool()
        self.branch_pool = ConvBNReLU(1536, 256, 1)
        self.branch1x1 = ConvBNReLU(1536, 256, 1)
        self.branch3x3_reduce = ConvBNReLU(1536, 384, 1)
        self.branch3x3_wide = ConvBNReLU(384, 256, (1, 3), padding=(0, 1))
        self.branch3x3_tall = ConvBNReLU(384, 256, (3, 1), padding=(1, 0))
        self.branch3x3_double_reduce = ConvBNReLU(1536, 384, 1)
        self.branch3x3_double_1 = ConvBNReLU(384, 448, (1, 3), padding=(0, 1))
        self.branch3x3_double_2 = ConvBNReLU(448, 512, (3, 1), padding=(1, 0))
        self.branch3x3_double_wide = ConvBNReLU(512, 256, (1, 3), padding=(0, 1))
        self.branch3x3_double_tall = ConvBNReLU(512, 256, (3, 1), padding=(1, 0))

    def forward(self, x: Tensor) -> Tensor:
        branch_pool = self.branch_pool(self.pool(x))
        branch1x1 = self.branch1x1(x)
        reduced = self.branch3x3_reduce(x)
        wide = self.branch3x3_wide(reduced)
        tall = self.branch3x3_tall(reduced)
        double = self.branch3x3_double_1(self.branch3x3_double_reduce(x))
        double = self.branch3x3_double_2(double)
        double_wide = self.branch3x3_double_wide(double)
        double_tall = self.branch3x3_double_tall(double)
        return torch.cat((branch_pool, branch1x1, wide, tall, double_wide, double_tall), dim=1)


class InceptionV4(nn.Module):
    """Inception v4."""

    minimum_size: ClassVar[int] = 75

    def __init__(self, num_classes: int = 1000) -> None:
        super().__init__()
        self.stem = Stem()
        self.inception_a = stage(InceptionA() for _ in range(4))
        self.reduction_a = ReductionA()
        self.inception_b = stage(InceptionB() for _ in range(7))
        self.reduction_b = ReductionB()
        self.inception_c = stage(InceptionC() for _ in range(3))
        self.global_pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = DownscaleDropout(0.2)
        self.classifier = nn.Linear(1536, num_classes)
        initialize(self)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, H, W) to (N, num_classes), H and W at least 75."""
        check_input_size("inceptionv4", x, self.minimum_size)
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


@register("inceptionv4")
def inceptionv4(num_classes: int) -> InceptionV4:
    """Inception v4."""
    return InceptionV4(num_classes)
