"""The lines of a page that are text: not code, not commented out, not the page's own settings."""

from __future__ import annotations

import re

_LINE = re.compile(r"\r\n|\n|\r")
#: A fence may stand in a quotation and behind the mark of a list's item.
_FENCE = re.compile(r"[\s>]*(?:(?:[-*+]|\d+[.)])\s+)*(?P<fence>`{3,}|~{3,})(?P<info>.*)")
#: What begins a stretch that is no text, and what ends it.
_STRETCHES = tuple(
    (re.compile(begin, re.IGNORECASE), re.compile(end, re.IGNORECASE))
    for begin, end in (
        (r"<!--", r"-->"),
        (r"<(?:pre|script|style|textarea)\b", r"</(?:pre|script|style|textarea)>"),
        (r"\s*\$\$\s*\Z", r"\$\$"),
    )
)


def prose_lines(text: str) -> list[str]:
    """The lines of a page, those that are no text being empty."""
    lines = _LINE.split(text.removeprefix("\ufeff"))
    start = _settings_end(lines)
    shown = [""] * start
    fence = ""
    end: re.Pattern[str] | None = None
    for line in lines[start:]:
        if fence:
            shown.append("")
            closing = line.strip(" \t>")
            if len(closing) >= len(fence) and not closing.strip(fence[0]):
                fence = ""
        elif end is not None:
            shown.append("")
            if end.search(line):
                end = None
        elif (match := _FENCE.match(line)) and not (
            match["fence"][0] == "`" and "`" in match["info"]
        ):
            fence = match["fence"]
            shown.append("")
        else:
            end = _stretch_end(line)
            shown.append("" if end else line)
    return shown


def _settings_end(lines: list[str]) -> int:
    """How many lines at the top are settings between two lines of dashes."""
    if lines[0].rstrip() == "---":
        for number, line in enumerate(lines[1:], 2):
            if line.rstrip() in ("---", "..."):
                return number
    return 0


def _stretch_end(line: str) -> re.Pattern[str] | None:
    """What ends the stretch that begins in a line and goes on behind it."""
    if "<" not in line and "$$" not in line:
        return None
    for begin, end in _STRETCHES:
        for match in begin.finditer(line):
            if not end.search(line, match.end()):
                return end
    return None
