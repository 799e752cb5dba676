"""GoogLeNet.

Paper: "Going Deeper with Convolutions", https://arxiv.org/abs/1409.4842

What differs from the paper, as in the published network of the series:
- no local response normalisation, and convolutions have no bias and no ReLU of their own: one ReLU
  follows the concatenation of a block's branches;
- pooling windows with stride 2 are unpadded and rounded down, so a 224 pixel image becomes 55, 27,
  13 and 6 pixels wide (the paper: 56, 28, 14, 7);
- only the first auxiliary head has a ReLU after its first linear layer;
- dropout scales down in eval mode.
"""

from collections import OrderedDict
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .dropout import DownscaleDropout
from .initialization import initialize
from .input_size import check_input_size
from .registry import register

__all__ = ["GoogLeNet"]


def conv(
    in_channels: int, out_channels: int, kernel_size: int, stride: int = 1, padding: int = 0
) -> nn.Conv2d:
    """A convolution without bias."""
    return nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, bias=False)


class Stem(nn.Sequential):
    """(N, 3, 224, 224) to (N, 192, 27, 27)."""

    def __init__(self) -> None:
        super().__init__(
            OrderedDict(
                conv1=conv(3, 64, 7, stride=2, padding=3),
                pool1=nn.MaxPool2d(3, stride=2),
                conv2=conv(64, 64, 1),
                conv3=conv(64, 192, 3, padding=1),
                pool2=nn.MaxPool2d(3, stride=2),
            )
        )


class Widths(NamedTuple):
    """Output channels of an inception block's convolutions: a row of the paper's table 1."""

    branch1x1: int
    branch3x3_reduce: int
    branch3x3: int
    branch5x5_reduce: int
    branch5x5: int
    branch_pool: int

    @property
    def total(self) -> int:
        """Channels of the block's output."""
        return self.branch1x1 + self.branch3x3 + self.branch5x5 + self.branch_pool


class InceptionBlock(nn.Module):
    """(N, in, H, W) to (N, widths.total, H, W): four branches side by side, then one ReLU."""

    def __init__(self, in_channels: int, widths: Widths) -> None:
        super().__init__()
        self.branch1x1 = conv(in_channels, widths.branch1x1, 1)
        self.branch3x3_reduce = conv(in_channels, widths.branch3x3_reduce, 1)
        self.branch3x3 = conv(widths.branch3x3_reduce, widths.branch3x3, 3, padding=1)
        self.branch5x5_reduce = conv(in_channels, widths.branch5x5_reduce, 1)
        self.branch5x5 = conv(widths.branch5x5_reduce, widths.branch5x5, 5, padding=2)
        self.pool = nn.MaxPool2d(3, stride=1, padding=1)
        self.branch_pool = conv(in_channels, widths.branch_pool, 1)

    def forward(self, x: Tensor) -> Tensor:
        branch1x1 = self.branch1x1(x)
        branch3x3 = self.branch3x3(self.branch3x3_reduce(x))
        branch5x5 = self.branch5x5(self.branch5x5_reduce(x))
        branch_pool = self.branch_pool(self.pool(x))
        return F.relu(torch.cat((branch1x1, branch3x3, branch5x5, branch_pool), dim=1))


