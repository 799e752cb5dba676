"""Small networks, each with something that counting tools disagree about."""

from __future__ import annotations

from collections.abc import Callable

import torch
from function_model import Does
from torch import nn
from torch.nn import functional as F

IMAGE = (1, 4, 12, 12)


def shared() -> nn.Module:
    """One linear layer below two parents, called by both: true MACs 200."""
    layer = nn.Linear(10, 10)
    return nn.Sequential(nn.Sequential(layer), nn.Sequential(layer))


class Repeated(nn.Module):
    """A block that is called three times, with a functional call in it."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4))
        self.head = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for _ in range(3):
            x = F.relu(self.block(x))
        return self.head(x.mean((2, 3)))


class Functional(nn.Module):
    """Functional calls on parameters of the module's own."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.zeros(6, 4, 3, 3))
        self.matrix = nn.Parameter(torch.zeros(5, 6))
        self.offset = nn.Parameter(torch.zeros(5))
        self.scale = nn.Parameter(torch.zeros(6, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.mul(F.relu(F.conv2d(x, self.kernel)), self.scale)
        y = F.max_pool2d(y, 2) + F.avg_pool2d(F.silu(y), 2)
        y = F.adaptive_avg_pool2d(y, 1).flatten(1)
        return F.softmax(F.linear(y, self.matrix, self.offset), dim=-1)


class SelfAttention(nn.Module):
    """Attention by hand, with operators, methods and functions in turn."""

    def __init__(self, product: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.norm = nn.LayerNorm(8)
        self.product = product

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        query, key, value = self.qkv(self.norm(x)).chunk(3, dim=-1)
        scores = self.product(query, key.transpose(-2, -1)) * 8**-0.5
        return x + self.product(scores.softmax(-1), value)


class Cells(nn.Module):
    """Recurrent cells, a step each."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.gru, self.rnn = nn.LSTMCell(6, 8), nn.GRUCell(6, 8), nn.RNNCell(6, 8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden, _ = self.lstm(x)
        return self.gru(x, hidden) + self.rnn(x, hidden)


def conv_kinds() -> nn.Module:
    """Depthwise, grouped, dilated, strided, even "same" padding, with and without bias."""
    return nn.Sequential(
        nn.Conv2d(4, 8, 3, stride=2, padding=1),
        nn.Conv2d(8, 8, 3, groups=8, bias=False),
        nn.Conv2d(8, 16, (3, 1), groups=4, dilation=2, padding=2),
        nn.Conv2d(16, 4, 2, padding="same"),
    )


def attention(x: torch.Tensor) -> torch.Tensor:
    return F.scaled_dot_product_attention(x, x, x)


def products(x: torch.Tensor) -> torch.Tensor:
    square = x[0]
    y = torch.mm(square, square) + square.mm(square)
    y = torch.addmm(y, square, square) + y.addmm(square, square)
    y = torch.bmm(y[None], y[None]).bmm(y[None])
    return torch.baddbmm(y, y, y)


def sums(x: torch.Tensor) -> torch.Tensor:
    y = torch.add(x, x).add(x).add(2)
    y = torch.mul(y, x).mul(x) + x
    return torch.add(y * 2, torch.ones(4, 1, 1, device=x.device))


def parametrised(model: nn.Module) -> nn.Module:
    """The same model, with a parameter that nothing uses: some tools ask for the first one."""
    if next(model.parameters(), None) is None:
        model.register_parameter("unused", nn.Parameter(torch.zeros(3)))
    return model


#: Name → how to build it, and the shape of its input.
QUIRKS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "convolutions": (conv_kinds, IMAGE),
    "convolutions, batch 3": (conv_kinds, (3, *IMAGE[1:])),
    "one and three dimensions": (
        lambda: nn.Sequential(nn.Conv1d(4, 6, 3), nn.BatchNorm1d(6), nn.AvgPool1d(2)),
        (2, 4, 9),
    ),
    "volumes": (
        lambda: nn.Sequential(
            nn.Conv3d(2, 4, 3, bias=False), nn.BatchNorm3d(4), nn.AdaptiveAvgPool3d(2)
        ),
        (1, 2, 6, 6, 6),
    ),
    "transposed": (
        lambda: nn.Sequential(
            nn.ConvTranspose2d(4, 6, 3, stride=2, bias=False), nn.ConvTranspose2d(6, 4, 2)
        ),
        IMAGE,
    ),
    "transposed, grouped": (
        lambda: nn.Sequential(nn.ConvTranspose2d(4, 8, 3, stride=2, groups=2, padding=1)),
        IMAGE,
    ),
    "batch norms": (
        lambda: nn.Sequential(
            nn.BatchNorm2d(4), nn.BatchNorm2d(4, affine=False), nn.InstanceNorm2d(4, affine=True)
        ),
        IMAGE,
    ),
    "other norms": (
        lambda: nn.Sequential(
            nn.LayerNorm((12, 12)),
            nn.LayerNorm(12, elementwise_affine=False),
            nn.GroupNorm(2, 4),
            nn.GroupNorm(2, 4, affine=False),
        ),
        IMAGE,
    ),
    "activations": (
        lambda: nn.Sequential(
            nn.ReLU(), nn.ReLU6(), nn.LeakyReLU(), nn.ELU(), nn.PReLU(), nn.GELU(), nn.SiLU(),
            nn.Sigmoid(), nn.Hardswish(), nn.ReLU(inplace=True),
        ),
        IMAGE,
    ),
    "pools": (
        lambda: nn.Sequential(
            nn.MaxPool2d(2, ceil_mode=True), nn.AvgPool2d(3, 1, 1), nn.AdaptiveAvgPool2d(4),
            nn.AdaptiveMaxPool2d(3), nn.AdaptiveAvgPool2d(1),
        ),
        IMAGE,
    ),
    "pools whose sides do not divide": (lambda: nn.Sequential(nn.AdaptiveAvgPool2d((5, 7))), IMAGE),
    "linear layers": (
        lambda: nn.Sequential(nn.Linear(12, 7), nn.Linear(7, 5, bias=False), nn.Softmax(dim=-1)),
        IMAGE,
    ),
    "a linear layer alone": (lambda: nn.Linear(6, 3), (2, 6)),
    "upsampling": (
        lambda: nn.Sequential(
            nn.Upsample(scale_factor=2), nn.Upsample(scale_factor=2, mode="bilinear"),
            nn.Upsample(size=(50, 52)), nn.Upsample(size=20, mode="bicubic"),
        ),
        IMAGE,
    ),
    "functional": (Functional, IMAGE),
    "repeated": (Repeated, IMAGE),
    "shared": (shared, (1, 10)),
    "attention by operators": (lambda: SelfAttention(lambda a, b: a @ b), (1, 5, 8)),
    "attention by functions": (lambda: SelfAttention(lambda a, b: torch.matmul(a, b)), (1, 5, 8)),
    "attention by bmm": (lambda: SelfAttention(lambda a, b: a.bmm(b)), (1, 5, 8)),
    "fused attention": (lambda: Does(attention), (1, 2, 5, 8)),
    "matrix products": (lambda: Does(products), (1, 6, 6)),
    "a reflected product": (
        lambda: Does(lambda x: nn.functional.relu(x).__rmatmul__(x[:, :3])), (1, 6, 6),
    ),
    "power pools": (lambda: nn.Sequential(nn.Conv2d(4, 4, 1), nn.LPPool2d(2, 2)), IMAGE),
    "a power pool that overlaps": (
        lambda: nn.Sequential(nn.Conv1d(4, 4, 1), nn.LPPool1d(3, 3, stride=2)), (1, 4, 9),
    ),
    "sums and products": (lambda: Does(sums), (1, 4, 3, 3)),
    "einsum": (lambda: Does(lambda x: torch.einsum("bij,bjk->bik", x, x)), (2, 5, 5)),
    "einsum of attention": (
        lambda: Does(
            lambda x: torch.einsum("bhqd, bhkd -> bhqk", x, torch.einsum("bhqk,bhkd->bhqd", x, x))
        ),
        (2, 3, 17, 17),
    ),
    "einsum that is counted exactly": (
        lambda: Does(lambda x: torch.einsum("abc,abd->acd", x, x)), (2, 57, 57),
    ),
    "a matrix and a vector": (lambda: Does(lambda x: x @ x[0, 0]), (1, 5, 5)),
    "a vector and a matrix": (lambda: Does(lambda x: x[0, 0].matmul(x[0])), (1, 5, 5)),
    "recurrent": (lambda: nn.LSTM(6, 8, num_layers=2, batch_first=True), (1, 7, 6)),
    "gated, both ways": (lambda: nn.GRU(6, 8, bidirectional=True, batch_first=True), (1, 7, 6)),
    "plain recurrent, no bias": (lambda: nn.RNN(6, 8, bias=False, batch_first=True), (1, 7, 6)),
    "recurrent cells": (
        Cells, (2, 6),
    ),
    "dropout and reshapes": (
        lambda: nn.Sequential(nn.Dropout(0.5), nn.Flatten(), nn.Identity(), nn.Linear(576, 2)),
        IMAGE,
    ),
}  # fmt: skip


def keywords(x: torch.Tensor) -> torch.Tensor:
    square = x[0]
    y = torch.addmm(input=square, mat1=square, mat2=square)
    return torch.bmm(torch.mm(y, mat2=y)[None], mat2=x)


def inner_products(x: torch.Tensor) -> torch.Tensor:
    return torch.inner(x[0], x[0]) + torch.addbmm(x[0], x, x)


def resized(x: torch.Tensor) -> torch.Tensor:
    y = F.interpolate(x, size=20, mode="area") * 2
    y = F.interpolate(y, scale_factor=(2, 1)) + 1
    return F.interpolate(y, size=(7, 9), mode="bicubic")


def encoder(batch_first: bool) -> nn.Module:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=batch_first)
    return nn.Sequential(layer)


class Attending(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.attention(x, x, x)[0]


class Channels(nn.Module):
    """A linear layer on channels that were moved to the end, as in vision transformers."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x.permute(0, 2, 3, 1))


class Scaled(nn.Module):
    """A leaf with a parameter, whose forward only looks at its input from another side."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(7))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.transpose(-2, -1)


#: Where some tool does what no trace can tell: an emulation agrees, or says that it has no rule.
ODD: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "products by keyword": (lambda: Does(keywords), (1, 5, 5)),
    "inner products": (lambda: Does(inner_products), (2, 5, 5)),
    "an image without batch": (lambda: nn.Sequential(nn.Conv2d(4, 8, 3)), (4, 12, 12)),
    "transposed without batch": (lambda: nn.Sequential(nn.ConvTranspose2d(4, 6, 3)), (4, 12, 12)),
    "upsampling a batch": (lambda: nn.Sequential(nn.Upsample(scale_factor=2)), (2, 4, 12, 12)),
    "pool with indices": (
        lambda: Does(lambda x: F.max_pool2d(x, 2, return_indices=True)[0] * 2), IMAGE,
    ),
    "resized in many ways": (lambda: Does(resized), (2, 4, 12, 12)),
    "upsample": (lambda: Does(lambda x: F.interpolate(x, scale_factor=2.0)), (2, 4, 12, 12)),
    "other pools": (
        lambda: nn.Sequential(nn.LPPool2d(2, 2), nn.LocalResponseNorm(2)), IMAGE,
    ),
    "multi-head attention": (Attending, (2, 5, 8)),
    "an encoder layer": (lambda: encoder(False), (2, 5, 8)),
    "an encoder layer, batch first": (lambda: encoder(True), (2, 5, 8)),
    "linear on permuted channels": (Channels, IMAGE),
    "linear on a vector": (lambda: nn.Sequential(nn.Linear(5, 4)), (5,)),
    "bilinear": (lambda: Does(lambda x: F.bilinear(x, x, torch.zeros(3, 5, 5))), (2, 5)),
    "a broadcast product": (lambda: Does(lambda x: x[:, :1] @ x), (2, 3, 5, 5)),
    "tensordot": (lambda: Does(lambda x: torch.tensordot(x, x, 1)), (5, 5)),
    "einsum of one": (lambda: Does(lambda x: torch.einsum("bij->bji", x) * 1), (17, 17, 17)),
    "einsum of three": (
        lambda: Does(lambda x: torch.einsum("ij,jk,kl->il", x, x, x)), (9, 9),
    ),
    "attention without heads": (lambda: Does(attention), (2, 5, 8)),
    "attention to other values": (
        lambda: Does(lambda x: F.scaled_dot_product_attention(x, x, x[..., :3])), (1, 2, 5, 8),
    ),
    "recurrent, batch first": (lambda: nn.Sequential(nn.GRU(6, 8, batch_first=True)), (4, 3, 6)),
    "recurrent, projected": (lambda: nn.Sequential(nn.LSTM(6, 8, proj_size=3)), (3, 5, 6)),
    "recurrent, without batch": (lambda: nn.Sequential(nn.LSTM(6, 8)), (5, 6)),
    "a leaf of views": (lambda: nn.Sequential(Scaled()), (2, 3, 4)),
    "weight norm": (
        lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 6, 3))), IMAGE,
    ),
}  # fmt: skip
