"""Order the rows of a count and keep the largest; what is left out stays as one row."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from profiler.errors import UsageError
from profiler.records import Counts, LayerCounts

#: What rows can be sorted by; "order" is execution order.
SORT_KEYS = ("order", "path", "params", "macs", "flops", "activations", "bytes_moved")


def rank(counts: Counts, sort: str = "order", top: int | None = None) -> Counts:
    """Return the counts with rows sorted (largest first) and, with ``top``, the rest folded.

    Without a sort key ``top`` keeps the rows with the most FLOPs, in execution order. The rows of
    the result still add up to the totals.

    Raises:
        UsageError: an unknown key, or ``top`` below 1.
    """
    if sort not in SORT_KEYS:
        raise UsageError(f"sort={sort!r}: choose from {', '.join(SORT_KEYS)}")
    if top is not None and top < 1:
        raise UsageError(f"top={top}: at least one row must remain")
    rows = list(counts.layers)
    if sort == "path":
        rows.sort(key=lambda row: row.path)
    elif sort != "order":
        rows.sort(key=lambda row: -getattr(row, sort))
    if top is not None and top < len(rows):
        kept = rows[:top]
        if sort == "order":
            largest = sorted(range(len(rows)), key=lambda index: -rows[index].flops)[:top]
            kept = [rows[index] for index in sorted(largest)]
        others = [row for row in rows if not any(row is one for one in kept)]
        rows = [*kept, summed(f"({len(others)} more)", "rest", others)]
    return replace(counts, layers=tuple(rows))


def summed(path: str, kind: str, rows: Sequence[LayerCounts]) -> LayerCounts:
    """One row for several: their sums, without shapes."""
    return LayerCounts(
        path=path,
        kind=kind,
        input_shape=(),
        output_shape=(),
        params=sum(row.params for row in rows),
        trainable_params=sum(row.trainable_params for row in rows),
        macs=sum(row.macs for row in rows),
        flops=sum(row.flops for row in rows),
        activations=sum(row.activations for row in rows),
        bytes_moved=sum(row.bytes_moved for row in rows),
        calls=sum(row.calls for row in rows),
    )
