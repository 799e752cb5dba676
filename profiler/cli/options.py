"""Options that several commands share, as decorators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from profiler.catalog import LANGUAGES
from profiler.counting import TRUE_CONVENTION, list_conventions
from profiler.errors import UsageError
from profiler.records import BYTES_PER_ELEMENT
from profiler.tracing.cache import TraceCache

#: What ``--convention`` takes for every rule at once.
ALL = "all"

#: How many pixels the side of an input may have.
PIXELS = click.IntRange(1, 100_000)

_NO_MEASUREMENTS = f"{__name__}.no_measurements"

_Command = TypeVar("_Command", bound=Callable[..., Any])


def series_path_option(command: _Command) -> _Command:
    """``--series-path``: where else series are looked for."""
    return click.option(
        "--series-path",
        "series_paths",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder with series folders in it, searched first (repeatable).",
    )(command)


def series_options(command: _Command) -> _Command:
    """``--series`` and ``--series-path``."""
    option = click.option(
        "--series", "series_name", default="inception", show_default=True, metavar="NAME",
        help="The series to show.",
    )  # fmt: skip
    return option(series_path_option(command))


def models_options(command: _Command) -> _Command:
    """``--model``, ``--series`` and ``--series-path``; ``check_models`` says what is missing."""
    models = click.option(
        "--model", "models", multiple=True, metavar="ADDRESS",
        help="A built-in name, timm:NAME, torchvision:NAME, package.module:function, "
        "file.py:function, model.pt2 or model.onnx (repeatable).",
    )  # fmt: skip
    series = click.option(
        "--series", "series_name", metavar="NAME", help="Every model of a series."
    )
    return models(series(series_path_option(command)))


def check_models(models: Sequence[str], series_name: str | None, request: str) -> None:
    """UsageError, which begins with ``request``, unless one of models and a series is named."""
    if bool(models) == bool(series_name):
        raise UsageError(request + (", not both" if models else ", for example --model googlenet"))


def size_option(command: _Command) -> _Command:
    """``--size``: the input side of every model."""
    return click.option(
        "--size", type=PIXELS, metavar="PIXELS",
        help="Input side; the architecture's own unless given.",
    )(command)  # fmt: skip


def common_size_option(command: _Command) -> _Command:
    """``--size``: one input side for models that are set beside each other."""
    return click.option(
        "--size", type=PIXELS, metavar="PIXELS",
        help="One input side for all; each model's own unless given.",
    )(command)  # fmt: skip


def batch_size_option(command: _Command) -> _Command:
    """``--batch-size``: what counts are of."""
    return click.option(
        "--batch-size", type=click.IntRange(1, 1_000_000), default=1, show_default=True
    )(command)


def bytes_precision_option(command: _Command) -> _Command:
    """``--precision``: what counts of bytes are stated at."""
    return click.option(
        "--precision", type=click.Choice(list(BYTES_PER_ELEMENT)), default="fp32",
        show_default=True, help="What bytes are stated at.",
    )(command)  # fmt: skip


def convention_option(command: _Command) -> _Command:
    """``--convention``: the counting rule."""
    return click.option(
        "--convention",
        type=click.Choice(list_conventions()),
        default=TRUE_CONVENTION,
        show_default=True,
        help="The counting rule.",
    )(command)


def any_convention_option(command: _Command) -> _Command:
    """``--convention``, which may be ``all``."""
    return click.option(
        "--convention",
        type=click.Choice((*list_conventions(), ALL)),
        default=TRUE_CONVENTION,
        show_default=True,
        help="The counting rule; all shows every one side by side.",
    )(command)


def jobs_option(usual: int, shown: str) -> Callable[[_Command], _Command]:
    """``--jobs``: how many processes count at once; ``shown`` is what help calls the usual."""
    return click.option(
        "--jobs", type=click.IntRange(1, 256), default=usual, metavar="N",
        help=f"Processes that count models at once.  [default: {shown}]",
    )  # fmt: skip


def cache_option(command: _Command) -> _Command:
    """``--no-cache``; the command gets ``cache``, a TraceCache or None."""
    return click.option(
        "--no-cache",
        "cache",
        is_flag=True,
        callback=lambda _context, _option, off: None if off else TraceCache(),
        help="Trace anew, and store nothing.",
    )(command)


def measurements_options(command: _Command) -> _Command:
    """``--measurements`` and ``--no-measurements``.

    The command gets ``measurements``: folders of the user's own, or None for no measurement at all.
    """
    off = click.option(
        "--no-measurements", is_flag=True, is_eager=True, expose_value=False,
        callback=_leave_out_measurements, help="Show published latencies only.",
    )  # fmt: skip
    return off(
        click.option(
            "--measurements", multiple=True, callback=_measurement_folders, metavar="DIR",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            help="Folder with files of measured latencies (repeatable).  [default: measurements]",
        )(command)
    )  # fmt: skip


def _leave_out_measurements(context: click.Context, _option: click.Parameter, off: bool) -> None:
    context.meta[_NO_MEASUREMENTS] = off


def _measurement_folders(
    context: click.Context, _option: click.Parameter, given: tuple[Path, ...]
) -> tuple[Path, ...] | None:
    from profiler.timing.latencies.measurement_file import FOLDER  # counting does without

    return None if context.meta.get(_NO_MEASUREMENTS) else given or (FOLDER,)


def language_option(command: _Command) -> _Command:
    """``--lang``."""
    return click.option(
        "--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True,
        help="The page's language.",
    )(command)  # fmt: skip


def format_option(usual: str, *others: str) -> Callable[[_Command], _Command]:
    """``--format``; the command gets ``output_format``."""
    return click.option(
        "--format", "output_format", type=click.Choice((usual, *others)), default=usual,
        show_default=True,
    )  # fmt: skip


def output_option(command: _Command) -> _Command:
    """``-o``/``--output``: the file that the result goes to."""
    return click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE")(command)
