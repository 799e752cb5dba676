"""The counting tools themselves beside the conventions that emulate them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from profiler import units
from profiler.counting.conventions import convention
from profiler.counting.conventions.ledger import TOTAL_ONLY
from profiler.counting.counts import count
from profiler.errors import ToolError
from profiler.records import (
    Counts,
    LayerAgreement,
    Trace,
    Verification,
)

#: Run by every verification, and reported also where they are not installed.
ALWAYS = ("fvcore", "thop")


def verify(
    address: str, trace: Trace, options: Mapping[str, object] = MappingProxyType({})
) -> tuple[Verification, ...]:
    """Run every tool there is on a model, with real parameters on the CPU.

    A tool that is not installed or fails says so in its record; the others go on.

    Args:
        address: what ``build`` takes.
        trace: the same model's, on one image batch.
        options: what its builder was given.
    """
    from profiler.counting.tools import TOOLS, is_installed, run_tool
    from profiler.models.building import build

    model = build(address, variant=trace.variant, **options)
    verified = []
    for name in sorted(TOOLS):
        if name not in ALWAYS and not is_installed(name):
            continue
        counts = count(trace, name, by="module")
        try:
            if len(trace.input_shapes) != 1:
                shapes = ", ".join(units.shape(shape) for shape in trace.input_shapes.values())
                raise ToolError(f"{name} is run on models of one input, not on {shapes}")
            if not trace.inputs[0].dtype.startswith(("float", "bfloat")):
                raise ToolError(f"{name} is run on images, not on whole numbers")
            figures = run_tool(name, model, trace.input_shape)
        except ToolError as error:
            verified.append(failed(name, str(error)))
        else:
            verified.append(agreement(counts, figures.total, figures.params, figures.by_module))
    return tuple(verified)


def failed(name: str, error: str) -> Verification:
    """A tool that gave nothing."""
    rule = convention(name)
    return Verification(convention=name, tool=rule.tool, unit=rule.unit, error=error)


def agreement(
    counts: Counts, total: int, params: int | None, by_module: Mapping[str, int]
) -> Verification:
    """A count under the tool's convention beside the figures that the tool printed.

    Args:
        counts: grouped by module, at no depth.
        total: the tool's figure for the whole model.
        params: its parameters, None where it counts none.
        by_module: path → its figure for that module and everything below.
    """
    rule = convention(counts.convention)
    sums: dict[str, int] = {}
    for row in counts.layers:
        path = row.path
        while path and path != TOTAL_ONLY:
            sums[path] = sums.get(path, 0) + rule.figure(row)
            path = path.rpartition(".")[0]
    totals = counts.totals
    return Verification(
        convention=counts.convention,
        tool=rule.tool,
        unit=rule.unit,
        total=total,
        emulated_total=rule.figure(totals),
        params=params,
        emulated_params=totals.params,
        without_rule=sum(op.calls for op in counts.uncounted),
        layers=tuple(
            [
                LayerAgreement(path, figure, sums.get(path, 0))
                for path, figure in by_module.items()
                if path
            ]
        ),
    )
