"""Options of a module that the rules of tools ask for, where shapes and ops do not tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from torch import nn

from profiler.records import Attribute, TensorRef

Options = dict[str, Attribute]
Describe = Callable[[Any, Sequence[TensorRef]], Options]


#: Class → what describes its calls, once it has been asked for.
_known: dict[type[nn.Module], Describe | None] = {}
#: Of most classes; nobody writes into it.
_NONE: Options = {}


def options_of(module: nn.Module, given: Sequence[TensorRef]) -> Options:
    """The options of one module call; empty for most classes.

    Args:
        module: what is called.
        given: the tensors that it is called with.
    """
    cls = type(module)
    try:
        describe = _known[cls]
    except KeyError:
        describe = _known[cls] = next(
            (_DESCRIPTIONS[base] for base in cls.__mro__ if base in _DESCRIPTIONS),
            _NAMED.get((cls.__module__, cls.__name__)),
        )
    return describe(module, given) if describe else _NONE


def _attention(module: nn.MultiheadAttention, given: Sequence[TensorRef]) -> Options:
    query, *others = given[:3]
    return {
        "embed_dim": module.embed_dim,
        "num_heads": module.num_heads,
        "batch_first": module.batch_first,
        # one weight for queries, keys and values, whatever has become of the parameter
        "packed": module.in_proj_weight is not None,
        "bias": module.in_proj_bias is not None,
        "adds_keys": module.add_zero_attn or module.bias_k is not None,
        # one tensor three times; a mask may be one of numbers that are added, or of booleans
        "self_attention": len(others) == 2 and all(each is query for each in others),
        "float_mask": any("float" in mask.dtype for mask in given[3:]),
    }


def _encoder_layer(module: nn.TransformerEncoderLayer, given: Sequence[TensorRef]) -> Options:
    attention = module.self_attn
    return {
        "num_heads": attention.num_heads,
        "batch_first": attention.batch_first,
        "bias": attention.in_proj_bias is not None,
        # what its fused kernel can do
        "fusible": bool(module.activation_relu_or_gelu) and module.norm1.eps == module.norm2.eps,
    }


def _encoder(module: nn.TransformerEncoder, given: Sequence[TensorRef]) -> Options:
    # of hidden keys it may make rows of several lengths, by where they are
    return {"may_nest": bool(getattr(module, "use_nested_tensor", False)) and len(given) == 2}


def _recurrent(module: nn.RNNBase, given: Sequence[TensorRef]) -> Options:
    return {
        "input_size": module.input_size,
        "hidden_size": module.hidden_size,
        "proj_size": module.proj_size,
        "num_layers": module.num_layers,
        "directions": 2 if module.bidirectional else 1,
        "bias": module.bias,
        "batch_first": module.batch_first,
        # [positions, features] and how many sequences there are at each time step
        "packed": len(given) > 1 and given[1].dtype == "int64" and len(given[1].shape) == 1,
    }


def _heads(module: Any, given: Sequence[TensorRef]) -> Options:
    return {"num_heads": module.num_heads, "head_dim": module.head_dim}


#: Classes of a package that need not be installed: module and name, of which subclasses are others.
_NAMED: dict[tuple[str, str], Describe] = {
    ("timm.layers.attention", "Attention"): _heads,
    ("timm.models.vision_transformer", "Attention"): _heads,
}
_DESCRIPTIONS: dict[type[nn.Module], Describe] = {
    nn.MultiheadAttention: _attention,
    nn.TransformerEncoderLayer: _encoder_layer,
    nn.TransformerEncoder: _encoder,
    nn.RNNBase: _recurrent,
}


def kept_weights(modules: Iterable[nn.Module]) -> dict[int, Options]:
    """Id of each pruned module → how many weights its masks leave, while these have values.

    ``torch.nn.utils.prune`` keeps a weight as ``weight_orig`` beside a ``weight_mask`` of zeros and
    ones. The option is ``kept_weight``, None for a mask without values.
    """
    kept: dict[int, Options] = {}
    for module in modules:
        if not module._buffers:
            continue
        for name, mask in module._buffers.items():
            if not name.endswith("_mask") or mask is None:
                continue
            bare = name.removesuffix("_mask")
            if f"{bare}_orig" in module._parameters:
                count = None if mask.is_meta else int(mask.sum())
                kept.setdefault(id(module), {})[f"kept_{bare}"] = count
    return kept
