"""Shape rules for operands that are views: permuted, narrowed or expanded."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_agreement import assert_agrees, meta
from torch.nn import functional as F

SETTINGS = settings(max_examples=60)


def laid_out(data, shape):
    """A tensor of that shape that may be a view of another: permuted, narrowed or expanded."""
    order = data.draw(st.permutations(range(len(shape))))
    tensor = meta(*[shape[at] for at in order]).permute(
        [order.index(at) for at in range(len(order))]
    )
    how = data.draw(st.sampled_from(["permuted", "permuted", "narrowed", "expanded", "plain"]))
    if how == "plain" or not shape:
        return tensor.contiguous()
    if how == "narrowed":
        wide = meta(*[size + 1 for size in shape])
        return wide[tuple(slice(size) for size in shape)]
    if how == "expanded":
        return tensor[tuple(slice(0, 1) for _ in shape)].expand(shape)
    return tensor


LAYOUT_FUNCTIONS = {
    "gelu": lambda x, y: (F.gelu, x),
    "relu_": lambda x, y: (torch.Tensor.relu_, x),
    "exp": lambda x, y: (torch.exp, x),
    "clamp": lambda x, y: (torch.clamp, x, -1.0, 1),
    "clamp to a tensor": lambda x, y: (torch.clamp, x, x),
    "pow": lambda x, y: (torch.pow, x, 0.5),
    "pow of a tensor": lambda x, y: (torch.pow, x, y),
    "add": lambda x, y: (torch.add, x, y),
    "add_": lambda x, y: (torch.Tensor.add_, x, y),
    "mul by a number": lambda x, y: (torch.mul, x, 2),
    "softmax": lambda x, y: (F.softmax, x, -1),
    "mean": lambda x, y: (torch.mean, x, 0, True),
    "sum": lambda x, y: (torch.sum, x, (-1,)),
    "sum of all": lambda x, y: (torch.sum, x),
    "layer_norm": lambda x, y: (F.layer_norm, x, x.shape[-1:], meta(x.shape[-1]), None),
    "linear": lambda x, y: (F.linear, x, meta(5, x.shape[-1]), meta(5)),
    "linear without bias": lambda x, y: (F.linear, x, meta(5, x.shape[-1])),
    "matmul": lambda x, y: (torch.matmul, x, y.transpose(-2, -1) if y.dim() > 1 else y),
    "bmm": lambda x, y: (torch.bmm, x, y.transpose(-2, -1) if y.dim() > 1 else y),
    "cat": lambda x, y: (torch.cat, [x, y], -1),
    "roll": lambda x, y: (torch.roll, x, 1, 0),
    "pad": lambda x, y: (F.pad, x, (1, 0)),
    "group_norm": lambda x, y: (F.group_norm, x, 1),
    "conv1d": lambda x, y: (F.conv1d, x, meta(2, x.shape[-2] if x.dim() > 1 else 1, 1)),
    "conv2d": lambda x, y: (F.conv2d, x, meta(2, x.shape[-3] if x.dim() > 2 else 1, 1, 1)),
    "conv_transpose2d": lambda x, y: (
        F.conv_transpose2d, x, meta(x.shape[-3] if x.dim() > 2 else 1, 2, 2, 2),
    ),
    "batch_norm": lambda x, y: (F.batch_norm, x, None, None, None, None, True),
    "batch_norm at inference": lambda x, y: (
        F.batch_norm, x, *[meta(x.shape[1] if x.dim() > 1 else 1) for _ in range(4)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUT_FUNCTIONS)
@SETTINGS
@given(st.data())
def test_however_the_operands_lie_in_memory(name, data):
    shape = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    other = [data.draw(st.sampled_from([size, size, size, 1])) for size in shape]
    other = other[data.draw(st.integers(0, 1)) :] or other
    assert_agrees(*LAYOUT_FUNCTIONS[name](laid_out(data, shape), laid_out(data, other)))
