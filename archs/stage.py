"""A row of blocks of one kind."""

from collections.abc import Iterable

from torch import nn

__all__ = ["stage"]


def stage(blocks: Iterable[nn.Module]) -> nn.Sequential:
    """The blocks one after the other, named block1, block2, ..."""
    row = nn.Sequential()
    for number, block in enumerate(blocks, start=1):
        row.add_module(f"block{number}", block)
    return row
