"""``inprof cache``."""

from __future__ import annotations

import click

from profiler import units
from profiler.plots.plots import kept_drawings
from profiler.tracing.cache import TraceCache


@click.group()
def cache() -> None:
    """Show or clear what was traced before.

    An entry is used only while every source and package behind it is unchanged. INPROF_CACHE_DIR
    says where entries are kept; --no-cache, on the other commands, leaves them aside.

    \b
    Examples:
      inprof cache show
      inprof cache clear
    """


@cache.command()
def show() -> None:
    """List the entries: what was traced, on which input, and how large the file is."""
    store = TraceCache()
    entries = store.entries()
    for path, entry in entries:
        try:
            size = units.byte_size(path.stat().st_size)
        except FileNotFoundError:  # cleared meanwhile
            continue
        if entry is None:
            click.echo(f"unreadable, will be written anew  {size}")
        else:
            trace = entry.trace
            shapes = " + ".join(map(units.shape, trace.input_shapes.values()))
            click.echo(f"{trace.arch}  {trace.variant}  {shapes}  {size}")
    drawings = len(kept_drawings().paths())
    click.echo(f"{len(entries)} entries and {drawings} drawings in {store.folder}", err=True)


@cache.command()
def clear() -> None:
    """Delete every entry and drawing."""
    store = TraceCache()
    entries, drawings = store.clear(), kept_drawings().clear()
    click.echo(f"deleted {entries} entries and {drawings} drawings in {store.folder}", err=True)
