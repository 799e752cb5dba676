"""Cell → lines of plain text in a language; what every table renderer starts from."""

from __future__ import annotations

from profiler import units
from profiler.records import Cell, Column
from profiler.render.messages import Messages

#: How data and messages write a line break; each renderer has its own.
LINE_BREAK = "<br>"

_TEXT_HINTS = ("label", "text", "published", "verbatim")


def heading_lines(column: Column, messages: Messages) -> tuple[str, ...]:
    """A column's heading, one text a line."""
    text = messages.text(f"columns.{column.key}", **column.placeholders)
    return tuple(text.split(LINE_BREAK))


def cell_lines(cell: Cell, column: Column, messages: Messages) -> tuple[str, ...]:
    """A cell's text, one text a line. A missing value gives the reason, or nothing."""
    if cell.value is None:
        return (messages.text(f"reasons.{cell.reason}") if cell.reason else "",)
    if column.hint == "printed":
        return tuple(str(cell.value).split(LINE_BREAK))
    if column.hint in _TEXT_HINTS or isinstance(cell.value, str):
        return (str(cell.value),)
    return (units.by_hint(cell.value, column.hint),)


def is_quoted(cell: Cell, column: Column) -> bool:
    """Whether the cell is a quoted figure that must look different from a traced one."""
    return cell.origin == "published" and column.hint == "published"
