"""One trace under one convention."""

from __future__ import annotations

from profiler.records.base import Record, Shape


class OpCounts(Record, frozen=True, gc=False):
    """What one convention says of one op: MACs, FLOPs, whether it has no rule for it.

    ``params`` is set by conventions that define parameters themselves.
    """

    macs: int = 0
    flops: int = 0
    params: int | None = None
    uncounted: bool = False


class ExtraCounts(Record, frozen=True, gc=False):
    """What a convention counts beside the ops, as a row of its own.

    A tool that meets a shared module at each of its paths counts it at each; what a tool adds to
    its total alone stands at the path "(total only)".
    """

    path: str
    kind: str
    macs: int = 0
    flops: int = 0
    params: int = 0


class Tally(Record, frozen=True, gc=False):
    """One trace under one convention: what each op costs, in the trace's order, and the rest."""

    ops: tuple[OpCounts, ...]
    extra: tuple[ExtraCounts, ...] = ()


class LayerCounts(Record, frozen=True, gc=False):
    """One row of a count: a layer, a module, an op or an op kind, depending on the grouping.

    ``params`` counts a shared parameter at its first use only, so rows add up to the total.
    ``activations`` are the output elements of every op but views; ``bytes_moved`` the bytes an
    unfused run reads and writes at the count's precision. ``calls`` is how many ops the row holds.
    """

    path: str
    kind: str
    input_shape: Shape
    output_shape: Shape
    params: int
    trainable_params: int
    macs: int
    flops: int
    activations: int
    bytes_moved: int
    calls: int = 1

    @property
    def frozen_params(self) -> int:
        """Parameters that take no gradient."""
        return self.params - self.trainable_params


class Totals(Record, frozen=True, gc=False):
    """Sums over the rows, and the two that are no sums: weight and peak activation bytes.

    ``peak_activation_bytes`` is the most bytes of inputs, intermediates and outputs that are alive
    at once when every tensor is freed after its last use; weights are not part of it.
    """

    params: int
    trainable_params: int
    macs: int
    flops: int
    activations: int
    bytes_moved: int
    weight_bytes: int
    peak_activation_bytes: int


class Uncounted(Record, frozen=True, gc=False):
    """Ops without a rule in the convention: function, where, how often."""

    function: str
    kind: str
    path: str
    calls: int


class Counts(Record, frozen=True, gc=False):
    """One trace under one convention.

    The rows add up to the totals for every metric. A metric the convention does not define holds
    the true figure (``macs`` under ``paddle_static``).
    """

    model: str
    input_shapes: dict[str, Shape]
    variant: str
    convention: str
    precision: str
    grouping: str
    layers: tuple[LayerCounts, ...]
    totals: Totals
    uncounted: tuple[Uncounted, ...] = ()

    @property
    def input_shape(self) -> Shape:
        """Shape of the first input."""
        return next(iter(self.input_shapes.values()), ())
