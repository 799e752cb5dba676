"""Patterns that choose files of a folder, as a config file writes them."""

from __future__ import annotations

import os
import re

from profiler.records import Record


class PathPattern(Record, frozen=True):
    """A pattern for paths below ``folder``.

    One without a slash stands for every file and folder of that name at any depth, one with a
    slash for paths from ``folder`` on. ``*`` and ``?`` stay within a name, ``**`` goes through
    folders, and a folder that matches takes all that is in it along.
    """

    folder: str
    pattern: str

    def matches(self, path: str) -> bool:
        """Whether it stands for this path, which is taken from the current folder."""
        relative = os.path.relpath(os.path.abspath(path), os.path.abspath(self.folder))
        relative = relative.replace(os.sep, "/")
        return relative.split("/")[0] != ".." and bool(self._expression().match(relative))

    def _expression(self) -> re.Pattern[str]:
        pattern = self.pattern.rstrip("/")
        start = "" if "/" in pattern else "(?:.*/)?"
        plain = pattern.removeprefix("./").lstrip("/")
        return re.compile(f"{start}{_expression(plain)}(?:/.*)?\\Z", re.DOTALL)


def _expression(pattern: str) -> str:
    parts = re.split(r"(\*\*/|/\*\*\Z|\*\*|\*|\?)", pattern)
    wild = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return "".join(wild.get(part, re.escape(part)) for part in parts)
