"""A plot, or several in one picture → PNG, SVG or PDF bytes, the same on every call.

The whole layout is worked out here in points (1/72 inch) from measured text, so that nothing is
cut off and every format agrees; matplotlib only draws. Its pyplot state is never touched, and the
reader's matplotlib settings neither matter nor change. matplotlib is imported when the first plot
is drawn, because that takes half a second which no other command should pay.

SVG text stays text: it can be read aloud, searched and translated, and a script that this machine
has no font for is still right, because the reader's browser picks one. Each label is anchored on
the side of its point, so another font's width moves it away from the marker, never over it.
"""

from __future__ import annotations

import functools
import hashlib
import html
import io
import math
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from profiler import units
from profiler.errors import RenderError, UnknownNameError
from profiler.files import Blobs, installed_version, sources_hash
from profiler.plots import plot_text
from profiler.plots.fonts import font_names, wide_font
from profiler.plots.style import (
    FORMATS,
    LIGHT,
    README,
    Format,
    Preset,
    Theme,
    ThemeName,
)
from profiler.records import Plot, ScatterPlot

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Of a PNG, in pixels per inch.
DPI = 200


def draw(
    plots: Sequence[Plot], format: Format, preset: Preset = README, theme: Theme = LIGHT
) -> bytes:
    """The plots as one file's content; several share one picture, legend and accuracy axis."""
    if format not in FORMATS:
        raise UnknownNameError("plot format", format, FORMATS)
    buffer = io.BytesIO()
    with _settings(plots, format, theme):
        drawing = _figure(plots, preset, theme)
        metadata = _metadata(plots, format, fingerprint(plots, preset, theme))
        drawing.savefig(buffer, format=format, dpi=DPI, metadata=metadata)
    return buffer.getvalue()


def figure(plots: Sequence[Plot], preset: Preset = README, theme: Theme = LIGHT) -> Figure:
    """The matplotlib figure of the plots, for tests of its structure."""
    with _settings(plots, "svg", theme):
        return _figure(plots, preset, theme)


def fingerprint(plots: Sequence[Plot], preset: Preset = README, theme: Theme = LIGHT) -> str:
    """The mark in the metadata of a drawing of these plots, whatever matplotlib drew it.

    Pixels differ between versions of matplotlib; a drawing is up to date when its bytes hold the
    fingerprint, so ``fingerprint(plots).encode() in data`` needs no drawing to find out.
    """
    content = f"{_style()} {preset.name} {theme.name} {tuple(plots)!r}"
    digest = hashlib.sha256(content.encode("utf-8", "backslashreplace")).hexdigest()
    return f"inprof-plot-{digest}"


@functools.cache
def _style() -> str:
    """Hash of the code that draws: everything in this room."""
    here = sorted(Path(__file__).parent.glob("*.py"))
    return sources_hash([*here, Path(units.__file__)])


def _metadata(plots: Sequence[Plot], format: Format, mark: str) -> dict[str, str | None]:
    """No date and no version, which would change the bytes; a title and the fingerprint."""
    axes = "; ".join(" · ".join(plot_text.axis_parts(plot.x_axis)) for plot in plots)
    subject = " and ".join(plot_text.axis_parts(plots[0].y_axis))
    title = f"{plot_text.clean(plots[0].title, 200)}: {subject} against {axes}"
    by_format: dict[Format, dict[str, str | None]] = {
        "png": {"Software": None, "Title": title, "Description": mark},
        "svg": {"Date": None, "Creator": None, "Title": title, "Description": mark},
        "pdf": {
            "CreationDate": None,
            "Creator": None,
            "Producer": None,
            "Title": title,
            "Subject": mark,
        },
    }
    return by_format[format]


@contextmanager
def _settings(plots: Sequence[Plot], format: Format, theme: Theme) -> Iterator[None]:
    """Our settings over matplotlib's defaults, and the caller's again afterwards."""
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        # A glyph that no font has becomes a box; one warning each would bury the rest.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_rc(theme))
        names = font_names(plots, format)
        # Glyph by glyph, matplotlib goes through families only; an SVG lists the fonts of one.
        matplotlib.rcParams["font.family"] = "sans-serif" if format == "svg" else names
        matplotlib.rcParams["font.sans-serif"] = names
        yield


def _rc(theme: Theme) -> Any:
    return {
        "figure.facecolor": theme.paper,
        "axes.facecolor": theme.paper,
        "text.color": theme.ink,
        "text.hinting": "none",
        "axes.edgecolor": theme.grey,
        "axes.labelcolor": theme.ink,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "grid.color": theme.grid,
        "xtick.color": theme.grey,
        "ytick.color": theme.grey,
        "xtick.labelcolor": theme.ink,
        "ytick.labelcolor": theme.ink,
        "svg.fonttype": "none",
        "svg.hashsalt": "inprof",
        "pdf.fonttype": 42,
    }


def _figure(plots: Sequence[Plot], preset: Preset, theme: Theme) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from profiler.plots.picture import compose  # with numpy, which --help need not wait for

    if not plots:
        raise RenderError("no plot to draw: pass at least one")
    for plot in plots:
        _require_finite(plot)
    drawing = Figure(dpi=DPI)
    FigureCanvasAgg(drawing)
    compose(drawing, plots, preset.look(len(plots)), theme)
    return drawing


def _require_finite(plot: Plot) -> None:
    for point in plot.points if isinstance(plot, ScatterPlot) else plot.marks:
        ends = [end for end in (point.low, point.high) if end is not None]
        if not all(map(math.isfinite, (point.x, point.y, *ends))):
            raise RenderError(
                f"plot {plot.name!r}: {point.label!r} stands at ({point.x}, {point.y}), "
                f"which no axis can show: correct the figure"
            )


def picture_snippet(
    files: Mapping[ThemeName, PurePath], beside: PurePath, alt: str, width: int
) -> str:
    """The HTML of a picture, to paste into a markdown or HTML file.

    Args:
        files: the picture by theme, at least one.
        beside: the file it is pasted into; addresses are relative to its folder.
        alt: the text that stands in for the picture.
        width: in pixels of the page.
    """
    addresses = {theme: _address(path, beside) for theme, path in files.items()}
    shown = addresses.get("light") or addresses["dark"]
    image = f'<img alt="{html.escape(alt)}" src="{shown}" width="{width}">'
    if len(addresses) == 1:
        return image
    dark = f'<source media="(prefers-color-scheme: dark)" srcset="{addresses["dark"]}">'
    return f"<picture>\n  {dark}\n  {image}\n</picture>"


def _address(path: PurePath, beside: PurePath) -> str:
    relative = PurePath(os.path.relpath(path, beside.parent)).as_posix()
    return quote(relative, safe="/._-~")


def drawing(
    plots: Sequence[Plot],
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
