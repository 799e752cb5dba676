"""Pictures of plots, drawn once: kept under the hash of what they show and of who drew them."""

from __future__ import annotations

from collections.abc import Sequence

from profiler.blobs import Blobs
from profiler.installed import version
from profiler.records import ScatterPlot
from profiler.render.plots import Format, draw, draw_combined, fingerprint


def drawing(plots: Sequence[ScatterPlot], format: Format, kept: Blobs | None = None) -> bytes:
    """One plot, or several side by side, as a file's content.

    Args:
        plots: what to show.
        format: the kind of file.
        kept: drawings that were made before; matplotlib is loaded only for one that is not there.
    """
    key = f"{fingerprint(plots)} {format} matplotlib {version('matplotlib')}".encode()
    content = kept.load(key) if kept else None
    if content is None:
        content = draw(plots[0], format) if len(plots) == 1 else draw_combined(plots, format)
        if kept:
            kept.save(key, content)
    return content


def kept_drawings() -> Blobs:
    """The drawings in the user's cache folder."""
    return Blobs(".drawing")
