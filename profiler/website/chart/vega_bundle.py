"""The script that draws charts, put together from the installed package: Vega-Lite on Vega."""

from __future__ import annotations

import functools

#: The bundle's file among the assets.
VEGA = "vega.js"


@functools.cache
def vega_bundle() -> str:
    """A classic script of 0.9 MB that sets ``window.vegaEmbed`` and asks for nothing.

    What comes is the text of a module, with thousands of names at its top: the function around it
    keeps them to itself. Vega-Lite is the version that Altair's specs are for.
    """
    import altair
    import vl_convert

    version = ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=version)
    return f'(() => {{\n"use strict";\n{bundle}\n}})();\n'
