"""``inprof audit``."""

from __future__ import annotations

from pathlib import Path

import click

from profiler.audit import worth_a_failure
from profiler.catalog import load_series
from profiler.cli.options import (
    cache_option,
    format_option,
    output_option,
    rules_option,
    series_options,
)
from profiler.cli.output import check_output, emit, progress_bar
from profiler.report.audited import audited
from profiler.report.documents.audit import audit_document
from profiler.report.gathering import trace_audit
from profiler.tracing.cache import TraceCache


@click.command()
@series_options
@format_option("table", "markdown", "json")
@output_option
@rules_option
@cache_option
@click.option("--strict", is_flag=True, help="Exit with 1 on any error or warning.")
@click.pass_context
def audit(
    context: click.Context,
    series_name: str,
    series_paths: tuple[Path, ...],
    output_format: str,
    output: Path | None,
    cache: TraceCache | None,
    strict: bool,
) -> None:
    """Hold published figures against the trace and each other.

    Counts: which rule gives the printed digits, what the true figure is, and why they differ.
    Latencies: batch sizes, precisions, the device's peak. Tables: crop sizes and models.

    \b
    Severities, of which --strict fails on the first two:
      error    a figure that nothing explains, or that can't be
      warning  a figure that is explained and not the true one, or that its neighbours contradict
      info     within what a measurement may do, or an inference that blames no figure

    \b
    Examples:
      inprof audit --series inception
      inprof audit --series inception --format json -o findings.json
      inprof audit --series inception --strict
    """
    series = load_series(series_name, series_paths)
    check_output(output)
    with progress_bar("tracing", len(series.models)) as step:
        traces = trace_audit(series, step, cache)
    found = audited(series, traces)
    emit(audit_document(found, series), output_format, output)
    failing = worth_a_failure(found.findings)
    if strict and failing:
        plural = "" if len(failing) == 1 else "s"
        click.echo(f"Error: {len(failing)} finding{plural} above info (--strict)", err=True)
        context.exit(1)
