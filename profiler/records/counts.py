"""One trace under conventions: its counts, why two differ, and whether a tool agrees."""

from __future__ import annotations

from typing import Literal

from profiler.records.base import Record, Shape
from profiler.records.trace import ValuesUsed


class OpCounts(Record, frozen=True, gc=False):
    """One op under one convention."""

    macs: int = 0
    flops: int = 0
    #: Set by conventions that define parameters themselves.
    params: int | None = None
    #: Whether the convention has no rule for it.
    uncounted: bool = False


class ExtraCounts(Record, frozen=True, gc=False):
    """An entry that a convention counts beside the ops, as a row of its own.

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
    """One row of a count: a layer, a module, an op or an op kind, depending on the grouping."""

    path: str
    kind: str
    input_shape: Shape
    output_shape: Shape
    #: A shared parameter counts at its first use only, so that rows add up to the total.
    params: int
    trainable_params: int
    macs: int
    flops: int
    #: Output elements of every op but views.
    activations: int
    #: Bytes that an unfused run reads and writes, at the count's precision.
    bytes_moved: int
    #: How many ops the row holds.
    calls: int = 1

    @property
    def frozen_params(self) -> int:
        """Parameters that take no gradient."""
        return self.params - self.trainable_params


class Totals(Record, frozen=True, gc=False):
    """Sums over the rows, and the two that are no sums: weight and peak activation bytes."""

    params: int
    trainable_params: int
    macs: int
    flops: int
    activations: int
    bytes_moved: int
    weight_bytes: int
    #: The most bytes of inputs, intermediates and outputs that are alive at once when every tensor
    #: is freed after its last use; weights are no part of it.
    peak_activation_bytes: int


class Uncounted(Record, frozen=True, gc=False):
    """Ops without a rule in the convention: function, where, how often."""

    function: str
    kind: str
    path: str
    calls: int


class Counts(Record, frozen=True, gc=False):
    """One trace under one convention, as rows that add up to the totals for every metric."""

    model: str
    input_shapes: dict[str, Shape]
    variant: str
    convention: str
    #: What bytes are stated at; ``OWN_DTYPES`` where that is each tensor's own dtype, and these
    #: are others than plain 32-bit floats.
    precision: str
    grouping: str
    layers: tuple[LayerCounts, ...]
    #: A metric that the convention does not define holds the true figure, as ``macs`` does under
    #: ``paddle_static``.
    totals: Totals
    uncounted: tuple[Uncounted, ...] = ()
    #: The dtypes that bytes are stated at under ``OWN_DTYPES``: of parameters, those of most
    #: elements first, then of floating-point activations. Else none.
    dtypes: tuple[str, ...] = ()
    #: What the forward was run on, and the module that it went no further than; as in ``Trace``.
    values: ValuesUsed = ""
    until: str = ""

    @property
    def input_shape(self) -> Shape:
        """Shape of the first input."""
        return next(iter(self.input_shapes.values()), ())


#: A figure that is explained: a convention's work in its own unit, or its parameters.
Metric = Literal["flops", "params"]


class Cause(Record, frozen=True, gc=False):
    """One part of why a convention's figure is not the true one; the parts add up to it."""

    #: Kind of op, or the function behind all of it, or "unit" for counting MACs.
    kind: str
    #: Message key below "audit.effects".
    effect: str
    #: What it adds to the true figure.
    amount: int
    #: How many layers of the kind it concerns, and how many of them there are.
    layers: int = 0
    of_layers: int = 0
    #: The layers that are left out.
    paths: tuple[str, ...] = ()
    #: The convention's own words; "" where there are none.
    reason: str = ""


class ExplanationPart(Record, frozen=True, gc=False):
    """An op kind of which a convention and ``flops`` differ, both in the convention's unit."""

    kind: str
    true: int
    figure: int
    #: The convention's own words; "" where the kind's rule needs none.
    reason: str = ""
    #: Calls of this kind that the convention has no rule for.
    without_rule: int = 0

    @property
    def difference(self) -> int:
        """The kind's share of the gap."""
        return self.figure - self.true


class Explanation(Record, frozen=True, gc=False):
    """One trace under one convention beside ``flops``."""

    model: str
    input_shapes: dict[str, Shape]
    variant: str
    convention: str
    tool: str
    #: Whether ``total`` is a number of MACs or of FLOPs.
    unit: str
    total: int
    params: int
    true_flops: int
    #: The gap kind by kind, to which they add up.
    parts: tuple[ExplanationPart, ...]
    #: The gap op by op: ops of one kind that are treated alike are one cause. Of parameters it is
    #: the difference from the true number.
    causes: dict[Metric, tuple[Cause, ...]] = {}
    uncounted: tuple[Uncounted, ...] = ()
    #: As in ``Counts``.
    values: ValuesUsed = ""
    until: str = ""
    #: Calls that ``flops`` itself has no rule for.
    without_true: int = 0

    @property
    def gap(self) -> int:
        """The figure less the FLOPs of ``flops``."""
        return self.total - self.true_flops

    @property
    def true_total(self) -> int:
        """The figure of ``flops`` or ``macs``, whichever has this convention's unit."""
        return self.true_flops // 2 if self.unit == "macs" else self.true_flops


class LayerAgreement(Record, frozen=True, gc=False):
    """A module and all below it: the tool's own figure, and that of its emulation."""

    path: str
    figure: int
    emulated: int


class Verification(Record, frozen=True, gc=False):
    """A tool's own run beside the convention that emulates it."""

    convention: str
    tool: str
    unit: str
    total: int = 0
    emulated_total: int = 0
    #: None where the tool counts none.
    params: int | None = None
    emulated_params: int = 0
    layers: tuple[LayerAgreement, ...] = ()
    #: Calls that the emulation has no rule for.
    without_rule: int = 0
    #: Why the tool gave nothing at all; "" where it did.
    error: str = ""

    @property
    def agrees(self) -> bool:
        """Whether every figure that the tool gives is the emulation's."""
        return (
            not self.error
            and self.total == self.emulated_total
            and self.params in (None, self.emulated_params)
            and all(layer.figure == layer.emulated for layer in self.layers)
        )
