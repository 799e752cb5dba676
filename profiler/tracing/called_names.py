"""By which name a function of ``torch.nn.functional`` is called.

Tools that count functions put others in their place, so that they see ``F.conv2d`` and neither
``torch.conv2d``, which is the same function, nor a name that was bound before: an activation that a
layer was given when it was built, or ``from torch.nn.functional import relu``. Meanwhile each of
these names stands here for a function that takes note of the call and passes it on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from torch.nn import functional as F

from profiler.tracing.functions import lookup

Function = Callable[..., Any]

#: Names that a tool replaces.
_REPLACED = (
    "linear conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d "
    "relu prelu elu leaky_relu relu6 silu gelu softmax embedding scaled_dot_product_attention "
    "batch_norm layer_norm instance_norm group_norm interpolate upsample "
    "avg_pool1d avg_pool2d avg_pool3d max_pool1d max_pool2d max_pool3d "
    "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d "
    "adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d"
).split()

_functions: dict[str, Function] = {name: vars(F)[name] for name in _REPLACED if name in vars(F)}
#: Function that arrives at a mode → the one whose name it goes by, which calls it.
GOES_BY: dict[Function, Function] = {
    **{function: function for function in _functions.values()},
    **{
        vars(F)[f"{name}_with_indices"]: function
        for name, function in _functions.items()
        if f"{name}_with_indices" in vars(F)
    },
}
# their public names are asked for while the names still stand for them
for _function in GOES_BY:
    lookup(_function)


class CalledName:
    """What tells calls by these names from calls of the same functions by others."""

    __slots__ = ("function",)

    def __init__(self) -> None:
        #: The function that was called last by one of the names; a trace is alone in its process.
        self.function: Function | None = None


LATEST = CalledName()


def _noting(function: Function) -> Function:
    def noting(*args: Any, **kwargs: Any) -> Any:
        LATEST.function = function
        return function(*args, **kwargs)

    return noting


_standing_in = {name: _noting(function) for name, function in _functions.items()}
#: What stands for a function → it. One that is written in Python names itself, and so what stands
#: for it, when it asks whether a mode wants a say.
BEHIND: dict[Function, Function] = {_standing_in[name]: _functions[name] for name in _functions}


@contextlib.contextmanager
def names_watched() -> Iterator[None]:
    """Take note of every call by one of the names; what somebody else has put there is left."""
    namespace = vars(F)
    ours = {name: function for name, function in _functions.items() if namespace[name] is function}
    namespace.update({name: _standing_in[name] for name in ours})
    try:
        yield
    finally:
        namespace.update(ours)
