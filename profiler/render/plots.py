"""ScatterPlot → PNG, SVG or PDF bytes, the same on every call.

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
import io
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from profiler import units
from profiler.blobs import sources_hash
from profiler.errors import RenderError, UnknownNameError
from profiler.records import ScatterPlot
from profiler.render import plot_text
from profiler.render.palette import GREY, GRID, INK
from profiler.render.panel import Look
from profiler.render.picture import COMBINED, SINGLE, compose

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Format = Literal["png", "svg", "pdf"]
FORMATS: tuple[Format, ...] = ("png", "svg", "pdf")


DPI = 200
#: The sources that decide how a plot looks: part of the fingerprint.
_DRAWN_BY = (
    *("plots", "panel", "picture", "labels", "palette", "plot_text", "ruler", "scales"),
    "spread",
)

_SETTINGS: Any = {
    "font.family": "sans-serif",
    # Verdana is DejaVu's near twin where a reader's machine has no DejaVu.
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"],
    "text.color": INK,
    "text.hinting": "none",
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "inprof",
    "pdf.fonttype": 42,
}


def draw(plot: ScatterPlot, format: Format) -> bytes:
    """One plot as a file's content."""
    return _drawn([plot], SINGLE, format)


def draw_combined(plots: Sequence[ScatterPlot], format: Format) -> bytes:
    """Several plots side by side in one picture, with one legend and one accuracy axis."""
    return _drawn(plots, COMBINED, format)


def figure(plot: ScatterPlot) -> Figure:
    """The matplotlib figure of one plot, for tests of its structure."""
    with _settings():
        return _figure([plot], SINGLE)


def combined_figure(plots: Sequence[ScatterPlot]) -> Figure:
    """The matplotlib figure of several plots side by side, for tests of its structure."""
    with _settings():
        return _figure(plots, COMBINED)


def fingerprint(plots: Sequence[ScatterPlot]) -> str:
    """What a drawing of these plots carries in its metadata, whatever matplotlib drew it.

    Pixels differ between versions of matplotlib; a drawing is up to date when its bytes hold the
    fingerprint, so ``fingerprint([plot]).encode() in data`` needs no drawing to find out.
    """
    content = f"{_style()} {tuple(plots)!r}".encode("utf-8", "backslashreplace")
    return f"inprof-plot-{hashlib.sha256(content).hexdigest()}"


@functools.cache
def _style() -> str:
    """Hash of the code that draws."""
    folder = Path(__file__).parent
    return sources_hash([*(folder / f"{name}.py" for name in _DRAWN_BY), Path(units.__file__)])


def _drawn(plots: Sequence[ScatterPlot], look: Look, format: Format) -> bytes:
    if format not in FORMATS:
        raise UnknownNameError("plot format", format, FORMATS)
    buffer = io.BytesIO()
    with _settings():
        drawing = _figure(plots, look)
        metadata = _metadata(plots, format)
        drawing.savefig(buffer, format=format, dpi=DPI, metadata=metadata)
    return buffer.getvalue()


def _metadata(plots: Sequence[ScatterPlot], format: Format) -> dict[str, str | None]:
    """No date and no version, which would change the bytes; a title and the fingerprint."""
    axes = "; ".join(" · ".join(plot_text.axis_parts(plot.x_axis)) for plot in plots)
    subject = " and ".join(plot_text.axis_parts(plots[0].y_axis))
    title = f"{plot_text.clean(plots[0].title, 200)}: {subject} against {axes}"
    by_format: dict[Format, dict[str, str | None]] = {
        "png": {"Software": None, "Title": title, "Description": fingerprint(plots)},
        "svg": {"Date": None, "Creator": None, "Title": title, "Description": fingerprint(plots)},
        "pdf": {
            "CreationDate": None,
            "Creator": None,
            "Producer": None,
            "Title": title,
            "Subject": fingerprint(plots),
        },
    }
    return by_format[format]


@contextmanager
def _settings() -> Iterator[None]:
    """Our settings over matplotlib's defaults, and the caller's again afterwards."""
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        # A glyph that DejaVu has not becomes a box; one warning each would bury the rest.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def _figure(plots: Sequence[ScatterPlot], look: Look) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if not plots:
        raise RenderError("no plot to draw: pass at least one")
    for plot in plots:
        _require_finite(plot)
    drawing = Figure(dpi=DPI)
    FigureCanvasAgg(drawing)
    compose(drawing, plots, look)
    return drawing


def _require_finite(plot: ScatterPlot) -> None:
    for point in plot.points:
        ends = [end for end in (point.low, point.high) if end is not None]
        if not all(map(math.isfinite, (point.x, point.y, *ends))):
            raise RenderError(
                f"plot {plot.name!r}: {point.label!r} stands at ({point.x}, {point.y}), "
                f"which no axis can show: correct the figure"
            )
