"""Counts as a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from profiler import units
from profiler.counting.conventions import convention
from profiler.records import (
    READ,
    TABULAR,
    Block,
    Counts,
    Document,
    Explanation,
    Facts,
    Heading,
    LayerCounts,
    Lines,
    Markup,
    TableBlock,
    Totals,
    Uncounted,
)
from profiler.records.base import grouped
from profiler.render.cells import stated_precision
from profiler.render.messages import load_messages
from profiler.report.tables.layers import (
    DEFAULT_COLUMNS,
    calls_text,
    layer_table,
    stacked_layer_table,
    totals_table,
    uncounted_table,
)

#: Keys of the data that everybody gets, and those that ``--columns`` adds.
_METRICS = ("params", "macs", "flops", "activations")
_MORE_TOTALS = ("trainable_params", "bytes_moved", "weight_bytes", "peak_activation_bytes")
_MORE_OF_A_ROW = ("trainable_params", "bytes_moved", "calls")


def count_document(
    counted: Sequence[Counts], columns: Sequence[str] = DEFAULT_COLUMNS, detailed: bool = True
) -> Document:
    """Counts under one convention.

    Args:
        counted: one for each model, at least one.
        columns: of the rows, from ``tables.layers.COLUMNS``. With others than the usual ones the
            data have bytes, trainable parameters, calls and the precision as well.
        detailed: show the rows of each model; else several models have a row each.
    """
    more = tuple(columns) != DEFAULT_COLUMNS
    data = [_counts(each, more) for each in counted]
    return Document(tuple(_blocks(counted, columns, detailed)), data[0] if len(data) == 1 else data)


def model_title(of: Counts | Explanation) -> str:
    """The model, its input and its graph."""
    shapes = " + ".join(map(units.shape, of.input_shapes.values()))
    graph = "" if of.variant == "deploy" else f", {of.variant} graph"
    marks = "".join([f"; {mark}" for mark in run_marks(of.values, of.until)])
    return f"{of.model}, input {shapes}{graph}{marks}"


def run_marks(values: str, until: str) -> tuple[str, ...]:
    """What is to be known of figures from a forward that was not run on shapes alone, and whole."""
    known = {"real": "depends on the values of this input", "fake": "run on fake tensors"}
    return (*((f"up to {until}",) if until else ()), *filter(None, [known.get(values)]))


def marks_data(of: Counts | Explanation) -> dict[str, str]:
    """The same for data: only what there is to be known."""
    return {name: value for name in ("values", "until") if (value := getattr(of, name))}


def _blocks(counted: Sequence[Counts], columns: Sequence[str], detailed: bool) -> Iterator[Block]:
    several = len(counted) > 1
    for counts in counted if detailed else ():
        title = model_title(counts)
        yield Heading(title)
        yield TableBlock(title, layer_table(counts, columns), formats=READ)
        yield Facts(_facts(counts))
    if detailed:
        rows = (
            stacked_layer_table(counted, columns)
            if several
            else layer_table(counted[0], columns, counted)
        )
        yield TableBlock("", rows, formats=("csv",))
    if several:
        yield TableBlock("Totals", totals_table(counted), formats=READ if detailed else TABULAR)
    for counts in counted:
        if counts.uncounted:
            yield Markup(f"No rule under `{counts.convention}` and not in any figure:")
            title = f"{counts.model}: no rule under {counts.convention}, not in any figure"
            yield TableBlock(title, uncounted_table(counts))
    rule = convention(counted[0].convention)
    yield Lines((f"{rule.name}: {rule.summary}",), style="dim", formats=("terminal",))


def _facts(counts: Counts) -> tuple[tuple[str, str], ...]:
    """Facts beyond the total row: rounded totals, and memory at the precision."""
    totals = counts.totals
    precision = stated_precision((counts,), load_messages("en"))
    frozen = totals.params - totals.trainable_params
    return (
        ("parameters", units.scaled(totals.params)),
        *((("frozen", units.scaled(frozen)),) if frozen else ()),
        ("MACs", units.scaled(totals.macs)),
        ("FLOPs", f"{units.scaled(totals.flops)} ({counts.convention})"),
        ("activations", units.scaled(totals.activations)),
        ("weights", f"{units.byte_size(totals.weight_bytes)} at {precision}"),
        (
            "peak live activations",
            f"{units.byte_size(totals.peak_activation_bytes)} at {precision}",
        ),
    )


def _counts(counts: Counts, more: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "model": counts.model,
        "input_shape": counts.input_shape,
        "variant": counts.variant,
        "convention": counts.convention,
        "totals": _figures(counts.totals, _METRICS + (_MORE_TOTALS if more else ())),
        "layers": [_layer(row, more) for row in counts.layers],
        "uncounted": counts.uncounted,
    }
    found |= marks_data(counts)
    if len(counts.input_shapes) > 1:
        found["input_shapes"] = counts.input_shapes
    if more:
        found |= {"precision": counts.precision, "by": counts.grouping}
        if counts.dtypes:
            found["dtypes"] = counts.dtypes
    return found


def _layer(row: LayerCounts, more: bool) -> dict[str, Any]:
    names = _METRICS + (_MORE_OF_A_ROW if more else ())
    return _figures(row, ("path", "kind", "input_shape", "output_shape", *names))


def _figures(record: Totals | LayerCounts, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


def uncounted_lines(uncounted: Sequence[Uncounted]) -> Iterator[tuple[str, str]]:
    """Each function without a rule, and where it is called: however many layers do, in one line."""
    for function, ops in grouped(uncounted, lambda op: op.function).items():
        first = ops[0].path or "the model's own forward"
        where = first if len(ops) == 1 else f"{len(ops)} layers, {first} the first"
        yield function, f"in {where} ({calls_text(sum(op.calls for op in ops))})"
