"""``inprof sweep``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from profiler.cli.options import (
    batch_size_option,
    cache_option,
    common_size_option,
    convention_option,
    jobs_option,
    rules_option,
)
from profiler.cli.output import progress_bar, warn
from profiler.errors import UsageError
from profiler.files import check_target, write_atomic
from profiler.fleet.sweep import (
    Journal,
    Sweep,
    check_format,
    rendered,
    swept,
)
from profiler.models.address import check_address, is_pattern, matching
from profiler.tracing.cache import TraceCache


@click.command()
@click.argument("patterns", nargs=-1, required=True, metavar="PATTERN|ADDRESS...")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="FILE",
    help="The file to write: .csv, .jsonl or .parquet.",
)  # fmt: skip
@convention_option
@common_size_option
@batch_size_option
@jobs_option(os.cpu_count() or 1, "one per core")
@click.option(
    "--timeout", "timeout_s", type=click.FloatRange(min=1), default=300.0, show_default=True,
    metavar="SECONDS", help="How long one model may take.",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on with a sweep that was interrupted.")
@rules_option
@cache_option
@click.pass_context
def sweep(
    context: click.Context,
    patterns: tuple[str, ...],
    out: Path,
    convention: str,
    size: int | None,
    batch_size: int,
    jobs: int,
    timeout_s: float,
    resume: bool,
    cache: TraceCache | None,
) -> None:
    """Count many models, a row each.

    A PATTERN is what inprof models takes. What is wrong with a model is said in its row, and the
    others go on. Rows are kept as they are done, in a journal beside FILE; FILE is written at the
    end, in the order of the models.

    Models are code of their packages and of yours, and are run to be built.

    \b
    Examples:
      inprof sweep 'xception*' --out counts.csv
      inprof sweep 'timm:*' --out counts.parquet --jobs 8
      inprof sweep my_nets.py:small my_nets.py:large --size 64 --out counts.jsonl
      inprof sweep 'timm:*' --out counts.parquet --resume
    """
    if timeout_s != timeout_s:
        raise UsageError("--timeout nan: name a number of seconds")
    check_format(out)
    check_target(out)
    addresses = list(dict.fromkeys(_addresses(patterns)))
    settings = Sweep(convention=convention, crop_size=size, batch_size=batch_size)
    journal = Journal(out, settings)
    rows = journal.begin(resume)
    left = [address for address in addresses if address not in rows]
    try:
        with progress_bar("counting", len(left)) as step:
            for row in swept(
                left, settings, jobs=jobs, timeout_s=timeout_s,
                is_cached=cache is not None,
            ):  # fmt: skip
                step(row.model)
                journal.add(row)
                rows[row.model] = row
    except KeyboardInterrupt:
        done = sum(address in rows for address in addresses)
        click.echo(
            f"interrupted: {done} of {len(addresses)} rows are kept in {journal.path}; "
            "--resume goes on",
            err=True,
        )
        context.exit(130)
    wanted = [rows[address] for address in addresses]
    write_atomic(out, rendered(wanted, out))
    journal.end()
    failed = sum(bool(row.error) for row in wanted)
    click.echo(
        f"wrote {out}: {len(wanted) - failed} models counted"
        + (f", {failed} failed (see the column error)" if failed else ""),
        err=True,
    )
    if failed == len(wanted):
        context.exit(1)


def _addresses(patterns: tuple[str, ...]) -> Iterator[str]:
    for pattern in patterns:
        if not is_pattern(pattern):
            check_address(pattern)
            yield pattern
            continue
        found = list(matching(pattern, warn))
        if not found:
            raise UsageError(f"no model goes by {pattern!r} (inprof models lists them)")
        yield from found
