"""Small networks of every trait that counting tools see in their own ways; each takes one input.

Beside those of ``quirky_networks``: attention modules and transformers, frozen or not, recurrent
layers of every option, products and norms by every name, parameters as operands, branches that
nothing uses, pruned weights, functions of autograd.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch
from function_model import Does
from quirky_networks import IMAGE, ODD, QUIRKS
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import prune
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from torch.utils.checkpoint import checkpoint

Built = tuple[Callable[[], nn.Module], tuple[int, ...]]
#: Batch, length and width of what attention is tried on.
TOKENS = (2, 5, 16)


class Calls(nn.Module):
    """A network that is one function of its layers and its input."""

    def __init__(self, function: Callable[..., Any], **layers: Any) -> None:
        super().__init__()
        self.function = function
        for name, layer in layers.items():
            setattr(self, name, layer)

    def forward(self, x: torch.Tensor) -> Any:
        return self.function(self, x)


def parameter(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.zeros(shape))


def frozen(model: nn.Module) -> nn.Module:
    return model.requires_grad_(False)


# --- attention --------------------------------------------------------------------------------


class SelfAttending(nn.Module):
    """Multi-head attention of a sequence to itself."""

    def __init__(self, *, given: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(
            16, options.pop("heads", 4), **{"batch_first": True, **options}
        )
        self.given = dict(given or {})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        given = {name: make(x) if callable(make) else make for name, make in self.given.items()}
        return self.attention(x, x, x, **given)[0]


class CrossAttending(nn.Module):
    """Multi-head attention of a sequence to another, which may have widths of its own."""

    def __init__(
        self, kdim: int = 16, vdim: int = 16, *, same: bool = False, **options: Any
    ) -> None:
        super().__init__()
        widths = {} if kdim == vdim == 16 else {"kdim": kdim, "vdim": vdim}
        self.attention = nn.MultiheadAttention(16, 4, **{"batch_first": True, **widths, **options})
        self.sides = kdim, vdim
        self.same = same

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        memory = torch.cat([x, x], 1 if self.attention.batch_first else 0)
        key = memory[..., : self.sides[0]]
        value = key if self.same else memory[..., : self.sides[1]]
        return self.attention(x, key, value)[0]


def causal(x: torch.Tensor) -> torch.Tensor:
    return torch.full((5, 5), -1e9, device=x.device).triu(1)


def hidden_keys(x: torch.Tensor) -> torch.Tensor:
    return torch.zeros(2, 5, dtype=torch.bool, device=x.device)


def encoder_layer(**options: Any) -> nn.Module:
    return nn.TransformerEncoderLayer(16, 4, 24, **{"batch_first": True, **options})


def encoder(layers: int = 2, norm: bool = False, **options: Any) -> nn.Module:
    last = nn.LayerNorm(16) if norm else None
    return nn.TransformerEncoder(
        encoder_layer(**options), layers, norm=last, enable_nested_tensor=False
    )


class Decoding(nn.Module):
    """A decoder that attends to its own input."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        layer = nn.TransformerDecoderLayer(16, 4, 24, **{"batch_first": True, **options})
        self.decoder = nn.TransformerDecoder(layer, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.decoder(x, torch.cat([x, x], 1 if x.shape[0] == 2 else 0))


class VisionTransformer(nn.Module):
    """A vision transformer as torchvision writes it: one class token, blocks that norm first."""

    class Block(nn.Module):
        def __init__(self, width: int, heads: int, hidden: int, *, dropout: float) -> None:
            super().__init__()
            self.ln_1 = nn.LayerNorm(width, eps=1e-6)
            self.self_attention = nn.MultiheadAttention(
                width, heads, dropout=dropout, batch_first=True
            )
            self.dropout = nn.Dropout(dropout)
            self.ln_2 = nn.LayerNorm(width, eps=1e-6)
            self.mlp = nn.Sequential(
                nn.Linear(width, hidden), nn.GELU(), nn.Dropout(dropout),
                nn.Linear(hidden, width), nn.Dropout(dropout),
            )  # fmt: skip

        def forward(self, given: torch.Tensor) -> torch.Tensor:
            x = self.ln_1(given)
            x, _ = self.self_attention(x, x, x, need_weights=False)
            x = self.dropout(x) + given
            return x + self.mlp(self.ln_2(x))

    def __init__(
        self,
        image: int = 32,
        patch: int = 8,
        layers: int = 2,
        heads: int = 4,
        width: int = 16,
        hidden: int = 32,
        classes: int = 10,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.width = width
        self.conv_proj = nn.Conv2d(3, width, patch, stride=patch)
        self.class_token = parameter(1, 1, width)
        self.pos_embedding = parameter(1, (image // patch) ** 2 + 1, width)
        self.layers = nn.Sequential(
            *(self.Block(width, heads, hidden, dropout=dropout) for _ in range(layers))
        )
        self.ln = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv_proj(x).reshape(x.shape[0], self.width, -1).permute(0, 2, 1)
        x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], dim=1)
        x = self.ln(self.layers(x + self.pos_embedding))
        return self.head(x[:, 0])


def vit_b_16() -> nn.Module:
    """The published network of that name."""
    return VisionTransformer(224, 16, 12, 12, 768, 3072, 1000)


ATTENTION: dict[str, Built] = {
    "attention, sequence first": (lambda: SelfAttending(batch_first=False), TOKENS),
    "attention, batch first": (SelfAttending, TOKENS),
    "attention, square": (SelfAttending, (5, 5, 16)),
    "attention, square, sequence first": (lambda: SelfAttending(batch_first=False), (5, 5, 16)),
    "attention, batch of one": (SelfAttending, (1, 5, 16)),
    "attention, no bias": (lambda: SelfAttending(bias=False), TOKENS),
    "attention, no weights wanted": (lambda: SelfAttending(given={"need_weights": False}), TOKENS),
    "attention, no weights wanted, sequence first": (
        lambda: SelfAttending(given={"need_weights": False}, batch_first=False),
        TOKENS,
    ),
    "attention, weights of each head": (
        lambda: SelfAttending(given={"average_attn_weights": False}),
        TOKENS,
    ),
    "attention, causal": (lambda: SelfAttending(given={"attn_mask": causal}), TOKENS),
    "attention, causal, no weights wanted": (
        lambda: SelfAttending(given={"attn_mask": causal, "need_weights": False}),
        TOKENS,
    ),
    "attention, causal by hint": (
        lambda: SelfAttending(
            given={"attn_mask": causal, "need_weights": False, "is_causal": True}
        ),
        TOKENS,
    ),
    "attention, keys hidden": (
        lambda: SelfAttending(given={"key_padding_mask": hidden_keys}),
        TOKENS,
    ),
    "attention, keys hidden, no weights wanted": (
        lambda: SelfAttending(given={"key_padding_mask": hidden_keys, "need_weights": False}),
        TOKENS,
    ),
    "attention, dropout": (lambda: SelfAttending(dropout=0.1), TOKENS),
    "attention, bias of keys": (lambda: SelfAttending(add_bias_kv=True), TOKENS),
    "attention, a zero key": (lambda: SelfAttending(add_zero_attn=True), TOKENS),
    "attention, one head": (lambda: SelfAttending(heads=1), TOKENS),
    "attention, without batch": (SelfAttending, TOKENS[1:]),
    "attention to others": (CrossAttending, TOKENS),
    "attention to others, sequence first": (lambda: CrossAttending(batch_first=False), TOKENS),
    "attention to a memory": (lambda: CrossAttending(same=True), TOKENS),
    "attention to a memory, no bias": (lambda: CrossAttending(same=True, bias=False), TOKENS),
    "attention to narrower keys": (lambda: CrossAttending(8, 12), TOKENS),
    "attention to narrower keys, no bias": (lambda: CrossAttending(8, 12, bias=False), TOKENS),
    "attention to narrower keys, sequence first": (
        lambda: CrossAttending(8, 12, batch_first=False),
        TOKENS,
    ),
    "attention, frozen": (lambda: frozen(SelfAttending()), TOKENS),
    "attention, frozen, no weights wanted": (
        lambda: frozen(SelfAttending(given={"need_weights": False})),
        TOKENS,
    ),
    "attention, frozen, sequence first": (
        lambda: frozen(SelfAttending(batch_first=False)),
        TOKENS,
    ),
    "attention, frozen, no bias": (lambda: frozen(SelfAttending(bias=False)), TOKENS),
    "attention, frozen, one head": (lambda: frozen(SelfAttending(heads=1)), TOKENS),
    "attention, frozen, causal": (
        lambda: frozen(SelfAttending(given={"attn_mask": causal})),
        TOKENS,
    ),
    "attention, frozen, keys hidden": (
        lambda: frozen(SelfAttending(given={"key_padding_mask": hidden_keys})),
        TOKENS,
    ),
    "attention, frozen, bias of keys": (lambda: frozen(SelfAttending(add_bias_kv=True)), TOKENS),
    "attention, frozen, a zero key": (lambda: frozen(SelfAttending(add_zero_attn=True)), TOKENS),
    "attention, frozen, to others": (lambda: frozen(CrossAttending()), TOKENS),
    "attention, frozen, without batch": (lambda: frozen(SelfAttending()), TOKENS[1:]),
    "attention, frozen, behind a trainable layer": (
        lambda: nn.Sequential(nn.Linear(16, 16), frozen(SelfAttending())),
        TOKENS,
    ),
    "attention, frozen, before a trainable layer": (
        lambda: nn.Sequential(frozen(SelfAttending()), nn.Linear(16, 16)),
        TOKENS,
    ),
    "attention, its bias trained alone": (
        lambda: Calls(
            lambda net, x: net.a(x),
            a=frozen(SelfAttending()),
        ),
        TOKENS,
    ),
    "attention, below no_grad": (
        lambda: Calls(lambda net, x: torch.no_grad()(net.a)(x), a=SelfAttending()),
        TOKENS,
    ),
    "attention, two of one module": (
        lambda: Calls(lambda net, x: net.a(net.a(x)), a=SelfAttending()),
        TOKENS,
    ),
    "attention, as the model itself": (
        lambda: Calls(lambda net, x: net.a(x, x, x), a=nn.MultiheadAttention(16, 2)),
        TOKENS,
    ),
    "encoder layer": (encoder_layer, TOKENS),
    "encoder layer, sequence first": (lambda: encoder_layer(batch_first=False), TOKENS),
    "encoder layer, norm first": (lambda: encoder_layer(norm_first=True), TOKENS),
    "encoder layer, gelu": (lambda: encoder_layer(activation="gelu"), TOKENS),
    "encoder layer, silu": (lambda: encoder_layer(activation=F.silu), TOKENS),
    "encoder layer, no bias": (lambda: encoder_layer(bias=False), TOKENS),
    "encoder layer, frozen": (lambda: frozen(encoder_layer()), TOKENS),
    "encoder layer, frozen, in a sequence": (
        lambda: nn.Sequential(frozen(encoder_layer()), nn.Linear(16, 3)),
        TOKENS,
    ),
    "encoder layer, frozen, two down": (
        lambda: nn.Sequential(nn.Sequential(frozen(encoder_layer())), nn.Linear(16, 3)),
        TOKENS,
    ),
    "encoder layer, frozen, two down, silu": (
        lambda: nn.Sequential(nn.Sequential(frozen(encoder_layer(activation=F.silu)))),
        TOKENS,
    ),
    "encoder layer, frozen, two down, no bias": (
        lambda: nn.Sequential(nn.Sequential(frozen(encoder_layer(bias=False)))),
        TOKENS,
    ),
    "encoder layer, frozen, two down, sequence first": (
        lambda: nn.Sequential(nn.Sequential(frozen(encoder_layer(batch_first=False)))),
        TOKENS,
    ),
    "encoder layer, frozen, without batch": (
        lambda: nn.Sequential(nn.Sequential(frozen(encoder_layer()))),
        TOKENS[1:],
    ),
    "encoder": (encoder, TOKENS),
    "encoder, norm at the end": (lambda: encoder(norm=True), TOKENS),
    "encoder, frozen": (lambda: frozen(encoder()), TOKENS),
    "encoder, frozen, norm first": (lambda: frozen(encoder(norm_first=True)), TOKENS),
    "encoder, frozen, sequence first": (lambda: frozen(encoder(batch_first=False)), TOKENS),
    "encoder, frozen, with a head": (
        lambda: nn.Sequential(frozen(encoder(norm=True)), nn.Linear(16, 3)),
        TOKENS,
    ),
    "encoder, frozen, behind an embedding": (
        lambda: nn.Sequential(nn.Linear(16, 16), frozen(encoder())),
        TOKENS,
    ),
    "encoder, masked": (
        lambda: Calls(lambda net, x: net.e(x, mask=causal(x)), e=encoder()),
        TOKENS,
    ),
    "encoder, frozen, masked": (
        lambda: Calls(lambda net, x: net.e(x, mask=causal(x)), e=frozen(encoder())),
        TOKENS,
    ),
    "encoder, frozen, keys hidden": (
        lambda: Calls(
            lambda net, x: net.e(x, src_key_padding_mask=hidden_keys(x)), e=frozen(encoder())
        ),
        TOKENS,
    ),
    "encoder, nested tensors allowed": (
        lambda: nn.TransformerEncoder(encoder_layer(), 1),
        TOKENS,
    ),
    "decoder": (Decoding, TOKENS),
    "decoder, sequence first": (lambda: Decoding(batch_first=False), (5, 2, 16)),
    "decoder, frozen": (lambda: frozen(Decoding()), TOKENS),
    "decoder, norm first": (lambda: Decoding(norm_first=True), TOKENS),
    "transformer": (
        lambda: Calls(
            lambda net, x: net.t(x, x),
            t=nn.Transformer(16, 4, 1, 1, 24, batch_first=True),
        ),
        TOKENS,
    ),
    "vision transformer": (VisionTransformer, (1, 3, 32, 32)),
    "vision transformer, dropout": (lambda: VisionTransformer(dropout=0.1), (1, 3, 32, 32)),
    "vision transformer, frozen": (lambda: frozen(VisionTransformer()), (1, 3, 32, 32)),
    "vision transformer, batch of three": (VisionTransformer, (3, 3, 32, 32)),
}


def sdpa(**options: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda x: F.scaled_dot_product_attention(x, x, x, **options)


def by_hand(product: Callable[..., torch.Tensor]) -> nn.Module:
    """Attention of heads of eight, whose scores come from ``product``."""

    def forward(net: Any, x: torch.Tensor) -> torch.Tensor:
        query, key, value = net.qkv(x).chunk(3, -1)
        weights = product(query, key.transpose(1, 2)).softmax(-1)
        return torch.bmm(weights, value)

    return Calls(forward, qkv=nn.Linear(16, 48))


HEADS = (2, 3, 5, 8)

PRODUCTS: dict[str, Built] = {
    "fused attention, causal": (lambda: Does(sdpa(is_causal=True)), HEADS),
    "fused attention, masked": (
        lambda: Does(
            lambda x: F.scaled_dot_product_attention(
                x, x, x, attn_mask=torch.zeros(5, 5, device=x.device)
            )
        ),
        HEADS,
    ),
    "fused attention, scaled": (lambda: Does(sdpa(scale=0.5)), HEADS),
    "fused attention, dropout": (lambda: Does(sdpa(dropout_p=0.5)), HEADS),
    "fused attention of a linear layer": (
        lambda: Calls(
            lambda net, x: F.scaled_dot_product_attention(net.q(x), net.q(x), net.v(x)),
            q=nn.Linear(8, 8),
            v=nn.Linear(8, 8),
        ),
        HEADS,
    ),
    "fused attention of a linear layer, other values": (
        lambda: Calls(
            lambda net, x: F.scaled_dot_product_attention(net.q(x), net.q(x), net.v(x)),
            q=nn.Linear(8, 8),
            v=nn.Linear(8, 6),
        ),
        HEADS,
    ),
    "fused attention, a learned mask": (
        lambda: Calls(
            lambda net, x: F.scaled_dot_product_attention(x, x, x, attn_mask=net.mask),
            mask=parameter(5, 5),
        ),
        HEADS,
    ),
    "fused attention, a mask for each head": (
        lambda: Calls(
            lambda net, x: F.scaled_dot_product_attention(x, x, x, attn_mask=net.mask),
            mask=parameter(3, 5, 5),
        ),
        HEADS,
    ),
    "fused attention, grouped": (
        lambda: Does(
            lambda x: F.scaled_dot_product_attention(x.repeat(1, 2, 1, 1), x, x, enable_gqa=True)
        ),
        HEADS,
    ),
    "fused attention, without batch": (lambda: Does(sdpa()), HEADS[1:]),
    "fused attention, five dimensions": (lambda: Does(sdpa()), (1, *HEADS)),
    "attention by baddbmm": (
        lambda: by_hand(
            lambda q, k: torch.baddbmm(q.new_zeros(q.shape[0], q.shape[1], k.shape[2]), q, k)
        ),
        TOKENS,
    ),
    "attention by baddbmm, one bias": (
        lambda: by_hand(lambda q, k: torch.baddbmm(q.new_zeros(1, 1, 1), q, k)),
        TOKENS,
    ),
    "attention by baddbmm, no bias": (
        lambda: by_hand(
            lambda q, k: torch.baddbmm(
                q.new_empty(q.shape[0], q.shape[1], k.shape[2]), q, k, beta=0, alpha=0.5
            )
        ),
        TOKENS,
    ),
    "attention by baddbmm as a method": (
        lambda: by_hand(lambda q, k: q.new_zeros(q.shape[0], q.shape[1], k.shape[2]).baddbmm(q, k)),
        TOKENS,
    ),
    "attention by baddbmm in place": (
        lambda: by_hand(
            lambda q, k: q.new_zeros(q.shape[0], q.shape[1], k.shape[2]).baddbmm_(q, k)
        ),
        TOKENS,
    ),
    "addmm without a bias": (
        lambda: Does(lambda x: torch.addmm(x, x, x, beta=0, alpha=2)),
        (6, 6),
    ),
    "addmm in place": (lambda: Does(lambda x: x.clone().addmm_(x, x)), (6, 6)),
    "addmm of a parameter": (
        lambda: Calls(
            lambda net, x: torch.addmm(net.b, x, net.w), b=parameter(4), w=parameter(6, 4)
        ),
        (3, 6),
    ),
    "products with parameters": (
        lambda: Calls(
            lambda net, x: torch.matmul(net.w, torch.mm(x, net.w)) @ net.w, w=parameter(6, 6)
        ),
        (6, 6),
    ),
    "a parameter times the input": (
        lambda: Calls(lambda net, x: torch.matmul(net.w, x), w=parameter(7, 6)),
        (2, 6, 5),
    ),
    "a parameter times the input by an operator": (
        lambda: Calls(lambda net, x: net.w @ x, w=parameter(7, 6)),
        (2, 6, 5),
    ),
    "a batch times a matrix": (lambda: Does(lambda x: x.matmul(x[0])), (3, 5, 5)),
    "a matrix times a batch": (lambda: Does(lambda x: torch.matmul(x[0], x)), (3, 5, 5)),
    "a matrix times a vector": (lambda: Does(lambda x: torch.mv(x, x[0])), (5, 5)),
    "a product of vectors": (lambda: Does(lambda x: torch.dot(x[0], x[1]) + x), (5, 5)),
    "addmv": (lambda: Does(lambda x: torch.addmv(x[0], x, x[1])), (5, 5)),
    "outer": (lambda: Does(lambda x: torch.outer(x[0], x[1])), (5, 5)),
    "outer by an operator": (lambda: Does(lambda x: x[:, :1] @ x[:1]), (5, 5)),
    "multi_dot": (lambda: Does(lambda x: torch.linalg.multi_dot([x, x, x])), (5, 5)),
    "linalg.matmul": (lambda: Does(lambda x: torch.linalg.matmul(x, x)), (5, 5)),
    "kron": (lambda: Does(lambda x: torch.kron(x, x)), (3, 3)),
    "matrix_power": (lambda: Does(lambda x: torch.matrix_power(x, 3)), (5, 5)),
    "tensordot of two sides": (lambda: Does(lambda x: torch.tensordot(x, x, 2)), (5, 5)),
    "tensordot of parameters": (
        lambda: Calls(lambda net, x: torch.tensordot(x, net.w, ([2], [0])), w=parameter(6, 4)),
        (2, 3, 6),
    ),
    "bilinear layer": (
        lambda: Calls(lambda net, x: net.b(x, x), b=nn.Bilinear(6, 6, 3)),
        (2, 6),
    ),
    "einsum with a parameter": (
        lambda: Calls(lambda net, x: torch.einsum("bi,ij->bj", x, net.w), w=parameter(6, 4)),
        (3, 6),
    ),
    "einsum of an outer product": (
        lambda: Does(lambda x: torch.einsum("bi,bj->bij", x, x)),
        (3, 6),
    ),
    "einsum of a sum": (lambda: Does(lambda x: torch.einsum("bij->b", x)), (3, 6, 5)),
    "einsum of a dot product": (lambda: Does(lambda x: torch.einsum("bi,bi->b", x, x)), (3, 6)),
    "einsum of elements": (lambda: Does(lambda x: torch.einsum("bi,bi->bi", x, x)), (3, 6)),
    "einsum with dots": (lambda: Does(lambda x: torch.einsum("...i,...i->...", x, x)), (3, 4, 6)),
    "einsum by numbers": (
        lambda: Does(lambda x: torch.einsum(x, [0, 1], x, [1, 2], [0, 2])),
        (6, 6),
    ),
    "einsum of three with parameters": (
        lambda: Calls(
            lambda net, x: torch.einsum("bi,ij,jk->bk", x, net.v, net.w),
            v=parameter(6, 4),
            w=parameter(4, 5),
        ),
        (3, 6),
    ),
    "einsum with a diagonal": (
        lambda: Does(lambda x: torch.einsum("bii,bi->b", x, x[0])),
        (5, 5, 5),
    ),
    "scaled by operators": (lambda: Does(lambda x: (x * 2 + x) / 3 - x), IMAGE),
    "reflected operators": (lambda: Does(lambda x: 1 - 2 * x + 3), IMAGE),
    "sums in place": (lambda: Does(lambda x: x.clone().add_(x).mul_(2)), IMAGE),
    "operators in place": (lambda: Calls(_in_place), IMAGE),
    "sums of parameters": (
        lambda: Calls(
            lambda net, x: torch.add(net.w, net.w).mul(x) + torch.mul(net.w, 2),
            w=parameter(4, 1, 1),
        ),
        IMAGE,
    ),
    "sum with a number first": (lambda: Does(lambda x: torch.add(2, x)), IMAGE),
    "multiply by its other name": (
        lambda: Does(lambda x: torch.multiply(x, x).multiply(x)),
        IMAGE,
    ),
    "numpy's add": (lambda: Does(lambda x: torch.sub(x, x).sub(1)), IMAGE),
    "addcmul": (lambda: Does(lambda x: torch.addcmul(x, x, x)), IMAGE),
}


def _in_place(net: Any, x: torch.Tensor) -> torch.Tensor:
    y = x.clone()
    y += x
    y *= 2
    return y


# --- recurrent --------------------------------------------------------------------------------


class Packed(nn.Module):
    """A recurrent layer on sequences of different lengths."""

    def __init__(self, layer: nn.Module, lengths: tuple[int, ...], unpack: bool = True) -> None:
        super().__init__()
        self.layer = layer
        self.lengths = lengths
        self.unpack = unpack

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        lengths = torch.tensor(self.lengths, device="cpu")
        packed = pack_padded_sequence(x, lengths, batch_first=self.layer.batch_first)
        output, _ = self.layer(packed)
        if not self.unpack:
            return output.data
        return pad_packed_sequence(output, batch_first=self.layer.batch_first)[0]


def stepping(cell: nn.Module) -> nn.Module:
    """A cell along a sequence."""

    def forward(net: Any, x: torch.Tensor) -> torch.Tensor:
        hidden = None
        for step in x.unbind(1):
            hidden = net.cell(step, hidden) if hidden is not None else net.cell(step)
        return hidden[0] if isinstance(hidden, tuple) else hidden

    return Calls(forward, cell=cell)


STEPS = (3, 7, 6)

RECURRENT: dict[str, Built] = {
    **{
        f"{kind.__name__}, {words}": (
            lambda kind=kind, options=options: kind(6, 8, **options),
            STEPS,
        )
        for kind in (nn.LSTM, nn.GRU, nn.RNN)
        for words, options in {
            "sequence first": {},
            "batch first": {"batch_first": True},
            "no bias": {"bias": False, "batch_first": True},
            "two layers, both ways": {"num_layers": 2, "bidirectional": True, "batch_first": True},
            "dropout between": {"num_layers": 2, "dropout": 0.3},
        }.items()
    },
    "RNN of relu": (lambda: nn.RNN(6, 8, nonlinearity="relu"), STEPS),
    "LSTM, projected": (lambda: nn.LSTM(6, 8, proj_size=3, batch_first=True), STEPS),
    "LSTM, projected, both ways": (
        lambda: nn.LSTM(6, 8, 2, proj_size=3, bidirectional=True),
        STEPS,
    ),
    "GRU, without batch": (lambda: nn.Sequential(nn.GRU(6, 8)), (7, 6)),
    "RNN, without batch": (lambda: nn.Sequential(nn.RNN(6, 8, bidirectional=True)), (7, 6)),
    "LSTM, both ways, without batch": (lambda: nn.LSTM(6, 8, bidirectional=True), (7, 6)),
    "LSTM, packed": (lambda: Packed(nn.LSTM(6, 8, batch_first=True), (7, 5, 2)), STEPS),
    "LSTM, packed, sequence first": (lambda: Packed(nn.LSTM(6, 8), (3, 3, 2, 2, 2, 2, 1)), STEPS),
    "LSTM, packed, two layers, both ways": (
        lambda: Packed(nn.LSTM(6, 8, 2, bidirectional=True, batch_first=True), (7, 5, 2)),
        STEPS,
    ),
    "LSTM, packed, projected": (
        lambda: Packed(nn.LSTM(6, 8, proj_size=3, batch_first=True), (7, 5, 2)),
        STEPS,
    ),
    "LSTM, packed, all equal": (lambda: Packed(nn.LSTM(6, 8, batch_first=True), (7, 7, 7)), STEPS),
    "LSTM, packed, its data": (
        lambda: Packed(nn.LSTM(6, 8, batch_first=True), (7, 5, 2), unpack=False),
        STEPS,
    ),
    "GRU, packed": (lambda: Packed(nn.GRU(6, 8, batch_first=True), (7, 5, 2)), STEPS),
    "GRU, packed, no bias": (
        lambda: Packed(nn.GRU(6, 8, bias=False, batch_first=True), (7, 5, 2)),
        STEPS,
    ),
    "RNN, packed, two layers, both ways": (
        lambda: Packed(nn.RNN(6, 8, 2, bidirectional=True, batch_first=True), (7, 5, 2)),
        STEPS,
    ),
    "LSTM, frozen": (lambda: frozen(nn.LSTM(6, 8, batch_first=True)), STEPS),
    "GRU, frozen": (lambda: frozen(nn.GRU(6, 8, batch_first=True)), STEPS),
    "LSTMCell along a sequence": (lambda: stepping(nn.LSTMCell(6, 8)), STEPS),
    "GRUCell along a sequence": (lambda: stepping(nn.GRUCell(6, 8)), STEPS),
    "RNNCell along a sequence, no bias": (lambda: stepping(nn.RNNCell(6, 8, bias=False)), STEPS),
    "LSTMCell without batch": (
        lambda: Calls(lambda net, x: net.cell(x)[0], cell=nn.LSTMCell(6, 8)),
        (6,),
    ),
    "GRUCell, frozen": (
        lambda: Calls(lambda net, x: net.cell(x), cell=frozen(nn.GRUCell(6, 8))),
        (3, 6),
    ),
    "LSTM between layers": (
        lambda: Calls(
            lambda net, x: net.out(net.lstm(net.into(x))[0][:, -1]),
            into=nn.Linear(6, 6),
            lstm=nn.LSTM(6, 8, batch_first=True),
            out=nn.Linear(8, 2),
        ),
        STEPS,
    ),
}


# --- convolutions, norms, pools, activations --------------------------------------------------


class Scaled(torch.autograd.Function):
    """A function with a gradient of its own; its ops are hidden from a TorchScript trace."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        return F.relu(F.conv2d(x, weight)) + torch.mm(weight[0, 0], weight[0, 0]).sum()

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[None, None]:
        return None, None


class Binarised(torch.autograd.Function):
    """A straight-through estimator: a sign forward, the gradient as it is."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x.sign()

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        return grad


def standardised(net: Any, x: torch.Tensor) -> torch.Tensor:
    """Weight standardisation by a batch norm of the weight, as NFNets do it."""
    rows = net.weight.reshape(1, 8, -1)
    rows = F.batch_norm(rows, None, None, weight=net.gain, training=True, momentum=0.0)
    return F.conv2d(x, rows.reshape(net.weight.shape))


def pruned(layer: nn.Module, name: str = "weight", amount: float = 0.5) -> nn.Module:
    return prune.l1_unstructured(layer, name, amount)


def conv_gradients(net: Any, x: torch.Tensor) -> torch.Tensor:
    y = F.conv2d(x, net.weight)
    return (
        torch.nn.grad.conv2d_input(x.shape, net.weight, y)
        + torch.nn.grad.conv2d_weight(x, net.weight.shape, y).sum()
    )


LAYERS: dict[str, Built] = {
    "conv by torch's name": (
        lambda: Calls(lambda net, x: torch.conv2d(x, net.w), w=parameter(6, 4, 3, 3)),
        IMAGE,
    ),
    "conv by torch's name, with a bias": (
        lambda: Calls(
            lambda net, x: torch.conv2d(x, net.w, net.b, padding=1, groups=2),
            w=parameter(6, 2, 3, 3),
            b=parameter(6),
        ),
        IMAGE,
    ),
    "transposed by torch's name": (
        lambda: Calls(lambda net, x: torch.conv_transpose2d(x, net.w), w=parameter(4, 6, 3, 3)),
        IMAGE,
    ),
    "convolution by torch's name": (
        lambda: Calls(
            lambda net, x: torch.convolution(
                x, net.w, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1
            ),
            w=parameter(6, 4, 3, 3),
        ),
        IMAGE,
    ),
    "other functions by torch's name": (
        lambda: Calls(
            lambda net, x: torch.softmax(
                torch.max_pool2d(
                    torch.relu(
                        torch.batch_norm(x, net.w, net.b, net.m, net.v, False, 0.1, 1e-5, False)
                    ),
                    2,
                ),
                -1,
            ),
            w=parameter(4),
            b=parameter(4),
            m=parameter(4),
            v=parameter(4),
        ),
        IMAGE,
    ),
    "norms by torch's name": (
        lambda: Calls(
            lambda net, x: torch.group_norm(torch.layer_norm(x, (12,), net.w, net.b), 2),
            w=parameter(12),
            b=parameter(12),
        ),
        IMAGE,
    ),
    "pools by torch's name": (
        lambda: Does(
            lambda x: (
                torch.adaptive_avg_pool1d(torch.max_pool1d(x, 2), 3)
                + torch.avg_pool1d(torch.adaptive_max_pool1d(x, 6)[0], 2)
            )
        ),
        (2, 4, 12),
    ),
    "conv of a line, without batch": (lambda: nn.Sequential(nn.Conv1d(4, 6, 3)), (4, 9)),
    "conv of a line, without batch, one channel": (
        lambda: nn.Sequential(nn.Conv1d(1, 6, 3, bias=False)),
        (1, 9),
    ),
    "conv of a volume, without batch": (lambda: nn.Sequential(nn.Conv3d(2, 6, 3)), (2, 6, 6, 6)),
    "transposed line, without batch": (
        lambda: nn.Sequential(nn.ConvTranspose1d(4, 6, 3, stride=2)),
        (4, 9),
    ),
    "conv without batch, one channel": (
        lambda: nn.Sequential(nn.Conv2d(1, 4, 3, padding=1)),
        (1, 8, 8),
    ),
    "transposed line": (
        lambda: nn.Sequential(nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1)),
        (2, 4, 9),
    ),
    "transposed volume": (
        lambda: nn.Sequential(nn.ConvTranspose3d(2, 4, 2, stride=2, groups=2)),
        (1, 2, 3, 4, 5),
    ),
    "transposed with output padding": (
        lambda: nn.Sequential(
            nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, dilation=2)
        ),
        IMAGE,
    ),
    "convs padded by words": (
        lambda: nn.Sequential(
            nn.Conv2d(4, 6, 3, padding="same"),
            nn.Conv2d(6, 4, (4, 2), padding="same", dilation=2),
            nn.Conv2d(4, 3, 3, padding="valid", stride=2),
            nn.Conv2d(3, 3, 3, padding="same", groups=3),
        ),
        IMAGE,
    ),
    "conv padded by reflection": (
        lambda: nn.Sequential(nn.Conv2d(4, 6, 3, padding=1, padding_mode="circular")),
        IMAGE,
    ),
    "functional convs of every kind": (
        lambda: Calls(
            lambda net, x: F.conv1d(
                F.conv_transpose1d(x, net.v, net.b, stride=2), net.w, padding=1
            ),
            v=parameter(4, 3, 3),
            w=parameter(5, 3, 3),
            b=parameter(3),
        ),
        (2, 4, 9),
    ),
    "conv with arguments in lists": (
        lambda: Calls(
            lambda net, x: F.conv2d(x, net.w, stride=(2, 1), padding=(1, 0), dilation=(1, 2)),
            w=parameter(6, 4, 3, 3),
        ),
        IMAGE,
    ),
    "a conv whose weight is the input": (
        lambda: Does(lambda x: F.conv2d(x[:1], x[:, :, :3, :3])),
        (2, 4, 8, 8),
    ),
    "a conv of a parameter": (
        lambda: Calls(lambda net, x: F.conv2d(net.x, x), x=parameter(1, 4, 8, 8)),
        (2, 4, 3, 3),
    ),
    "a conv of parameters alone": (
        lambda: Calls(
            lambda net, x: x + F.conv2d(net.x, net.w).mean(),
            x=parameter(1, 4, 8, 8),
            w=parameter(2, 4, 3, 3),
        ),
        IMAGE,
    ),
    "gradients of a conv": (lambda: Calls(conv_gradients, weight=parameter(6, 4, 3, 3)), IMAGE),
    "a weight that is standardised": (
        lambda: Calls(standardised, weight=parameter(8, 4, 3, 3), gain=parameter(8)),
        IMAGE,
    ),
    "a position embedding that is pooled": (
        lambda: Calls(
            lambda net, x: x + F.adaptive_avg_pool2d(net.e, 12), e=parameter(1, 4, 24, 24)
        ),
        IMAGE,
    ),
    "a position embedding that is resized": (
        lambda: Calls(
            lambda net, x: x + F.interpolate(net.e, size=(12, 12), mode="bilinear"),
            e=parameter(1, 4, 7, 7),
        ),
        IMAGE,
    ),
    "a position embedding that is resized by a factor": (
        lambda: Calls(
            lambda net, x: x + F.interpolate(net.e, scale_factor=2.0), e=parameter(1, 4, 6, 6)
        ),
        IMAGE,
    ),
    "activations of parameters": (
        lambda: Calls(
            lambda net, x: (
                x * F.relu(net.w)
                + F.gelu(net.w)
                + F.silu(net.w).sum()
                + F.softmax(net.w, 0)
                + torch.sigmoid(net.w)
            ),
            w=parameter(4, 1, 1),
        ),
        IMAGE,
    ),
    "norms of parameters": (
        lambda: Calls(
            lambda net, x: (
                x
                + F.layer_norm(net.w, (12,))
                + F.layer_norm(net.w, (12,), net.g, net.g)
                + F.group_norm(net.w[None], 2)[0]
                + F.normalize(net.w, dim=0)
                + F.instance_norm(net.w[None])[0]
            ),
            w=parameter(4, 12, 12),
            g=parameter(12),
        ),
        IMAGE,
    ),
    "pools of parameters": (
        lambda: Calls(
            lambda net, x: (
                F.max_pool2d(x, 2)
                + F.avg_pool2d(net.w, 2)
                + F.adaptive_max_pool2d(net.w, 6)
                + F.max_pool2d(net.w, 4, stride=4).mean()
            ),
            w=parameter(1, 4, 12, 12),
        ),
        IMAGE,
    ),
    "linear of a parameter": (
        lambda: Calls(
            lambda net, x: x + net.l(net.w), w=parameter(1, 4, 12, 12), l=nn.Linear(12, 12)
        ),
        IMAGE,
    ),
    "a module's norm of a parameter": (
        lambda: Calls(
            lambda net, x: x + net.n(net.w), w=parameter(1, 4, 12, 12), n=nn.BatchNorm2d(4)
        ),
        IMAGE,
    ),
    "buffers as operands": (lambda: _buffered(), IMAGE),
    "a pruned conv": (lambda: nn.Sequential(pruned(nn.Conv2d(4, 6, 3)), nn.ReLU()), IMAGE),
    "a pruned bias": (
        lambda: nn.Sequential(pruned(nn.Conv2d(4, 6, 3), "bias"), nn.ReLU()),
        IMAGE,
    ),
    "pruned linear layers": (
        lambda: nn.Sequential(
            pruned(nn.Linear(12, 7), amount=0.3), pruned(pruned(nn.Linear(7, 5)), "bias")
        ),
        IMAGE,
    ),
    "a conv pruned by channels": (
        lambda: nn.Sequential(
            prune.ln_structured(nn.Conv2d(4, 6, 3), "weight", 0.5, n=2, dim=0), nn.BatchNorm2d(6)
        ),
        IMAGE,
    ),
    "a pruned recurrent layer": (
        lambda: pruned(nn.LSTM(6, 8, batch_first=True), "weight_ih_l0"),
        STEPS,
    ),
    "spectral norm": (
        lambda: nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(12, 7))),
        IMAGE,
    ),
    "orthogonal": (
        lambda: nn.Sequential(nn.utils.parametrizations.orthogonal(nn.Linear(12, 12))),
        IMAGE,
    ),
    "weight norm of old": (lambda: _old_weight_norm(), IMAGE),
    "a function of autograd": (
        lambda: Calls(lambda net, x: Scaled.apply(x, net.w), w=parameter(6, 4, 3, 3)),
        IMAGE,
    ),
    "a function of autograd between layers": (
        lambda: Calls(
            lambda net, x: net.b(Binarised.apply(net.a(x))),
            a=nn.Conv2d(4, 6, 3),
            b=nn.Conv2d(6, 2, 1),
        ),
        IMAGE,
    ),
    "a function of autograd on numbers without gradient": (
        lambda: Calls(
            lambda net, x: Scaled.apply(x, net.w), w=nn.Parameter(torch.zeros(6, 4, 3, 3), False)
        ),
        IMAGE,
    ),
    "a branch that nothing uses": (
        lambda: Calls(
            lambda net, x: (net.b(x), net.a(x))[1], a=nn.Conv2d(4, 6, 3), b=nn.Conv2d(4, 6, 5)
        ),
        IMAGE,
    ),
    "a branch whose shape alone is used": (
        lambda: Calls(
            lambda net, x: net.a(x) * net.b(x).shape[1], a=nn.Conv2d(4, 6, 3), b=nn.Conv2d(4, 6, 5)
        ),
        IMAGE,
    ),
    "a branch that writes in place": (lambda: Calls(_writes_a_branch, a=nn.Conv2d(4, 4, 1)), IMAGE),
    "an output that is detached": (
        lambda: Calls(lambda net, x: net.a(x).detach(), a=nn.Conv2d(4, 6, 3)),
        IMAGE,
    ),
    "several outputs": (
        lambda: Calls(
            lambda net, x: {"a": net.a(x), "b": [net.b(x)]},
            a=nn.Conv2d(4, 6, 3),
            b=nn.Conv2d(4, 2, 1),
        ),
        IMAGE,
    ),
    "a module called by its forward": (
        lambda: Calls(lambda net, x: net.a.forward(x), a=nn.Conv2d(4, 6, 3)),
        IMAGE,
    ),
    "a layer of a class of one's own": (
        lambda: nn.Sequential(
            type("MyConv", (nn.Conv2d,), {})(4, 6, 3), type("MyLinear", (nn.Linear,), {})(10, 3)
        ),
        IMAGE,
    ),
    "lists and mappings of modules": (
        lambda: Calls(
            lambda net, x: sum(layer(x) for layer in net.a) + net.b["c"](x),
            a=nn.ModuleList([nn.Conv2d(4, 6, 3), nn.Conv2d(4, 6, 3, bias=False)]),
            b=nn.ModuleDict({"c": nn.Conv2d(4, 6, 3)}),
        ),
        IMAGE,
    ),
    "a layer at two places": (lambda: _at_two_places(), IMAGE),
    "layers of one weight": (lambda: _tied(), (2, 10)),
    "embedding": (
        lambda: Calls(
            lambda net, x: net.l(net.e(torch.zeros_like(x).long())),
            e=nn.Embedding(9, 6),
            l=nn.Linear(6, 3),
        ),
        (2, 5),
    ),
    "embedding as output layer": (
        lambda: Calls(
            lambda net, x: F.linear(net.e(torch.zeros_like(x).long()), net.e.weight),
            e=nn.Embedding(9, 6),
        ),
        (2, 5),
    ),
    "bag of embeddings": (
        lambda: Calls(lambda net, x: net.e(torch.zeros_like(x).long()), e=nn.EmbeddingBag(9, 6)),
        (2, 5),
    ),
    "norms at every rank": (
        lambda: Calls(
            lambda net, x: (
                net.a(x.flatten(2)).sum() + net.b(x[:, :, None]).sum() + net.c(x.flatten(1))
            ),
            a=nn.BatchNorm1d(4),
            b=nn.InstanceNorm3d(4),
            c=nn.BatchNorm1d(576),
        ),
        (2, *IMAGE[1:]),
    ),
    "norms without statistics": (
        lambda: nn.Sequential(
            nn.BatchNorm2d(4, track_running_stats=False),
            nn.InstanceNorm2d(4, track_running_stats=True),
        ),
        IMAGE,
    ),
    "functional norms": (
        lambda: Calls(
            lambda net, x: F.group_norm(
                F.layer_norm(F.instance_norm(F.batch_norm(x, net.m, net.m, net.m, net.m)), (12,)),
                2,
                net.m,
                net.m,
            ),
            m=parameter(4),
        ),
        IMAGE,
    ),
    "batch norm that trains": (
        lambda: Calls(
            lambda net, x: (
                F.batch_norm(x, None, None, training=True)
                + F.batch_norm(x, net.m, net.m, net.m, net.m, training=True)
            ),
            m=parameter(4).requires_grad_(False),
        ),
        (2, *IMAGE[1:]),
    ),
    "rms norm": (
        lambda: nn.Sequential(nn.RMSNorm(12), nn.RMSNorm(12, elementwise_affine=False)),
        IMAGE,
    ),
    "local response norm": (lambda: nn.Sequential(nn.LocalResponseNorm(3)), IMAGE),
    "norms without batch": (lambda: nn.Sequential(nn.InstanceNorm2d(4, affine=True)), IMAGE[1:]),
    "synchronised batch norm": (lambda: nn.Sequential(nn.SyncBatchNorm(4)), (2, *IMAGE[1:])),
    "layer norm of a row": (lambda: nn.Sequential(nn.LayerNorm(6)), (6,)),
    "layer norm without bias": (lambda: nn.Sequential(nn.LayerNorm(12, bias=False)), IMAGE),
    "pools of lines": (
        lambda: nn.Sequential(
            nn.MaxPool1d(2), nn.AvgPool1d(2), nn.AdaptiveAvgPool1d(2), nn.AdaptiveMaxPool1d(1)
        ),
        (2, 4, 12),
    ),
    "pools of volumes": (
        lambda: nn.Sequential(nn.MaxPool3d(2), nn.AvgPool3d(2), nn.AdaptiveAvgPool3d((1, 2, None))),
        (1, 2, 8, 8, 8),
    ),
    "pools without batch": (
        lambda: nn.Sequential(nn.MaxPool2d(2), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1)),
        IMAGE[1:],
    ),
    "fractional pools and the like": (
        lambda: Calls(
            lambda net, x: net.un(*net.pool(x)),
            pool=nn.MaxPool2d(2, return_indices=True),
            un=nn.MaxUnpool2d(2),
        ),
        IMAGE,
    ),
    "power pools": (
        lambda: nn.Sequential(nn.LPPool2d(3, 2), nn.Flatten(2), nn.LPPool1d(2, 3, stride=1)),
        IMAGE,
    ),
    "functional power pool": (lambda: Does(lambda x: F.lp_pool2d(x, 2, 3)), IMAGE),
    "functional pools": (
        lambda: Does(
            lambda x: (
                F.adaptive_avg_pool2d(x, 3)
                + F.adaptive_max_pool2d(x, 3)
                + F.max_pool2d(x, (4, 4))
                + F.avg_pool2d(x, 4, 4, 0, True)
            )
        ),
        IMAGE,
    ),
    "every activation": (
        lambda: nn.Sequential(
            nn.CELU(),
            nn.SELU(),
            nn.Mish(),
            nn.Softplus(),
            nn.Softsign(),
            nn.Tanh(),
            nn.Tanhshrink(),
            nn.Hardsigmoid(),
            nn.Hardtanh(),
            nn.Softshrink(),
            nn.Hardshrink(),
            nn.LogSigmoid(),
            nn.RReLU(),
            nn.Threshold(0.1, 0),
            nn.GLU(1),
            nn.Softmin(1),
            nn.LogSoftmax(1),
            nn.Softmax2d(),
            nn.PReLU(2),
            nn.ELU(inplace=True),
            nn.SiLU(inplace=True),
            nn.ReLU6(inplace=True),
            nn.LeakyReLU(0.2, True),
        ),
        IMAGE,
    ),
    "every functional activation": (
        lambda: Calls(_activations, w=parameter(1)),
        IMAGE,
    ),
    "activations as methods": (
        lambda: Does(
            lambda x: x.relu() + x.sigmoid() + x.tanh() + x.softmax(1) + torch.relu(x).relu_()
        ),
        IMAGE,
    ),
    "activations in place": (
        lambda: Does(
            lambda x: F.relu_(F.leaky_relu_(F.elu_(x.clone()))) + F.relu(x.clone(), inplace=True)
        ),
        IMAGE,
    ),
    "softmaxes": (
        lambda: nn.Sequential(nn.Softmax(-1), nn.Softmax(1), nn.Softmax(0)),
        (2, *IMAGE[1:]),
    ),
    "gumbel softmax": (
        lambda: Does(lambda x: F.normalize(F.softmin(x, 1)) + F.log_softmax(x, 1)),
        IMAGE,
    ),
    "upsampling of every kind": (
        lambda: nn.Sequential(
            nn.UpsamplingNearest2d(scale_factor=2),
            nn.UpsamplingBilinear2d(size=(9, 11)),
            nn.Upsample(scale_factor=(2.0, 1.0)),
            nn.Upsample(scale_factor=1.5, mode="bilinear", align_corners=True),
            nn.Upsample(scale_factor=2, mode="bicubic"),
        ),
        IMAGE,
    ),
    "upsampling of lines and volumes": (
        lambda: Calls(
            lambda net, x: net.b(net.a(x)[:, :, None, None]),
            a=nn.Upsample(scale_factor=2, mode="linear"),
            b=nn.Upsample(size=(2, 3, 4), mode="trilinear"),
        ),
        (2, 4, 12),
    ),
    "resized without antialias": (
        lambda: Does(
            lambda x: (
                F.interpolate(x, (5, 6), mode="bilinear", antialias=True)
                + F.interpolate(x, (5, 6), mode="nearest-exact")
                + F.interpolate(x, size=[5, 6])
            )
        ),
        IMAGE,
    ),
    "resized by keyword": (
        lambda: Does(lambda x: F.interpolate(input=x, scale_factor=0.5, mode="area")),
        IMAGE,
    ),
    "grid sampling": (
        lambda: Does(lambda x: F.grid_sample(x, x[:, :2].permute(0, 2, 3, 1), align_corners=False)),
        (1, 4, 6, 6),
    ),
    "affine grid": (
        lambda: Does(
            lambda x: F.affine_grid(x[:, :2, :3, 0].reshape(1, 2, 3), [1, 1, 4, 4], False)
        ),
        (1, 4, 6, 6),
    ),
    "shuffles and folds": (
        lambda: nn.Sequential(
            nn.PixelShuffle(2),
            nn.PixelUnshuffle(2),
            nn.ChannelShuffle(2),
            nn.Unfold(2),
            nn.ZeroPad2d(1),
        ),
        IMAGE,
    ),
    "means and sums": (
        lambda: Does(
            lambda x: (
                x.mean((2, 3)) + x.sum((2, 3)) + torch.amax(x, (2, 3)) + x.std((2, 3)) + x.norm()
            )
        ),
        IMAGE,
    ),
    "distances": (lambda: Does(lambda x: torch.cdist(x, x)), (1, 5, 6)),
    "cosine similarity": (lambda: Does(lambda x: F.cosine_similarity(x, x)), IMAGE),
    "dropouts": (
        lambda: nn.Sequential(
            nn.Dropout2d(), nn.AlphaDropout(), nn.FeatureAlphaDropout(), nn.Dropout(inplace=True)
        ),
        IMAGE,
    ),
    "a network of nothing": (lambda: nn.Sequential(nn.Identity()), IMAGE),
    "squeeze and excitation": (
        lambda: Calls(
            lambda net, x: x * net.b(F.relu(net.a(x.mean((2, 3), keepdim=True)))).sigmoid(),
            a=nn.Conv2d(4, 2, 1),
            b=nn.Conv2d(2, 4, 1),
        ),
        IMAGE,
    ),
    "relative positions": (lambda: _windowed(), (2, 9, 16)),
    "half precision": (lambda: nn.Sequential(nn.Linear(12, 7), nn.LayerNorm(7)).bfloat16(), IMAGE),
}


