"""The HTML that shows a picture in somebody's README or page, in its light or its dark variant."""

from __future__ import annotations

import html
import os
from collections.abc import Mapping
from pathlib import PurePath
from urllib.parse import quote

from profiler.plots.palette import ThemeName


def picture_snippet(
    files: Mapping[ThemeName, PurePath], beside: PurePath, alt: str, width: int
) -> str:
    """What to paste into a file; it stands in markdown as well as in HTML.

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
