"""A command's answer: blocks to show one after the other, and the data behind them.

``profiler.render.renderers`` shows it as a terminal, a markdown page, CSV or JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from profiler.records.base import Record
from profiler.records.report import Table

Format = Literal["terminal", "markdown", "csv", "json"]
#: What people read, and all that have place for a table.
READ: tuple[Format, ...] = ("terminal", "markdown")
TABULAR: tuple[Format, ...] = (*READ, "csv")


class Heading(Record, frozen=True, gc=False):
    """A heading of a page; on a terminal the titles of tables say the same."""

    text: str
    level: int = 3
    formats: tuple[Format, ...] = ("markdown",)


class Lines(Record, frozen=True, gc=False):
    """Sentences: lines of a terminal, paragraphs or items of a list on a page."""

    lines: tuple[str, ...]
    #: How a terminal shows them.
    style: Literal["plain", "bold", "dim"] = "plain"
    #: Whether a page has them as a list.
    listed: bool = False
    #: The marks in a table that the lines explain, one each, or none at all; a page shows them.
    marks: tuple[str, ...] = ()
    #: Whether a terminal leaves a line empty below them.
    gap: bool = False
    formats: tuple[Format, ...] = READ


class Markup(Record, frozen=True, gc=False):
    """A paragraph that is markdown already."""

    text: str
    formats: tuple[Format, ...] = ("markdown",)


class Facts(Record, frozen=True, gc=False):
    """Names and values below each other, and an empty line."""

    facts: tuple[tuple[str, str], ...]
    formats: tuple[Format, ...] = ("terminal",)


class TableBlock(Record, frozen=True, gc=False):
    """A table."""

    #: A line above it on a terminal; a page has a ``Heading``.
    title: str
    table: Table
    #: Columns that a narrow terminal does without, by the last part of their keys, in the order
    #: they go; the usual ones where there are none.
    first_to_go: tuple[str, ...] = ()
    #: How many models stand side by side in it, where a part of them may.
    models: int = 0
    #: Their places, the first one's always among them → the table of these alone. A terminal that
    #: is too narrow for all shows a few at a time.
    part: Callable[[Sequence[int]], Table] | None = None
    formats: tuple[Format, ...] = READ


#: A part of a document. ``formats`` are those that show it; JSON shows the data, and no block.
Block = Heading | Lines | Markup | Facts | TableBlock


class Document(Record, frozen=True, gc=False):
    """A command's answer."""

    blocks: tuple[Block, ...]
    #: What JSON has of it: dicts, lists and records.
    data: Any
    #: Whether JSON escapes letters beyond ASCII; data with sentences in it is left readable.
    ascii: bool = True
