"""Markdown's tables as one token each, also those whose heading and dashes don't agree.

A block rule in place of markdown-it's own, which drops a row's cells beyond the heading's, takes a
table for a paragraph where the line of dashes has another number of columns, and makes four tokens
of every cell. https://github.github.com/gfm/#tables-extension- is what both go by.
"""

from __future__ import annotations

import re

from markdown_it.rules_block import StateBlock

from profiler.docs.lint.cell_text import inline_text
from profiler.docs.lint.page import TableCell

#: The token's type, and where its ``meta`` has the cells of heading and rows, and the columns.
TABLE_TOKEN = "page_table"
HEADER, ROWS, COLUMNS = "header", "rows", "columns"

_DASHES = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")
#: A pipe after a backslash is text.
_PIPE = re.compile(r"(?<!\\)\|")


def pipe_table(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Whether a table begins in that line; if so and not ``silent``, its token is pushed."""
    dashes_line = start_line + 1
    if dashes_line >= end_line:
        return False
    position = state.bMarks[dashes_line] + state.tShift[dashes_line]
    if state.src[position : position + 1] not in ("|", "-", ":"):
        return False
    if state.sCount[dashes_line] < state.blkIndent or state.is_code_block(dashes_line):
        return False
    dashes = _line(state, dashes_line)
    header = _line(state, start_line)
    if (
        "|" not in header
        or not ("|" in dashes or ":" in dashes)
        or dashes.startswith(("- ", "-\t"))  # a list
        or not _DASHES.fullmatch(dashes)
        or state.is_code_block(start_line)
    ):
        return False
    if silent:
        return True
    enders = state.md.block.ruler.getRules("blockquote")
    rows = []
    line = dashes_line + 1
    while line < end_line:
        if state.sCount[line] < state.blkIndent or state.is_code_block(line):
            break
        text = _line(state, line)
        # what begins with a pipe begins no other block
        if not text or (
            text[0] != "|" and any(ends(state, line, end_line, True) for ends in enders)
        ):
            break
        rows.append(_cells(text, line))
        line += 1
    token = state.push(TABLE_TOKEN, "", 0)
    token.map = [start_line, line]
    token.meta = {
        HEADER: _cells(header, start_line),
        ROWS: tuple(rows),
        COLUMNS: len(_parts(dashes)),
    }
    state.line = line
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()


def _parts(row: str) -> list[str]:
    """A row's cells: what stands between its pipes."""
    parts = _PIPE.split(row)
    if parts and not parts[0].strip():
        del parts[0]
    if parts and not parts[-1].strip():
        del parts[-1]
    return parts


def _cells(row: str, line: int) -> tuple[TableCell, ...]:
    """The cells of a row of that line, counted from 0."""
    cells = []
    for part in _parts(row):
        shown = inline_text(part.replace("\\|", "|").strip())
        cells.append(TableCell(shown.text, line + 1, shown.marks, shown.links))
    return tuple(cells)
