"""Conventions held against each other, and against the tools they emulate."""

from __future__ import annotations

from profiler.records.base import Record, Shape
from profiler.records.counts import Uncounted


class ExplanationPart(Record, frozen=True, gc=False):
    """What a convention counts of an op kind, and what ``flops`` does, in the convention's unit.

    ``reason`` is "" where the kind's rule needs no words.
    """

    kind: str
    true: int
    figure: int
    reason: str = ""

    @property
    def difference(self) -> int:
        """What the kind adds to the gap."""
        return self.figure - self.true


class Explanation(Record, frozen=True, gc=False):
    """One trace under one convention beside ``flops``; the parts add up to the gap.

    ``unit`` says whether ``total`` is a number of MACs or of FLOPs.
    """

    model: str
    input_shapes: dict[str, Shape]
    variant: str
    convention: str
    tool: str
    unit: str
    total: int
    params: int
    true_flops: int
    parts: tuple[ExplanationPart, ...]
    uncounted: tuple[Uncounted, ...] = ()

    @property
    def gap(self) -> int:
        """The figure less the FLOPs of ``flops``."""
        return self.total - self.true_flops

    @property
    def true_total(self) -> int:
        """What ``flops`` or ``macs`` says, whichever has this convention's unit."""
        return self.true_flops // 2 if self.unit == "macs" else self.true_flops


class LayerAgreement(Record, frozen=True, gc=False):
    """What a tool itself says of a module and all below it, and what its emulation says."""

    path: str
    figure: int
    emulated: int


class Verification(Record, frozen=True, gc=False):
    """A tool's own run beside the convention that emulates it.

    ``params`` is None where the tool counts none; with ``error`` the tool gave nothing at all.
    """

    convention: str
    tool: str
    unit: str
    total: int = 0
    emulated_total: int = 0
    params: int | None = None
    emulated_params: int = 0
    layers: tuple[LayerAgreement, ...] = ()
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
