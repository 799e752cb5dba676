"""Counts → Table: the rows of a count with their total, and several counts side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from profiler import units
from profiler.errors import UnknownNameError, UsageError
from profiler.records import (
    UNDEFINED,
    Cell,
    Column,
    Counts,
    LayerCounts,
    Table,
    Totals,
)

#: The columns of a layer table unless others are asked for.
DEFAULT_COLUMNS = ("path", "kind", "output_shape", "params", "macs", "flops", "share")

#: Every column there is → how its values print.
COLUMNS = {
    "path": "label",
    "kind": "text",
    "input_shape": "text",
    "output_shape": "text",
    "params": "integer",
    "trainable_params": "integer",
    "frozen_params": "integer",
    "macs": "integer",
    "flops": "integer",
    "share": "share",
    "activations": "integer",
    "bytes_moved": "bytes",
    "arithmetic_intensity": "ratio",
    "calls": "integer",
}

#: Rows of many layers, or of none.
_SHAPELESS = ("rest", "unused")
#: What a row of one op kind, wherever its ops are, does not have.
_OF_A_PLACE = ("path", "input_shape", "output_shape")
_TEXT_HINTS = ("label", "text")
_NO_TEXT = Cell(value="", origin="label")


def layer_table(counts: Counts, columns: Sequence[str] = DEFAULT_COLUMNS) -> Table:
    """A count's rows in order and, last, their total.

    Args:
        counts: what to show; its grouping decides what a row is.
        columns: names from ``COLUMNS``, in the order wanted.
    """
    if not columns:
        raise UsageError(f"no columns to show: choose from {', '.join(COLUMNS)}")
    for name in columns:
        if name not in COLUMNS:
            raise UnknownNameError("column", name, COLUMNS)
    if counts.grouping == "kind":
        columns = [name for name in columns if name not in _OF_A_PLACE] or ["kind"]
    total = counts.totals
    rows = [tuple(_cell(name, row, total) for name in columns) for row in counts.layers]
    calls = sum(row.calls for row in counts.layers)
    labelled = next((name for name in columns if COLUMNS[name] in _TEXT_HINTS), "")
    rows.append(tuple(_total_cell(name, total, calls, name == labelled) for name in columns))
    return Table(key="layers", columns=_columns(columns, COLUMNS), rows=tuple(rows))


def stacked_layer_table(
    models: Sequence[Counts], columns: Sequence[str] = DEFAULT_COLUMNS
) -> Table:
    """The layer tables of several counts in one; the first column says whose row it is."""
    owner = Column(key="count.model", hint="label", align="left")
    tables = [layer_table(counts, columns) for counts in models]
    rows = tuple(
        (Cell(value=counts.model, origin="label"), *row)
        for counts, table in zip(models, tables, strict=True)
        for row in table.rows
    )
    return Table(key="layers", columns=(owner, *tables[0].columns), rows=rows)


def totals_table(models: Sequence[Counts]) -> Table:
    """One row per count: what was counted, and its totals."""
    hints = {
        "model": "label",
        "input_shape": "text",
        "variant": "text",
        "convention": "text",
        "params": "integer",
        "macs": "integer",
        "flops": "integer",
        "activations": "integer",
        "weight_bytes": "bytes",
        "peak_activation_bytes": "bytes",
    }
    rows = tuple(
        tuple(_totals_cell(name, hint, counts) for name, hint in hints.items()) for counts in models
    )
    return Table(key="totals", columns=_columns(tuple(hints), hints), rows=rows)


def uncounted_table(counts: Counts) -> Table:
    """The ops the convention has no rule for, so that none is dropped in silence."""
    hints = {"function": "label", "kind": "text", "path": "text", "calls": "integer"}
    rows = tuple(
        (
            Cell(value=op.function, origin="label"),
            Cell(value=op.kind, origin="label"),
            Cell(value=op.path, origin="label"),
            Cell(value=op.calls, origin="traced"),
        )
        for op in counts.uncounted
    )
    return Table(key="uncounted", columns=_columns(tuple(hints), hints), rows=rows)


def _columns(names: Sequence[str], hints: dict[str, str]) -> tuple[Column, ...]:
    return tuple(
        Column(
            key=f"count.{name}",
            hint=hints[name],
            align="left" if hints[name] in _TEXT_HINTS else "right",
        )
        for name in names
    )


def _cell(name: str, row: LayerCounts, total: Totals) -> Cell:
    if name == "share":
        return _quotient(row.flops, total.flops)
    if name == "arithmetic_intensity":
        return _quotient(row.flops, row.bytes_moved)
    value = getattr(row, name)
    if name in ("input_shape", "output_shape"):
        # a row of many layers, or of none, has no shape of its own
        return (
            _NO_TEXT if row.kind in _SHAPELESS else Cell(value=units.shape(value), origin="label")
        )
    return Cell(value=value, origin="label" if isinstance(value, str) else "traced")


def _total_cell(name: str, total: Totals, calls: int, labelled: bool) -> Cell:
    derived: dict[str, Callable[[], Cell]] = {
        "share": lambda: _quotient(total.flops, total.flops),
        "arithmetic_intensity": lambda: _quotient(total.flops, total.bytes_moved),
        "frozen_params": lambda: _traced(total.params - total.trainable_params),
        "calls": lambda: _traced(calls),
    }
    if name in derived:
        return derived[name]()
    if COLUMNS[name] in _TEXT_HINTS:
        return Cell(value=None, origin="label", reason="total") if labelled else _NO_TEXT
    return _traced(getattr(total, name))


def _totals_cell(name: str, hint: str, counts: Counts) -> Cell:
    if name == "input_shape":
        shapes = " + ".join(units.shape(shape) for shape in counts.input_shapes.values())
        return Cell(value=shapes, origin="label")
    if hint in _TEXT_HINTS:
        return Cell(value=getattr(counts, name), origin="label")
    return _traced(getattr(counts.totals, name))


def _traced(value: int) -> Cell:
    return Cell(value=value, origin="traced")


def _quotient(part: int, whole: int) -> Cell:
    return Cell(value=part / whole, origin="traced") if whole else UNDEFINED
