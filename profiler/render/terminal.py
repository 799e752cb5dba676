"""Document and table → a terminal, through rich."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from profiler import units
from profiler.records import Block, Cell, Column, Document, Facts, Lines, Table, TableBlock
from profiler.render.cells import cell_lines, heading_lines

if TYPE_CHECKING:
    from profiler.render.messages import Messages

#: What a narrow terminal does without, in this order, unless a table says otherwise.
_FIRST_TO_GO = ("output_shape", "input_shape", "variant", "convention", "share", "kind", "calls")
_STYLES = {"plain": "", "bold": "bold", "dim": "dim"}
#: Columns that must stay whole when the terminal is narrow; the others may fold.
_FOLDING = ("label", "text", "sentence", "flags")
#: Width of output that goes to a file or a pipe: wide enough that no row folds.
_PIPE_WIDTH = 200


def console(stream: TextIO | None = None) -> Console:
    """A console for standard output or ``stream``; a pipe gets plain text of a fixed width."""
    probe = Console(file=stream, highlight=False)
    if probe.is_terminal:
        return probe
    return Console(file=stream, highlight=False, width=_PIPE_WIDTH, no_color=True)


def show(document: Document, messages: Messages, stream: TextIO) -> None:
    """Draw the document on a stream, as wide and as colourful as that is."""
    target = console(stream)
    target.print(document_drawing(document, messages, target.width))


def document_drawing(document: Document, messages: Messages, width: int | None = None) -> Group:
    """The document for a terminal of that many columns; of as many as it takes if None."""
    return Group(
        *(
            part
            for block in document.blocks
            if "terminal" in block.formats
            for part in _block(block, messages, width)
        )
    )


def terminal_table(
    table: Table,
    messages: Messages,
    title: str,
    width: int | None = None,
    first_to_go: Sequence[str] = _FIRST_TO_GO,
) -> RichTable:
    """The table with its last row, the total, set apart; text is never taken for markup.

    Args:
        table: what to show.
        messages: the words of the headings.
        title: a line above.
        width: columns of the terminal. Where the table is wider its numbers are rounded, and where
            that is not enough its least telling columns are left out; no number is ever cut.
        first_to_go: those columns, by the last part of their keys, in the order they go.
    """
    rows, shown = _cells(table, messages, _exact), list(range(len(table.columns)))
    if width is not None and _width(table, rows, shown, messages) > width:
        rows = _cells(table, messages, _rounded)
        for key in first_to_go:
            if _width(table, rows, shown, messages) <= width:
                break
            shown = [at for at in shown if not table.columns[at].key.endswith(f".{key}")]
    drawn = RichTable(
        title=Text(title, style="bold"),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_footer=False,
        header_style="bold",
        pad_edge=False,
    )
    for at in shown:
        column = table.columns[at]
        drawn.add_column(
            Text("\n".join(heading_lines(column, messages))),
            justify=column.align,
            no_wrap=column.hint not in _FOLDING,
            overflow="fold",
            style=_style(column),
        )
    has_total = table.key == "layers"
    for index, row in enumerate(rows):
        last = index == len(rows) - 1
        if has_total and last:
            drawn.add_section()
        drawn.add_row(*[Text(row[at]) for at in shown], style="bold" if has_total and last else "")
    return drawn


def _block(block: Block, messages: Messages, width: int | None) -> Iterator[RenderableType]:
    match block:
        case TableBlock():
            first_to_go = block.first_to_go or _FIRST_TO_GO
            for table in _fitting(block, messages, width):
                yield terminal_table(table, messages, block.title, width, first_to_go)
        case Facts():
            yield _facts(block)
        case Lines():
            yield from (Text(line, style=_STYLES[block.style]) for line in block.lines)
            if block.gap:
                yield Text()


def _fitting(block: TableBlock, messages: Messages, width: int | None) -> Iterator[Table]:
    """The table, or several with as many of its models beside the first as there is room for."""
    if block.part is None or width is None:
        yield block.table
        return
    size = block.models - 1
    while size > 1 and not _fits(block.part(range(size + 1)), messages, width):
        size -= 1
    for start in range(1, block.models, size):
        yield block.part((0, *range(start, min(start + size, block.models))))


def _fits(table: Table, messages: Messages, width: int) -> bool:
    """Whether no column has to go, though numbers may be rounded."""
    places = range(len(table.columns))
    return any(
        _width(table, _cells(table, messages, number), places, messages) <= width
        for number in (_exact, _rounded)
    )


def _facts(block: Facts) -> Text:
    width = max(len(name) for name, _ in block.facts)
    text = Text()
    for name, value in block.facts:
        text.append(f"{name:<{width}}  ", style="dim")
        text.append(f"{value}\n")
    return text


def _cells(
    table: Table, messages: Messages, number: Callable[[Cell, Column, Messages], str]
) -> list[list[str]]:
    return [
        [number(cell, column, messages) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]


def _exact(cell: Cell, column: Column, messages: Messages) -> str:
    text = "\n".join(cell_lines(cell, column, messages))
    return f"{text} ?" if cell.doubtful else text


def _rounded(cell: Cell, column: Column, messages: Messages) -> str:
    if column.hint == "integer" and isinstance(cell.value, int):
        return units.scaled(cell.value)
    if column.hint == "signed_integer" and isinstance(cell.value, int) and cell.value:
        return units.signed(cell.value)
    return _exact(cell, column, messages)


def _width(
    table: Table, rows: Sequence[Sequence[str]], shown: Sequence[int], messages: Messages
) -> int:
    """Columns of the terminal that the table takes: its widest texts and what is between them."""
    total = 1
    for at in shown:
        heading = heading_lines(table.columns[at], messages)
        texts = [*heading, *(line for row in rows for line in row[at].splitlines())]
        total += max(map(cell_len, texts), default=0) + 3
    return total - 2


def plain(renderable: object) -> str:
    """A renderable as text of a fixed width, for ``-o``."""
    buffer = io.StringIO()
    console(buffer).print(renderable)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines()) + "\n"


def _style(column: Column) -> str:
    return {"label": "cyan", "text": "dim"}.get(column.hint, "")
