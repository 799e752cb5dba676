"""Kernels of a whole attention module or encoder layer, which run where no gradient is wanted.

``torch.nn.MultiheadAttention`` and ``TransformerEncoderLayer`` hand all of their work to one kernel
in eval mode when autograd is off, or when nothing they read is trained: a frozen encoder, a network
below ``torch.no_grad()``. Tools that look at functions or at ops see that kernel and count nothing.
The conditions are those of ``torch/nn/modules/activation.py`` and ``transformer.py`` (torch 2.6 to
2.13) on the CPU, where the tools run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from profiler.records import ModuleCall, Trace


class Fused(NamedTuple):
    """Indices of the ops that such a kernel does for a multi-head attention module."""

    certain: frozenset[int]
    #: Where it depends on the values of a mask.
    possible: frozenset[int]


def fused_attention(trace: Trace) -> Fused:
    """The ops of attention modules that become one kernel.

    An encoder that hides keys and may nest its rows does so where these are the last of each row;
    its layers are given no mask then.
    """
    wants = _wants_gradient(trace)
    nesting = tuple(
        [
            f"{call.path}." if call.path else ""
            for call in trace.modules
            if call.options.get("may_nest")
        ]
    )
    certain: set[int] = set()
    possible: set[int] = set()
    for call, ops in _ops_below(trace, "MultiheadAttention"):
        if not any(wants[index] for index in ops) and _attention_fuses(call):
            if not call.options["float_mask"]:
                certain.update(ops)
            elif nesting and call.path.startswith(nesting):
                possible.update(at for at in ops if trace.ops[at].kind not in _MOVEMENT)
    return Fused(frozenset(certain), frozenset(possible))


def fused_encoder_layers(trace: Trace) -> frozenset[int]:
    """Indices of the ops that such a kernel does for an encoder layer that nobody hooks.

    Of a tool that hooks the children of the model alone: the model and they are hooked.
    """
    wants = _wants_gradient(trace)
    return frozenset(
        op
        for call, ops in _ops_below(trace, "TransformerEncoderLayer")
        if _layer_fuses(call) and "." in call.path and not any(wants[index] for index in ops)
        for op in ops
    )


def _attention_fuses(call: ModuleCall) -> bool:
    options = call.options
    num_heads = options["num_heads"]
    assert isinstance(num_heads, int)
    return bool(
        options["self_attention"]
        and options["batch_first"]
        and options["packed"]
        and options["bias"]
        and not options["adds_keys"]
        and num_heads % 2 == 0
        and len(call.input_shapes[0]) == 3
    )


def _layer_fuses(call: ModuleCall) -> bool:
    options = call.options
    num_heads = options["num_heads"]
    assert isinstance(num_heads, int)
    return bool(
        options["batch_first"]
        and options["bias"]
        and options["fusible"]
        and num_heads % 2 == 0
        and len(call.input_shapes[0]) == 3
    )


def _ops_below(trace: Trace, class_name: str) -> Iterator[tuple[ModuleCall, list[int]]]:
    """Calls of a class, with the ops in them and in what they call."""
    options = {"MultiheadAttention": "self_attention", "TransformerEncoderLayer": "fusible"}
    for index, call in enumerate(trace.modules):
        if options[class_name] not in call.options:
            continue
        below, end = f"{call.path}." if call.path else "", index + 1
        while end < len(trace.modules) and trace.modules[end].path.startswith(below):
            end += 1
        yield call, [at for at, op in enumerate(trace.ops) if index <= op.module < end]


def _wants_gradient(trace: Trace) -> list[bool]:
    """Whether autograd follows each op: it is on, and something that the op reads is trained."""
    return [
        not op.no_grad and any(followed)
        for op, followed in zip(trace.ops, followed_operands(trace), strict=True)
    ]


def followed_operands(trace: Trace) -> list[tuple[bool, ...]]:
    """Of each op's operands, whether they want a gradient.

    A tensor that is detached is taken for detached under all of its names from there on.
    """
    trained = {each.name for each in trace.parameters if each.trainable}
    followed: set[int] = set()
    operands: list[tuple[bool, ...]] = []
    for op in trace.ops:
        wanting = tuple(
            [tensor.state in trained or tensor.storage in followed for tensor in op.inputs]
        )
        operands.append(wanting)
        if op.aten == "detach":
            followed.difference_update(tensor.storage for tensor in op.outputs)
        elif not op.no_grad and any(wanting):
            followed.update(
                tensor.storage for tensor in op.outputs if tensor.dtype.startswith(_NUMBERS)
            )
    return operands


_MOVEMENT = frozenset({"view", "copy", "create"})
_NUMBERS = ("float", "bfloat", "complex")
