"""Many models counted: a row for each, and the files that rows are kept in.

While a sweep runs its rows go into a journal beside the file that it is to write, one line each as
it is done; the file itself is written whole at the end, in the order that was asked for.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from profiler import units
from profiler.counting import TRUE_CONVENTION, count
from profiler.errors import (
    InprofError,
    OutputError,
    UsageError,
    one_line,
)
from profiler.files import write_atomic
from profiler.fleet.pool import Failure, map_models
from profiler.records import Record
from profiler.tracing.addressed import trace_address
from profiler.tracing.cache import TraceCache


class Sweep(Record, frozen=True):
    """The settings all models of a sweep are counted with; rows of others stay apart."""

    convention: str = TRUE_CONVENTION
    crop_size: int | None = None
    batch_size: int = 1


class SweepRow(Record, frozen=True):
    """One model's totals; or, with ``error``, why it has none.

    ``uncounted`` is the number of calls that the convention has no rule for; ``values`` is what
    the forward was run on, as in ``Trace``. Bytes are at FP32.
    """

    model: str
    input: str = ""
    params: int | None = None
    macs: int | None = None
    flops: int | None = None
    activations: int | None = None
    weight_bytes: int | None = None
    peak_activation_bytes: int | None = None
    uncounted: int | None = None
    values: str = ""
    error: str = ""


def sweep_row(address: str, sweep: Sweep, cache: TraceCache | None) -> SweepRow:
    """Trace and count one model; whatever is wrong with it is said in its row."""
    try:
        trace = trace_address(
            address, crop_size=sweep.crop_size, batch_size=sweep.batch_size, cache=cache
        )
        counts = count(trace, sweep.convention, by="kind")
    except InprofError as error:
        return SweepRow(model=address, error=one_line(error))
    totals = counts.totals
    return SweepRow(
        model=address,
        input=" + ".join(map(units.shape, trace.input_shapes.values())),
        params=totals.params,
        macs=totals.macs,
        flops=totals.flops,
        activations=totals.activations,
        weight_bytes=totals.weight_bytes,
        peak_activation_bytes=totals.peak_activation_bytes,
        uncounted=sum(op.calls for op in counts.uncounted),
        values=counts.values,
    )


def swept(
    addresses: Sequence[str], sweep: Sweep, *, jobs: int, timeout_s: float, is_cached: bool = True
) -> Iterator[SweepRow]:
    """A row for each address, as they are done; what goes wrong with a model is said in its row.

    Args:
        addresses: what ``trace_address`` takes.
        sweep: what they are counted with.
        jobs: how many processes count at once.
        timeout_s: how long a model may take.
        is_cached: whether traces are kept, and those that are kept used.
    """
    work = partial(sweep_row, sweep=sweep, cache=TraceCache() if is_cached else None)
    for place, answer in map_models(addresses, work, jobs=jobs, timeout_s=timeout_s):
        if isinstance(answer, Failure):
            yield SweepRow(model=addresses[place], error=answer.reason)
        else:
            yield answer


class Journal:
    """The rows of a sweep that is under way.

    Args:
        out: the file that the sweep is to write; the journal stands beside it.
        sweep: what its rows are counted with.
    """

    def __init__(self, out: Path, sweep: Sweep) -> None:
        self.path = out.with_name(f"{out.name}.rows.jsonl")
        self._sweep = sweep

    def begin(self, resume: bool) -> dict[str, SweepRow]:
        """Make it ready; the rows that are in it already, by model.

        Raises:
            UsageError: there are some and nobody said to go on, or they are of another sweep.
        """
        if not self.path.exists():
            self._append(self._sweep)
            return {}
        if not resume:
            raise UsageError(
                f"{str(self.path)!r} holds the rows of a sweep that was interrupted: --resume goes "
                "on with it; delete it to begin anew"
            )
        try:
            head, *lines = self.path.read_bytes().split(b"\n")
        except OSError as error:
            raise OutputError(f"can't read {str(self.path)!r}: {error.strerror}") from error
        whole = msgspec.json.encode(self._sweep)
        if not lines and whole.startswith(head):
            head = whole  # cut short as it was begun
        try:
            if msgspec.json.decode(head, type=Sweep) != self._sweep:
                raise UsageError(
                    f"{str(self.path)!r} was begun with other options: give those again, or delete "
                    "it to begin anew"
                )
            # what was cut short by the interruption has no line end, and is counted again
            rows = [msgspec.json.decode(line, type=SweepRow) for line in lines[:-1]]
        except msgspec.MsgspecError as error:
            raise OutputError(f"{str(self.path)!r} is no journal: {one_line(error)}") from error
        if not lines or lines[-1]:
            write_atomic(self.path, b"\n".join([head, *lines[:-1], b""]))
        return {row.model: row for row in rows}

    def add(self, row: SweepRow) -> None:
        """Keep a row that is done."""
        self._append(row)

    def end(self) -> None:
        """Take it away, once the file stands."""
        self.path.unlink(missing_ok=True)

    def _append(self, record: Record) -> None:
        try:
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(record) + b"\n")
        except OSError as error:
            raise OutputError(f"can't write {str(self.path)!r}: {error.strerror}") from error


def _csv(rows: Sequence[SweepRow]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow(SweepRow.__struct_fields__)
    for row in rows:
        writer.writerow(["" if cell is None else cell for cell in msgspec.structs.astuple(row)])
    return text.getvalue().encode()


def _jsonl(rows: Sequence[SweepRow]) -> bytes:
    lines = (json.dumps(msgspec.structs.asdict(row), ensure_ascii=False) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def _parquet(rows: Sequence[SweepRow]) -> bytes:
    arrow, parquet = _pyarrow()
    kinds = {"model": arrow.string(), "input": arrow.string(), "error": arrow.string()}
    schema = arrow.schema(
        [(name, kinds.get(name, arrow.int64())) for name in SweepRow.__struct_fields__]
    )
    try:
        table = arrow.Table.from_pylist(list(map(msgspec.structs.asdict, rows)), schema=schema)
    except OverflowError as error:
        raise OutputError(
            "a figure is too large for the 64-bit integers of a .parquet file: write .csv or .jsonl"
        ) from error
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    return sink.getvalue()


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise UsageError(
            "a .parquet file needs the package pyarrow, which is not installed: "
            "pip install pyarrow, or write .csv or .jsonl"
        ) from error
    return pyarrow, pyarrow.parquet


_WRITERS: dict[str, Callable[[Sequence[SweepRow]], bytes]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}


def check_format(out: Path) -> None:
    """UsageError, before any work, unless the rows can be written as the file's name asks."""
    if out.suffix not in _WRITERS:
        raise UsageError(f"--out {str(out)!r}: end it in {', '.join(_WRITERS)}")
    if out.suffix == ".parquet":
        _pyarrow()


def rendered(rows: Iterable[SweepRow], out: Path) -> bytes:
    """The rows as the content of a file of that name."""
    return _WRITERS[out.suffix](tuple(rows))
