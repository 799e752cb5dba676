"""What the formula tests share: a model that is one function."""

from collections.abc import Callable
from typing import Any

import pytest
from torch import nn

import profiler
from profiler.records import Counts, Shape


class Does(nn.Module):
    """A model whose forward is a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Any) -> Any:
        return self.function(*inputs)


@pytest.fixture
def cost() -> Callable[..., Counts]:
    """Counts of a module or a function on inputs of these shapes."""

    def count(what: Any, convention: str, *inputs: Shape) -> Counts:
        model = what if isinstance(what, nn.Module) else Does(what)
        return profiler.count(profiler.trace(model, inputs), convention)

    return count
