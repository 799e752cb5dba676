"""How many bytes of activations are alive at once."""

from __future__ import annotations

from collections.abc import Callable

from profiler.records import TensorRef, Trace


def peak_activation_bytes(trace: Trace, size: Callable[[TensorRef], int]) -> int:
    """The most bytes of inputs, intermediates and outputs alive at any op.

    A storage comes to life at the op that first returns it (the model's inputs at the start) and
    dies after the last op that touches it through any alias; the model's outputs live to the end.
    While an op runs, its inputs and its outputs are alive together. Storages of parameters and
    buffers are not counted.

    Args:
        trace: the forward.
        size: bytes of a tensor.
    """
    sizes, births, deaths = _lifetimes(trace, size)
    changes = [0] * (len(trace.ops) + 2)
    for storage, birth in births.items():
        changes[birth] += sizes[storage]
        changes[deaths[storage] + 1] -= sizes[storage]
    alive = peak = 0
    for change in changes:
        alive += change
        peak = max(peak, alive)
    return peak


def _lifetimes(
    trace: Trace, size: Callable[[TensorRef], int]
) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
    """Storage → bytes, index of the op that makes it, index of the last op that touches it."""
    sizes = {tensor.storage: size(tensor) for tensor in trace.inputs}
    births = dict.fromkeys(sizes, 0)
    deaths = dict.fromkeys(sizes, 0)
    state = set(trace.state_storages)
    for index, op in enumerate(trace.ops):
        for tensor in op.inputs + op.outputs:
            storage = tensor.storage
            if storage in births:
                deaths[storage] = index
            elif storage not in state:
                births[storage] = deaths[storage] = index
                # as large as the tensor that was made on it; later ones are views, or expanded
                sizes[storage] = size(tensor)
    for tensor in trace.outputs:
        if tensor.storage in deaths:
            deaths[tensor.storage] = len(trace.ops)
    return sizes, births, deaths
