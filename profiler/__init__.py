"""inprof: what each layer of a network costs, traced rather than assumed.

    >>> import profiler
    >>> model = profiler.build("googlenet")
    >>> trace = profiler.trace(model, (1, 3, 224, 224))
    >>> profiler.count(trace, "macs").totals.macs
    1431556352

Importing this package imports no torch; the functions do when they are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from profiler.counting.counts import count
from profiler.records import Cost
from profiler.tracing.own_rules import RuledCall, rule

if TYPE_CHECKING:
    import torch

    from profiler.records import Trace, Values

__all__ = ["Cost", "RuledCall", "build", "count", "list_models", "rule", "trace"]


def build(address: str, *, variant: str = "deploy", **kwargs: Any) -> torch.nn.Module:
    """Build the model at ``address``, on the meta device unless its builder looks at values.

    Args:
        address: an architecture's name (``list_models``), ``package.module:function`` or
            ``path/to/file.py:function``.
        variant: ``deploy`` or ``train``, the graph to build.
        kwargs: handed to the builder.

    Raises:
        UnknownNameError: no architecture of that name.
        BuildError: the builder can't be imported, raises, or returns no module.
    """
    from profiler.models.building import build as build_model

    return build_model(address, variant=variant, **kwargs)


def trace(
    model: torch.nn.Module,
    inputs: Any,
    *,
    arch: str = "",
    variant: str = "",
    values: Values | None = None,
    until: str = "",
) -> Trace:
    """Run ``model`` once in eval mode and record every op and module call.

    It is run on shapes alone. A forward that looks at the values of a tensor is run on fake
    tensors, and if that does not do, with values on the CPU; ``Trace.values`` says which it was.

    Args:
        model: any module on any device; left as it was, also after an exception.
        inputs: a shape, or a tuple or mapping of shapes, tensors and whatever holds these; left as
            it was.
        arch: the name the trace goes by; what ``build`` was given unless stated, else the class.
        variant: which graph of the architecture this is; what ``build`` was given unless stated.
        values: ``never`` for shapes alone, ``fake`` or ``real`` for such a run and no other.
        until: path of the module after whose first call the forward is stopped.

    Raises:
        TraceError: the forward can't be run; names the op, the module and the line.
    """
    from profiler.tracing.tracer import trace as trace_model

    return trace_model(model, inputs, arch=arch, variant=variant, values=values, until=until)


def list_models() -> list[str]:
    """Names of the built-in architectures."""
    from profiler.models.building import list_models as list_architectures

    return list_architectures()
