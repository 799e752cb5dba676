"""The script that draws charts, put together from the installed package: Vega-Lite on Vega."""

from __future__ import annotations

import functools

from profiler.files import Blobs, installed_version

#: The bundle's file among the assets.
VEGA = "vega.js"


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