def _buffered() -> nn.Module:
    net = Calls(
        lambda net, x: (
            F.relu(net.b)
            + torch.add(net.b, x)
            + F.max_pool2d(net.b, 3, 1, 1)
            + F.conv2d(x, net.k, padding=1)
        )
    )
    net.register_buffer("b", torch.zeros(1, 4, 12, 12))
    net.register_buffer("k", torch.zeros(4, 4, 3, 3))
    return net


def _old_weight_norm() -> nn.Module:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.Sequential(nn.utils.weight_norm(nn.Conv2d(4, 6, 3)))


def _writes_a_branch(net: Any, x: torch.Tensor) -> torch.Tensor:
    y = x.clone()
    y[:, :2] = net.a(x)[:, :2]
    return y


def _at_two_places() -> nn.Module:
    block = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU())
    return nn.Sequential(nn.Sequential(block), block)


def _tied() -> nn.Module:
    first, second = nn.Linear(10, 10), nn.Linear(10, 10)
    second.weight = first.weight
    return nn.Sequential(first, second)


def _activations(net: Any, x: torch.Tensor) -> torch.Tensor:
    y = F.relu(x) + F.relu6(x) + F.elu(x) + F.leaky_relu(x) + F.prelu(x, net.w) + F.gelu(x)
    y = y + F.gelu(x, approximate="tanh") + F.silu(x) + F.softmax(x, 1) + F.softmax(input=x, dim=1)
    y = y + F.selu(x) + F.celu(x) + F.mish(x) + F.hardswish(x) + F.hardsigmoid(x) + F.softplus(x)
    return y + F.logsigmoid(x) + F.hardtanh(x) + F.tanhshrink(x) + F.threshold(x, 0.1, 0.0)


