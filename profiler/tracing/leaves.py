"""Torch's own common layers: the function that each calls, told without running it.

A network is mostly these layers, and running one costs more than recording its op: the module's
call, its forward, attribute access and the function's way to the mode. Each entry gives the call
that the layer's forward makes; a layer with hooks, in training mode, with a forward of its own, or
set in a way an entry does not know, is run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.modules import module as _module

from profiler.tracing.functions import Function, lookup

Attributes = dict[str, Any]
Tensors = tuple[torch.Tensor | None, ...]

#: Hooks on all modules, which torch keeps in these for good.
_any_forward_pre_hooks = _module._global_forward_pre_hooks
_any_forward_hooks = _module._global_forward_hooks
_any_backward_pre_hooks = _module._global_backward_pre_hooks
_any_backward_hooks = _module._global_backward_hooks

#: A layer's attributes and its input → the tensors and the other values it hands to its function,
#: or None where that is not certain.
Arguments = Callable[[Attributes, torch.Tensor], tuple[Tensors, tuple[Any, ...]] | None]


class Leaf(NamedTuple):
    """A class of layers whose forward is one call of a public function.

    ``names`` are those of the arguments, tensors first.
    """

    function: Function
    names: tuple[str, ...]
    arguments: Arguments
    forward: Callable[..., Any]

    def runs_plainly(self, layer: nn.Module) -> bool:
        """Whether calling the layer is calling torch's own forward and nothing else."""
        own = vars(layer)
        return not (
            type(layer).forward is not self.forward
            or own["training"]
            or own["_forward_hooks"]
            or own["_forward_pre_hooks"]
            or own["_backward_hooks"]
            or own["_backward_pre_hooks"]
            or "forward" in own
            or _any_forward_pre_hooks
            or _any_forward_hooks
            or _any_backward_pre_hooks
            or _any_backward_hooks
        )


def _conv(own: Attributes, x: torch.Tensor) -> tuple[Tensors, tuple[Any, ...]] | None:
    state = own["_parameters"]
    if own["padding_mode"] != "zeros" or len(state) != 2 or "_conv_forward" in own:
        return None
    return (
        (x, state["weight"], state["bias"]),
        (own["stride"], own["padding"], own["dilation"], own["groups"]),
    )


def _batch_norm(rank: int) -> Arguments:
    def arguments(own: Attributes, x: torch.Tensor) -> tuple[Tensors, tuple[Any, ...]] | None:
        state, statistics = own["_parameters"], own["_buffers"]
        if x.dim() != rank or len(state) != 2 or len(statistics) != 3:
            return None
        mean, variance = statistics["running_mean"], statistics["running_var"]
        if mean is None or variance is None:  # then it normalises by the batch
            return None
        return (x, mean, variance, state["weight"], state["bias"]), ()

    return arguments


def _linear(own: Attributes, x: torch.Tensor) -> tuple[Tensors, tuple[Any, ...]] | None:
    state = own["_parameters"]
    return ((x, state["weight"], state["bias"]), ()) if len(state) == 2 else None


def _layer_norm(own: Attributes, x: torch.Tensor) -> tuple[Tensors, tuple[Any, ...]] | None:
    state = own["_parameters"]
    if len(state) != 2:
        return None
    return (x, state["weight"], state["bias"]), (own["normalized_shape"],)


def _activation(own: Attributes, x: torch.Tensor) -> tuple[Tensors, tuple[Any, ...]] | None:
    return (x,), (own["inplace"],)


def _gelu(own: Attributes, x: torch.Tensor) -> tuple[Tensors, tuple[Any, ...]] | None:
    return (x,), ()


_CONV = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_BATCH_NORM = ("input", "running_mean", "running_var", "weight", "bias")
_LAYER_NORM = ("input", "weight", "bias", "normalized_shape")
_ACTIVATION = ("input", "inplace")

#: Exact class → the call its forward makes; subclasses are run.
LEAVES: dict[type[nn.Module], Leaf] = {
    cls: Leaf(lookup(function), names, arguments, cls.forward)
    for cls, function, names, arguments in (
        (nn.Conv1d, torch.conv1d, _CONV, _conv),
        (nn.Conv2d, torch.conv2d, _CONV, _conv),
        (nn.Conv3d, torch.conv3d, _CONV, _conv),
        (nn.BatchNorm2d, F.batch_norm, _BATCH_NORM, _batch_norm(4)),
        (nn.BatchNorm3d, F.batch_norm, _BATCH_NORM, _batch_norm(5)),
        (nn.Linear, F.linear, _CONV[:3], _linear),
        (nn.LayerNorm, F.layer_norm, _LAYER_NORM, _layer_norm),
        (nn.ReLU, F.relu, _ACTIVATION, _activation),
        (nn.SiLU, F.silu, _ACTIVATION, _activation),
        (nn.GELU, F.gelu, ("input",), _gelu),
    )
}
