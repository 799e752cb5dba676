"""The ledger of a convention that emulates a tool: figures entered op by op, or call by call.

A tool that hooks modules gives a module call one figure, and the op that does the call's work
carries it, so that rows by layer, module, op or kind all add up to the tool's total.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from profiler.counting.conventions import Unit
from profiler.counting.conventions.contractions import MACS, op_macs
from profiler.records import (
    ExtraCounts,
    ModuleCall,
    OpCounts,
    OpRecord,
    Shape,
    Tally,
    Trace,
)

#: Where a figure stands that a tool adds to its total and to no layer.
TOTAL_ONLY = "(total only)"


class Call(NamedTuple):
    """A module call and the ops that ran in it and in no module below it."""

    record: ModuleCall
    ops: tuple[OpRecord, ...]

    @property
    def input_shape(self) -> Shape:
        """Shape of the first input; () where there is none."""
        return self.record.input_shapes[0] if self.record.input_shapes else ()

    @property
    def output_shape(self) -> Shape:
        """Shape of the first output; () where there is none."""
        return self.record.output_shapes[0] if self.record.output_shapes else ()

    @property
    def torch_class(self) -> str:
        """The class's name if it is one of ``torch.nn``'s own that a tool can hook, else ""."""
        own = self.record.class_module.startswith("torch.nn.modules.")
        # one that the forward makes is not there yet when hooks are laid
        return self.record.class_name if own and "is_made" not in self.record.options else ""

    def op(self, kind: str) -> OpRecord | None:
        """The first op of a kind."""
        return next((op for op in self.ops if op.kind == kind), None)


#: What a hook on a module says of one call; None where the hook is not emulated.
Formula = Callable[[Call], int | None]


class Ledger:
    """Figures of one trace under one convention.

    Args:
        trace: the forward.
        unit: the metric that the tool's figures are a number of; the other is the true one.
    """

    def __init__(self, trace: Trace, unit: Unit) -> None:
        self._trace = trace
        self._unit = unit
        self._figures = [0] * len(trace.ops)
        self._macs: list[int | None] = [None] * len(trace.ops)
        self._params: list[int | None] = [None] * len(trace.ops)
        self._unknown: set[int] = set()
        self._extra: list[ExtraCounts] = []
        self._ops_of: list[list[int]] = [[] for _ in trace.modules]
        for index, op in enumerate(trace.ops):
            if op.module < len(self._ops_of):
                self._ops_of[op.module].append(index)

    def calls(self) -> list[Call]:
        """The module calls, in the trace's order."""
        ops = self._trace.ops
        return [
            Call(record, tuple([ops[index] for index in indices]))
            for record, indices in zip(self._trace.modules, self._ops_of, strict=True)
        ]

    def add_op(self, index: int, figure: int, macs: int | None = None) -> None:
        """Count an op; ``macs`` where the tool states MACs beside its FLOPs."""
        self._figures[index] += figure
        if macs is not None:
            self._macs[index] = (self._macs[index] or 0) + macs

    def add_call(self, index: int, figure: int, params: int | None = None) -> None:
        """Count a module call: the op that does its work carries the figure."""
        leading = self._leading(index)
        if leading is None or self._trace.ops[leading].kind == "view":  # views have no row
            if figure or params:
                record = self._trace.modules[index]
                self.add_path(record.path, record.class_name, figure, params or 0)
            return
        self._figures[leading] += figure
        if params is not None:
            self._params[leading] = (self._params[leading] or 0) + params

    def add_path(self, path: str, kind: str, figure: int, params: int = 0, macs: int = 0) -> None:
        """Count something that no op stands for."""
        if self._unit == "macs":
            self._extra.append(ExtraCounts(path, kind, macs=figure, params=params))
        else:
            self._extra.append(ExtraCounts(path, kind, flops=figure, params=params, macs=macs))

    def add_unknown(self, index: int) -> None:
        """Say that the emulation has no rule for an op: the tool may count it or not."""
        self._unknown.add(index)

    def add_unknown_call(self, index: int) -> None:
        """The same for the op that does a module call's work."""
        leading = self._leading(index)
        if leading is not None:
            self._unknown.add(leading)

    def tally(self) -> Tally:
        """Everything entered so far."""
        return Tally(
            tuple([self._op_counts(index) for index in range(len(self._figures))]),
            tuple(self._extra),
        )

    def _op_counts(self, index: int) -> OpCounts:
        true_macs, figure = op_macs(self._trace.ops[index]), self._figures[index]
        own_macs = self._macs[index]
        as_macs = self._unit == "macs"
        return OpCounts(
            macs=figure if as_macs else true_macs if own_macs is None else own_macs,
            flops=2 * true_macs if as_macs else figure,
            params=self._params[index],
            uncounted=index in self._unknown,
        )

    def _leading(self, call: int) -> int | None:
        """The first op of a call that contracts, else the first that is no view, else the first."""
        indices, ops = self._ops_of[call], self._trace.ops
        contracting = (index for index in indices if ops[index].kind in MACS)
        working = (index for index in indices if ops[index].kind != "view")
        found = next(contracting, None)
        return next(working, indices[0] if indices else None) if found is None else found


def is_below_function(op: OpRecord) -> bool:
    """Whether the op ran below the public function that was called, and is not that function.

    Below a transformation (``vmap``) a function sees other shapes than the op that it becomes.
    """
    if op.attributes.get("transformed"):
        return True
    name = op.function.rpartition(".")[2]
    return not name.startswith("__") and name.strip("_") != op.aten.strip("_")


def base_of(op: OpRecord) -> str:
    """Bare name of the public function that was called."""
    return op.function.partition(" ")[0].rpartition(".")[2].strip("_")


def is_bare(op: OpRecord) -> bool:
    """Whether it came from compiled code or from autograd, below no public function."""
    return op.function.startswith("torch.ops.aten.")


def is_hidden_python(op: OpRecord) -> bool:
    """Whether it is or ran below somebody else's op, which may be Python that calls others."""
    library = op.function.removeprefix("torch.ops.").partition(".")[0]
    return op.function.startswith("torch.ops.") and library not in {"aten", "torchvision"}


def parameter_sizes(trace: Trace) -> dict[str, int]:
    """Name → elements of every parameter, under each name it goes by."""
    return {
        name: parameter.numel
        for parameter in trace.parameters
        for name in (parameter.name, *parameter.shared_with)
    }


def own_parameters(call: ModuleCall) -> tuple[str, ...]:
    """Full names of a module's own parameters."""
    prefix = f"{call.path}." if call.path else ""
    return tuple([prefix + name for name in call.parameters])
