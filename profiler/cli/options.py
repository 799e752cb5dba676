"""Options that several commands share, as decorators."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from profiler.cache import TraceCache
from profiler.catalog import LANGUAGES
from profiler.conventions import list_conventions

#: What ``--convention`` takes for every rule at once.
ALL = "all"

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


def language_option(command: _Command) -> _Command:
    """``--lang``."""
    return click.option(
        "--lang", "language", type=click.Choice(LANGUAGES), default="en", show_default=True,
        help="The page's language.",
    )(command)  # fmt: skip
