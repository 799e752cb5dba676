"""``inprof plot``."""

from __future__ import annotations

from pathlib import Path

import click

from profiler.cache import TraceCache
from profiler.catalog import load_series
from profiler.cli.measured import measured
from profiler.cli.options import (
    cache_option,
    convention_option,
    measurements_options,
    series_options,
)
from profiler.cli.progress import progress_bar
from profiler.gather import gather_report
from profiler.plotted_latencies import QUANTITIES, SOURCES, plotted_latencies
from profiler.records import Quantity, Source
from profiler.render.drawings import drawing, kept_drawings
from profiler.render.plots import FORMATS, Format
from profiler.scatter import scatter_plots
from profiler.store import make_folder, write_atomic


@click.command()
@click.option("--hw", required=True, metavar="SLUG", help="The hardware, for example t4.")
@click.option("--precision", required=True, metavar="NAME", help="For example fp32.")
@click.option("--bs", "batch_size", required=True, type=click.IntRange(min=1), metavar="N",
              help="The batch size.")  # fmt: skip
@click.option(
    "--source", type=click.Choice(SOURCES),
    help="Whose latencies. By default those that cover more models, measured on a tie.",
)  # fmt: skip
@click.option(
    "--quantity", type=click.Choice(QUANTITIES),
    help="What of the measured ones. By default the first of these that there is.",
)  # fmt: skip
@series_options
@convention_option
@measurements_options
@cache_option
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("plots"), show_default=True,
    metavar="DIR", help="Folder for the plots; made if it is not there.",
)  # fmt: skip
@click.option(
    "--format", "image_format", type=click.Choice(FORMATS), default="png",
    show_default=True,
)  # fmt: skip
@click.option("--combined", is_flag=True, help="One image with all three side by side instead.")
def plot(
    hw: str,
    precision: str,
    batch_size: int,
    source: Source | None,
    quantity: Quantity | None,
    series_name: str,
    series_paths: tuple[Path, ...],
    convention: str,
    measurements: tuple[Path, ...] | None,
    cache: TraceCache | None,
    out: Path,
    image_format: Format,
    combined: bool,
) -> None:
    """Plot accuracy against FLOPs, parameters and latency.

    FLOPs and parameters are traced. Latencies are either published ones or measured ones (see
    inprof time), of one quantity and under one set of conditions; what is left out is said.

    \b
    Examples:
      inprof plot --hw t4 --precision fp32 --bs 4
      inprof plot --hw h100-sxm --precision fp16 --bs 8 --source measured --quantity eager
      inprof plot --hw t4 --precision fp16 --bs 8 --format svg --out images
      inprof plot --hw t4 --precision fp32 --bs 4 --combined
    """
    series = load_series(series_name, series_paths)
    timed = measured(series, series_paths, measurements)
    chosen = plotted_latencies(
        series, timed, hw, precision, batch_size, source=source, quantity=quantity
    )
    with progress_bar("counting", len(series.models)) as step:
        report = gather_report(series, convention, step, cache, timed)
    plots = scatter_plots(report, hw, precision, batch_size, source=source, quantity=quantity)
    for clause in chosen.left_out:
        click.echo(f"left out: {clause}", err=True)
    pictures = {series.file_stem: plots} if combined else {plot.name: (plot,) for plot in plots}
    kept = kept_drawings() if cache else None
    folder = make_folder(out)
    for name, shown in pictures.items():
        target = folder / f"{name}.{image_format}"
        write_atomic(target, drawing(shown, image_format, kept))
        click.echo(target)
