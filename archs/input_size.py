"""The check that turns an impossible image size into one clear line."""

import torch
from torch import Tensor

from .errors import ArchError, InputSizeError

__all__ = ["check_input_size"]


def check_input_size(
    name: str,
    x: Tensor | torch.fx.Proxy,
    smallest: int,
    largest: int | None = None,
    cure: str = "",
) -> None:
    """Refuse an image `x` (N, C, H, W) whose sides are not within `smallest` .. `largest` pixels.

    Only `x.shape` is read, so no tensor operation is added to the network.
    """
    # While a graph is being recorded, sizes are placeholders: comparing them would leave operations
    # in the graph of torch.jit, and torch.fx could not decide.
    if isinstance(x, torch.fx.Proxy) or torch.jit.is_tracing():  # type: ignore[attr-defined,no-untyped-call]
        return
    shape = x.shape
    if len(shape) != 4:
        raise ArchError(
            f"{name} takes images of shape (batch, channels, height, width), not {tuple(shape)}"
        )
    height, width = shape[2], shape[3]
    if height < smallest or width < smallest:
        raise InputSizeError(name, (height, width), smallest, largest, cure)
    if largest is not None and (height > largest or width > largest):
        raise InputSizeError(name, (height, width), smallest, largest, cure)
