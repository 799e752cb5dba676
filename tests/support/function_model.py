"""A model that is one function: what tests trace to see a single call."""

from collections.abc import Callable
from typing import Any

from torch import nn


class Does(nn.Module):
    """A model whose forward is a function, of these layers."""

    def __init__(self, function: Callable[..., Any], *layers: nn.Module) -> None:
        super().__init__()
        self.function = function
        self.layers = nn.ModuleList(layers)

    def forward(self, *inputs: Any) -> Any:
        return self.function(*inputs)
