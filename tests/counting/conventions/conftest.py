"""What the formula tests share: counts of one module or function."""

from collections.abc import Callable
from typing import Any

import pytest
from function_model import Does
from torch import nn

import profiler
from profiler.records import Counts, Shape


@pytest.fixture
def cost() -> Callable[..., Counts]:
    """Counts of a module or a function on inputs of these shapes."""

    def count(what: Any, convention: str, *inputs: Shape) -> Counts:
        model = what if isinstance(what, nn.Module) else Does(what)
        return profiler.count(profiler.trace(model, inputs), convention)

    return count
