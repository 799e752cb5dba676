"""Pictures of plots, drawn once: kept under the hash of what they show and of who drew them."""

from __future__ import annotations

from collections.abc import Sequence

from profiler.files import Blobs, installed_version
from profiler.plots.fonts import wide_font
from profiler.plots.palette import LIGHT, Theme
from profiler.plots.plots import draw, fingerprint
from profiler.plots.presets import README, Format, Preset
from profiler.records import ScatterPlot


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
    by = f"matplotlib {installed_version('matplotlib')} {wide_font(plots, format)}"
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
