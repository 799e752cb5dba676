"""``inprof plot``."""

from __future__ import annotations

from pathlib import Path

import click

from profiler.cache import TraceCache
from profiler.catalog import load_series
from profiler.cli.options import cache_option, convention_option, series_options
from profiler.cli.progress import progress_bar
from profiler.gather import gather_report
from profiler.render.drawings import drawing, kept_drawings
from profiler.render.plots import FORMATS, Format
from profiler.scatter import require_latency, scatter_plots
from profiler.store import make_folder, write_atomic


@click.command()
@click.option("--hw", required=True, metavar="SLUG", help="The hardware, for example t4.")
@click.option("--precision", required=True, metavar="NAME", help="For example fp32.")
@click.option("--bs", "batch_size", required=True, type=click.IntRange(min=1), metavar="N",
              help="The batch size.")  # fmt: skip
@series_options
@convention_option
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
    series_name: str,
    series_paths: tuple[Path, ...],
    convention: str,
    cache: TraceCache | None,
    out: Path,
    image_format: Format,
    combined: bool,
) -> None:
    """Plot accuracy against FLOPs, parameters and latency.

    FLOPs and parameters are traced; latencies are the ones the catalogue holds.

    \b
    Examples:
      inprof plot --hw t4 --precision fp32 --bs 4
      inprof plot --hw t4 --precision fp16 --bs 8 --format svg --out images
      inprof plot --hw t4 --precision fp32 --bs 4 --combined
    """
    series = load_series(series_name, series_paths)
    require_latency(series, hw, precision, batch_size)
    with progress_bar("counting", len(series.models)) as step:
        report = gather_report(series, convention, step, cache)
    plots = scatter_plots(report, hw, precision, batch_size)
    pictures = {series.file_stem: plots} if combined else {plot.name: (plot,) for plot in plots}
    kept = kept_drawings() if cache else None
    folder = make_folder(out)
    for name, shown in pictures.items():
        target = folder / f"{name}.{image_format}"
        write_atomic(target, drawing(shown, image_format, kept))
        click.echo(target)
