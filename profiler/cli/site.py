"""``inprof site``."""

from __future__ import annotations

from pathlib import Path

import click

from profiler.catalog import LANGUAGES, built_in_series, load_series
from profiler.cli.measured import measured_with_layers
from profiler.cli.options import (
    cache_option,
    measurements_options,
    rules_option,
    series_path_option,
)
from profiler.cli.output import progress_bar
from profiler.plots.plots import kept_drawings
from profiler.report.audited import audited
from profiler.report.gathering import series_traces, trace_audit
from profiler.timing.latencies.layer_timings import layer_timings
from profiler.tracing.cache import TraceCache
from profiler.website.chart.spec import can_chart
from profiler.website.content import series_content
from profiler.website.files import page_paths, site_files
from profiler.website.folder import prepare_folder, write_site


@click.command()
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("build/site"),
    show_default=True, metavar="DIR", help="Folder for the site; made if it is not there.",
)  # fmt: skip
@click.option(
    "--series", "series_names", multiple=True, default=built_in_series,
    show_default="every built-in one", metavar="NAME", help="A series to show (repeatable).",
)  # fmt: skip
@series_path_option
@measurements_options
@rules_option
@cache_option
def site(
    output: Path,
    series_names: tuple[str, ...],
    series_paths: tuple[Path, ...],
    measurements: tuple[Path, ...] | None,
    cache: TraceCache | None,
) -> None:
    """Build the static site: series, models and method pages in every language.

    Open index.html in the folder: the pages need no server, no network and no script. A later
    build into the same folder replaces its own files and leaves others alone.

    \b
    Examples:
      inprof site -o build/site
      inprof site -o build/site --series inception --series mine --series-path series
    """
    chosen = [load_series(name, series_paths) for name in dict.fromkeys(series_names)]
    pages = page_paths(chosen)
    prepare_folder(output)
    if not can_chart():
        click.echo(
            "note: the pages have no interactive chart, which needs altair and vl-convert-python: "
            "pip install 'inprof[site]'",
            err=True,
        )
    timed = {each.name: measured_with_layers(each, series_paths, measurements) for each in chosen}
    with progress_bar("counting", sum(len(series.models) for series in chosen)) as step:
        traced = [(series, trace_audit(series, step, cache)) for series in chosen]
    kept = kept_drawings() if cache else None
    with progress_bar("drawing", len(traced)) as step:
        contents = []
        for series, traces in traced:
            step(series.name)
            stated = series_traces(series, traces)
            findings, found = audited(series, traces), timed[series.name]
            layers = layer_timings(series, found.layered, cache)
            contents.append(
                series_content(
                    series, stated, kept, findings, found.latencies, layers, found.failed
                )
            )
    with progress_bar("writing", len(LANGUAGES) * len(pages)) as step:
        files = site_files(contents, step, kept)
        write_site(files, output)
    click.echo(f"wrote {output / 'index.html'} and {len(files) - 1} files beside it")