class AuxiliaryHead(nn.Module):
    """(N, in, 13, 13) to (N, num_classes)."""

    def __init__(self, in_channels: int, num_classes: int, *, relu: bool) -> None:
        super().__init__()
        self.relu = relu
        self.pool = nn.AvgPool2d(5, stride=3)
        self.conv = conv(in_channels, 128, 1)
        self.linear = nn.Linear(128 * 3 * 3, 1024)
        self.dropout = DownscaleDropout(0.7)
        self.classifier = nn.Linear(1024, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(x)
        x = self.conv(x)
        x = torch.flatten(x, 1)
        x = self.linear(x)
        if self.relu:
            x = F.relu(x)
        x = self.dropout(x)
        scores: Tensor = self.classifier(x)
        return scores


class GoogLeNet(nn.Module):
    """GoogLeNet, with or without the two heads that help to train it."""

    minimum_size: ClassVar[int] = 61
    # The heads' 5x5/3 pooling must give 3x3, so it must get 11 to 13; four halvings before that.
    heads_minimum_size: ClassVar[int] = 189
    heads_maximum_size: ClassVar[int] = 236

    def __init__(self, num_classes: int = 1000, *, auxiliary_heads: bool = False) -> None:
        super().__init__()
        self.auxiliary_heads = auxiliary_heads
        self.stem = Stem()
        self.inception3a = InceptionBlock(192, Widths(64, 96, 128, 16, 32, 32))
        self.inception3b = InceptionBlock(256, Widths(128, 128, 192, 32, 96, 64))
        self.pool3 = nn.MaxPool2d(3, stride=2)
        self.inception4a = InceptionBlock(480, Widths(192, 96, 208, 16, 48, 64))
        self.inception4b = InceptionBlock(512, Widths(160, 112, 224, 24, 64, 64))
        self.inception4c = InceptionBlock(512, Widths(128, 128, 256, 24, 64, 64))
        self.inception4d = InceptionBlock(512, Widths(112, 144, 288, 32, 64, 64))
        self.inception4e = InceptionBlock(528, Widths(256, 160, 320, 32, 128, 128))
        self.pool4 = nn.MaxPool2d(3, stride=2)
        self.inception5a = InceptionBlock(832, Widths(256, 160, 320, 32, 128, 128))
        self.inception5b = InceptionBlock(832, Widths(384, 192, 384, 48, 128, 128))
        self.global_pool = nn.AdaptiveAvgPool2d(1)
        self.dropout = DownscaleDropout(0.4)
        self.classifier = nn.Linear(1024, num_classes)
        if auxiliary_heads:
            # After the classifier, where they are computed: weights are carried over by position.
            self.head1 = AuxiliaryHead(512, num_classes, relu=True)
            self.head2 = AuxiliaryHead(528, num_classes, relu=False)
        # Over a third of the convolutions have no ReLU behind them: with the gain that makes up for
        # one, activations would grow from block to block.
        initialize(self, nonlinearity="linear")

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        """(N, 3, H, W) to (N, num_classes), H and W at least 61.

        With `auxiliary_heads`, a tuple of three such: the classifier's, the first head's (after
        block 4a), the second head's (after block 4d). Their linear layers fit H and W from 189 to
        236 only.
        """
        if self.auxiliary_heads:
            check_input_size(
                "googlenet with auxiliary heads",
                x,
                self.heads_minimum_size,
                self.heads_maximum_size,
                cure="the deploy graph, which has no such heads, takes larger ones",
            )
        else:
            check_input_size("googlenet", x, self.minimum_size)
        x = self.stem(x)
        x = self.inception3a(x)
        x = self.inception3b(x)
        x = self.pool3(x)
        x = after_4a = self.inception4a(x)
        x = self.inception4b(x)
        x = self.inception4c(x)
        x = after_4d = self.inception4d(x)
        x = self.inception4e(x)
        x = self.pool4(x)
        x = self.inception5a(x)
        x = self.inception5b(x)
        x = self.global_pool(x)
        x = self.dropout(x)
        x = torch.flatten(x, 1)
        x = self.classifier(x)
        if self.auxiliary_heads:
            return x, self.head1(after_4a), self.head2(after_4d)
        return x


@register("googlenet")
def googlenet(num_classes: int) -> GoogLeNet:
    """The network that is deployed: one output."""
    return GoogLeNet(num_classes)


@register("googlenet", variant="train")
def googlenet_train(num_classes: int) -> GoogLeNet:
    """The network that is trained: three outputs."""
    return GoogLeNet(num_classes, auxiliary_heads=True)
