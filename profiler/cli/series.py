"""``inprof series``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from profiler import units
from profiler.catalog.data_files import SAFE_NAME_CURE, is_safe_name
from profiler.catalog.series_draft import DraftedModel, draft_files
from profiler.cli.options import cache_option
from profiler.cli.output import progress_bar
from profiler.errors import UsageError
from profiler.files import make_folder, write_atomic
from profiler.models.address import Progress, check_address, is_model_file
from profiler.render.templating import render_template
from profiler.tracing.addressed import trace_address
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


def drafted_models(
    addresses: Sequence[str],
    progress: Progress = lambda name: None,
    cache: TraceCache | None = None,
) -> tuple[DraftedModel, ...]:
    """The models, each traced once to see that it runs and on what.

    Raises:
        UsageError: a model that takes something else than square images.
    """
    names: list[str] = []
    models = []
    for address in dict.fromkeys(addresses):
        progress(address)
        shape = trace_address(address, cache=cache).input_shape
        if len(shape) != 4 or shape[2] != shape[3]:
            raise UsageError(
                f"{address} takes {units.shape(shape)}: a series is of models of square images"
            )
        name = _name(address, names)
        names.append(name)
        models.append(DraftedModel(name=name, address=address, crop_size=shape[-1]))
    return tuple(models)


def _name(address: str, taken: Sequence[str]) -> str:
    """A model's name: the last word of its address, with a number if that is taken."""
    stem = Path(address).stem if is_model_file(address) else address.rpartition(":")[2]
    number = sum(name == stem or name.rpartition("-")[0] == stem for name in taken)
    return f"{stem}-{number + 1}" if number else stem