def _windowed() -> nn.Module:
    """Attention with a learned bias of positions, as in windowed transformers."""

    def forward(net: Any, x: torch.Tensor) -> torch.Tensor:
        batch, length, width = x.shape
        qkv = net.qkv(x).reshape(batch, length, 3, 4, width // 4).permute(2, 0, 3, 1, 4)
        query, key, value = qkv.unbind(0)
        scores = query * math.sqrt(0.5) @ key.transpose(-2, -1) + net.table
        mixed = net.softmax(scores) @ value
        return net.out(mixed.transpose(1, 2).reshape(batch, length, width))

    return Calls(
        forward,
        qkv=nn.Linear(16, 48),
        out=nn.Linear(16, 16),
        softmax=nn.Softmax(-1),
        table=parameter(4, 9, 9),
    )


# --- calls by other names, transformations, autograd switched, outputs that nothing reads ------


class Gated(torch.autograd.Function):
    """A swish whose gradient is written by hand."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        return grad


class Multiplied(torch.autograd.Function):
    """One in the newer form, with its context set up apart."""

    @staticmethod
    def forward(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return torch.mm(x, weight)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[None, None]:
        return None, None


gated = Gated.apply
relu, linear, conv2d, softmax = F.relu, F.linear, F.conv2d, F.softmax
attend = F.scaled_dot_product_attention


class InferenceAttending(nn.Module):
    """Attention in a forward that switches autograd off altogether."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = SelfAttending()

    @torch.inference_mode()
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.attention(x)


class FunctionalAttending(nn.Module):
    """Multi-head attention as a function, of parameters of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.packed, self.bias = parameter(48, 16), parameter(48)
        self.out, self.out_bias = parameter(16, 16), parameter(16)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.transpose(0, 1)
        return F.multi_head_attention_forward(
            *(x, x, x, 16, 4, self.packed, self.bias, None, None, False, 0.0),
            *(self.out, self.out_bias),
            training=False,
        )[0]


class OwnAttention(nn.MultiheadAttention):
    """A class of one's own, which hooks of tools do not know."""


class OwnLstm(nn.LSTM):
    """A class of one's own, which hooks of tools do not know."""


def below(switch: Callable[[], Any], function: Callable[[Any, Any], Any]) -> nn.Module:
    """A backbone below a switch of autograd, and a head that is not."""

    def forward(net: Any, x: torch.Tensor) -> torch.Tensor:
        with switch():
            features = net.backbone(x)
        return function(net, features)

    return Calls(forward, backbone=SelfAttending(), head=nn.Linear(16, 3))


def twice_switched(net: Any, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        with torch.enable_grad():
            y = net.a(x)
        y = y + net.a(x)
    return y + net.a(x)


def eight_masks(x: torch.Tensor) -> torch.Tensor:
    return torch.zeros(8, 5, 5, dtype=torch.bool, device=x.device)


def hidden_by_numbers(x: torch.Tensor) -> torch.Tensor:
    return torch.zeros(2, 5, device=x.device)


def only_norms_trained() -> nn.Module:
    model = frozen(encoder())
    for layer in model.layers:
        layer.norm2.requires_grad_(True)
    return model


def middle_trained() -> nn.Module:
    model = frozen(encoder(3))
    model.layers[1].requires_grad_(True)
    return model


def writes_a_buffer() -> nn.Module:
    def forward(net: Any, x: torch.Tensor) -> torch.Tensor:
        net.kept.copy_(net.a(x))
        return net.b(x)

    model = Calls(forward, a=nn.Conv2d(4, 6, 3), b=nn.Conv2d(4, 2, 1))
    model.register_buffer("kept", torch.zeros(1, 6, 10, 10))
    return model


def pruned_together() -> nn.Module:
    model = nn.Sequential(nn.Conv2d(4, 6, 3), nn.ReLU(), nn.Conv2d(6, 4, 3))
    weights = [(model[0], "weight"), (model[2], "weight")]
    prune.global_unstructured(weights, pruning_method=prune.L1Unstructured, amount=0.37)
    return model


def convnext_block(net: Any, x: torch.Tensor) -> torch.Tensor:
    y = net.norm(net.conv(x).permute(0, 2, 3, 1))
    return x + (net.scale * net.shrink(F.gelu(net.grow(y)))).permute(0, 3, 1, 2)


def mixture(net: Any, x: torch.Tensor) -> torch.Tensor:
    weights = net.gate(x).softmax(-1).unbind(1)
    return sum(weight[:, None] * net.expert(x) for weight in weights)


def attention_module(**options: Any) -> nn.Module:
    return nn.MultiheadAttention(16, 4, batch_first=True, **options)


OTHERS: dict[str, Built] = {
    "attention as a function": (FunctionalAttending, TOKENS),
    "attention as a function, frozen": (lambda: frozen(FunctionalAttending()), TOKENS),
    "attention by keywords": (
        lambda: Calls(lambda net, x: net.a(query=x, key=x, value=x)[0], a=attention_module()),
        TOKENS,
    ),
    "attention, masks by position": (
        lambda: Calls(lambda net, x: net.a(x, x, x, None, False)[0], a=attention_module()),
        TOKENS,
    ),
    "attention of a class of one's own": (
        lambda: Calls(lambda net, x: net.a(x, x, x)[0], a=OwnAttention(16, 4, batch_first=True)),
        TOKENS,
    ),
    "attention of a class of one's own, frozen": (
        lambda: frozen(
            Calls(lambda net, x: net.a(x, x, x)[0], a=OwnAttention(16, 4, batch_first=True))
        ),
        TOKENS,
    ),
    "attention, a mask for each head": (
        lambda: SelfAttending(given={"attn_mask": eight_masks}),
        TOKENS,
    ),
    "attention, a mask for each head, frozen": (
        lambda: frozen(SelfAttending(given={"attn_mask": eight_masks})),
        TOKENS,
    ),
    "attention, a mask for each head, no weights wanted": (
        lambda: SelfAttending(given={"attn_mask": eight_masks, "need_weights": False}),
        TOKENS,
    ),
    "attention, both masks": (
        lambda: SelfAttending(given={"attn_mask": causal, "key_padding_mask": hidden_by_numbers}),
        TOKENS,
    ),
    "attention, everything added": (
        lambda: SelfAttending(given={"attn_mask": causal}, add_bias_kv=True, add_zero_attn=True),
        TOKENS,
    ),
    "attention, everything added, no weights wanted": (
        lambda: SelfAttending(given={"need_weights": False}, add_bias_kv=True, add_zero_attn=True),
        TOKENS,
    ),
    "attention, other values": (
        lambda: Calls(lambda net, x: net.a(x, x, x + 1)[0], a=attention_module()),
        TOKENS,
    ),
    "attention, positions added": (
        lambda: Calls(
            lambda net, x: net.a(x + net.p, x + net.p, x)[0],
            a=attention_module(),
            p=parameter(1, 5, 16),
        ),
        TOKENS,
    ),
    "attention, frozen, of what is detached": (
        lambda: Calls(
            lambda net, x: net.a(net.l(x).detach()), a=frozen(SelfAttending()), l=nn.Linear(16, 16)
        ),
        TOKENS,
    ),
    "attention, in inference mode": (InferenceAttending, TOKENS),
    "attention, autograd switched on": (
        lambda: Calls(lambda net, x: torch.enable_grad()(net.a)(x), a=SelfAttending()),
        TOKENS,
    ),
    "a backbone below no_grad": (
        lambda: below(torch.no_grad, lambda net, x: net.head(x)),
        TOKENS,
    ),
    "a backbone below set_grad_enabled": (
        lambda: below(
            lambda: torch.set_grad_enabled(False), lambda net, x: net.head(net.backbone(x))
        ),
        TOKENS,
    ),
    "autograd switched twice": (lambda: Calls(twice_switched, a=SelfAttending()), TOKENS),
    "attention at two places": (
        lambda: (lambda a: nn.Sequential(a, nn.Sequential(a)))(SelfAttending()),
        TOKENS,
    ),
    "encoder, its norms alone trained": (only_norms_trained, TOKENS),
    "encoder, its middle trained": (middle_trained, TOKENS),
    "encoder layer, three heads, frozen": (
        lambda: frozen(
            nn.Sequential(nn.Sequential(nn.TransformerEncoderLayer(15, 3, 8, batch_first=True)))
        ),
        (2, 5, 15),
    ),
    "encoder layer, activation as a module": (
        lambda: encoder_layer(activation=nn.ReLU()),
        TOKENS,
    ),
    "encoder layer, masked, frozen": (
        lambda: frozen(Calls(lambda net, x: net.e(x, src_mask=causal(x)), e=encoder_layer())),
        TOKENS,
    ),
    "transformer, frozen": (
        lambda: frozen(
            Calls(lambda net, x: net.t(x, x), t=nn.Transformer(16, 4, 1, 1, 24, batch_first=True))
        ),
        TOKENS,
    ),
    "decoder layer, masked": (
        lambda: Calls(
            lambda net, x: net.d(x, x, tgt_mask=causal(x)),
            d=nn.TransformerDecoderLayer(16, 4, 24, batch_first=True),
        ),
        TOKENS,
    ),
    "activations bound before": (
        lambda: Does(lambda x: relu(x) + softmax(x, 1) + F.relu(x)),
        IMAGE,
    ),
    "layers bound before": (
        lambda: Calls(
            lambda net, x: linear(conv2d(x, net.k), net.w) + F.linear(F.conv2d(x, net.k), net.w),
            k=parameter(6, 4, 3, 3),
            w=parameter(3, 10),
        ),
        IMAGE,
    ),
    "attention bound before": (
        lambda: Does(lambda x: attend(x, x, x) + F.scaled_dot_product_attention(x, x, x)),
        HEADS,
    ),
    "functions of C": (
        lambda: Does(lambda x: torch._C._nn.gelu(x) + torch._C._nn.avg_pool2d(x, 3, 1, 1)),
        IMAGE,
    ),
    "torch's names of activations": (
        lambda: Calls(
            lambda net, x: torch.prelu(x, net.a) + F.prelu(x, net.a) + torch.selu(x), a=parameter(1)
        ),
        IMAGE,
    ),
    "torch's names of line convs": (
        lambda: Calls(
            lambda net, x: torch.conv_transpose1d(torch.conv1d(x, net.w, net.b, 2, 1), net.v),
            w=parameter(6, 4, 3),
            b=parameter(6),
            v=parameter(6, 2, 3),
        ),
        (2, 4, 9),
    ),
    "pools with indices": (
        lambda: Does(
            lambda x: (
                F.adaptive_max_pool2d(x, 3, return_indices=True)[0]
                + F.max_pool2d_with_indices(x, 4)[0]
            )
        ),
        IMAGE,
    ),
    "calls by keywords": (
        lambda: Calls(
            lambda net, x: (
                F.relu(input=F.conv2d(input=x, weight=net.w, bias=net.b, padding=1))
                + F.max_pool2d(input=x, kernel_size=3, stride=1, padding=1)
                + F.layer_norm(input=x, normalized_shape=(12,))
            ),
            w=parameter(4, 4, 3, 3),
            b=parameter(4),
        ),
        IMAGE,
    ),
    "sums by keywords": (
        lambda: Does(
            lambda x: torch.add(x, x, alpha=2) + torch.add(input=x, other=x) + x.add(other=x)
        ),
        IMAGE,
    ),
    "sums of numbers": (
        lambda: Does(lambda x: x.add(1).mul(2) + torch.mul(x.sum(), x)),
        IMAGE,
    ),
    "sum, the builtin": (lambda: Does(lambda x: sum([x, x, x])), IMAGE),
    "products by the operator module": (
        lambda: Does(lambda x: operator.matmul(x, operator.mul(x, x))),
        (6, 6),
    ),
    "a product into another tensor": (
        lambda: Does(lambda x: torch.mm(x, x, out=torch.empty_like(x))),
        (6, 6),
    ),
    "a function of autograd bound before": (
        lambda: nn.Sequential(nn.Conv2d(4, 6, 3), Does(gated), nn.Conv2d(6, 2, 1)),
        IMAGE,
    ),
    "a function of autograd in two parts": (
        lambda: Calls(lambda net, x: Multiplied.apply(x, net.w), w=parameter(6, 4)),
        (3, 6),
    ),
    "a checkpoint": (
        lambda: Calls(
            lambda net, x: net.b(checkpoint(net.a, x, use_reentrant=False)),
            a=nn.Conv2d(4, 6, 3),
            b=nn.Conv2d(6, 2, 1),
        ),
        IMAGE,
    ),
    "a head that nothing uses": (
        lambda: Calls(
            lambda net, x: (net.a(net.stem(x)), net.b(net.stem(x)))[0],
            stem=nn.Conv2d(4, 6, 3),
            a=nn.Conv2d(6, 2, 1),
            b=nn.Conv2d(6, 9, 1),
        ),
        IMAGE,
    ),
    "a chain that nothing uses": (
        lambda: Calls(
            lambda net, x: (net.b(net.a(x).relu_()), net.c(x))[1],
            a=nn.Conv2d(4, 6, 3),
            b=nn.Conv2d(6, 2, 1),
            c=nn.Conv2d(4, 2, 1),
        ),
        IMAGE,
    ),
    "a buffer that is written": (writes_a_buffer, IMAGE),
    "half of an output": (
        lambda: Calls(lambda net, x: net.a(x).chunk(2, 1)[0], a=nn.Conv2d(4, 6, 3)),
        IMAGE,
    ),
    "one of two by a condition": (
        lambda: Calls(
            lambda net, x: torch.where(x > 0, net.a(x), net.b(x)),
            a=nn.Conv2d(4, 4, 3, padding=1),
            b=nn.Conv2d(4, 4, 1),
        ),
        IMAGE,
    ),
    "a loss": (
        lambda: Calls(
            lambda net, x: F.mse_loss(net.l(x), x[:, :4]) + F.normalize(net.l(x)).sum(),
            l=nn.Linear(6, 4),
        ),
        (3, 6),
    ),
    "a cosine classifier": (
        lambda: Calls(
            lambda net, x: F.linear(F.normalize(x), F.normalize(net.w)), w=parameter(4, 6)
        ),
        (3, 6),
    ),
    "adapters of low rank": (
        lambda: Calls(
            lambda net, x: net.l(x) + x @ net.a @ net.b,
            l=frozen(nn.Linear(6, 6)),
            a=parameter(6, 2),
            b=parameter(2, 6),
        ),
        (3, 6),
    ),
    "a mixture of one expert": (
        lambda: Calls(mixture, gate=nn.Linear(6, 3), expert=nn.Linear(6, 6)),
        (4, 6),
    ),
    "a ConvNeXt block": (
        lambda: Calls(
            convnext_block,
            conv=nn.Conv2d(4, 4, 7, padding=3, groups=4),
            norm=nn.LayerNorm(4),
            grow=nn.Linear(4, 16),
            shrink=nn.Linear(16, 4),
            scale=parameter(4),
        ),
        IMAGE,
    ),
    "linear on channels that lie last": (
        lambda: Calls(
            lambda net, x: net.l(
                net.c(x.to(memory_format=torch.channels_last)).permute(0, 2, 3, 1)
            ),
            c=nn.Conv2d(4, 6, 3),
            l=nn.Linear(6, 3),
        ),
        IMAGE,
    ),
    "linear on tokens of a conv": (
        lambda: Calls(
            lambda net, x: net.l(net.c(x).flatten(2).mT) + net.l(net.c(x).flatten(2).mT + net.p),
            c=nn.Conv2d(4, 6, 3),
            l=nn.Linear(6, 3),
            p=parameter(1, 100, 6),
        ),
        (2, *IMAGE[1:]),
    ),
    "linear on slices": (
        lambda: Calls(
            lambda net, x: net.l(x[:, 0]) + net.l(x[:, ::2]).sum(1) + net.l(x[0, 0]),
            l=nn.Linear(16, 3),
        ),
        TOKENS,
    ),
    "products with vectors in them": (
        lambda: Calls(
            lambda net, x: torch.matmul(x[0, 0], net.w) + x[0].matmul(net.w).sum(0),
            w=parameter(16, 3),
        ),
        TOKENS,
    ),
    "fused attention, a mask that is computed": (
        lambda: Calls(
            lambda net, x: F.scaled_dot_product_attention(x, x, x, (net.t * 2)[None]),
            t=parameter(3, 5, 5),
        ),
        HEADS,
    ),
    "fused attention, keys turned": (
        lambda: Does(lambda x: F.scaled_dot_product_attention(x, x.mT.contiguous().mT, x)),
        HEADS,
    ),
    "LSTM of a class of one's own": (lambda: OwnLstm(6, 8, batch_first=True), STEPS),
    "LSTM with a state": (
        lambda: Calls(
            lambda net, x: net.l(x, (x.new_zeros(1, 3, 8), x.new_zeros(1, 3, 8)))[0],
            l=nn.LSTM(6, 8, batch_first=True),
        ),
        STEPS,
    ),
    "GRU of what is turned": (
        lambda: Calls(lambda net, x: net.l(x.transpose(0, 1))[0], l=nn.GRU(6, 8, 2)),
        STEPS,
    ),
    "GRU of a slice": (
        lambda: Calls(lambda net, x: net.l(x[:, :, :6])[0], l=nn.GRU(6, 8)),
        (3, 7, 9),
    ),
    "LSTM at two places": (
        lambda: (lambda layer: Calls(lambda net, x: net.b(net.a(x)[0])[0], a=layer, b=layer))(
            nn.LSTM(6, 6, batch_first=True)
        ),
        STEPS,
    ),
    "pruned together": (pruned_together, IMAGE),
    "pruned twice": (
        lambda: nn.Sequential(pruned(pruned(nn.Conv2d(4, 6, 3))), nn.BatchNorm2d(6)),
        IMAGE,
    ),
    "pruned for good": (
        lambda: nn.Sequential(prune.remove(pruned(nn.Conv2d(4, 6, 3)), "weight")),
        IMAGE,
    ),
    "a pruned norm": (lambda: nn.Sequential(pruned(nn.BatchNorm2d(4))), IMAGE),
    "a pruned attention": (
        lambda: Calls(
            lambda net, x: net.a(x, x, x)[0], a=pruned(attention_module(), "in_proj_weight")
        ),
        TOKENS,
    ),
    "a pruned parent": (
        lambda: pruned(
            Calls(
                lambda net, x: net.l(x) @ net.w,
                l=nn.Linear(12, 6),
                w=nn.Parameter(torch.rand(6, 5)),
            ),
            "w",
        ),
        IMAGE,
    ),
    "einsum of four": (
        lambda: Does(lambda x: torch.einsum("ab,bc,cd,de->ae", x, x, x, x)),
        (7, 7),
    ),
    "einsum in other letters": (
        lambda: Does(
            lambda x: torch.einsum("xyz,xyw->xzw", x, x) + torch.einsum("xyz, xwz -> xyw", x, x)
        ),
        (2, 57, 57),
    ),
    "einsum without an output": (lambda: Does(lambda x: torch.einsum("ij,jk", x, x)), (6, 6)),
    "einsum of a trace": (lambda: Does(lambda x: torch.einsum("ii", x) + x), (6, 6)),
    "grid sampling of every kind": (
        lambda: Does(
            lambda x: (
                F.grid_sample(
                    x,
                    F.affine_grid(x[:, 0, :2, :3], [1, 4, 5, 5], False),
                    mode="nearest",
                    align_corners=False,
                )
                + torch.grid_sampler(x, x[:, :2, :5, :5].permute(0, 2, 3, 1), 0, 0, False)
            )
        ),
        (1, 4, 6, 6),
    ),
    "pools of every power": (
        lambda: nn.Sequential(nn.LPPool2d(2, 3, stride=2, ceil_mode=True), nn.LPPool2d(1, (1, 2))),
        IMAGE,
    ),
    "layers that the forward makes": (
        lambda: Does(
            lambda x: (
                nn.BatchNorm2d(4, device=x.device).eval()(nn.Upsample(scale_factor=2)(x))
                + nn.ReLU()(nn.Softmax(-1)(F.interpolate(x, scale_factor=2)))
            )
        ),
        IMAGE,
    ),
    "functions as modules": (
        lambda: Calls(
            lambda net, x: net.f.add(x, x) + net.f.mul(x, x),
            f=torch.ao.nn.quantized.FloatFunctional(),
        ),
        IMAGE,
    ),
}


#: Every small network that tools are tried on, by name.
NETWORKS: dict[str, Built] = {
    **QUIRKS,
    **ODD,
    **ATTENTION,
    **PRODUCTS,
    **RECURRENT,
    **LAYERS,
    **OTHERS,
}
