"""``inprof plot``."""

from __future__ import annotations

from pathlib import Path

import click

from profiler.catalog import LANGUAGES, load_series
from profiler.cli.measured import measured
from profiler.cli.options import (
    cache_option,
    convention_option,
    measurements_options,
    rules_option,
    series_options,
)
from profiler.cli.output import progress_bar
from profiler.errors import UsageError
from profiler.files import make_folder, write_atomic
from profiler.plots.fonts import boxes
from profiler.plots.plots import drawing, kept_drawings, picture_snippet
from profiler.plots.style import (
    FORMATS,
    PRESETS,
    README,
    THEMES,
    Format,
    ThemeName,
)
from profiler.records import (
    QUANTITIES,
    Quantity,
    ScatterPlot,
    Source,
)
from profiler.render.messages import load_messages
from profiler.report.gathering import gather_report
from profiler.report.page import PageImage, alt_text
from profiler.report.scatter import SOURCES, plotted_latencies, scatter_plots
from profiler.tracing.cache import TraceCache

_BOTH = "both"


@click.command()
@click.option("--hw", metavar="SLUG", help="The hardware, for example t4.")
@click.option("--precision", metavar="NAME", help="For example fp32.")
@click.option("--bs", "batch_size", type=click.IntRange(min=1), metavar="N",
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
@rules_option
@cache_option
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("plots"), show_default=True,
    metavar="DIR", help="Folder for the plots; made if it is not there.",
)  # fmt: skip
@click.option(
    "--preset", "preset_name", type=click.Choice(list(PRESETS)), default=README.name,
    show_default=True, help="What the plots are for, and so their size and that of their text.",
)  # fmt: skip
@click.option(
    "--combined/--separate", default=None,
    help="All three in one image, or one each. By default one each, combined for paper-page.",
)  # fmt: skip
@click.option(
    "--format", "image_format", type=click.Choice(FORMATS),
    help="By default png, and pdf for the papers' presets.",
)  # fmt: skip
@click.option(
    "--theme", "theme_choice", type=click.Choice((*THEMES, _BOTH)),
    help="The paper; dark images end in .dark. By default light, both with --snippet.",
)  # fmt: skip
@click.option(
    "--snippet", "beside", is_flag=False, flag_value="README.md", metavar="[FILE]",
    type=click.Path(path_type=Path),
    help="Print the HTML that shows the images in FILE (README.md), with alt text.",
)  # fmt: skip
@click.option(
    "--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True,
    help="The language of the alt text.",
)  # fmt: skip
def plot(
    hw: str | None,
    precision: str | None,
    batch_size: int | None,
    source: Source | None,
    quantity: Quantity | None,
    series_name: str,
    series_paths: tuple[Path, ...],
    convention: str,
    measurements: tuple[Path, ...] | None,
    cache: TraceCache | None,
    out: Path,
    preset_name: str,
    combined: bool | None,
    image_format: Format | None,
    theme_choice: str | None,
    beside: Path | None,
    language: str,
) -> None:
    """Plot accuracy against FLOPs, parameters and latency.

    FLOPs and parameters are traced. Latencies are either published ones or measured ones (see
    inprof time), of one quantity and under one set of conditions; what is left out is said. Without
    --hw, --precision and --bs there is no plot of latency.

    \b
    Examples:
      inprof plot --hw t4 --precision fp32 --bs 4
      inprof plot --series resnet
      inprof plot --hw h100-sxm --precision fp16 --bs 8 --source measured --quantity eager
      inprof plot --hw t4 --precision fp16 --bs 8 --preset paper-column --format svg
      inprof plot --hw t4 --precision fp32 --bs 4 --combined --snippet docs/index.md
    """
    preset = PRESETS[preset_name]
    image_format = image_format or preset.format
    if beside is not None and image_format == "pdf":
        raise UsageError("a browser shows no pdf as a picture: add --format svg or --format png")
    series = load_series(series_name, series_paths)
    timed = measured(series, series_paths, measurements)
    chosen = None
    if hw and precision and batch_size:
        chosen = plotted_latencies(
            series, timed, hw, precision, batch_size, source=source, quantity=quantity
        )
    elif hw or precision or batch_size or source or quantity:
        raise UsageError(
            "a plot of latency needs all of --hw, --precision and --bs; without any of them FLOPs "
            "and parameters are plotted"
        )
    with progress_bar("counting", len(series.models)) as step:
        report = gather_report(series, convention, step, cache, timed)
    plots = scatter_plots(report, chosen)
    for clause in chosen.left_out if chosen else ():
        click.echo(f"left out: {clause}", err=True)
    _warn_of_boxes(plots, image_format)
    pictures: dict[str, tuple[ScatterPlot, ...]] = {each.name: (each,) for each in plots}
    if preset.combined if combined is None else combined:
        pictures = {series.file_stem: plots}
    kept = kept_drawings() if cache else None
    folder = make_folder(out)
    for name, shown in pictures.items():
        targets: dict[ThemeName, Path] = {}
        for theme in _themes(theme_choice, beside):
            suffix = ".dark" if theme == "dark" else ""
            targets[theme] = folder / f"{name}{suffix}.{image_format}"
            data = drawing(shown, image_format, kept, preset=preset, theme=THEMES[theme])
            write_atomic(targets[theme], data)
            click.echo(targets[theme], err=beside is not None)
        if beside is not None:
            alt = alt_text(PageImage(link=name, plots=shown), load_messages(language))
            click.echo(picture_snippet(targets, beside, alt, preset.look(len(shown)).pixels))


def _themes(choice: str | None, beside: Path | None) -> list[ThemeName]:
    both = choice == _BOTH or (choice is None and beside is not None)
    return [name for name in THEMES if both or name == (choice or "light")]


def _warn_of_boxes(plots: tuple[ScatterPlot, ...], image_format: Format) -> None:
    characters = boxes(plots, image_format)
    if characters:
        click.echo(
            f"note: no font here has {characters}, so boxes are drawn for them: install one "
            "(Noto Sans CJK for Chinese), or use --format svg, which leaves the font to the reader",
            err=True,
        )
