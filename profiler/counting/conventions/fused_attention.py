"""Kernels of a whole attention module or encoder layer, which run where no gradient is wanted.

``torch.nn.MultiheadAttention`` and ``TransformerEncoderLayer`` hand all of their work to one kernel
in eval mode when autograd is off, or when nothing they read is trained: a frozen encoder, a network
below ``torch.no_grad()``. Tools that look at functions or at ops see that kernel and count nothing.
The conditions are those of ``torch/nn/modules/activation.py`` and ``transformer.py`` (torch 2.6 to
2.13) on the CPU, where the tools run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    nesting = tuple(
        [
            f"{call.path}." if call.path else ""
            for call in trace.modules
            if call.options.get("may_nest")
        ]
    )
    certain: set[int] = set()
    possible: set[int] = set()
    for call, ops in _without_gradient(trace, "self_attention", _attention_fuses):
        if not call.options["float_mask"]:
            certain.update(ops)
        elif nesting and call.path.startswith(nesting):
            possible.update(at for at in ops if trace.ops[at].kind not in _MOVEMENT)
    return Fused(frozenset(certain), frozenset(possible))


def fused_encoder_layers(trace: Trace) -> frozenset[int]:
    """Indices of the ops that such a kernel does for an encoder layer that nobody hooks.

    Of a tool that hooks the children of the model alone: the model and they are hooked.
    """
    return frozenset(
        op
        for call, ops in _without_gradient(trace, "fusible", _layer_fuses)
        if "." in call.path
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


def _without_gradient(
    trace: Trace, option: str, fuses: Callable[[ModuleCall], bool]
) -> Iterator[tuple[ModuleCall, list[int]]]:
    """Calls with that option that may fuse, with all ops below, none of which autograd follows."""
    starts = [at for at, call in enumerate(trace.modules) if option in call.options and fuses(call)]
    if not starts:
        return
    ops_of: dict[int, list[int]] = {}
    for index, op in enumerate(trace.ops):
        ops_of.setdefault(op.module, []).append(index)
    wants = [
        not op.no_grad and any(followed)
        for op, followed in zip(trace.ops, followed_operands(trace), strict=True)
    ]
    for start in starts:
        call = trace.modules[start]
        below, end = f"{call.path}." if call.path else "", start + 1
        while end < len(trace.modules) and trace.modules[end].path.startswith(below):
            end += 1
        ops = [index for module in range(start, end) for index in ops_of.get(module, ())]
        if not any(wants[index] for index in ops):
            yield call, ops


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
