"""``inprof time compare``."""

from __future__ import annotations

from pathlib import Path

import click

from profiler.cli.options import format_option, output_option
from profiler.cli.output import check_output, emit
from profiler.cli.time_show import read_records
from profiler.errors import NoDataError, UsageError
from profiler.report.documents.timings import timing_comparison_document
from profiler.timing.latencies.comparison import BAND, compare_timings


@click.command()
@click.argument("a", type=click.Path(path_type=Path))
@click.argument("b", type=click.Path(path_type=Path))
@click.option(
    "--band", type=click.FloatRange(0, 1), default=BAND, show_default=True, metavar="SHARE",
    help="How far B / A may be from 1 and still be the same.",
)  # fmt: skip
@click.option("--fail-on-slower", is_flag=True, help="Exit with 1 where B is SLOWER anywhere.")
@format_option("text", "markdown", "csv", "json")
@output_option
@click.pass_context
def compare(
    context: click.Context,
    a: Path,
    b: Path,
    band: float,
    fail_on_slower: bool,
    output_format: str,
    output: Path | None,
) -> None:
    """Compare the latencies in file B with those in file A.

    Only what was measured under the same conditions is compared. Hardware, layout, engine and
    threads may be one thing in A and another in B: then that is what the comparison is about, and
    it is listed with everything else that is different. Of several sessions in a file the newest
    without a doubtful flag counts.

    \b
    Examples:
      inprof time compare before.jsonl after.jsonl
      inprof time compare t4.jsonl h100.jsonl --format markdown -o comparison.md
      inprof time compare main.jsonl branch.jsonl --band 0.02 --fail-on-slower
    """
    check_output(output)
    if band != band:
        raise UsageError("--band nan: name a share, such as 0.01")
    comparison = compare_timings(read_records((a,)), read_records((b,)), band)
    if not any(row.verdict for row in comparison.rows):
        raise NoDataError(
            f"{str(a)!r} and {str(b)!r} have nothing that was measured under the same conditions: "
            "inprof time show lists what each has"
        )
    names = (str(a), str(b))
    emit(timing_comparison_document(comparison, names), output_format, output)
    slower = sum(row.verdict == "SLOWER" for row in comparison.rows)
    if fail_on_slower and slower:
        rows = "row is" if slower == 1 else "rows are"
        click.echo(f"Error: {slower} {rows} SLOWER (--fail-on-slower)", err=True)
        context.exit(1)
