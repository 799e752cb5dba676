"""Dropout of the kind that the published networks were trained with."""

from typing import ClassVar

import torch
from torch import Tensor, nn

__all__ = ["DownscaleDropout"]


class DownscaleDropout(nn.Module):
    """Dropout that scales down at inference instead of up in training.

    In training an element is zeroed with probability `p` and left as it is otherwise; in eval mode
    every element is multiplied by `1 - p`. The expectation is the same in both, as in "Dropout: A
    Simple Way to Prevent Neural Networks from Overfitting" (JMLR 15, 2014). `torch.nn.Dropout` is
    the inverted kind, and with it weights trained this way give outputs that are too large.
    """

    op_kind: ClassVar[str] = "dropout"
    """The name for a tracer of the multiplication in eval mode."""

    def __init__(self, p: float) -> None:
        super().__init__()
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"a dropout probability is between 0 and 1, not {p!r}")
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same shape."""
        if self.training:
            return x * torch.empty_like(x).bernoulli_(1.0 - self.p)
        return x * (1.0 - self.p)

    def extra_repr(self) -> str:
        """Text for `print(model)`."""
        return f"p={self.p}"
