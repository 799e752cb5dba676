"""Counts → the rows of a layer table in runs of one top-level module, each with its sum."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from msgspec.structs import replace

from profiler.layer_tables import DEFAULT_COLUMNS, layer_table
from profiler.ranking import summed
from profiler.records import Cell, Counts, Record

_BLANK = Cell(value="", origin="label")
#: Columns that several layers together have no value for.
_OF_ONE_LAYER = ("kind", "input_shape", "output_shape")


class LayerGroup(Record, frozen=True):
    """Consecutive rows of one top-level module, and the row of their sums.

    ``heading`` is None where the run is a single row, which says it all itself.
    """

    heading: tuple[Cell, ...] | None
    rows: tuple[tuple[Cell, ...], ...]


def layer_groups(
    counts: Counts, columns: Sequence[str] = DEFAULT_COLUMNS
) -> tuple[LayerGroup, ...]:
    """The rows of ``layer_table`` without its total, in execution order, cut into runs."""
    cells = iter(layer_table(counts, columns).rows)
    groups = []
    for path, run in itertools.groupby(counts.layers, key=lambda row: row.path.partition(".")[0]):
        layers = tuple(run)
        rows = tuple(itertools.islice(cells, len(layers)))
        heading = None
        if len(layers) > 1:
            # the share of a sum is of the whole count, whose totals stay
            whole = replace(counts, layers=(summed(path, "", layers),))
            cells_of_sum = layer_table(whole, columns).rows[0]
            heading = tuple(
                _BLANK if name in _OF_ONE_LAYER else cell
                for name, cell in zip(columns, cells_of_sum, strict=True)
            )
        groups.append(LayerGroup(heading=heading, rows=rows))
    return tuple(groups)
