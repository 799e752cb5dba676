"""Pictures of plots, drawn once: kept under the hash of what they show and of who drew them."""

from __future__ import annotations

from collections.abc import Sequence

from profiler.blobs import Blobs
from profiler.installed import version
from profiler.records import ScatterPlot
from profiler.render.drawing.fonts import wide_font
from profiler.render.drawing.palette import LIGHT, Theme
from profiler.render.drawing.plots import draw, fingerprint
from profiler.render.drawing.presets import README, Format, Preset


def drawing(
    plots: Sequence[ScatterPlot],
    format: Format,
    kept: Blobs | None = None,
    *,
    preset: Preset = README,
    theme: Theme = LIGHT,
) -> bytes:
    """One plot, or several in one picture, as a file's content.

    Args:
        plots: what to show.
        format: the kind of file.
        kept: drawings that were made before; matplotlib is loaded only for one that is not there.
        preset: what the picture is for, and so its size.
        theme: light or dark.
    """
    by = f"matplotlib {version('matplotlib')} {wide_font(plots, format)}"
    key = f"{fingerprint(plots, preset, theme)} {format} {by}".encode()
    content = kept.load(key) if kept else None
    if content is None:
        content = draw(plots, format, preset, theme)
        if kept:
            kept.save(key, content)
    return content


def kept_drawings() -> Blobs:
    """The drawings in the user's cache folder."""
    return Blobs(".drawing")
