"""First weights."""

from typing import Literal

from torch import nn

__all__ = ["initialize"]

CLASSIFIER_STD = 0.01


def initialize(net: nn.Module, nonlinearity: Literal["relu", "linear"] = "relu") -> None:
    """Give `net` weights to start training from: activations keep their scale, scores start small.

    Convolutions follow "Delving Deep into Rectifiers" (arXiv:1502.01852) over their fan-in, which
    for a grouped convolution is that of one group; `nonlinearity` says whether to make up for a
    ReLU behind each. Batch norms start as PyTorch makes them.
    """
    for module in net.modules():
        # On the meta device there are no values to set.
        if isinstance(module, nn.Conv2d | nn.Linear) and not module.weight.is_meta:
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity=nonlinearity)
            else:
                nn.init.normal_(module.weight, std=CLASSIFIER_STD)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
