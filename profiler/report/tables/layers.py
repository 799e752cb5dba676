"""Layers → Table: the rows of a count with their total, several counts, and measured layers.

The rows of a measured network are its layers' times, what was counted of each, the rates reached,
and the roof above them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from profiler import units
from profiler.errors import UnknownNameError, UsageError
from profiler.records import (
    Cell,
    Column,
    Counts,
    Explanation,
    LayerCounts,
    LayerTimes,
    Record,
    Shape,
    Table,
    Totals,
    Uncounted,
)
from profiler.report.tables.columns import (
    NO_WORDS,
    WORDS,
    ColumnSpec,
    label,
    measured,
    named,
    quotient,
    table,
    traced,
)

if TYPE_CHECKING:
    from profiler.timing.latencies.layer_timings import TimedLayer

#: The columns of a layer table unless others are asked for.
DEFAULT_COLUMNS = ("path", "kind", "output_shape", "params", "macs", "flops", "share")


class _Row(Record, frozen=True):
    """A row of a count, the total that it is a share of, and what the count was run on."""

    layer: LayerCounts
    total: Totals
    values: str = ""
    until: str = ""


def _layer_column(
    name: str, hint: str, value: Callable[[LayerCounts], str | int]
) -> ColumnSpec[_Row]:
    def cell(row: _Row) -> Cell:
        found = value(row.layer)
        return label(found) if isinstance(found, str) else traced(found)

    return ColumnSpec(f"count.{name}", hint, cell)


#: Every column there is of a layer table.
COLUMNS: Mapping[str, ColumnSpec[_Row]] = {
    each.key.removeprefix("count."): each
    for each in (
        _layer_column("path", "label", lambda layer: layer.path),
        _layer_column("kind", "text", lambda layer: layer.kind),
        _layer_column("input_shape", "text", lambda layer: _shape(layer, layer.input_shape)),
        _layer_column("output_shape", "text", lambda layer: _shape(layer, layer.output_shape)),
        _layer_column("params", "integer", lambda layer: layer.params),
        _layer_column("trainable_params", "integer", lambda layer: layer.trainable_params),
        _layer_column("frozen_params", "integer", lambda layer: layer.frozen_params),
        _layer_column("macs", "integer", lambda layer: layer.macs),
        _layer_column("flops", "integer", lambda layer: layer.flops),
        ColumnSpec(
            "count.share", "share", lambda row: quotient(row.layer.flops, row.total.flops)
        ),
        _layer_column("activations", "integer", lambda layer: layer.activations),
        _layer_column("bytes_moved", "bytes", lambda layer: layer.bytes_moved),
        ColumnSpec("count.arithmetic_intensity", "ratio",
                   lambda row: quotient(row.layer.flops, row.layer.bytes_moved)),
        _layer_column("calls", "integer", lambda layer: layer.calls),
    )
}  # fmt: skip

#: Said in every row where a forward was run otherwise than on shapes alone, and whole.
_VALUES: ColumnSpec[Any] = ColumnSpec("count.values", "text", lambda row: label(row.values))
_UNTIL: ColumnSpec[Any] = ColumnSpec("count.until", "label", lambda row: label(row.until))


def _marks(models: Sequence[Counts]) -> tuple[ColumnSpec[Any], ...]:
    return (
        *((_VALUES,) if any(each.values for each in models) else ()),
        *((_UNTIL,) if any(each.until for each in models) else ()),
    )


def with_run_marks(shown: Table, of: Counts | Explanation) -> Table:
    """The same table with how the forward was run said in every row, where that is to be said."""
    marks = [each for each in (_VALUES, _UNTIL) if each.cell(of).value]
    if not marks:
        return shown
    columns = tuple([Column(key=each.key, hint=each.hint, align="left") for each in marks])
    cells = tuple([each.cell(of) for each in marks])
    return replace(
        shown,
        columns=(*shown.columns, *columns),
        rows=tuple([(*row, *cells) for row in shown.rows]),
    )


#: Rows of many layers, or of none.
_SHAPELESS = ("rest", "unused")
#: What a row of one op kind, wherever its ops are, does not have.
_OF_A_PLACE = ("path", "input_shape", "output_shape")

_TOTALS: tuple[ColumnSpec[Counts], ...] = (
    ColumnSpec("count.model", "label", lambda counts: label(counts.model)),
    ColumnSpec("count.input_shape", "text",
               lambda counts: label(" + ".join(map(units.shape, counts.input_shapes.values())))),
    ColumnSpec("count.variant", "text", lambda counts: label(counts.variant)),
    ColumnSpec("count.convention", "text", lambda counts: label(counts.convention)),
    ColumnSpec("count.params", "integer", lambda counts: traced(counts.totals.params)),
    ColumnSpec("count.macs", "integer", lambda counts: traced(counts.totals.macs)),
    ColumnSpec("count.flops", "integer", lambda counts: traced(counts.totals.flops)),
    ColumnSpec("count.activations", "integer", lambda counts: traced(counts.totals.activations)),
    ColumnSpec("count.weight_bytes", "bytes", lambda counts: traced(counts.totals.weight_bytes)),
    ColumnSpec("count.peak_activation_bytes", "bytes",
               lambda counts: traced(counts.totals.peak_activation_bytes)),
)  # fmt: skip
_UNCOUNTED: tuple[ColumnSpec[Uncounted], ...] = (
    ColumnSpec("count.function", "label", lambda op: label(op.function)),
    ColumnSpec("count.kind", "text", lambda op: label(op.kind)),
    ColumnSpec("count.path", "text", lambda op: label(op.path)),
    ColumnSpec("count.calls", "integer", lambda op: traced(op.calls)),
)
_TIMES: tuple[ColumnSpec[TimedLayer], ...] = (
    ColumnSpec("layer_times.path", "label", lambda layer: label(layer.path or layer.class_name)),
    ColumnSpec("layer_times.kind", "text", lambda layer: label(layer.class_name)),
    ColumnSpec("layer_times.time", "measured_ms", lambda layer: measured(layer.self_ms)),
    ColumnSpec("layer_times.share", "share", lambda layer: measured(layer.share)),
    ColumnSpec("layer_times.flops", "integer", lambda layer: traced(layer.flops)),
    ColumnSpec("layer_times.flops_per_s", "giga_rate", lambda layer: measured(layer.flops_per_s)),
    ColumnSpec("layer_times.bytes_per_s", "giga_rate", lambda layer: measured(layer.bytes_per_s)),
    ColumnSpec("layer_times.arithmetic_intensity", "ratio", lambda layer: measured(
        layer.flops / layer.bytes_moved if layer.bytes_moved else None)),
)  # fmt: skip
_ROOF: tuple[ColumnSpec[TimedLayer], ...] = (
    ColumnSpec("layer_times.bound", "text",
               lambda layer: named(layer.bound) if layer.bound else NO_WORDS),
    ColumnSpec("layer_times.roof_share", "share", lambda layer: measured(layer.roof_share)),
)  # fmt: skip


def layer_table(
    counts: Counts, columns: Sequence[str] = DEFAULT_COLUMNS, marked: Sequence[Counts] = ()
) -> Table:
    """A count's rows in order and, last, their total.

    Args:
        counts: what to show; its grouping decides what a row is.
        columns: names from ``COLUMNS``, in the order wanted.
        marked: counts of which each row says how their forward was run, for want of a title.
    """
    if not columns:
        raise UsageError(f"no columns to show: choose from {', '.join(COLUMNS)}")
    for name in columns:
        if name not in COLUMNS:
            raise UnknownNameError("column", name, COLUMNS)
    if counts.grouping == "kind":
        columns = [name for name in columns if name not in _OF_A_PLACE] or ["kind"]
    marks = _marks(marked)
    shown = [*[COLUMNS[name] for name in columns], *marks]
    whole = _Row(_summed(counts), counts.totals, counts.values, counts.until)
    total = {each.key: each.cell(whole) for each in shown if each.hint not in WORDS}
    total |= {key: named("total") for key in [x.key for x in shown if x.hint in WORDS][:1]}
    total |= {each.key: each.cell(whole) for each in marks}
    rows = [_Row(layer, counts.totals, counts.values, counts.until) for layer in counts.layers]
    return table("layers", rows, shown, sums=[total])


def stacked_layer_table(
    models: Sequence[Counts], columns: Sequence[str] = DEFAULT_COLUMNS
) -> Table:
    """The layer tables of several counts in one; the first column says whose row it is."""
    owner = Column(key="count.model", hint="label", align="left")
    tables = [layer_table(counts, columns, models) for counts in models]
    rows = tuple(
        (label(counts.model), *row)
        for counts, shown in zip(models, tables, strict=True)
        for row in shown.rows
    )
    return Table(key="layers", columns=(owner, *tables[0].columns), rows=rows)


def totals_table(models: Sequence[Counts]) -> Table:
    """One row per count: what was counted, and its totals."""
    return table("totals", models, (*_TOTALS, *_marks(models)))


def uncounted_table(counts: Counts) -> Table:
    """The ops the convention has no rule for, so that none is dropped in silence."""
    return table("uncounted", counts.uncounted, _UNCOUNTED)


def layer_time_table(times: LayerTimes, layers: Sequence[TimedLayer]) -> Table:
    """A row per layer in execution order, one for what is outside any, and the whole.

    Columns about the roof are left out where the device's peak is not known.
    """
    return _layer_times(times, layers, layers)


def slowest_layers(layers: Sequence[TimedLayer], most: int) -> tuple[TimedLayer, ...]:
    """The layers that take the most time, the slowest first."""
    return tuple(sorted(layers, key=lambda layer: -layer.self_ms)[:most])


def slowest_layer_table(times: LayerTimes, layers: Sequence[TimedLayer], most: int) -> Table:
    """As ``layer_time_table``, but the slowest layers first and the others in one row."""
    return _layer_times(times, layers, slowest_layers(layers, most))


def _layer_times(
    times: LayerTimes, layers: Sequence[TimedLayer], shown: Sequence[TimedLayer]
) -> Table:
    sums = {"unattributed": times.unattributed_ms, "total": times.total_ms}
    if len(layers) > len(shown):
        rest_ms = sum(layer.self_ms for layer in layers) - sum(layer.self_ms for layer in shown)
        sums = {"other_layers": rest_ms, **sums}
    return table(
        "layer_times",
        shown,
        (*_TIMES, *(_ROOF if any(layer.bound for layer in layers) else ())),
        sums=(
            {
                "layer_times.path": named(reason),
                "layer_times.time": measured(ms),
                "layer_times.share": measured(ms / times.total_ms),
            }
            for reason, ms in sums.items()
        ),
    )


def _summed(counts: Counts) -> LayerCounts:
    """The total as a row."""
    total = counts.totals
    return LayerCounts(
        path="",
        kind="",
        input_shape=(),
        output_shape=(),
        params=total.params,
        trainable_params=total.trainable_params,
        macs=total.macs,
        flops=total.flops,
        activations=total.activations,
        bytes_moved=total.bytes_moved,
        calls=sum(row.calls for row in counts.layers),
    )


def _shape(layer: LayerCounts, shape: Shape) -> str:
    """A row of many layers, or of none, has no shape of its own."""
    return "" if layer.kind in _SHAPELESS else units.shape(shape)


def calls_text(number: int) -> str:
    """How many calls, in words."""
    return f"{number} call" if number == 1 else f"{number} calls"
