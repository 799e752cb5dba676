"""Options that several commands share, as decorators."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from profiler.cache import TraceCache
from profiler.catalog import LANGUAGES
from profiler.conventions import list_conventions
from profiler.measurement_file import FOLDER

#: What ``--convention`` takes for every rule at once.
ALL = "all"

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


def convention_option(command: _Command) -> _Command:
    """``--convention``: the counting rule."""
    return click.option(
        "--convention",
        type=click.Choice(list_conventions()),
        default="flops",
        show_default=True,
        help="The counting rule.",
    )(command)


def any_convention_option(command: _Command) -> _Command:
    """``--convention``, which may be ``all``."""
    return click.option(
        "--convention",
        type=click.Choice((*list_conventions(), ALL)),
        default="flops",
        show_default=True,
        help="The counting rule; all shows every one side by side.",
    )(command)


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
    return None if context.meta.get(_NO_MEASUREMENTS) else given or (FOLDER,)


def language_option(command: _Command) -> _Command:
    """``--lang``."""
    return click.option(
        "--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True,
        help="The page's language.",
    )(command)  # fmt: skip
