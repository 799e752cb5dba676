"""The Vega-Lite spec of the interactive chart, made with Altair; it holds no data yet.

``chart_drawing.js`` fills in the data sets (by name), the x scale and the texts of the axes for
what is chosen, and the page's colours for their names. A mark's look goes by the name of a style,
so that those colours stand in one place. The fields are named here, never after anything of a
series.

Altair is imported when the first chart is made: it takes half a second.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from profiler.files import Blobs, installed_version
from profiler.plots.style import MARKERS

if TYPE_CHECKING:
    import altair as alt

#: What Vega calls matplotlib's markers, or how it draws them in a square from -1 to 1.
_SHAPES: Mapping[str, str] = {
    "o": "circle",
    "s": "square",
    "^": "triangle-up",
    "D": "diamond",
    "v": "triangle-down",
    "P": "cross",
    "X": "M-.55-1L0-.45.55-1 1-.55.45 0 1 .55.55 1 0 .45-.55 1-1 .55-.45 0-1-.55Z",
    "p": "M0-1L.95-.31.59.81-.59.81-.95-.31Z",
    "h": "M0-1L.87-.5.87.5 0 1-.87.5-.87-.5Z",
    "*": "M0-1.2L.28-.39 1.14-.37.46.15.71.97 0 .48-.71.97-.46.15-1.14-.37-.28-.39Z",
    "<": "triangle-left",
    ">": "triangle-right",
}
_POINT_AREA = 90
#: Height of a bar's ends: as high as a square marker.
_BAR_END = 9.5
_RING_AREA = 420
#: Colours are those of the page's sheet, by name, and "--edge", which stands out from a family's.
_TEXT: Mapping[str, Any] = {
    "labelColor": "--ink",
    "titleColor": "--ink",
    "labelFontSize": 12,
    "titleFontSize": 12,
}
_FRONTIER: Mapping[str, Any] = {"color": "--muted", "strokeWidth": 1.8, "opacity": 0.6}
_LOOK: Mapping[str, Any] = {
    "background": "--paper",
    "axis": {
        **_TEXT, "labelColor": "--muted", "gridColor": "--rule", "domainColor": "--muted",
        "tickColor": "--muted", "titleFontWeight": "normal", "titlePadding": 10,
    },
    "axisY": {"titleX": 0, "titleY": -10},
    "legend": {
        **_TEXT, "symbolSize": 80, "symbolStrokeColor": "--edge", "labelLimit": 200,
        "columnPadding": 12, "offset": 28,
    },
    "style": {
        "strip": {"color": "--raised", "opacity": 1},
        "floor": {"color": "--muted", "strokeDash": [4, 3], "strokeWidth": 1},
        "frontier": _FRONTIER,
        "spread": {"strokeWidth": 1.3, "opacity": 1},
        "family": {"strokeWidth": 1.4, "strokeDash": [2, 3]},
        "solid": {"stroke": "--edge", "strokeWidth": 0.8},
        "hollow": {"fill": "--paper", "strokeWidth": 2},
        "arrow": {"color": "--ink", "fontSize": 12},
        "leader": {"color": "--muted", "strokeWidth": 0.8},
        "ring": {"color": "--accent", "strokeWidth": 2.5, "opacity": 1},
        "halo": {
            "color": "--paper", "stroke": "--paper", "strokeWidth": 3, "strokeJoin": "round",
            "fontSize": 12,
        },
        "label": {"color": "--ink", "fontSize": 12},
    },
}  # fmt: skip


@functools.cache
def chart_spec(families: int) -> Mapping[str, Any]:
    """The spec for a series of that many families; it is the same for any such series.

    Data sets: ``points`` (family, x, y, doubtful, below), ``frontier`` (x, y, kind, which gives it
    a legend), ``strip`` (y, top), ``bars`` (family, y, low, high), ``rings`` (x, y), ``labels`` (x,
    y, text, dx, dy, align) and ``leaders`` (x, y, endX, endY) to those that stand further off.
    ``names`` are the families' names, ``frontierName`` what the frontier is called. y is where a
    point is drawn: in the strip if it lies ``below`` the scale.
    """
    import altair as alt

    x, y = alt.X("x:Q"), alt.Y("y:Q")
    of_family = alt.Scale(domain=list(range(families)))
    legend = alt.Legend(title=None, orient="top", labelExpr="names[datum.value]", aria=False)
    colour = alt.Color("family:N", scale=of_family, legend=legend)
    shape = alt.Shape("family:N", scale=of_family, legend=legend)
    dash = alt.StrokeDash(
        "kind:N",
        scale=alt.Scale(range=[[1, 0]]),
        legend=alt.Legend(
            title=None,
            orient="top",
            labelExpr="frontierName",
            aria=False,
            symbolSize=200,
            symbolStrokeColor=_FRONTIER["color"],
            symbolStrokeWidth=_FRONTIER["strokeWidth"],
            symbolOpacity=1,
        ),
    )

    points = alt.Chart(alt.NamedData("points"))
    solid = points.transform_filter("!datum.doubtful")
    hollow = points.transform_filter("datum.doubtful")
    bars = alt.Chart(alt.NamedData("bars"))
    labels = alt.Chart(alt.NamedData("labels")).encode(x=x, y=y, text="text:N")
    beside: dict[str, Any] = {name: alt.expr(f"datum.{name}") for name in ("dx", "dy", "align")}
    strip = alt.Chart(alt.NamedData("strip"))
    layers = [
        strip.mark_rect(style="strip").encode(y=y, y2="top:Q"),
        strip.mark_rule(style="floor").encode(y=alt.Y("top:Q")),
        alt.Chart(alt.NamedData("frontier"))
        .mark_line(style="frontier", interpolate="step-after")
        .encode(x=x, y=y, strokeDash=dash)
        .properties(name="frontier"),
        bars.mark_rule(style="spread").encode(x=alt.X("low:Q"), x2="high:Q", y=y, color=colour),
        *(
            bars.mark_tick(style="spread", orient="vertical", size=_BAR_END, thickness=1.3).encode(
                x=alt.X(f"{end}:Q"), y=y, color=colour
            )
            for end in ("low", "high")
        ),
        points.mark_line(style="family").encode(
            x=x, y=y, order="order:Q", color=colour, detail="family:N"
        ),
        solid.mark_point(style="solid", filled=True, size=_POINT_AREA, opacity=1)
        .encode(x=_x_axis(), y=_y_axis(), color=colour, shape=shape)
        .properties(name="main"),
        hollow.mark_point(style="hollow", filled=False, size=_POINT_AREA, opacity=1).encode(
            x=x, y=y, color=colour, shape=shape
        ),
        points.transform_filter("datum.below")
        .mark_text(style="arrow", dy=13, text="↓", baseline="middle")
        .encode(x=x, y=y),
        alt.Chart(alt.NamedData("rings"))
        .mark_point(style="ring", shape="circle", size=_RING_AREA, filled=False)
        .encode(x=x, y=y),
        alt.Chart(alt.NamedData("leaders"))
        .mark_rule(style="leader")
        .encode(x=x, y=y, x2="endX:Q", y2="endY:Q"),
        labels.mark_text(style="halo", baseline="middle", **beside),
        labels.mark_text(style="label", baseline="middle", **beside),
    ]
    chart = (
        alt.layer(*layers)
        .add_params(alt.param(name="names", value=[]), alt.param(name="frontierName", value=""))
        .properties(autosize=alt.AutoSizeParams(type="fit", contains="padding"))
        .configure_range(symbol=[_SHAPES[marker] for marker in MARKERS])
        .configure_view(stroke=None)
    )
    spec: dict[str, Any] = chart.to_dict()
    return {**spec, "config": {**spec["config"], **_LOOK}}


def _x_axis() -> alt.X:
    """Its title, domain and type are filled in for what is chosen."""
    import altair as alt

    return alt.X(
        "x:Q",
        scale=alt.Scale(type="linear", nice=False, zero=False),
        axis=alt.Axis(title="", aria=False, labelOverlap="greedy", labelFlush=False),
    )


def _y_axis() -> alt.Y:
    """Its title stands level above it, which takes less width and reads better in Chinese."""
    import altair as alt

    return alt.Y(
        "y:Q",
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(
            title="",
            aria=False,
            titleAngle=0,
            titleAlign="left",
            titleAnchor="end",
            titleBaseline="bottom",
        ),
    )


#: The bundle's file among the assets.
VEGA = "vega.js"


def can_chart() -> bool:
    """Whether the packages that charts need are installed: those of the extra ``site``."""
    return all(map(find_spec, ("altair", "vl_convert")))


@functools.cache
def vega_bundle(kept: Blobs | None = None) -> str:
    """A classic script of 0.9 MB that sets ``window.vegaEmbed`` and asks for nothing.

    Args:
        kept: files that were made before; putting one together takes a second or more.
    """
    packages = ("altair", "vl_convert_python")
    by = " ".join(f"{name} {installed_version(name)}" for name in packages)
    key = f"{_FRAME} {by}".encode()
    content = kept.load(key) if kept else None
    if content is None:
        content = _bundle().encode()
        if kept:
            kept.save(key, content)
    return content.decode()


#: What comes is the text of a module, with thousands of names at its top: the function around it
#: keeps them to itself.
_FRAME = '(() => {\n"use strict";\n%s\n})();\n'


def _bundle() -> str:
    """Vega-Lite is the version that Altair's specs are for."""
    import altair
    import vl_convert

    version = ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    return _FRAME % vl_convert.javascript_bundle(
        "window.vegaEmbed = vegaEmbed;", vl_version=version
    )
