"""``inprof series``."""

from __future__ import annotations

from pathlib import Path

import click

from profiler.catalog.data_files import SAFE_NAME_CURE, is_safe_name
from profiler.catalog.series_draft import draft_files
from profiler.cli.options import cache_option
from profiler.cli.output import progress_bar
from profiler.errors import UsageError
from profiler.files import make_folder, write_atomic
from profiler.models.address import check_address
from profiler.render.templating import render_template
from profiler.report.drafting import drafted_models
from profiler.tracing.cache import TraceCache


@click.group()
def series() -> None:
    """Begin a series of your own.

    \b
    Examples:
      inprof series init mynets --model timm:xception41 --model my.py:net
    """


@series.command()
@click.argument("name")
@click.option(
    "--model", "addresses", multiple=True, required=True, metavar="ADDRESS",
    help="A model of the series, in the page's order (repeatable).",
)  # fmt: skip
@click.option("--title", metavar="TEXT", help="The page's heading.  [default: NAME]")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path, file_okay=False), default="series",
    show_default=True, metavar="DIR", help="Folder that holds series folders.",
)  # fmt: skip
@cache_option
def init(
    name: str, addresses: tuple[str, ...], title: str | None, folder: Path, cache: TraceCache | None
) -> None:
    """Write a commented series folder, DIR/NAME, with figures to be filled in.

    Every model is traced once, which gives the size of its input. page, audit, compare and site
    take the series at once; plots want an accuracy.

    \b
    Examples:
      inprof series init mynets --model timm:xception41 --model my.py:net
      inprof page --series mynets
    """
    if not is_safe_name(name):
        raise UsageError(f"{name!r} can't name a series: {SAFE_NAME_CURE}")
    heading = " ".join((title or name).splitlines()) or name
    own = folder / name
    if own.exists():
        raise UsageError(f"{str(own)!r} exists already: give another name, or edit its files")
    for address in addresses:
        check_address(address)
    with progress_bar("tracing", len(addresses)) as step:
        models = drafted_models(addresses, step, cache)
    files = draft_files(
        models,
        lambda drafted: render_template(
            template="series/series.toml.j2",
            values={"name": name, "title": heading, "models": drafted},
        ),
    )
    make_folder(own)
    for file, content in files.items():
        write_atomic(own / file, content)
        click.echo(own / file)
    click.echo(
        f"fill in {own / 'counts.csv'}, then: inprof page --series {name} -o {name}.md", err=True
    )
