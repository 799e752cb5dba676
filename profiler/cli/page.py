"""``inprof page``."""

from __future__ import annotations

from pathlib import Path

import click

from profiler.catalog import load_series
from profiler.cli.measured import measured_with_layers
from profiler.cli.options import (
    cache_option,
    convention_option,
    language_option,
    measurements_options,
    rules_option,
    series_options,
)
from profiler.cli.output import progress_bar
from profiler.errors import OutputError
from profiler.files import check_target, make_folder, write_atomic
from profiler.plots.plots import drawing, kept_drawings
from profiler.report.audited import audited
from profiler.report.gathering import report_of, series_traces, trace_audit
from profiler.report.layouts import LAYOUTS, default_layout
from profiler.report.page import page_images, render_page
from profiler.tracing.cache import TraceCache


@click.command()
@series_options
@language_option
@convention_option
@measurements_options
@rules_option
@cache_option
@click.option(
    "--layout", type=click.Choice(LAYOUTS),
    help="full: a table per device; classic: per precision. By default full, classic for zh_CN.",
)  # fmt: skip
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
    help="Write the page here and its plots into images/ beside it; else print the page.",
)  # fmt: skip
def page(
    series_name: str,
    series_paths: tuple[Path, ...],
    language: str,
    convention: str,
    measurements: tuple[Path, ...] | None,
    cache: TraceCache | None,
    layout: str | None,
    output: Path | None,
) -> None:
    """Write a series' page in markdown, tables and plots included.

    FLOPs and parameters are traced. Latencies are published ones and, in tables of their own in
    the full layout, those that were measured. With --convention paddle_static the tables repeat
    the published pages to the letter.

    \b
    Examples:
      inprof page --series inception --lang en -o Inception.md
      inprof page --lang zh_CN --layout full
      inprof page --convention paddle_static
    """
    layout = layout or default_layout(language)
    series = load_series(series_name, series_paths)
    if output is not None:
        check_target(output)
        if output.exists() and not output.is_file():
            raise OutputError(
                f"can't write {str(output)!r}: a page needs a file with a folder for its plots; "
                "without -o it is printed"
            )
    timed = measured_with_layers(series, series_paths, measurements)
    with progress_bar("counting", len(series.models)) as step:
        traces = trace_audit(series, step, cache)
    report = report_of(
        series, series_traces(series, traces), convention, timed.latencies, timed.failed
    )
    images = page_images(report, layout)
    text = render_page(
        report, language=language, layout=layout, images=images, audited=audited(series, traces)
    )
    if output is None:
        click.echo(text, nl=False)
        return
    kept = kept_drawings() if cache else None
    for image in images:
        target = output.parent / image.link
        make_folder(target.parent)
        write_atomic(target, drawing(image.plots, "png", kept))
    write_atomic(output, text)
    click.echo(f"wrote {output} and {len(images)} plots", err=True)
