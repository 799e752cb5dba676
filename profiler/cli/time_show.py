"""``inprof time show``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from profiler.cli.options import format_option, output_option
from profiler.cli.output import check_output, emit, warn
from profiler.errors import NoDataError
from profiler.records import Measurement
from profiler.report.documents.timings import timings_document
from profiler.timing.latencies.measured import timings_of
from profiler.timing.latencies.measurement_file import FOLDER, read, read_folder

#: Filter → what it looks at; text is compared without regard to case.
_FILTERS: dict[str, Callable[[Measurement], str | int]] = {
    "model": lambda record: record.model,
    "hw": lambda record: record.device,
    "precision": lambda record: record.precision,
    "bs": lambda record: record.batch_size,
    "quantity": lambda record: record.quantity,
}

_Command = TypeVar("_Command", bound=Callable[..., Any])


def filter_options(command: _Command) -> _Command:
    """``--model``, ``--hw``, ``--precision``, ``--bs`` and ``--quantity``, each repeatable.

    The command gets them as keyword arguments of these names, for ``chosen``.
    """
    options = (
        click.option("--quantity", multiple=True, metavar="NAME", help="device, eager or host."),
        click.option("--bs", multiple=True, type=click.IntRange(min=1), metavar="N",
                     help="Batch size."),
        click.option("--precision", multiple=True, metavar="NAME", help="Such as fp16."),
        click.option("--hw", multiple=True, metavar="SLUG", help="Such as t4."),
        click.option("--model", multiple=True, metavar="NAME",
                     help="Keep these alone (repeatable, as the filters below)."),
    )  # fmt: skip
    for option in options:
        command = option(command)
    return command


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@filter_options
@format_option("text", "markdown", "csv", "json")
@output_option
def show(
    files: tuple[Path, ...],
    output_format: str,
    output: Path | None,
    **filters: Sequence[str | int],
) -> None:
    """Show measured latencies: median, interval, 95th percentile.

    Reads the files, or all in the folder measurements. A row is one session under one set of
    conditions; its processes are taken together. A line that can't be read is told on standard
    error and the others are shown.

    \b
    Examples:
      inprof time show
      inprof time show --model googlenet --precision fp16 --bs 1 --bs 32
      inprof time show measurements/t4.jsonl --format csv -o t4.csv
    """
    check_output(output)
    timings = timings_of(chosen(read_records(files), **filters))
    emit(timings_document(timings), output_format, output)


def read_records(files: Sequence[Path]) -> tuple[Measurement, ...]:
    """The records of the files, or of all in ``FOLDER``; problems go to standard error.

    Raises:
        MeasurementError: a file that was named can't be read.
        NoDataError: there are no records.
    """
    found = tuple(read(path) for path in files) if files else read_folder(FOLDER)
    for file in found:
        for problem in file.problems:
            warn(problem)
    records = tuple(record for file in found for record in file.records)
    if not records:
        where = ", ".join(map(str, files)) if files else f"the folder {str(FOLDER)!r}"
        raise NoDataError(
            f"no measurements in {where}: measure some, for example with "
            "inprof time --model googlenet"
        )
    return records


def chosen(
    records: Iterable[Measurement], **filters: Sequence[str | int]
) -> tuple[Measurement, ...]:
    """The records that have one of the values wanted of each filter, if any is.

    Raises:
        NoDataError: there are none; the message says which filter left none and what there is.
    """
    kept = tuple(records)
    for name, wanted in filters.items():
        if not wanted:
            continue
        value_of = _FILTERS[name]
        folded = {str(value).lower() for value in wanted}
        left = tuple(record for record in kept if str(value_of(record)).lower() in folded)
        if not left:
            there = ", ".join(map(str, sorted({value_of(record) for record in kept})))
            asked = ", ".join(map(str, wanted))
            raise NoDataError(f"no measurements with --{name} {asked}: there are {there}")
        kept = left
    return kept
