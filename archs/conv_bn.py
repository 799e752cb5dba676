"""Convolution, batch normalisation and ReLU as one unit."""

from collections import OrderedDict

from torch import nn

__all__ = ["ConvBNReLU"]


class ConvBNReLU(nn.Sequential):
    """(N, in, H, W) to (N, out, H', W'): a convolution without bias, its batch norm, a ReLU."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int = 1,
        padding: int | tuple[int, int] = 0,
        eps: float = 1e-5,
    ) -> None:
        conv = nn.Conv2d(in_channels, out_channels, kernel_size, stride, padding, bias=False)
        super().__init__(
            OrderedDict(conv=conv, bn=nn.BatchNorm2d(out_channels, eps=eps), relu=nn.ReLU())
        )
